package drive

import (
	"strings"
	"time"

	"github.com/irctl/irctl/internal/coerce"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/expr"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
)

// scope answers the names in expressions, as seen from one place in a run.
type scope struct {
	d     *Driver
	s     engine.State
	view  engine.View
	extra map[string]any // "error.message" and the like, for retry.when
	own   *result        // of the step itself while it is verified
	// decides says that a branch depends on the value: what a person passed over
	// must not stand for a no.
	decides bool
}

// result is what a step returned, before the journal says so.
type result struct {
	node    *plan.Node
	outputs event.Values
}

func (d *Driver) at(s engine.State, path string) scope {
	return scope{d: d, s: s, view: s.At(path)}
}

func (d *Driver) within(s engine.State, owner string, lane int) scope {
	return scope{d: d, s: s, view: s.Within(owner, lane)}
}

// resolve implements expr.Resolver.
func (sc scope) resolve(name string) (any, bool) {
	if v, ok := sc.extra[name]; ok {
		return v, true
	}
	root, rest, _ := strings.Cut(name, ".")
	switch root {
	case "inputs":
		return sc.input(rest)
	case "vars":
		v, _ := sc.view.Variable(rest)
		return v, true
	case "env":
		if sc.d.cfg.Environment == nil {
			return nil, false
		}
		return known(sc.d.cfg.Environment.Value(rest))
	case "targets":
		return sc.d.targets(rest)
	case "run":
		return sc.run(rest)
	case "steps":
		id, field, _ := strings.Cut(rest, ".")
		return sc.step(id, field)
	}
	return sc.loop(name)
}

// targets are the names of those that a selector means.
func (d *Driver) targets(selector string) (any, bool) {
	if d.cfg.Environment == nil {
		return nil, false
	}
	names, err := d.cfg.Environment.Select(selector)
	if err != nil {
		return err, true
	}
	out := make([]any, len(names))
	for i, name := range names {
		out[i] = name
	}
	return out, true
}

func known(v string, ok bool) (any, bool) { return v, ok }

func (sc scope) run(field string) (any, bool) {
	started, by, at := sc.s.Started()
	switch field {
	case "id":
		return started.Run, true
	case "runbook":
		return started.Runbook, true
	case "started":
		return at, true
	case "environment":
		return started.Environment, true
	case "user":
		if by == nil {
			return "", true
		}
		return engine.Name(*by), true
	}
	return nil, false
}

func (sc scope) loop(name string) (any, bool) {
	if item, _, _, ok := sc.view.Loop(name); ok {
		return item, true
	}
	if as, found := strings.CutSuffix(name, "_index"); found {
		if _, _, i, ok := sc.view.Loop(as); ok {
			return i, true
		}
	}
	if as, found := strings.CutSuffix(name, "_key"); found {
		if _, key, _, ok := sc.view.Loop(as); ok {
			return key, true
		}
	}
	return nil, false
}

// input finds an input of the runbook around. One that is secret, or was
// computed from a secret, is not in the journal; it is computed again where it
// came from.
func (sc scope) input(name string) (any, bool) {
	call := sc.view.Scope()
	fields := sc.s.Plan().Inputs
	if call != "" {
		st, _ := sc.s.Step(call)
		n := nodeOf(sc.s, st)
		fields = n.CalleeInputs
		if hides(st.Inputs[name]) {
			for _, a := range n.With {
				if a.Name == name {
					secret, _, err := sc.d.eval.Value(a.Value.Raw, sc.d.at(sc.s, call).resolve)
					return secret, err == nil
				}
			}
		}
	} else if sc.d.cfg.Secrets[name] != nil {
		return sc.d.secretInput(sc.s.Plan(), name), true
	}
	for _, f := range fields {
		if f.Name == name {
			return expr.Typed(sc.view.Inputs()[name], typeOf(f)), true
		}
	}
	return nil, false
}

// secretInput is a secret input with its type, or an error: why it cannot be had.
func (d *Driver) secretInput(p *plan.Plan, name string) any {
	v, err := d.secret(name)
	if err != nil {
		return err
	}
	for _, f := range p.Inputs {
		if f.Name != name {
			continue
		}
		typed, problem := coerce.One(action.Field{Name: name, Type: action.Type(f.Type), Enum: f.Enum, Pattern: f.Pattern, Secret: true}, v)
		if problem != nil {
			return &action.Error{Message: "the secret input " + name + " " + problem.Message, Hint: problem.Hint, Permanent: true}
		}
		return typed
	}
	return v
}

