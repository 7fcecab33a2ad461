package engine

import (
	"iter"

	"github.com/benbjohnson/immutable"

	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/event"
)

// Fold returns the state after a whole journal: the same as Apply for one
// event after the other, in a fraction of the time. Nobody sees the states
// between, so one is changed in place. The first error, of events or of Apply,
// ends it; then there is no state. see is told of each event and the state before
// it, which it must not keep; it may be nil.
func Fold(p *plan.Plan, events iter.Seq2[event.Event, error], see func(before State, e event.Event)) (State, error) {
	t := &tx{State: New(p), owner: true}
	t.steps = records{owned: make(map[string]*Step, len(p.Nodes))}
	for e, err := range events {
		if err != nil {
			return State{}, err
		}
		if see != nil {
			see(t.State, e)
		}
		t.e = e
		if err := t.apply(); err != nil {
			return State{}, err
		}
	}
	t.steps = t.steps.keep()
	return t.State, nil
}

// records are the steps' records by path. Those in folded and kept are never
// changed, and shared by the states: folded are those that a Fold left, as far as
// kept has no later one. Owned ones belong to the Fold that is under way.
type records struct {
	folded map[string]*Step
	kept   *immutable.Map[string, *Step]
	owned  map[string]*Step
}

func (r records) get(path string) (*Step, bool) {
	if r.owned != nil {
		st, ok := r.owned[path]
		return st, ok
	}
	if st, ok := r.kept.Get(path); ok {
		return st, true
	}
	st, ok := r.folded[path]
	return st, ok
}

func (r records) set(path string, st *Step) records {
	if r.owned != nil {
		r.owned[path] = st
		return r
	}
	r.kept = r.kept.Set(path, st)
	return r
}

// keep gives up ownership of the records.
func (r records) keep() records {
	return records{folded: r.owned, kept: immutable.NewMap[string, *Step](nil)}
}
