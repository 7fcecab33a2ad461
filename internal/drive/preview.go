package drive

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/internal/guard"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
)

// Verdict says how much a preview could find out about a step. The zero value
// is for a row that is not a step.
type Verdict string

// The verdicts.
const (
	Checked    Verdict = "checked"     // the target was looked at
	Simulated  Verdict = "simulated"   // irctl does this itself, there is nothing to look at
	CannotKnow Verdict = "cannot know" // only running it will tell
)

// Row is one line of a preview: a step, or the label of a block if Branch is set.
type Row struct {
	Path, Title, Action, Target string
	Kind                        plan.Kind
	Depth                       int
	Verdict                     Verdict
	Current                     string // the target's state now
	Would                       string // what would change; "" if nothing would
	Note                        string // why it cannot be known; a problem found; who must act
	Branch                      string // a block's label
	Unseen                      bool   // the target could not be looked at: it may be down

	Node    *plan.Node  // nil for a label
	Skipped bool        // its condition does not hold
	Perhaps bool        // only the run will tell whether the step is reached
	Calls   []Call      // of actions: its own, its check's, its undo's
	Hits    []guard.Hit // what is protected or limited and would be in its way
}

// Given is what an action is given that acts on no target, as it may be shown;
// nil of all else.
func (r Row) Given() map[string]any {
	if r.Action == "" || r.Target != "" {
		return nil
	}
	with, _ := data.Clean(map[string]any(r.Calls[0].Shown)).(map[string]any)
	return with
}

// Call is one use of an action in a plan that does not run.
type Call struct {
	Use    *plan.Use
	Target string        // "" if there is none, or only the run will know
	With   action.Values // typed, as far as they are known; of a list what comes before the first that is not
	Shown  event.Values  // what the step gives, as it may be shown; what is not known stands as the plan has it
	Known  bool          // all of it is known
}

// Walk is a walk through a plan that does not run.
type Walk struct {
	Plan    *plan.Plan
	Started event.RunStarted // its inputs are nil if they are not known
	By      *event.Actor
	Look    bool // whether targets are looked at
}

// Preview walks the whole plan without running it and yields its rows in
// reading order. It may look at every target with Inspect and changes nothing:
// it has no journal, and the actions' Run is never called. Where a condition
// depends on what only a run can know, both sides are shown.
func (d *Driver) Preview(ctx context.Context, walk Walk, yield func(Row)) {
	w := &previewer{d: d, ctx: ctx, Walk: walk, yield: yield}
	top := &place{inputs: w.Started.Inputs, fields: w.Plan.Inputs, secrets: map[string]action.Secret{}, vars: map[string]any{}, results: map[string]any{}}
	for name := range d.cfg.Secrets {
		if s, ok := d.secretInput(w.Plan, name).(action.Secret); ok {
			top.secrets[name] = s
		}
	}
	if top.inputs == nil {
		top.unknown = map[string]bool{}
		for _, f := range top.fields {
			top.unknown[f.Name] = true
		}
	}
	w.block(w.Plan.Entry, top, "", 0)
}

type previewer struct {
	d   *Driver
	ctx context.Context
	Walk
	yield   func(Row)
	touched map[string]time.Time // by the steps so far
}

// place is where in the plan an expression stands.
type place struct {
	inputs  event.Values
	unknown map[string]bool // inputs that depend on the run
	fields  []plan.Field
	secrets map[string]action.Secret
	vars    map[string]any // absent: not known
	results map[string]any // "STEP.outputs.NAME" of called runbooks, as far as they do not depend on the run
	loops   map[string]any
	perhaps bool // within a branch that may not be taken
}

func (pl *place) in(loops map[string]any, perhaps bool) *place {
	inner := *pl
	inner.perhaps = pl.perhaps || perhaps
	if loops != nil {
		inner.loops = map[string]any{}
		maps.Copy(inner.loops, pl.loops)
		maps.Copy(inner.loops, loops)
	}
	return &inner
}

// unknowable is what an expression met that only a run can know.
type unknowable struct{ name string }

func (u *unknowable) Error() string {
	return "depends on " + u.name + ", which only the run will know"
}

