package connector

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/internal/expr"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

// errNotYet says of an input that it is not known: a preflight has none.
var errNotYet = errors.New("not known yet")

// scene is what expressions and templates of a call may mention.
type scene struct {
	file   *File
	spec   action.Spec
	req    action.Request
	record action.Values
	found  map[string]any // results, answer and item, by their names
	fresh  action.Secret  // the password that is set, if one is
}

// with is the scene with one more thing found.
func (s *scene) with(name string, v any) *scene {
	out := *s
	out.found = make(map[string]any, len(s.found)+1)
	for k, was := range s.found {
		out.found[k] = was
	}
	out.found[name] = v
	return &out
}

// resolve is an expr.Resolver.
func (s *scene) resolve(name string) (any, bool) {
	root, field, _ := strings.Cut(name, ".")
	switch root {
	case "config":
		return s.req.Target.Config[field], true
	case "inputs":
		v := s.req.With[field]
		if f, _ := s.spec.Input(field); v == nil && f.Required {
			return fmt.Errorf("the input %s is %w", field, errNotYet), true
		}
		return v, true
	case "record":
		return s.record[field], true
	case "run":
		return map[string]any{"id": s.req.Run, "key": s.req.Key, "runbook": s.req.Runbook, "started": started(s.req.Run)}[field], true
	case "new":
		if s.fresh.IsZero() {
			return fmt.Errorf("the new password is %w", errNotYet), true
		}
		return s.fresh, true
	case "step":
		return s.req.Path, true
	case "target":
		return s.req.Target.Name, true
	}
	v, ok := s.found[name]
	return v, ok
}

// started is when a run began, as its id says: nothing that it did is older. It is
// 1970 for an id that does not say so.
func started(run string) time.Time {
	id, err := ulid.ParseStrict(run)
	if err != nil {
		return time.Unix(0, 0).UTC()
	}
	return ulid.Time(id.Time()).UTC()
}

// eval works out CEL, written with or without ${{ }}.
func (s *scene) eval(cel runbook.Text) (any, error) { return s.evalText(cel.Value) }

func (s *scene) evalText(cel string) (any, error) {
	text, _, problem := expr.Bare(cel)
	if problem != nil {
		return nil, problem
	}
	v, secret, err := s.file.texts.Eval(text, s.resolve)
	if err == nil && secret {
		return nil, fmt.Errorf("`%s` would show a secret", action.CleanLine(text, 80))
	}
	return v, err
}

// holds works out a condition; without one it holds.
func (s *scene) holds(cel runbook.Text) (bool, error) {
	if !cel.Given() {
		return true, nil
	}
	v, err := s.eval(cel)
	if err != nil {
		return false, err
	}
	is, ok := v.(bool)
	if !ok {
		return false, fmt.Errorf("`%s` is neither true nor false", action.CleanLine(cel.Value, 80))
	}
	return is, nil
}

// says is CEL as a line for people; "" if it cannot be worked out.
func (s *scene) says(cel runbook.Text) string {
	if !cel.Given() {
		return ""
	}
	v, err := s.eval(cel)
	if err != nil || v == nil {
		return ""
	}
	return action.CleanLine(expr.Text(v), 200)
}

// line fills in a template for people; "" without one, or if it cannot be.
func (s *scene) line(v *runbook.Value) string {
	if v == nil {
		return ""
	}
	filled, err := s.fill(v.Text)
	if _, secret := filled.(action.Secret); secret || err != nil || filled == nil {
		return ""
	}
	return action.CleanLine(expr.Text(filled), 300)
}

// fill fills in data: a text that is one ${{ }} takes on the type of its value,
// and is left out of a map or a list if it has none. What a secret was looked at
// for is an action.Secret.
func (s *scene) fill(v any) (any, error) {
	switch v := v.(type) {
	case string:
		out, _, err := s.file.texts.Value(v, s.resolve)
		return out, err
	case []any:
		var out []any
		for _, e := range v {
			filled, err := s.fill(e)
			if err != nil {
				return nil, err
			}
			if filled != nil || e == nil {
				out = append(out, filled)
			}
		}
		return out, nil
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			filled, err := s.fill(e)
			if err != nil {
				return nil, err
			}
			if filled != nil || e == nil {
				out[k] = filled
			}
		}
		return out, nil
	}
	return v, nil
}

