package desk

import (
	"slices"
	"time"

	"github.com/irctl/irctl/internal/claim"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
)

// reversal is a state that a step of a run brought to its end, whoever had
// brought it about.
type reversal struct {
	claim.Resource
	At time.Time
}

// overs tells when states were brought to their end last.
type overs map[claim.Resource]time.Time

func (o overs) add(all []reversal) {
	for _, r := range all {
		if o[r.Resource].Before(r.At) {
			o[r.Resource] = r.At
		}
	}
}

// overs reads the runs of the home. One that cannot be read may have brought
// something to its end: it is then called contained, and somebody looks.
func (d *Desk) overs() overs {
	out := overs{}
	d.addOthers(out, Filter{Most: 1})
	return out
}

// addOthers adds the runs that a list, chosen so, has not read. Of one that has a
// folder its archive says nothing.
func (d *Desk) addOthers(out overs, read Filter) {
	live, err := d.Store.List()
	for _, archived := range []bool{false, true} {
		of, failed := d.shelf(archived)
		if err != nil || failed != nil || read.Most == 0 && archived == read.Archived {
			continue
		}
		for i, r := range d.rows(of, of.ids) {
			if !archived || !slices.Contains(live, of.ids[i]) {
				out.add(r.Over)
			}
		}
		_ = of.index.Save(of.ids)
	}
}

// stands reports whether a step changed something, and nobody undid it.
func (d *Desk) stands(s engine.State, st *engine.Step) (action.Spec, bool) {
	n := s.Plan().Node(st.Node)
	if n.Kind != plan.Action || st.Status != event.Succeeded || st.Fallback || st.Undo.Phase == engine.UndoDone || st.Undo.To != "" {
		return action.Spec{}, false
	}
	spec, known := d.spec(n.Action.Action)
	given, _ := st.With[spec.ReadIf.Input].(string)
	return spec, known && spec.EffectWith(given) != action.Read
}

// reversals are what the steps of a run brought to an end.
func (d *Desk) reversals(s engine.State) (out []reversal) {
	for _, st := range s.Steps() {
		spec, stands := d.stands(s, st)
		if of, ok := d.state(s, *st, spec); stands && ok {
			of.Action = spec.Counterpart
			out = append(out, reversal{of, st.Since})
		}
	}
	return out
}

// contained are the steps of a run whose effect shall still be there, in order:
// they succeeded, nobody undid them, and no later step of the run did the
// reverse.
func (d *Desk) contained(s engine.State) (out []string) {
	over := map[claim.Resource]bool{}
	for _, st := range slices.Backward(s.Steps()) {
		spec, stands := d.stands(s, st)
		if !stands {
			continue
		}
		if of, ok := d.state(s, *st, spec); ok {
			if over[of] {
				continue
			}
			of.Action = spec.Counterpart
			over[of] = true
		}
		out = append(out, st.Path)
	}
	slices.Reverse(out)
	return out
}

// lasting are the steps of contained of which no other run did the reverse since.
func (d *Desk) lasting(s engine.State, over overs) []string {
	return slices.DeleteFunc(d.contained(s), func(path string) bool {
		st, _ := s.Step(path)
		return over[d.resource(s, path)].After(st.Since)
	})
}

// unsure are the steps of a run of which nobody knows whether their effect is
// there: people did them in the action's place, or they were attempted, kept what
// to put back, and did not succeed.
func (d *Desk) unsure(s engine.State, over overs) (out []string) {
	for _, st := range s.Steps() {
		n := s.Plan().Node(st.Node)
		switch {
		case n.Kind != plan.Action || st.Undo.Phase == engine.UndoDone || st.Undo.To != "" || st.Phase == engine.Attempting:
		case st.Status == event.Succeeded && !st.Fallback, st.Status != event.Succeeded && !s.Own(st):
		case over[d.resource(s, st.Path)].After(st.Since):
		default:
			out = append(out, st.Path)
		}
	}
	return out
}

// doubt says what is known of such a step.
func doubt(st engine.Step) (state projection.LookState, note string) {
	switch {
	case st.Status == event.Succeeded && st.By != nil:
		return projection.ByHand, engine.Name(*st.By) + " said that it was done"
	case st.Status == event.Succeeded:
		return projection.ByHand, "a person said that it was done"
	case st.Status == event.Skipped, st.Status == event.Canceled:
		return projection.MayBe, "attempted, then " + string(st.Status)
	case st.Status == event.InDoubt:
		return projection.MayBe, "attempted, and nobody knows whether it happened"
	}
	return projection.MayBe, "attempted, without success"
}

// resource is what a step brought about, zero if nothing reverses it.
func (d *Desk) resource(s engine.State, path string) claim.Resource {
	st, _ := s.Step(path)
	spec, _ := d.spec(s.Plan().Node(st.Node).Action.Action)
	of, _ := d.state(s, st, spec)
	return of
}

// state is the state that a step brought about, if there is an action that ends
// it: one of the two says by which inputs it is known.
func (d *Desk) state(s engine.State, st engine.Step, spec action.Spec) (of claim.Resource, ok bool) {
	back, known := d.spec(spec.Counterpart)
	if of, ok = claim.Of(s, st, spec); !ok && known {
		of, ok = claim.Of(s, st, back)
		of.Action = spec.Name
	}
	return of, ok && known
}

// expires says whether anything of a run shall be so for a time only.
func expires(s engine.State) bool {
	return slices.ContainsFunc(s.Plan().Nodes, func(n plan.Node) bool { return n.Expires != "" })
}

// expiring is what of these steps shall still be so for a time only.
func (d *Desk) expiring(r *Reading, paths []string) (out []projection.Look) {
	for _, path := range paths {
		if l := d.look(r, path); !l.Expires.IsZero() {
			out = append(out, l)
		}
	}
	return out
}
