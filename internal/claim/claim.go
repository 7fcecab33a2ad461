// Package claim tells which runs rely on the same thing, from their journals
// alone: [Of] names what a step acts on, as a [Resource]; [Holds] finds the
// steps of a run that rely on any; [Uses] the targets that a run changes; [Lock]
// lets one process at a time change one or decide who puts back what was there
// before.
//
// A run relies on what a step of it changed, or found so already, as long as it
// has not ended badly and nobody has undone the step. While a run relies on the
// same that came later, undoing the step changes nothing: what the step kept of
// the state before goes to that run, in its journal, and the last one puts
// everything back, newest first. Only runs of one home see each other.
//
// Files, in reading order: claim.go, uses.go, lock.go.
package claim

import (
	"encoding/json"
	"iter"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
)

// Resource is what several runs may rely on: one state of one thing in a target.
type Resource struct {
	Environment string // its name
	Target      string
	Action      string // that brings the state about
	Subject     string // its inputs that say of what in the target
}

// Of is what a step acts on that has begun. ok is false if each use of its
// action makes something of its own.
func Of(s engine.State, st engine.Step, spec action.Spec) (r Resource, ok bool) {
	if n := s.Plan().Node(st.Node); n.Kind != plan.Action || st.Attempt == 0 || !spec.Has(action.Shared) {
		return Resource{}, false
	}
	started, _, _ := s.Started()
	r = Resource{Environment: started.Environment, Target: st.Target, Action: spec.Name}
	var subject []string
	for _, f := range spec.Inputs {
		if f.Subject {
			b, err := json.Marshal(st.With[f.Name])
			if err != nil {
				return Resource{}, false
			}
			subject = append(subject, string(b))
		}
	}
	r.Subject = strings.Join(subject, " ")
	return r, true
}

// Meets reports whether two resources have something in common: lists of values,
// such as addresses that are blocked, one value.
func (r Resource) Meets(o Resource) bool {
	if r == o {
		return true
	}
	mine, theirs := r.values(), o.values()
	r.Subject, o.Subject = "", ""
	return r == o && slices.EqualFunc(mine, theirs, func(a, b any) bool {
		list, ok := a.([]any)
		other, both := b.([]any)
		if !ok || !both {
			return reflect.DeepEqual(a, b)
		}
		return slices.ContainsFunc(list, func(v any) bool {
			return slices.ContainsFunc(other, func(w any) bool { return reflect.DeepEqual(v, w) })
		})
	})
}

// values are those of the inputs in its subject.
func (r Resource) values() (out []any) {
	for d := json.NewDecoder(strings.NewReader(r.Subject)); ; {
		var v any
		if d.Decode(&v) != nil {
			return out
		}
		out = append(out, v)
	}
}

// Hold is a step of a run that relies on a resource.
type Hold struct {
	Run       string
	Path      string
	Name      string    // of the run, for people
	Since     time.Time // when the step had its outcome
	Inherited []event.Kept
}

// Holds are the steps of a run that rely on something, in order, each with what
// it relies on. Spec describes an action, if this irctl has it.
func Holds(s engine.State, spec func(name string) (action.Spec, bool)) iter.Seq2[Resource, Hold] {
	return func(yield func(Resource, Hold) bool) {
		started, _, _ := s.Started()
		if ended := !s.EndedAt().IsZero(); ended && s.Status() != event.Succeeded {
			return
		}
		for _, st := range s.Steps() {
			if !relies(s, *st) {
				continue
			}
			of, known := spec(s.Plan().Node(st.Node).Action.Action)
			r, ok := Of(s, *st, of)
			if known && ok && !yield(r, Hold{Run: started.Run, Path: st.Path, Name: Name(s), Since: st.Since, Inherited: st.Inherited}) {
				return
			}
		}
	}
}

// relies reports whether a step did something, or may have, or found it done,
// that is not undone.
func relies(s engine.State, st engine.Step) bool {
	n := s.Plan().Node(st.Node)
	switch {
	case n == nil || n.Kind != plan.Action || st.Fallback:
		return false
	case st.Undo.Phase == engine.UndoDone || st.Undo.Phase == engine.UndoLeft:
		return false
	case s.Leaving() && st.Undo.Phase == "" && !s.Own(&st) && len(st.Inherited) == 0:
		return false // it found everything so, and puts nothing back
	}
	return st.Status == event.Succeeded || st.Phase == engine.Attempting || st.Phase == engine.Doubtful || len(st.Record) > 0 || len(st.Inherited) > 0
}

// Name is what people call a run: the incident if an input says one, or the
// runbook, and the run's id.
func Name(s engine.State) string {
	started, _, _ := s.Started()
	what := started.Runbook
	if incident, ok := started.Inputs["incident"].(string); ok && incident != "" {
		what = incident
	}
	return what + " (run " + started.Run + ")"
}
