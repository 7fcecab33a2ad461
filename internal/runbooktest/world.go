package runbooktest

import (
	"fmt"
	"slices"

	"github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/simulate"
	"github.com/irctl/irctl/pkg/event"
	"github.com/irctl/irctl/pkg/runbook"
)

// cast is what a case makes of the world, for one run.
type cast struct {
	plan     *plan.Plan
	c        *bound
	said     map[string]bool // answers that were given, by the step and their place
	calls    map[string]int  // attempts by action
	problems []Failure
}

func newCast(p *plan.Plan, c *bound) *cast {
	return &cast{plan: p, c: c, said: map[string]bool{}, calls: map[string]int{}}
}

// rank says how exactly something is meant for a step: 0 is not at all.
func (o of) rank(path string, n *plan.Node) int {
	switch {
	case o.ref != nil && o.ref.instance != "" && o.ref.fits(path, n.ID):
		return 4
	case o.ref != nil && o.ref.fits(path, n.ID):
		return 3
	case o.action != "" && n.Tries() != nil && n.Tries().Action == o.action:
		return 2
	case o.all:
		return 1
	}
	return 0
}

// Attempt implements simulate.World.
func (w *cast) Attempt(a simulate.Attempt) simulate.Outcome {
	from := w.c.outcomes
	if a.Undo {
		from = w.c.undo
	} else {
		w.calls[a.Node.Tries().Action]++
	}
	for rank := 4; rank > 0; rank-- {
		for _, o := range from {
			if o.of.rank(a.Path, a.Node) != rank {
				continue
			}
			if one, ok := choose(o.List, a); ok {
				return one.Outcome
			}
		}
	}
	return simulate.Outcome{Kind: simulate.Succeeds}
}

// choose takes the entry for an attempt: one that names its number, or that
// stands at its place; the last one is for all that follow.
func choose(list []Outcome, a simulate.Attempt) (Outcome, bool) {
	var fit []Outcome
	for _, o := range list {
		if o.Target.Given() && o.Target.Value != a.Target || !within(o.With, a.With) {
			continue
		}
		if o.Attempt == a.Number {
			return o, true
		}
		if o.Attempt == 0 {
			fit = append(fit, o)
		}
	}
	if len(fit) == 0 {
		return Outcome{}, false
	}
	return fit[min(a.Number, len(fit))-1], true
}

func within(want []runbook.Pair, got event.Values) bool {
	return !slices.ContainsFunc(want, func(p runbook.Pair) bool { return !same(p.Value.Data(), got[p.Key.Value]) })
}

func dataOf(pairs []runbook.Pair) map[string]any {
	out := make(map[string]any, len(pairs))
	for _, p := range pairs {
		out[p.Key.Value] = data.Of(p.Value.Data())
	}
	return out
}

// problem notes that the test itself cannot be carried out.
func (w *cast) problem(at runbook.Span, detail, format string, args ...any) {
	w.problems = append(w.problems, Failure{At: at, Summary: fmt.Sprintf(format, args...), Why: detail})
}
