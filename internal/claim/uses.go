package claim

import (
	"slices"
	"time"

	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
)

// Use is a target that a run changes.
type Use struct {
	Target string
	How    How
	Since  time.Time // when it was changed first, or the run began
}

// How says what a run has to do with a target, from the least to the most. The
// zero value is invalid.
type How int

// The ways.
const (
	Will  How = iota + 1 // it will change it
	Found                // it found it so, and relies on that
	Did                  // it changed it, or may have
)

// String says it of a run.
func (h How) String() string { return [...]string{"", "will change", "relies on", "has changed"}[h] }

// Uses are the targets that a run brings into another state or out of it, in the
// order of its plan. One that only an expression names counts once its step has
// begun.
func Uses(s engine.State, spec func(name string) (action.Spec, bool)) []Use {
	var out []Use
	_, _, began := s.Started()
	add := func(u Use) {
		i := slices.IndexFunc(out, func(has Use) bool { return has.Target == u.Target })
		switch {
		case i < 0:
			out = append(out, u)
		case u.How > out[i].How || u.How == out[i].How && u.Since.Before(out[i].Since):
			out[i] = u
		}
	}
	over := map[plan.NodeID]bool{}
	for _, st := range s.Steps() {
		n := s.Plan().Node(st.Node)
		switch {
		case n == nil || n.Kind != plan.Action || !Changes(n.Action.Action, spec):
		case st.Undo.Phase == engine.UndoDone || st.Undo.To != "":
			over[n.ID] = true
		case st.Status == event.Skipped:
			over[n.ID] = over[n.ID] || !loops(s, n)
		case s.Own(st) || len(st.Record) > 0 || len(st.Inherited) > 0 || st.Phase == engine.Attempting || st.Phase == engine.Doubtful:
			add(Use{st.Target, Did, st.Since})
			over[n.ID] = true
		case st.Status == event.Succeeded && !st.Fallback:
			add(Use{st.Target, Found, st.Since})
			over[n.ID] = true
		case st.Attempt > 0 && st.Phase != engine.Ended: // nothing happened; it may be tried again
			add(Use{st.Target, Will, began})
		}
	}
	for i := range s.Plan().Nodes {
		n := &s.Plan().Nodes[i]
		if n.Kind == plan.Action && !over[n.ID] && !n.Action.TargetExpr.Given && n.Action.Target != "" && Changes(n.Action.Action, spec) {
			add(Use{n.Action.Target, Will, began})
		}
	}
	return out
}

// loops reports whether a loop around a node goes on, so that its step may have
// another turn.
func loops(s engine.State, n *plan.Node) bool {
	around := map[plan.NodeID]bool{}
	for at := s.Plan().Node(n.Parent); at != nil; at = s.Plan().Node(at.Parent) {
		around[at.ID] = at.Kind == plan.While || at.Kind == plan.ForEach
	}
	return slices.ContainsFunc(s.Open(), func(st engine.Step) bool { return around[st.Node] })
}

// Changes reports whether an action brings its target into a state or out of one,
// so that two runs that use it on one target get in each other's way.
func Changes(name string, spec func(name string) (action.Spec, bool)) bool {
	of, known := spec(name)
	if !known {
		return false
	}
	back, _ := spec(of.Counterpart)
	return of.Has(action.Shared) || of.Has(action.LocksOut) || back.Has(action.Shared)
}
