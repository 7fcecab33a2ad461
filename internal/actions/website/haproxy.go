package website

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/config"
	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/patience"
	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/internal/sent"
	"github.com/irctl/irctl/pkg/action"
)

// byHAProxy closes a site by taking its servers into maintenance, at the runtime
// socket. HAProxy reads its pages when it starts, so visitors see the page for
// 503 that it has.
func byHAProxy(suspend bool, limit patience.Limit) kind.Kind {
	return served(action.TargetType{
		Name:    "haproxy",
		Summary: "HAProxy, by its runtime socket: visitors see its own page for 503, and a reload of HAProxy ends it",
		Example: `portal:
  type: haproxy
  owner: web@example.com
  fallback: Call the network team and have them disable the backend.
  config:
    # In haproxy.cfg, where closed.http is the whole answer, with Retry-After:
    #   stats socket /run/haproxy/admin.sock mode 660 level admin
    #   errorfile 503 /etc/haproxy/closed.http
    socket: /run/haproxy/admin.sock
    servers: [portal]
    notice: Our website is closed
    check_url: https://www.example.com/
    keep_open: [/pay/]
`,
	}, suspend, limit, func(c *call, conf haproxyConfig) gate {
		c.shows = shows{mayLack: true, words: conf.Notice}
		return &haproxy{call: c, socket: conf.Socket, names: conf.Servers}
	})
}

type haproxyConfig struct {
	Socket  string
	Servers []string
	Notice  string
	visitor
}

// Fields implements config.Config.
func (c *haproxyConfig) Fields() config.Fields {
	return append(config.Fields{
		config.Into(&c.Socket, action.Field{Name: "socket", Required: true, Pattern: `/.+|.+:[0-9]+`, Description: "The stats socket with level admin: its path, or host:port.", Example: "/run/haproxy/admin.sock"}),
		config.Into(&c.Servers, action.Field{Name: "servers", Required: true, Description: "What serves the site: backends, or servers as backend/server. website.restore leaves those in maintenance that the configuration disables.", Example: "[portal, api/web1]"}),
		config.Into(&c.Notice, action.Field{Name: "notice", Description: "Words of HAProxy's page for 503, which irctl looks for as visitors see it. The runbook's message cannot be shown: HAProxy reads the page when it starts.", Example: "Our website is closed"}),
	}, c.fields()...)
}

// Check implements config.Config.
func (c *haproxyConfig) Check() []action.Problem {
	problems := c.visitor.Check()
	if c.Servers != nil && len(c.Servers) == 0 {
		problems = append(problems, action.Problem{Input: "servers", Message: "names nothing"})
	}
	for _, s := range c.Servers {
		if !serverName().MatchString(s) {
			problems = append(problems, action.Problem{Input: "servers", Message: fmt.Sprintf("holds %q, which is neither a backend nor backend/server", action.CleanLine(s, 60))})
		}
	}
	return problems
}

var serverName = pattern.Late(`^[A-Za-z0-9_.:-]+(/[A-Za-z0-9_.:-]+)?$`)

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

