package host

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/internal/httpclient"
)

// allowed holds the machine that ssh connects to first against the network
// policy. Ssh itself says which that is, since ssh_config may give it any
// address and may lead there over other machines. What a ProxyCommand reaches
// nobody can tell beforehand.
func (h *Host) allowed(ctx context.Context) error {
	name := h.ssh
	for range 8 { // as many jumps as anybody has; ssh refuses a loop
		settings, err := h.settings(ctx, name)
		if err != nil {
			return err
		}
		jump := settings["proxyjump"]
		switch {
		case jump != "" && jump != "none":
			first, _, _ := strings.Cut(jump, ",")
			name = first
			continue
		case settings["proxycommand"] != "" && settings["proxycommand"] != "none":
			return nil
		}
		return h.allowedName(ctx, settings["hostname"])
	}
	return nil
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

// settings is what ssh would do for a machine, by the options' names in lower
// case.
func (h *Host) settings(ctx context.Context, name string) (map[string]string, error) {
	args := []string{"ssh", "-G"}
	if name == h.ssh {
		args = append(args, h.flags...)
	} else if i := slices.Index(h.flags, "-F"); i >= 0 {
		args = append(args, "-F", h.flags[i+1])
	}
	user, host, ok := strings.Cut(name, "@")
	if !ok {
		host = user
	}
	if name != h.ssh { // a jump may be written user@host:port
		if bare, _, err := net.SplitHostPort(host); err == nil {
			host = bare
		}
	} else {
		host = name
	}
	c := process.Command{Argv: append(args, "--", host), Env: map[string]any{"LC_ALL": "C"}, Name: "ssh"}
	res, err := c.Run(ctx, nil)
	if err != nil {
		return nil, h.noSSH(err, res)
	}
	out := map[string]string{}
	for line := range strings.Lines(res.Stdout) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if out[key] == "" {
			out[key] = value
		}
	}
	return out, nil
}
