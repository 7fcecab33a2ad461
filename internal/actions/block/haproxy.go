package block

import (
	"context"
	"fmt"
	"strings"

	"github.com/irctl/irctl/internal/config"
	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/kind"
	proxy "github.com/irctl/irctl/internal/systems/haproxy"
	"github.com/irctl/irctl/pkg/action"
)

// inHAProxy blocks by a file of patterns that an ACL of HAProxy reads when it
// starts, and tells the running one at its runtime socket. A value is blocked if
// it is in both: one that is in one of them alone is forgotten at the next
// reload, or not known before it.
func inHAProxy(add bool) kind.Kind {
	return listed(action.TargetType{
		Name:    "haproxy",
		Summary: "HAProxy, by a file of patterns that an ACL reads, and its runtime socket",
		Example: `edge:
  type: haproxy
  owner: web@example.com
  fallback: Call the network team and have them deny the address.
  config:
    # In haproxy.cfg:
    #   stats socket /run/haproxy/admin.sock mode 660 level admin
    #   acl blocked src -f /etc/haproxy/blocked
    #   http-request deny if blocked
    socket: /run/haproxy/admin.sock
    acl: /etc/haproxy/blocked
    via: {ssh: edge.example.com, sudo: true}
`,
	}, add, func(c aclConfig) []form { return aclHolds[c.Holds] }, func(req action.Request, c aclConfig) (list, error) {
		h, err := host.Open(c.Via, req.Allow)
		return &acl{c, machine{h}, proxy.Socket{Host: h, At: c.Socket}}, err
	})
}

// aclHolds are the forms of patterns, by what the ACL looks at.
var aclHolds = map[string][]form{"addresses": {address, network}, "domains": {domain}, "urls": {site}}

type aclConfig struct {
	Socket, ACL, Holds string
	Via                host.Via
}

// Fields implements config.Config.
func (c *aclConfig) Fields() config.Fields {
	return config.Fields{
		proxy.Field(&c.Socket),
		config.Into(&c.ACL, action.Field{Name: "acl", Required: true, Pattern: `/[^\s;\\]*[^\s;\\/]`, Description: "The file that the ACL reads, as haproxy.cfg has it behind -f. HAProxy does not start without it; it may be empty.", Example: "/etc/haproxy/blocked"}),
		config.Into(&c.Holds, action.Field{Name: "holds", Type: action.Enum, Enum: []string{"addresses", "domains", "urls"}, Default: "addresses", Description: "What the ACL looks at: addresses and networks (src), domains (as in hdr_dom(host)), or URLs (url)."}),
		c.Via.Field(),
	}
}

type acl struct {
	aclConfig
	machine
	socket proxy.Socket
}

func (a *acl) lined() lined {
	text := func(v value) (string, string) { return patternOf(v), patternOf(v) }
	return lined{host: a.host, path: a.ACL, mode: 0o644, key: firstWord, text: text}
}

// patternOf is a value as a command and a file can hold it: a URL may have what
// ends a command.
func patternOf(v value) string { return strings.NewReplacer(";", "%3B", `\`, "%5C").Replace(v.text) }

// running are the patterns that HAProxy goes by now.
func (a *acl) running(ctx context.Context) (map[string]bool, error) {
	text, err := a.socket.Ask(ctx, "show acl "+a.ACL)
	if err != nil {
		return nil, err
	}
	out := map[string]bool{}
	for line := range strings.Lines(text) {
		words := strings.Fields(line) // an address in memory, and the pattern
		switch {
		case len(words) == 2 && strings.HasPrefix(words[0], "0x"):
			out[words[1]] = true
		case len(words) > 0:
			return nil, &action.Error{
				Message:   fmt.Sprintf("no ACL of HAProxy reads %s, so nothing was changed: %s", a.ACL, action.CleanLine(line, 100)),
				Hint:      "write into haproxy.cfg `acl blocked src -f " + a.ACL + "` and a rule such as `http-request deny if blocked`, and reload it; `show acl` at the socket lists the files",
				Permanent: true,
			}
		}
	}
	return out, nil
}

// recordRunning is the part of an entry that says that the running HAProxy has
// the pattern.
const recordRunning = "running"

func (a *acl) look(ctx context.Context, values []value) (map[value]standing, error) {
	now, err := a.running(ctx)
	if err != nil {
		return nil, err
	}
	lines, err := a.lined().lines(ctx, values)
	if err != nil {
		return nil, err
	}
	out := map[value]standing{}
	for _, v := range values {
		e := entryOf(lines[v])
		if now[patternOf(v)] {
			if e == nil {
				e = entry{}
			}
			e[recordRunning] = true
		}
		out[v] = standing{e, len(lines[v]) > 0 && now[patternOf(v)]}
	}
	return out, nil
}

func (a *acl) set(ctx context.Context, to map[value]entry) error {
	if err := a.lined().edit(ctx, to); err != nil {
		return err
	}
	now, err := a.running(ctx)
	if err != nil {
		return action.Doubtful(err)
	}
	var changes [][]string
	for _, v := range ordered(to) {
		e := to[v]
		want := e != nil && (len(e) == 0 || action.Values(e).Bool(recordRunning))
		switch {
		case want && !now[patternOf(v)]:
			changes = append(changes, []string{"add acl " + a.ACL + " " + patternOf(v)})
		case !want && now[patternOf(v)]:
			changes = append(changes, []string{"del acl " + a.ACL + " " + patternOf(v)})
		}
	}
	return a.socket.Tell(ctx, "show acl "+a.ACL, changes...)
}

func (a *acl) check(ctx context.Context) []error {
	if problems := a.host.Check(ctx); len(problems) > 0 {
		return problems
	}
	if err := a.socket.MayTell(ctx); err != nil {
		return []error{err}
	}
	problems := a.lined().writable(ctx)
	if _, err := a.running(ctx); err != nil {
		problems = append(problems, err)
	}
	return problems
}
