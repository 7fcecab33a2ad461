package host

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/internal/httpclient"
	"github.com/irctl/irctl/pkg/action"
)

const (
	probeTime  = 1500 * time.Millisecond // in which a service on a network nearby answers
	signInTime = 20 * time.Second
)

// filter is the packet filter of a machine or of a namespace of it.
type filter struct {
	filterConfig
	host  *host.Host
	allow action.Allow
}

// open is the filter that a request's target names. It does no I/O.
func open(req action.Request) (*filter, error) {
	conf, h, err := host.Reach(req, func(c filterConfig) host.Via { return c.Via })
	return &filter{conf, h, req.Allow}, err
}

// Close implements kind.Work.
func (f *filter) Close() { f.host.Close() }

// String names what is cut off.
func (f *filter) String() string {
	switch {
	case f.NetNS == "":
		return f.host.String()
	case f.host.Local():
		return "the network namespace " + f.NetNS
	}
	return "the network namespace " + f.NetNS + " of " + f.host.String()
}

// paths are the ways that stay open: those of the target, and the one that irctl
// comes, unless the namespace is another than the SSH server's.
func (f *filter) paths(ctx context.Context) ([]path, error) {
	var out []path
	for _, text := range f.Keep {
		p, err := parsePath(text)
		if err != nil {
			return nil, err
		}
		out = with(out, p)
	}
	way, ok, err := f.ownWay(ctx)
	if ok {
		out = with(out, way)
	}
	return out, err
}

// ownWay is how irctl comes to the machine, if over the network that is cut.
func (f *filter) ownWay(ctx context.Context) (path, bool, error) {
	if f.host.Local() || f.NetNS != "" {
		return path{}, false, nil
	}
	ends, said, err := f.host.Ends(ctx)
	if err != nil {
		return path{}, false, err
	}
	if from := ends.From.Addr(); said {
		return path{netip.PrefixFrom(from, from.BitLen()), ends.To.Port()}, true, nil
	}
	return path{}, false, &action.Error{
		Message: fmt.Sprintf("the SSH server of %s does not say from which address irctl comes, so nothing was changed", f.host),
		Hint:    "without the variable SSH_CONNECTION the way back could be cut: have the login shell there leave it alone", Permanent: true,
	}
}

// command runs nft in the filter's namespace.
func (f *filter) command(ctx context.Context, input string, args ...string) (process.Result, error) {
	argv := append([]string{"nft"}, args...)
	if f.NetNS != "" {
		argv = append([]string{"nsenter", "--net=/run/netns/" + f.NetNS}, argv...)
	}
	res, err := f.host.Run(ctx, process.Command{Argv: argv, Name: "nft", Stdin: action.NewSecret(input), Max: 1 << 20}, nil)
	return res, f.explained(err, res)
}

// explained says what to do about what nft and nsenter cannot do.
func (f *filter) explained(err error, res process.Result) error {
	var e *action.Error
	if err == nil || !errors.As(err, &e) {
		return err
	}
	out := *e
	switch {
	case strings.Contains(res.Stderr, "Operation not permitted"), strings.Contains(res.Stderr, "must be root"), strings.Contains(res.Stderr, "Permission denied"):
		out.Message = fmt.Sprintf("only root may filter what %s sends and receives", f)
		out.Hint, out.Permanent = "act as root: with `sudo: true` in the target's via", true
	case f.NetNS != "" && strings.Contains(res.Stderr, "/run/netns/"):
		out.Message = fmt.Sprintf("there is no network namespace %s on %s", f.NetNS, f.host)
		out.Hint, out.Permanent = "correct netns in the target; ip netns list shows them", true
	}
	return host.Advise(&out, fmt.Sprintf("nft list ruleset shows what %s filters; act as root, and see that no other program manages the table %s", f, tableName))
}

