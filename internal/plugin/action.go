package plugin

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/irctl/irctl/internal/coerce"
	"github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/internal/sent"
	"github.com/irctl/irctl/pkg/action"
)

// action returns an action of a trusted plugin, with the abilities that it said
// it has.
func (h *Host) action(e Entry, o action.Offer) action.Action {
	a := &act{h, e, o.Spec}
	switch {
	case o.Inspect && o.Undo:
		return struct {
			inspects
			undoes
		}{inspects{a}, undoes{a}}
	case o.Inspect:
		return inspects{a}
	case o.Undo:
		return struct {
			*act
			undoes
		}{a, undoes{a}}
	}
	return a
}

// act is an action of a plugin.
type act struct {
	host  *Host
	entry Entry
	spec  action.Spec
}

// Spec implements action.Action: it is what was trusted, and nothing is run for it.
func (a *act) Spec() action.Spec { return a.spec }

// Run implements action.Action.
func (a *act) Run(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	return a.change(ctx, action.TypeRun, req, out)
}

type inspects struct{ *act }

// Inspect implements action.Inspector.
func (a inspects) Inspect(ctx context.Context, req action.Request) (action.Inspection, error) {
	m, err := a.ask(ctx, action.TypeInspect, req, nil)
	if err != nil {
		return action.Inspection{}, err
	}
	seen := m.Inspection
	if seen == nil {
		return action.Inspection{}, a.wrong("answered an inspect without an inspection", false)
	}
	seen.Current, seen.Want, seen.Hint = action.CleanLine(seen.Current, 500), action.CleanLine(seen.Want, 500), action.CleanLine(seen.Hint, 500)
	seen.Outputs, err = a.outputs(seen.Outputs, false)
	return *seen, err
}

// Preflight implements action.Preflighter: a look that succeeds has reached the
// target and was permitted.
func (a inspects) Preflight(ctx context.Context, req action.Request) []error {
	for _, f := range a.spec.Inputs {
		if f.Required && !req.With.Has(f.Name) {
			if err := a.host.Verify(a.entry); err != nil {
				return []error{refused(a.entry, err)}
			}
			return []error{&action.Error{Message: "whether the plugin " + a.entry.Name() + " reaches it: that takes the inputs of a step", Unchecked: true}}
		}
	}
	if _, err := a.Inspect(ctx, req); err != nil {
		return []error{err}
	}
	return nil
}

type undoes struct{ of *act }

// Undo implements action.Undoer.
func (u undoes) Undo(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	return u.of.change(ctx, action.TypeUndo, req, out)
}

// target is an action of a plugin as one more kind of target of another action.
type target struct {
	action.Action
	form action.TargetType
}

// Target implements kind.Kind.
func (t target) Target() action.TargetType { return t.form }

// Inspect implements action.Inspector.
func (t target) Inspect(ctx context.Context, req action.Request) (action.Inspection, error) {
	if i, ok := t.Action.(action.Inspector); ok {
		return i.Inspect(ctx, req)
	}
	return action.Inspection{Repeatable: t.Spec().Idempotent}, nil
}

// Preflight implements action.Preflighter.
func (t target) Preflight(ctx context.Context, req action.Request) []error {
	if p, ok := t.Action.(action.Preflighter); ok {
		return p.Preflight(ctx, req)
	}
	return []error{&action.Error{Message: "whether " + t.Spec().Name + " would work there: the plugin cannot look", Unchecked: true}}
}

// Undo implements action.Undoer, of a target type that says it can.
func (t target) Undo(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	return t.Action.(action.Undoer).Undo(ctx, req, out)
}

// change has the plugin run or undo.
func (a *act) change(ctx context.Context, how string, req action.Request, out action.Sink) (action.Result, error) {
	m, err := a.ask(ctx, how, req, out)
	if err != nil {
		return action.Result{}, err
	}
	res := m.Result
	if res == nil {
		return action.Result{}, a.wrong("answered a "+how+" without a result", true)
	}
	res.Summary = action.CleanLine(res.Summary, 300)
	res.Outputs, err = a.outputs(res.Outputs, true)
	return *res, err
}

