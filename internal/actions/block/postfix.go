package block

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/irctl/irctl/internal/config"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/internal/systems/postfix"
	"github.com/irctl/irctl/pkg/action"
)

// inPostfix refuses mail by an access map: the lines of its file, and what
// postmap made of them, which is what Postfix reads.
func inPostfix(add bool) kind.Kind {
	return listed(action.TargetType{
		Name:    "postfix",
		Summary: "a Postfix mail system, by an access map",
		Example: `corporate-mail:
  type: postfix
  owner: mail@example.com
  fallback: Call the mail team and have them refuse the sender.
  config:
    # In main.cf, before what permits:
    #   smtpd_sender_restrictions = check_sender_access hash:/etc/postfix/blocked
    #   smtpd_client_restrictions = check_client_access hash:/etc/postfix/blocked
    map: hash:/etc/postfix/blocked
    via: {ssh: mail.example.com, sudo: true}
`,
		Tools: []string{"postmap", "postconf"},
	}, add, func(accessConfig) []form { return []form{sender, domain, address} }, func(req action.Request, c accessConfig) (list, error) {
		a, err := postfix.OpenAccess(c.Folder, c.Map, c.Via, req.Allow)
		return &access{a, machine{a.Host()}, c.Answer}, err
	})
}

type accessConfig struct {
	Folder, Map, Answer string
	Via                 host.Via
}

// Fields implements config.Config.
func (c *accessConfig) Fields() config.Fields {
	return config.Fields{
		postfix.FolderField(&c.Folder),
		config.Into(&c.Map, action.Field{Name: "map", Required: true, Pattern: `(hash|btree|lmdb|cdb):/\S+`, Description: "The map, as main.cf has it behind check_sender_access (for senders and their domains, with all below) or check_client_access (for addresses). Its file must be there, and may be empty.", Example: "hash:/etc/postfix/blocked"}),
		config.Into(&c.Answer, action.Field{Name: "answer", Default: "REJECT", Pattern: `(REJECT|DISCARD|[45][0-9][0-9])( [ -~]*)?`, Description: "What Postfix does with them (access(5)).", Example: "REJECT Blocked by the security team"}),
		c.Via.Field(),
	}
}

type access struct {
	*postfix.Access
	machine
	answer string
}

func (a *access) lined() lined {
	return lined{host: a.host, path: a.File(), mode: 0o644, key: mapKey, text: func(v value) (string, string) { return v.text + " " + a.answer, v.text }}
}

// mapKey is what a line of a map is about; keys are looked up in lower case.
func mapKey(line string) string {
	if line == "" || strings.ContainsAny(line[:1], " \t#") {
		return ""
	}
	return strings.ToLower(strings.Fields(line)[0])
}

// refuses is a right side of an access map that keeps mail out.
var refuses = pattern.Late(`^(?i)(reject|discard|[45][0-9][0-9])\b`)

// recordMap is the part of an entry that says what the map holds although its
// file does not.
const recordMap = "map"

func (a *access) look(ctx context.Context, values []value) (map[value]standing, error) {
	lines, err := a.lined().lines(ctx, values)
	if err != nil {
		return nil, err
	}
	if err := a.whole(ctx, values); err != nil {
		return nil, err
	}
	keys := each.Of(values, func(v value) string { return v.text })
	found, err := a.Find(ctx, keys)
	if err != nil {
		return nil, err
	}
	out := map[value]standing{}
	for _, v := range values {
		e := entryOf(lines[v])
		if says, ok := found[v.text]; ok && e == nil {
			e = entry{recordMap: says}
		}
		out[v] = standing{e, len(lines[v]) > 0 && refuses().MatchString(found[v.text])}
	}
	return out, nil
}

// checks are the restrictions that ask for values of a form, with the setting
// where they usually stand.
func checks(f form) (check, setting string) {
	if f == address {
		return "check_client_access", "smtpd_client_restrictions"
	}
	return "check_sender_access", "smtpd_sender_restrictions"
}

// counts is an error unless Postfix asks the map for what these values are.
func (a *access) counts(ctx context.Context, values []value) (wrong, err error) {
	asked := map[string]bool{}
	for _, v := range values {
		check, setting := checks(v.form)
		if asked[check] {
			continue
		}
		ok, err := a.Consults(ctx, check)
		if err != nil {
			return nil, err
		}
		if asked[check] = true; !ok {
			return &action.Error{
				Message:   fmt.Sprintf("no setting of main.cf has %s with this map, so %s in it would be refused by nobody; nothing was changed", check, action.CleanLine(v.text, 80)),
				Hint:      fmt.Sprintf("write `%s MAP` into %s, before what permits, with the map as the target has it; then: postfix reload", check, setting),
				Permanent: true,
			}, nil
		}
	}
	return nil, nil
}

// whole is an error for a value whose line goes on in the next one: to take it
// apart would give the rest to its neighbour.
func (a *access) whole(ctx context.Context, values []value) error {
	data, err := a.host.ReadFile(ctx, a.File())
	if err != nil {
		return err
	}
	last := ""
	for line := range strings.Lines(string(data)) {
		if k := mapKey(strings.TrimRight(line, "\r\n")); k != "" {
			last = k
		} else if strings.TrimSpace(line) != "" && line[0] != '#' {
			for _, v := range values {
				if v.text == last {
					return &action.Error{Message: fmt.Sprintf("%s stands on several lines of %s, so nothing was changed", v.text, a.File()), Hint: "write it on one line, then retry", Permanent: true}
				}
			}
		}
	}
	return nil
}

func (a *access) set(ctx context.Context, to map[value]entry) error {
	if err := a.lined().edit(ctx, to); err != nil {
		return err
	}
	return a.Index(ctx)
}

func (a *access) check(ctx context.Context) []error {
	if err := a.host.NeedRoot(ctx, "change what Postfix refuses"); err != nil {
		return []error{err}
	}
	problems := a.lined().writable(ctx)
	if _, err := a.Find(ctx, []string{"irctl.example"}); err != nil {
		problems = append(problems, err)
	}
	asked := false
	for _, f := range []form{sender, address} {
		check, _ := checks(f)
		ok, err := a.Consults(ctx, check)
		if err != nil {
			return append(problems, err)
		}
		asked = asked || ok
	}
	if !asked {
		problems = append(problems, errors.Join(a.counts(ctx, []value{{sender, "a sender"}})))
	}
	return problems
}