// evaluate runs f with a resolver for the place and reports what was missing.
func (w *previewer) evaluate(pl *place, f func(resolve func(string) (any, bool)) error) error {
	var missing *unknowable
	err := f(func(name string) (any, bool) {
		v, ok := w.lookup(pl, name)
		if !ok && missing == nil {
			missing = &unknowable{name}
		}
		return v, ok
	})
	if err != nil && missing != nil {
		return missing
	}
	return err
}

func (w *previewer) lookup(pl *place, name string) (any, bool) {
	root, rest, _ := strings.Cut(name, ".")
	switch root {
	case "inputs":
		if pl.unknown[rest] {
			return nil, false
		}
		if s, ok := pl.secrets[rest]; ok {
			return s, true
		}
		for _, f := range pl.fields {
			if f.Name == rest {
				return typed(pl.inputs[rest], f), true
			}
		}
		return nil, false
	case "vars":
		v, ok := pl.vars[rest]
		return v, ok
	case "env":
		if w.d.cfg.Environment == nil {
			return nil, false
		}
		return known(w.d.cfg.Environment.Value(rest))
	case "targets":
		return w.d.targets(rest)
	case "run":
		switch rest {
		case "id":
			return "(the run's id)", true
		case "runbook":
			return w.Plan.Runbook, true
		case "environment":
			return w.Started.Environment, true
		case "user":
			if w.By != nil {
				return w.By.User, true
			}
		}
		return nil, false
	case "steps":
		v, ok := pl.results[rest]
		return v, ok
	}
	v, ok := pl.loops[name]
	return v, ok
}

// block walks a block along its nodes.
func (w *previewer) block(entry plan.NodeID, pl *place, prefix string, depth int) {
	seen := map[plan.NodeID]bool{}
	for id := entry; id != plan.None && !seen[id]; id = w.Plan.Node(id).Next {
		seen[id] = true
		n := w.Plan.Node(id)
		if w.ctx.Err() != nil {
			return
		}
		w.node(n, pl, prefix+n.Name, depth)
	}
}

func (w *previewer) label(depth int, format string, args ...any) {
	w.yield(Row{Depth: depth, Branch: fmt.Sprintf(format, args...)})
}

// node shows one step and what is in it.
func (w *previewer) node(n *plan.Node, pl *place, path string, depth int) {
	row := Row{Path: path, Title: w.title(n, pl), Kind: n.Kind, Depth: depth, Verdict: Simulated, Node: n}
	var notes []string
	if n.LeftOut != "" {
		row.Note, row.Skipped = n.LeftOut, true
		w.yield(row)
		return
	}
	if n.When != "" {
		holds, err := w.holds(n.When, pl)
		switch {
		case err != nil:
			notes, pl = append(notes, "only if `"+string(n.When)+"`"), pl.in(nil, true)
		case !holds:
			row.Note, row.Skipped = "would be skipped: `"+string(n.When)+"` is false", true
			w.yield(row)
			return
		}
	}
	if n.Approval != nil {
		notes = append(notes, fmt.Sprintf("waits for %d approval by %s", max(n.Approval.Need, 1), strings.Join(n.Approval.Roles, " or ")))
	}
	row.Perhaps = pl.perhaps
	for _, use := range []*plan.Use{n.Action, n.Verify, n.Undo} {
		if use != nil {
			row.Calls = append(row.Calls, w.call(use, pl))
		}
	}
	if n.Kind == plan.Action {
		row.Hits = w.beforehand(row.Calls[0])
	}
	for _, h := range row.Hits {
		notes = append(notes, h.Text+"; "+h.Do())
	}
	if n.Kind == plan.Action && w.Look {
		w.action(n, pl, &row)
	} else {
		row.Would, row.Note = w.describe(n, pl)
	}
	if row.Note != "" {
		notes = append(notes, row.Note)
	}
	row.Note = strings.Join(notes, "; ")
	w.yield(row)
	w.inside(n, pl, path, depth+1)
}

// title is a step's title as far as it can be filled in.
func (w *previewer) title(n *plan.Node, pl *place) string {
	v, err := w.value(plan.Of(n.Title), pl)
	if err != nil {
		return n.Title
	}
	return fmt.Sprint(v)
}

