package httpclient

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/irctl/irctl/pkg/action"
)

// embedded are the prefixes behind which IPv6 carries an IPv4 address, and the byte
// at which it begins: NAT64 (RFC 6052 section 2.1), 6to4 (RFC 3056 section 2), and
// addresses compatible with IPv4 (RFC 4291 section 2.5.5.1).
var embedded = map[netip.Prefix]int{
	netip.MustParsePrefix("64:ff9b::/96"): 12,
	netip.MustParsePrefix("2002::/16"):    2,
	netip.MustParsePrefix("::/96"):        12,
}

// metadata are the addresses at which clouds give credentials to their machines, of
// those that are not link-local: Amazon's and Google's over IPv6, Alibaba's, and
// Azure's.
var metadata = []netip.Addr{
	netip.MustParseAddr("fd00:ec2::254"), netip.MustParseAddr("fd20:ce::254"), netip.MustParseAddr("100.100.100.200"), netip.MustParseAddr("168.63.129.16"),
}

// Check reports whether the environment allows a connection to an address. The
// error is permanent and names the setting to change.
func Check(allow action.Allow, addr netip.Addr) error {
	plain := addr.WithZone("").Unmap()
	for prefix, at := range embedded {
		// :: and ::1 are addresses of IPv6 alone.
		if prefix.Contains(plain) && !plain.IsUnspecified() && !plain.IsLoopback() {
			b := plain.As16()
			plain = netip.AddrFrom4([4]byte(b[at : at+4]))
			break
		}
	}
	cloud := plain.IsLinkLocalUnicast() || slices.Contains(metadata, plain)
	switch {
	case plain.IsLoopback() && !allow.Loopback:
		return refused(addr, "this machine itself (loopback)", "loopback")
	case plain.IsUnspecified() && !allow.Loopback:
		// A connection to 0.0.0.0 or :: reaches this machine.
		return refused(addr, "this machine itself (unspecified address)", "loopback")
	case cloud && !allow.LinkLocal:
		return refused(addr, "a link-local address or one like it, where cloud machines get their credentials", "link_local")
	case plain.IsLoopback(), plain.IsUnspecified(), cloud, len(allow.Networks) == 0:
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

// odd reports whether a host is a number that some resolvers take for an address
// (inet_aton(3): 127.1, 0x7f000001, 2130706433) and others for a name.
func odd(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return false
	}
	host = strings.TrimSuffix(host, ".")
	last := host[strings.LastIndexByte(host, '.')+1:]
	_, octal := strconv.ParseUint(last, 0, 64)
	_, decimal := strconv.ParseUint(last, 10, 64)
	return octal == nil || decimal == nil
}
