package httpclient

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"

	"github.com/irctl/irctl/pkg/action"
)

// nat64 is the prefix behind which IPv6-only networks show IPv4 addresses
// (RFC 6052 section 2.1).
var nat64 = netip.MustParsePrefix("64:ff9b::/96")

// Check reports whether the environment allows a connection to an address. The
// error is permanent and names the setting to change.
func Check(allow action.Allow, addr netip.Addr) error {
	plain := addr.WithZone("").Unmap()
	if nat64.Contains(plain) {
		b := plain.As16()
		plain = netip.AddrFrom4([4]byte(b[12:]))
	}
	switch {
	case plain.IsLoopback() && !allow.Loopback:
		return refused(addr, "this machine itself (loopback)", "loopback")
	case plain.IsUnspecified() && !allow.Loopback:
		// A connection to 0.0.0.0 or :: reaches this machine.
		return refused(addr, "this machine itself (unspecified address)", "loopback")
	case plain.IsLinkLocalUnicast() && !allow.LinkLocal:
		return refused(addr, "a link-local address, where cloud machines keep their credentials", "link_local")
	case plain.IsLoopback(), plain.IsUnspecified(), plain.IsLinkLocalUnicast(), len(allow.Networks) == 0:
		return nil
	}
	for _, n := range allow.Networks {
		if n.Contains(plain) {
			return nil
		}
	}
	return &action.Error{
		Message:   fmt.Sprintf("the environment does not allow connections to %s: it is in none of its networks", addr),
		Hint:      "see `irctl environment show`: `allow: {networks: ...}` of the environment file, or the machine's policy",
		Permanent: true,
	}
}

func refused(addr netip.Addr, what, setting string) error {
	return &action.Error{
		Message:   fmt.Sprintf("the environment does not allow connections to %s: it is %s", addr, what),
		Hint:      fmt.Sprintf("if that is meant, write `allow: {%s: true}` in the environment file", setting),
		Permanent: true,
	}
}

// Dialer returns a dialer that refuses what the environment does not allow. A
// name's every address is tried that is allowed.
func Dialer(allow action.Allow) *net.Dialer {
	return &net.Dialer{
		Timeout:   10 * time.Second,
		KeepAlive: 30 * time.Second,
		ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
			ap, err := netip.ParseAddrPort(address)
			if err != nil {
				return fmt.Errorf("no IP address in %q", address)
			}
			return Check(allow, ap.Addr())
		},
	}
}