// revealed is a template as text for the wire, and whether it may be shown.
func (s *scene) revealed(v *runbook.Value) (text string, secret bool, err error) {
	if v == nil {
		return "", false, nil
	}
	filled, err := s.fill(v.Text)
	if err != nil {
		return "", false, err
	}
	plain, secret := data.Reveal(filled)
	return expr.Text(plain), secret, nil
}

// pairs fills in what stands under names; what has no value is left out.
func (s *scene) pairs(pairs []runbook.Pair, each func(name string, v any)) error {
	for _, p := range pairs {
		v, err := s.fill(p.Value.Data())
		if err != nil {
			return fmt.Errorf("%s: %w", action.CleanLine(p.Key.Value, 60), err)
		}
		if v != nil {
			each(p.Key.Value, v)
		}
	}
	return nil
}

// address is the URL of a path below the base. A value in a path is one part of
// it; a path that is one value may be an URL that the connector may reach.
func (s *scene) address(path *runbook.Value, at *reachable) (*url.URL, error) {
	parts, problem := expr.ParseTemplate(path.Text)
	if problem != nil {
		return nil, problem
	}
	_, whole := expr.Whole(parts)
	var b strings.Builder
	for _, p := range parts {
		if !p.IsExpr {
			b.WriteString(p.Text)
			continue
		}
		v, err := s.evalText(p.Expr)
		if err != nil {
			return nil, err
		}
		text := expr.Text(v)
		if whole {
			return at.follow(at.base, text)
		}
		if text == "" || text == "." || text == ".." {
			return nil, &action.Error{Message: fmt.Sprintf("%q cannot be a part of the path %s", text, action.CleanLine(path.Text, 80)), Permanent: true,
				Hint: "a part of a path must not be empty, \".\" or \"..\""}
		}
		b.WriteString(url.PathEscape(text))
	}
	return at.below(b.String())
}

// reachable is where requests may go.
type reachable struct {
	base  *url.URL
	hosts []string // scheme and host of each that may be reached, the base's first
}

func (s *scene) reachable() (*reachable, error) {
	r := &reachable{}
	for i, t := range append([]runbook.Text{s.file.Base}, s.file.Reach...) {
		text, _, err := s.revealed(&runbook.Value{Text: t.Value})
		if err != nil {
			return nil, err
		}
		u, err := url.Parse(strings.TrimRight(text, "/"))
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
			return nil, &action.Error{Message: fmt.Sprintf("the connector %s cannot be reached at %q", s.file.Name.Value, action.CleanLine(text, 100)), Permanent: true,
				Hint: "write https://HOST, with the path if there is one, and nothing else"}
		}
		if i == 0 {
			r.base = u
		}
		r.hosts = append(r.hosts, u.Scheme+"://"+strings.ToLower(u.Host))
	}
	return r, nil
}

// below is the URL of a path, escaped, below the base.
func (r *reachable) below(path string) (*url.URL, error) {
	return url.Parse(strings.TrimRight(r.base.String(), "/") + path)
}

// follow is where a system leads: an URL, or a path from where it was read. It
// leads to no other host than may be reached.
func (r *reachable) follow(from *url.URL, text string) (*url.URL, error) {
	to, err := url.Parse(text)
	if err == nil && text != "" {
		to = from.ResolveReference(to)
	}
	if err != nil || text == "" || to.User != nil {
		return nil, &action.Error{Message: fmt.Sprintf("the system leads to %q, which is no address", action.CleanLine(text, 100)), Permanent: true}
	}
	return to, r.permits(to)
}

func (r *reachable) permits(to *url.URL) error {
	host := to.Scheme + "://" + strings.ToLower(to.Host)
	for _, h := range r.hosts {
		if h == host {
			return nil
		}
	}
	return &action.Error{
		Message: "the system leads to " + action.CleanLine(host, 120) + ", which the connector may not reach: nothing was sent there", Permanent: true,
		Hint: "if that is right, name it below `reach` in the connector",
	}
}
