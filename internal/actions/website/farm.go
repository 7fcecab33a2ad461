package website

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/irctl/irctl/internal/host"
	proxy "github.com/irctl/irctl/internal/systems/haproxy"
	"github.com/irctl/irctl/pkg/action"
)

// The states of a server that people set.
const (
	ready = "ready"
	drain = "drain"
	maint = "maint"
)

// upstream is a server as the socket shows it.
type upstream struct {
	state    string
	disabled bool // by the configuration
}

// readUpstreams reads an answer to "show servers state" (HAProxy's management
// guide, section 9.3), whose second line names the columns. Keys are
// backend/server.
func readUpstreams(text string) map[string]upstream {
	out := map[string]upstream{}
	backend, server, admin := -1, -1, -1
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) > 0 && words[0] == "#" {
			words = words[1:]
			backend, server, admin = slices.Index(words, "be_name"), slices.Index(words, "srv_name"), slices.Index(words, "srv_admin_state")
			continue
		}
		if min(backend, server, admin) < 0 || len(words) <= max(backend, server, admin) {
			continue
		}
		bits, err := strconv.Atoi(words[admin])
		if err != nil {
			continue
		}
		u := upstream{state: ready, disabled: bits&4 != 0}
		switch {
		case bits&1 != 0:
			u.state = maint
		case bits&8 != 0:
			u.state = drain
		}
		out[words[backend]+"/"+words[server]] = u
	}
	return out
}

// farm are servers at one HAProxy.
type farm struct {
	socket proxy.Socket
	names  []string // backends, or servers as backend/server
}

func (c *haproxyConfig) farm(h *host.Host) farm {
	return farm{proxy.Socket{Host: h, At: c.Socket}, c.Servers}
}

// upstreams are the servers that the names mean.
func (f farm) upstreams(ctx context.Context) (map[string]upstream, error) {
	out := map[string]upstream{}
	for _, name := range f.names {
		backend, server, one := strings.Cut(name, "/")
		text, err := f.socket.Ask(ctx, "show servers state "+backend)
		if err != nil {
			return nil, err
		}
		all := readUpstreams(text)
		if one {
			u, ok := all[backend+"/"+server]
			all = map[string]upstream{backend + "/" + server: u}
			if !ok {
				all = nil
			}
		}
		if len(all) == 0 {
			return nil, &action.Error{
				Message:   "HAProxy has no " + name + ", so nothing was changed: " + action.CleanLine(text, 80),
				Hint:      "correct servers in the environment's target; `show servers state` at the socket lists them",
				Permanent: true,
			}
		}
		maps.Copy(out, all)
	}
	return out, nil
}

// set brings servers into states, and ends what people do there if that is
// maintenance.
func (f farm) set(ctx context.Context, states map[string]string) error {
	var changes [][]string
	for _, n := range slices.Sorted(maps.Keys(states)) {
		commands := []string{"set server " + n + " state " + states[n]}
		if states[n] == maint {
			commands = append(commands, "shutdown sessions server "+n)
		}
		changes = append(changes, commands)
	}
	return f.socket.Tell(ctx, "show servers state", changes...)
}

// back are the states from before a step that brought servers into the state
// ours, but for those that somebody has brought into yet another one since, and
// those that are gone.
func (f farm) back(ctx context.Context, record action.Values, ours string) (map[string]string, error) {
	now, err := f.upstreams(ctx)
	due := map[string]string{}
	before := record.Map("servers")
	for name := range before {
		if u, ok := now[name]; ok && u.state == ours && before.String(name) != ours {
			due[name] = before.String(name)
		}
	}
	return due, err
}

// check finds what would keep set from working.
func (f farm) check(ctx context.Context) []error {
	err := f.socket.MayTell(ctx)
	if err == nil {
		_, err = f.upstreams(ctx)
	}
	if err != nil {
		return []error{err}
	}
	return nil
}
