// Package fitting finds what a runbook needs and an environment does not have.
//
// [Check] looks at one runbook: whether the targets that its steps act on are
// there and of a type that the action can act on, and whether every env.NAME
// has a value. It reads no secret and looks at no system. Roles are not its
// subject: the rules of package check ask who holds one.
//
// Files, in reading order: fitting.go, values.go, codes.go.
package fitting

import (
	"cmp"
	"strings"

	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/finding"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/internal/suggest"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

// World is what a runbook is held against.
type World struct {
	Environment *environment.Environment
	// Spec returns the description of an action.
	Spec func(name string) (action.Spec, bool)
	// Callee returns the runbook that a step of the runbook in file from runs;
	// nil without an error if it is checked by itself.
	Callee func(name, from string) (*runbook.Runbook, error)
}

// Check returns what the environment lacks, at the places that ask for it. What
// a called runbook needs is reported at the step that calls it.
func Check(rb *runbook.Runbook, w World) runbook.Diagnostics {
	c := &checker{World: w, called: map[string]bool{rb.File: true}}
	c.runbook(rb)
	return c.Diagnostics()
}

type checker struct {
	language.Decoder
	World
	called map[string]bool // files on the way, so that a circle ends
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
	c.steps(rb, rb.Steps)
	c.values(rb)
}

func (c *checker) steps(rb *runbook.Runbook, steps []*runbook.Step) {
	for _, s := range steps {
		for _, use := range []*runbook.Use{s.Uses, s.Undo, s.Verify} {
			c.use(s, use)
		}
		if s.Kind == runbook.KindRun {
			c.call(rb, s)
		}
		for _, block := range s.Blocks() {
			c.steps(rb, block)
		}
	}
}

var NoTarget = codes.Error("IR0420", "the environment has no such target",
	"A step acts on a target that the environment does not name, so that irctl would refuse to run it there. Correct the name, or add the target to the environment.")

var WrongTarget = codes.Error("IR0421", "the environment's target is of another type",
	"The target is there, but the action cannot act on systems of its type. `irctl action show NAME` says on which it can.")

// use checks the target of a use of an action. The target of an undo or a
// verify is the step's own unless it names another.
func (c *checker) use(s *runbook.Step, use *runbook.Use) {
	if use == nil || use.Target == nil || use.Target.Kind != runbook.StringValue || use.Target.HasExpr() {
		return // none, or known only at run time
	}
	name, env := use.Target.Text, c.Environment
	target, ok := env.Target(name)
	if !ok {
		detail := cmp.Or(suggest.DidYouMean(name, env.TargetNames()), "add it below `targets:` in "+env.Name())
		c.report(NoTarget, use.Target.Span, detail, "the environment `%s` has no target `%s`", env.Name(), action.CleanLine(name, 80))
		return
	}
	spec, known := c.Spec(use.Action.Value)
	if _, fits := spec.TargetType(target.Type); !known || fits || len(spec.Targets) == 0 {
		return
	}
	types := make([]string, len(spec.Targets))
	for i, t := range spec.Targets {
		types[i] = t.Name
	}
	c.report(WrongTarget, use.Target.Span, "it acts on targets of type "+strings.Join(types, ", "),
		"`%s` is of type `%s` in the environment `%s`, which `%s` cannot act on", name, target.Type, env.Name(), use.Action.Value)
}

// call checks the runbook that a step runs.
func (c *checker) call(rb *runbook.Runbook, s *runbook.Step) {
	callee, err := c.Callee(s.Run.Value, rb.File)
	if err != nil || callee == nil || c.called[callee.File] {
		return // reported by others
	}
	inner := &checker{World: c.World, called: c.called, caller: s.Run.Span, through: s.Run.Value}
	if c.through != "" {
		inner.caller, inner.through = c.caller, c.through
	}
	c.called[callee.File] = true
	inner.runbook(callee)
	c.Include(inner.Diagnostics())
}
