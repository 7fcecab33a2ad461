package website

import (
	"context"
	"fmt"

	"github.com/irctl/irctl/internal/config"
	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/patience"
	"github.com/irctl/irctl/internal/pattern"
	proxy "github.com/irctl/irctl/internal/systems/haproxy"
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
		return &haproxy{call: c, farm: conf.farm(c.host)}
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
		proxy.Field(&c.Socket),
		config.Into(&c.Servers, action.Field{Name: "servers", Required: true, Description: "What serves the site: backends, or servers as backend/server. website.restore leaves those in maintenance that the configuration disables.", Example: "[portal, api/web1]"}),
		config.Into(&c.Notice, action.Field{Name: "notice", Description: "Words of HAProxy's page for 503, which irctl looks for as visitors see it. The runbook's message cannot be shown: HAProxy reads the page when it starts.", Example: "Our website is closed"}),
	}, c.fields()...)
}

// Check implements config.Checker.
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

// haproxy is a site's servers at one HAProxy.
type haproxy struct {
	*call
	farm
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

// revert brings the servers into the states from before.
func (g *haproxy) revert(ctx context.Context, record action.Values, _ bool) (changed bool, err error) {
	due, err := g.back(ctx, record, map[bool]string{true: maint, false: ready}[g.suspend])
	if err != nil {
		return false, err
	}
	return len(due) > 0, g.set(ctx, due)
}

func (g *haproxy) preflight(ctx context.Context) []error { return g.check(ctx) }