// list is irctl's table as it is now, "" is none. With the flag -s it is without
// the numbers that count packets, to be compared with what written returns.
func (f *filter) list(ctx context.Context, flags ...string) (string, error) {
	tables, err := f.command(ctx, "", "list", "tables", "inet")
	if err != nil {
		return "", host.Certain(err)
	}
	if !slices.Contains(strings.Split(tables.Stdout, "\n"), "table "+tableName) {
		return "", nil
	}
	res, err := f.command(ctx, "", slices.Concat(flags, []string{"list", "table"}, strings.Fields(tableName))...)
	if err == nil && res.Cut {
		err = &action.Error{Message: fmt.Sprintf("the table %s of %s is larger than 1 MiB, so nothing was changed", tableName, f), Permanent: true}
	}
	return res.Stdout, host.Certain(err)
}

// written is a table as the machine's own nft lists it once it is loaded, to be
// compared with what list returns. It is loaded in a namespace of its own that
// is gone at once, so that nothing changes.
func (f *filter) written(ctx context.Context, table string) (string, error) {
	if table == "" {
		return "", nil
	}
	c := process.Command{
		Argv:  []string{"unshare", "--net", "sh", "-c", "nft -f - && exec nft -s list table " + tableName},
		Stdin: action.NewSecret(table), Name: "nft", Max: 1 << 20,
	}
	res, err := f.host.Run(ctx, c, nil)
	return res.Stdout, host.Certain(f.explained(err, res))
}

// put replaces irctl's table, "" removes it, and looks that it is so. The kernel
// tries it first. With what arm returned it does so only while the machine waits.
func (f *filter) put(ctx context.Context, table string, armed ...string) error {
	text := replacing(table)
	if _, err := f.command(ctx, text, "--check", "--file", "-"); err != nil {
		var e *action.Error
		if errors.As(err, &e) && !e.Permanent {
			return &action.Error{Message: fmt.Sprintf("nft on %s does not take the filter, so nothing was changed", f), Hint: "check that its kernel has nf_tables, and that nft is of version 0.9.3 or later", Cause: e}
		}
		return host.Certain(err)
	}
	var err error
	if len(armed) > 0 {
		_, err = f.shell(ctx, loadScript, text, armed...)
	} else {
		_, err = f.command(ctx, text, "--file", "-")
	}
	if err != nil {
		return err
	}
	now, err := f.list(ctx, "-s")
	if err != nil {
		return action.Doubtful(err)
	}
	want, err := f.written(ctx, table)
	if err != nil {
		return action.Doubtful(err)
	}
	if now != want {
		return &action.Error{
			Message: fmt.Sprintf("nft confirmed the change, but the filter of %s is another", f),
			Hint:    "check whether another program manages the filter (nft list ruleset), then retry",
		}
	}
	return nil
}

// signIn looks that a connection of its own can be made to the machine.
func (f *filter) signIn(ctx context.Context) error {
	if f.host.Local() || f.NetNS != "" {
		return nil
	}
	h, err := host.Open(f.Via, f.allow)
	if err != nil {
		return err
	}
	defer h.Close()
	ctx, cancel := context.WithTimeout(ctx, signInTime)
	defer cancel()
	return errors.Join(h.Check(ctx)...)
}

// answering are those of the target's probes that answer this machine.
func (f *filter) answering(ctx context.Context) (open, silent []string) {
	for _, service := range f.Probe {
		ctx, cancel := context.WithTimeout(ctx, probeTime)
		c, err := httpclient.Dialer(f.allow).DialContext(ctx, "tcp", service)
		cancel()
		if err != nil {
			silent = append(silent, service)
			continue
		}
		_ = c.Close()
		open = append(open, service)
	}
	return open, silent
}

// probesAllowed says of each probe with a forbidden address that it is one.
func (f *filter) probesAllowed() []error {
	var out []error
	for _, service := range f.Probe {
		name, _, err := net.SplitHostPort(service)
		if err != nil {
			continue
		}
		if addr, err := netip.ParseAddr(name); err == nil {
			if err := httpclient.Check(f.allow, addr); err != nil {
				out = append(out, err)
			}
		}
	}
	return out
}