func typed(v any, f plan.Field) any { return expr.Typed(v, typeOf(f)) }

func typeOf(f plan.Field) expr.Type {
	return expr.Type{Of: action.Type(f.Type), Items: action.Type(f.Items)}
}

func (sc scope) step(id, field string) (any, bool) {
	n := sc.view.Node(id)
	if n == nil {
		return nil, false
	}
	st, began, _ := sc.view.Step(id)
	if sc.own != nil && sc.own.node == n {
		st.Outputs = sc.own.outputs
	}
	switch {
	case field == "status" && !began:
		return string(event.Pending), true
	case field == "status":
		return string(st.Status), true
	case field == "timed_out":
		return st.Error != nil && st.Error.Timeout, true
	case field == "attempts":
		return int64(st.Attempt), true
	case field == "error":
		if st.Error == nil {
			return nil, true
		}
		return st.Error.Message, true
	case field == "outputs":
		all := map[string]any{}
		for _, f := range n.Outputs {
			all[f.Name] = expr.Typed(st.Outputs[f.Name], typeOf(f))
		}
		return all, true
	case strings.HasPrefix(field, "evidence."):
		return sc.evidence(st, strings.TrimPrefix(field, "evidence.")), true
	case strings.HasPrefix(field, "outputs."):
		name := strings.TrimPrefix(field, "outputs.")
		if sc.decides && n.Kind == plan.Manual && st.Status == event.Skipped {
			return expr.Absent("step " + id + " was skipped (" + st.Summary + "), so that nobody answered " + name + "; take the branch that is meant by hand, then skip this step, or let the runbook ask has()"), true
		}
		for _, f := range n.Outputs {
			if f.Name == name {
				return expr.Typed(st.Outputs[name], typeOf(f)), true
			}
		}
		return st.Outputs[name], true
	}
	return nil, false
}

// evidence is the path of a file that was handed in, or why it cannot be used;
// nil if it was not handed in.
func (sc scope) evidence(st engine.Step, name string) any {
	for _, a := range st.Artifacts {
		if a.Name != name || a.Digest == "" {
			continue
		}
		if sc.d.cfg.Evidence == nil {
			return &action.Error{Message: "the evidence " + name + " of step " + st.Path + " is not here", Permanent: true}
		}
		path, err := sc.d.cfg.Evidence(a.Digest)
		if err != nil {
			return &action.Error{
				Message: "the evidence " + name + " of step " + st.Path + " cannot be used", Cause: err, Permanent: true,
				Hint: "put the file back that was handed in, artifacts/" + a.Digest + " in the folder of the run; irctl audit verify shows what else changed",
			}
		}
		return path
	}
	return nil
}

// duration evaluates a value that is a duration; zero if not given.
func (d *Driver) duration(v plan.Value, sc scope) (time.Duration, error) {
	if !v.Given {
		return 0, nil
	}
	raw, _, err := d.eval.Value(v.Raw, sc.resolve)
	if err != nil {
		return 0, err
	}
	out, problem := coerce.One(action.Field{Name: "duration", Type: action.Duration}, raw)
	if problem != nil {
		return 0, &action.Error{Message: problem.Message, Hint: problem.Hint}
	}
	dur, _ := out.(time.Duration)
	return dur, nil
}

// text evaluates a value that is shown to people.
func (d *Driver) text(v plan.Value, sc scope) (string, error) {
	if !v.Given {
		return "", nil
	}
	raw, tainted, err := d.eval.Value(v.Raw, sc.resolve)
	if err != nil {
		return "", err
	}
	if tainted {
		return redacted, nil
	}
	return d.redact.Text(expr.Text(raw)), nil
}

// title fills in a title that holds expressions; "" if it holds none.
func (d *Driver) title(n *plan.Node, sc scope) (string, error) {
	v := plan.Of(n.Title)
	if !v.HasExpr() {
		return "", nil
	}
	return d.text(v, sc)
}

// condition evaluates an expression that must be true or false.
func (d *Driver) condition(e plan.Expr, sc scope) (bool, error) {
	sc.decides = true
	v, _, err := d.eval.Eval(string(e), sc.resolve)
	if err != nil {
		return false, err
	}
	b, ok := v.(bool)
	if !ok {
		return false, &action.Error{
			Message: "the condition `" + string(e) + "` is neither true nor false",
			Hint:    "compare it with something, for example `== 'yes'`",
		}
	}
	return b, nil
}