// upstreams are the servers that the target names.
func (g *haproxy) upstreams(ctx context.Context) (map[string]upstream, error) {
	out := map[string]upstream{}
	for _, name := range g.names {
		backend, server, one := strings.Cut(name, "/")
		text, err := g.ask(ctx, "show servers state "+backend)
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

// socketTime bounds one talk with the socket.
const socketTime = 10 * time.Second

// ask sends commands and returns all answers.
func (g *haproxy) ask(ctx context.Context, commands ...string) (string, error) {
	socket, network := g.socket, "tcp"
	if strings.HasPrefix(socket, "/") {
		network = "unix"
	}
	ctx, cancel := context.WithTimeout(ctx, socketTime)
	defer cancel()
	silent := func(err error) error {
		return &action.Error{
			Message: "HAProxy's socket " + action.CleanLine(socket, 100) + " does not answer",
			Hint:    "check that HAProxy runs, and that irctl may use the socket: its mode and group, or the user in the target's via",
			Cause:   err,
		}
	}
	conn, err := g.host.DialContext(ctx, network, socket)
	if err != nil {
		return "", silent(err)
	}
	defer func() { _ = conn.Close() }()
	deadline, _ := ctx.Deadline()
	if err := conn.SetDeadline(deadline); err != nil {
		return "", silent(err)
	}
	sent.Say(ctx, g.host.String()+": "+strings.Join(commands, "; "))
	if _, err := io.WriteString(conn, strings.Join(commands, ";")+"\n"); err != nil {
		return "", silent(err)
	}
	b, err := io.ReadAll(io.LimitReader(conn, 8<<20))
	if err == nil && len(b) == 0 { // every answer ends with an empty line
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return "", silent(err)
	}
	return string(b), nil
}

// atOnce is how many servers one line of commands sets: HAProxy reads at most
// one buffer of 16 KiB.
const atOnce = 40

// set brings servers into states, and ends what people do there if that is
// maintenance.
func (g *haproxy) set(ctx context.Context, states map[string]string) error {
	for names := range slices.Chunk(slices.Sorted(maps.Keys(states)), atOnce) {
		var commands []string
		for _, n := range names {
			commands = append(commands, "set server "+n+" state "+states[n])
			if states[n] == maint {
				commands = append(commands, "shutdown sessions server "+n)
			}
		}
		text, err := g.ask(ctx, commands...)
		if err != nil {
			return action.Doubtful(err)
		}
		if said := action.CleanLine(text, 160); said != "" {
			e := &action.Error{Message: "HAProxy did not do all that it was told: " + said, Hint: "look at the servers with `show servers state`, then retry"}
			if strings.Contains(said, "Permission denied") {
				e.Hint = "give the stats socket `level admin` in haproxy.cfg"
			}
			return e
		}
	}
	return nil
}

// haproxy is a site's servers at one HAProxy.
type haproxy struct {
	*call
	socket  string
	names   []string            // as the target says
	servers map[string]upstream // as they are now
}

func (g *haproxy) look(ctx context.Context) (desired bool, current string, err error) {
	g.servers, err = g.upstreams(ctx)
	return len(g.due()) == 0, g.current(), err
}

func (g *haproxy) current() string {
	down := 0
	for _, u := range g.servers {
		if u.state == maint {
			down++
		}
	}
	switch down {
	case 0:
		return "in service"
	case len(g.servers):
		return "out of service, showing the server's own page"
	}
	return fmt.Sprintf("in service, with %d of %d servers in maintenance", down, len(g.servers))
}

// due are the states of the servers that have to change.
func (g *haproxy) due() map[string]string {
	out := map[string]string{}
	for name, u := range g.servers {
		switch {
		case g.suspend && u.state != maint:
			out[name] = maint
		case !g.suspend && u.state == maint && !u.disabled:
			out[name] = ready
		}
	}
	return out
}

func (g *haproxy) keep(string) (map[string]any, error) {
	states := map[string]any{}
	for name, u := range g.servers {
		states[name] = u.state
	}
	return map[string]any{"servers": states}, nil
}

func (g *haproxy) change(ctx context.Context, out action.Sink) error {
	out.Progress("telling HAProxy")
	return g.set(ctx, g.due())
}

// revert brings the servers into the states from before, except those that
// somebody has brought into yet another one since, and those that are gone.
func (g *haproxy) revert(ctx context.Context, record action.Values, _ bool) (changed bool, err error) {
	now, err := g.upstreams(ctx)
	if err != nil {
		return false, err
	}
	ours := ready
	if g.suspend {
		ours = maint
	}
	due := map[string]string{}
	before := record.Map("servers")
	for name := range before {
		if u, ok := now[name]; ok && u.state == ours && before.String(name) != ours {
			due[name] = before.String(name)
		}
	}
	return len(due) > 0, g.set(ctx, due)
}

func (g *haproxy) preflight(ctx context.Context) []error {
	level, err := g.ask(ctx, "show cli level")
	if err != nil {
		return []error{err}
	}
	var problems []error
	if level = strings.TrimSpace(level); level != "admin" {
		problems = append(problems, &action.Error{Message: fmt.Sprintf("HAProxy's socket has the level %q, which may not set servers", action.CleanLine(level, 60)), Hint: "give it `level admin` in haproxy.cfg"})
	}
	if _, err := g.upstreams(ctx); err != nil {
		problems = append(problems, err)
	}
	return problems
}
