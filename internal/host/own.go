package host

import (
	"context"
	"net"
	"net/netip"
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
// address.
func (h *Host) HostName(ctx context.Context) (string, error) {
	settings, err := h.settings(ctx, h.connections(ctx), h.ssh)
	return settings["hostname"], err
}
