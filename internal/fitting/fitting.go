// Package fitting finds what a runbook needs and an environment, or this
// machine, does not have, without connecting to anything.
//
// [Check] looks at one runbook as it is written, whatever its inputs; [Plan] at
// a plan with the inputs of a run, of which it says besides whether a fault is
// certain to be met. Both ask the same questions of a [World]: are the targets
// there, of a type that the action can act on and described well enough for
// it, do their secrets lie where the file says, has every env.NAME a value, are
// the programs, folders and files there that the steps use on this machine.
// [Plan] asks besides whether somebody holds each role; package check asks that
// of a runbook as it is written.
//
// Files, in reading order: world.go (the questions), fitting.go and values.go
// (a runbook), plan.go, needs.go (what a plan needs, for people), codes.go.
package fitting

import (
	"strings"
	"time"

	"github.com/irctl/irctl/internal/coerce"
	"github.com/irctl/irctl/internal/finding"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

// Check returns what the environment lacks, at the places that ask for it. What
// a called runbook needs is reported at the step that calls it.
func Check(rb *runbook.Runbook, w World) runbook.Diagnostics {
	c := &checker{World: w, moved: &moved{}, touched: map[string]time.Time{}, seen: map[string]bool{}, called: map[string]bool{rb.File: true}}
	c.runbook(rb)
	return c.Diagnostics()
}

type checker struct {
	language.Decoder
	World
	moved *moved
	// touched is what the steps so far touch, where that is limited.
	touched map[string]time.Time
	seen    map[string]bool // faults that were told
	called  map[string]bool // files on the way, so that a circle ends
	// caller is where the step stands that the runbook under check was called
	// by, and through which runbook; zero in the runbook itself.
	caller  runbook.Span
	through string
}

// report adds a finding about a place, or about the call that leads to it.
func (c *checker) report(code *finding.Code, at runbook.Span, detail, format string, args ...any) {
	if c.through != "" {
		at, format, args = c.caller, "the runbook `%s` that is run here: "+format, append([]any{c.through}, args...)
	}
	c.Report(code, at, detail, format, args...)
}

func (c *checker) runbook(rb *runbook.Runbook) {
	for s := range runbook.All(rb.Steps) {
		for _, use := range []*runbook.Use{s.Uses, s.Undo, s.Verify} {
			c.use(use)
		}
		if s.Kind == runbook.KindRun {
			c.call(rb, s)
		}
	}
	c.values(rb)
}

// use checks one use of an action.
func (c *checker) use(use *runbook.Use) {
	if use == nil {
		return
	}
	if t := use.Target; t != nil && t.Kind == runbook.StringValue && !t.HasExpr() {
		for _, f := range c.Target(t.Text, use.Action.Value) {
			c.tell(f, t.Span)
		}
	}
	with, all := map[string]any{}, true
	for _, p := range use.With {
		v, whole := literal(p.Value)
		if all = all && whole; v != nil {
			with[p.Key.Value] = v
			if !whole && p.Value.Kind != runbook.ListValue {
				delete(with, p.Key.Value)
			}
		}
	}
	if t := use.Target; t == nil || !t.HasExpr() {
		name := ""
		if t != nil {
			name = t.Text
		}
		for _, h := range c.hits(use.Action.Value, name, with, c.touched) {
			c.tell(h, use.Action.Span)
		}
	}
	if all {
		c.inputs(use, with)
	}
	faults, _ := c.machine(use.Action.Value, with, &c.moved.here)
	for _, f := range faults {
		c.tell(f, use.Action.Span)
	}
}

// inputs asks the action whether a target of this type takes what the step gives.
func (c *checker) inputs(use *runbook.Use, with map[string]any) {
	act, _ := c.Action(use.Action.Value)
	v, asks := act.(action.Validator)
	if use.Target == nil || !asks {
		return
	}
	t, there := c.Environment.Target(use.Target.Text)
	typed, wrong := coerce.Fields(act.Spec().Inputs, with)
	if !there || len(wrong) > 0 {
		return // reported by others
	}
	for _, p := range v.Validate(typed, t.Type) {
		at := use.Action.Span
		for _, given := range use.With {
			if name, _, _ := strings.Cut(p.Input, "["); name == given.Key.Value {
				at = given.Value.Span
			}
		}
		c.tell(Fault{Code: WrongValue, What: "`" + use.Target.Text + "` cannot be given this: `" + p.Input + "` " + p.Message, Do: p.Hint}, at)
	}
}

// tell reports a fault, once for each place.
func (c *checker) tell(f Fault, at runbook.Span) {
	if !c.seen[f.What] || f.Code != NotHere {
		c.report(f.Code, at, f.Do, "%s", f.What)
	}
	c.seen[f.What] = true
}

// literal is what a value says that no run can change; of a list it is what
// comes before the first element that one can. The second result says whether
// that is all.
func literal(v *runbook.Value) (any, bool) {
	switch {
	case v == nil, v.Kind == runbook.StringValue && v.HasExpr():
		return nil, false
	case v.Kind == runbook.ListValue:
		var out []any
		for _, item := range v.Items {
			one, whole := literal(item)
			if !whole {
				return out, false
			}
			out = append(out, one)
		}
		return out, true
	case v.Kind == runbook.MapValue:
		for _, p := range v.Pairs {
			if _, whole := literal(p.Value); !whole {
				return nil, false
			}
		}
	}
	return v.Data(), true
}

// call checks the runbook that a step runs.
func (c *checker) call(rb *runbook.Runbook, s *runbook.Step) {
	callee, err := c.Callee(s.Run.Value, rb.File)
	if err != nil || callee == nil || c.called[callee.File] {
		return // reported by others
	}
	inner := &checker{World: c.World, moved: c.moved, touched: c.touched, seen: c.seen, called: c.called, caller: s.Run.Span, through: s.Run.Value}
	if c.through != "" {
		inner.caller, inner.through = c.caller, c.through
	}
	c.called[callee.File] = true
	inner.runbook(callee)
	c.Include(inner.Diagnostics())
}
