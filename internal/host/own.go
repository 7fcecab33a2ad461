package host

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
)

// Own are the addresses of this machine's network cards, loopback included.
func Own() []netip.Addr {
	var out []netip.Addr
	cards, _ := net.InterfaceAddrs()
	for _, card := range cards {
		if at, ok := card.(*net.IPNet); ok {
			if addr, ok := netip.AddrFromSlice(at.IP); ok {
				out = append(out, addr.Unmap())
			}
		}
	}
	return out
}

// HostName is where ssh leads for another host: ssh_config may give a name any
// address. It is an error if that does not say: a ProxyCommand that is not told the
// name leads where it likes, and a loopback address behind a jump is another
// machine's.
func (h *Host) HostName(ctx context.Context) (string, error) {
	settings, err := h.settings(ctx, h.connections(ctx), h.ssh)
	if err != nil {
		return "", err
	}
	name, command, jump := settings["hostname"], settings["proxycommand"], settings["proxyjump"]
	used := func(proxy string) bool { return proxy != "" && proxy != "none" }
	addr, _ := netip.ParseAddr(name)
	inner := addr.IsLoopback() || addr.IsUnspecified() || name == "localhost"
	if used(command) && !strings.Contains(command, "%h") || inner && (used(command) || used(jump)) {
		return "", fmt.Errorf("ssh_config does not say where %s is", h.ssh)
	}
	return name, nil
}