// outputs are what the description declares, typed and harmless to show.
func (a *act) outputs(in map[string]any, doubt bool) (map[string]any, error) {
	if len(in) == 0 {
		return nil, nil
	}
	out := make(map[string]any, len(in))
	for name, v := range in {
		f, known := a.spec.Output(name)
		if !known {
			return nil, a.wrong("answered with an output that it does not describe: "+action.CleanLine(name, 40), doubt)
		}
		typed, problem := coerce.One(f, v)
		if problem != nil {
			return nil, a.wrong(fmt.Sprintf("answered with the output %s: %s", name, problem.Message), doubt)
		}
		out[name] = data.Clean(data.Of(typed))
	}
	return out, nil
}

func (a *act) wrong(what string, doubt bool) error {
	return (&session{name: a.entry.Name(), asked: doubt, ask: action.Message{Type: action.TypeRun}}).wrong(what)
}

// ask has the plugin do one thing. out is nil for what says and records nothing.
func (a *act) ask(ctx context.Context, how string, req action.Request, out action.Sink) (action.Message, error) {
	hidden := hiding{at: map[string]any{}}
	ask := action.Message{Type: how, ID: "1", Action: a.spec.Name, Request: hidden.request(req)}
	stderr := io.Discard
	if out != nil {
		stderr = out.Output("stderr")
	}
	var unrecorded error
	heard := func(m action.Message) (*action.Message, error) {
		if a.host.heard != nil {
			if err := a.host.heard(m); err != nil {
				return nil, err
			}
		}
		switch m.Type {
		case action.TypeLog:
			sent.Say(ctx, action.CleanHead(m.Text, 4<<10))
		case action.TypeProgress:
			if out != nil {
				out.Progress(action.CleanLine(m.Text, 200))
			}
		case action.TypeRecord:
			reply := &action.Message{Type: action.TypeRecorded, ID: m.ID}
			if out == nil {
				unrecorded = a.wrong("wants to record something while it looks", false)
			} else {
				unrecorded = out.Record(m.Values)
			}
			if unrecorded != nil {
				reply.Error = &action.WireError{Message: unrecorded.Error()}
			}
			return reply, nil
		}
		return nil, nil
	}
	sent.Say(ctx, fmt.Sprintf("plugin %s, SHA-256 %s: %s %s", a.entry.Name(), a.entry.SHA256, how, a.spec.Name))
	m, _, err := a.host.call(ctx, a.entry, ask, hidden.at, stderr, heard)
	switch {
	case err != nil:
		return m, err
	case unrecorded != nil && m.Error == nil && out != nil:
		return m, a.wrong("went on although what it wanted to record could not be", true)
	case unrecorded != nil:
		return m, unrecorded
	case m.Error != nil:
		return m, a.failed(m.Error, how != action.TypeInspect)
	}
	return m, nil
}

// failed is what a plugin says of its failure.
func (a *act) failed(e *action.WireError, changes bool) error {
	out := &action.Error{
		Message: action.CleanLine(e.Message, 500), Hint: action.CleanLine(e.Hint, 500),
		Doubt: e.Doubt && changes, Permanent: e.Permanent && !e.Doubt,
	}
	if out.Message == "" {
		out.Message = "the plugin " + a.entry.Name() + " failed and did not say why"
	}
	if e.After > 0 && e.After < (24*time.Hour).Seconds() {
		out.After = time.Duration(e.After * float64(time.Second))
	}
	return out
}

// hiding takes the secrets out of a request: they go another way.
type hiding struct{ at map[string]any } // by their places

func (h hiding) request(req action.Request) *action.WireRequest {
	t := req.Target
	w := &action.WireRequest{
		Run: req.Run, Runbook: req.Runbook, Path: req.Path, Attempt: req.Attempt, Key: req.Key, Undoes: req.Undoes,
		With: h.fields("with", req.With), Target: action.WireTarget{Name: t.Name, Type: t.Type, Zone: t.Zone, Owner: t.Owner, Config: h.fields("target.config", t.Config)},
		Record: req.Record, Outputs: req.Outputs, Allow: req.Allow, Dir: req.Dir, Folder: req.Folder,
	}
	w.Secrets = slices.Sorted(maps.Keys(h.at))
	return w
}

func (h hiding) fields(place string, values action.Values) data.Map {
	return h.value(place, map[string]any(values)).(map[string]any)
}

func (h hiding) value(place string, v any) any {
	switch v := v.(type) {
	case action.Secret:
		h.at[place] = v
		return nil
	case action.Values:
		return h.value(place, map[string]any(v))
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, e := range v {
			out[name] = h.value(place+"."+name, e)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = h.value(place+"."+strconv.Itoa(i), e)
		}
		return out
	}
	return data.Of(v)
}
