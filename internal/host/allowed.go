package host

import (
	"context"
	"net"
	"net/netip"
	"strings"

	"github.com/irctl/irctl/internal/httpclient"
)

// allowed holds the machine that ssh connects to first against the network
// policy, and returns which that is. Ssh itself says which that is, since ssh_config may give it any
// address and may lead there over other machines. What a ProxyCommand reaches
// nobody can tell beforehand.
func (h *Host) allowed(ctx context.Context, cs *Connections) (first string, err error) {
	name := h.ssh
	for range 8 { // as many jumps as anybody has; ssh refuses a loop
		settings, err := h.settings(ctx, cs, name)
		if err != nil {
			return "", err
		}
		jump := settings["proxyjump"]
		switch {
		case jump != "" && jump != "none":
			first, _, _ := strings.Cut(jump, ",")
			name = first
			continue
		case settings["proxycommand"] != "" && settings["proxycommand"] != "none":
			return settings["proxycommand"], nil
		}
		return net.JoinHostPort(settings["hostname"], settings["port"]), h.allowedName(ctx, settings["hostname"])
	}
	return name, nil
}

func (h *Host) allowedName(ctx context.Context, name string) error {
	if addr, err := netip.ParseAddr(name); err == nil {
		return httpclient.Check(h.allow, addr)
	}
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip", name)
	if err != nil {
		return nil // ssh says it better
	}
	for _, a := range addrs {
		if err := httpclient.Check(h.allow, a); err != nil {
			return err
		}
	}
	return nil
}