func (w *previewer) holds(e plan.Expr, pl *place) (holds bool, err error) {
	err = w.evaluate(pl, func(resolve func(string) (any, bool)) error {
		v, _, err := w.d.eval.Eval(string(e), resolve)
		holds, _ = v.(bool)
		return err
	})
	return holds, err
}

func (w *previewer) value(v plan.Value, pl *place) (out any, err error) {
	raw, err := w.raw(v.Raw, pl)
	return w.d.redact.Data(raw), err
}

// describe says what a step without an action does.
func (w *previewer) describe(n *plan.Node, pl *place) (would, note string) {
	text := func(v plan.Value) string {
		if !v.Given {
			return ""
		}
		s, err := w.value(v, pl)
		if err != nil {
			return fmt.Sprint(v.Raw)
		}
		return action.CleanLine(fmt.Sprint(s), 200)
	}
	switch n.Kind {
	case plan.Manual:
		owner := n.Owner
		if owner == "" {
			owner = "a person"
		}
		return text(n.Text), "waits for " + owner
	case plan.Approve:
		return text(n.Text), ""
	case plan.Wait:
		switch {
		case n.Condition != "":
			return "waits until `" + string(n.Condition) + "`", ""
		case n.WaitUntil.Given:
			return "waits until " + text(n.WaitUntil), ""
		}
		return "waits " + text(n.WaitFor), ""
	case plan.Set:
		var parts []string
		for _, a := range n.Set {
			v, err := w.value(a.Value, pl)
			if err != nil || pl.perhaps {
				delete(pl.vars, a.Name)
				parts = append(parts, a.Name)
				continue
			}
			pl.vars[a.Name] = v
			parts = append(parts, a.Name+" = "+action.CleanLine(data.Text(v), 60))
		}
		return "sets " + strings.Join(parts, ", "), ""
	case plan.Stop:
		return "ends the runbook as " + n.StopStatus + ": " + text(n.Text), ""
	case plan.Call:
		return "runs " + n.Callee, ""
	}
	return "", ""
}

// lookAt is how long a preview waits for one target.
const lookAt = 15 * time.Second

// action looks at the target of a step.
func (w *previewer) action(n *plan.Node, pl *place, row *Row) {
	row.Action, row.Target = n.Action.Action, n.Action.Target
	var c call
	err := w.evaluate(pl, func(resolve func(string) (any, bool)) (err error) {
		c, err = w.d.use(n.Action, resolve, nil)
		return err
	})
	if err != nil {
		row.Verdict, row.Note = CannotKnow, failure(w.d.redact, err).Message
		return
	}
	row.Target = c.target
	if c.spec.Effect == action.Read {
		row.Would = c.spec.Summary
		return
	}
	c.req.Runbook, c.req.Path, c.req.Key = w.Plan.Runbook, row.Path, "preview/"+row.Path
	if w.d.cfg.Environment != nil {
		if store := w.d.cfg.Environment.NewSecrets(); store != nil {
			c.req.Secrets = readOnly{learning{store, w.d.redact}}
		}
	}
	ctx, cancel := context.WithTimeout(w.ctx, lookAt)
	defer cancel()
	seen, err := w.d.look(ctx, &c)
	clean := func(s string) string { return action.CleanLine(w.d.redact.Text(s), 200) }
	switch {
	case errors.Is(err, errNoLook):
		row.Verdict, row.Note = CannotKnow, c.spec.Name+" cannot be looked at beforehand"
	case err != nil:
		f := failure(w.d.redact, err)
		row.Verdict, row.Note = CannotKnow, strings.TrimSuffix(f.Message+"; "+f.Hint, "; ")
		row.Unseen = true
	case !seen.Known:
		row.Verdict, row.Current, row.Would = CannotKnow, clean(seen.Current), clean(seen.Want)
	case seen.Desired:
		row.Verdict, row.Current, row.Note = Checked, clean(seen.Current), "already so"
	default:
		row.Verdict, row.Current, row.Would = Checked, clean(seen.Current), clean(seen.Want)
	}
}

// readOnly is a secret store in which nothing can be put.
type readOnly struct{ learning }

func (readOnly) Put(context.Context, string, action.Secret) (string, error) {
	return "", errors.New("a preview stores nothing")
}
