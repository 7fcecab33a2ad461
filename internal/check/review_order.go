package check

import (
	"slices"

	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

// order walks through a runbook as a run does and keeps what is so at each
// step. What happens in one branch of a step is not known in the others, and
// all of it afterwards: it may have happened. Jumps are not followed.
type order struct {
	*reviewer
	state
	undo []func() // what takes the latest changes of the state back, newest last
	redo []func() // the same changes again

	unseen   []*act // took something offline, and nothing looked since
	reversed []*act // ended sessions that may have been opened again since
	asked    map[*runbook.Approval]bool
	told     map[*node]bool
	budget   int // facts of called runbooks that are still looked at
}

// state is what is so at a step. It is changed through now and set alone.
type state struct {
	agreed  *agreement      // the latest approval, nil for none
	others  bool            // one of the approvals asks somebody else than who started the run
	offline map[string]*act // by target
	mailOff *act            // what stopped mail
	ended   *act            // the latest that ended sessions
	kept    bool            // evidence was kept
	lost    *act            // what ended sessions before any evidence was kept
	untold  *message        // whose failure would stop the run here
}

// agreement is an approval in its place.
type agreement struct {
	approval *runbook.Approval
	at       runbook.Span
}

// message is a step that tells people something, and those before it. Behind
// one that is done all are.
type message struct {
	node *node
	more *message
	done bool
}

var NotVerified = codes.Warning("IR0303", "containment that nothing looks at",
	"What takes a system offline is the point of the run, and a system's own word for it is not enough. Add `verify: true`, a `verify` with another action, or a later step that looks from the outside.")

var SessionsFirst = codes.Warning("IR0343", "sessions end before the way in is closed",
	"A session that is ended while the old password still works is opened again a second later. Replace the password or disable the account first, then end the sessions.")

var _ = rules.runbook.add((*reviewer).inOrder)

// inOrder finds what is wrong because of what came before.
func (r *reviewer) inOrder() {
	o := &order{reviewer: r, asked: map[*runbook.Approval]bool{}, told: map[*node]bool{}, budget: 10_000}
	o.offline = map[string]*act{}
	o.block(r.main)
	for _, a := range o.unseen {
		r.report(NotVerified, a.node.step.Uses.Action.Span, "nothing looks whether `"+a.spec.Name+"` worked", "add `verify: true`, or a later step that looks from outside")
	}
	for _, a := range o.reversed {
		r.report(SessionsFirst, a.node.step.Uses.Action.Span, "sessions end here while the old way in still works, so they can be opened again at once",
			"end sessions after the password is replaced or the account disabled")
	}
}

func (o *order) block(b *block) {
	for _, n := range b.steps {
		o.step(n)
	}
}

func (o *order) step(n *node) {
	s := n.step
	for _, a := range approvals(s) {
		now(o, &o.agreed, &agreement{a, place(s, a)})
		if !alone(a) {
			now(o, &o.others, true)
		}
	}
	if a := o.acts[n]; a != nil {
		o.judge(a)
		o.happen(a)
	}
	switch s.Kind {
	case runbook.KindRun:
		o.call(n)
	case runbook.KindParallel, runbook.KindIf, runbook.KindSwitch:
		o.apart(n.branches())
		if always := n.always(); always != nil {
			o.block(always)
		}
	default:
		for _, child := range n.children {
			o.block(child)
		}
	}
}

// apart walks through branches that know nothing of each other.
func (o *order) apart(branches []*block) {
	var happened []func()
	for _, b := range branches {
		from := len(o.undo)
		o.block(b)
		happened = append(happened, o.redo[from:]...)
		for i := len(o.undo) - 1; i >= from; i-- {
			o.undo[i]()
		}
		o.undo, o.redo = o.undo[:from], o.redo[:from]
	}
	for _, again := range happened {
		again()
	}
}

// now makes something so.
func now[T any](o *order, place *T, value T) {
	before := *place
	*place = value
	o.undo = append(o.undo, func() { *place = before })
	o.redo = append(o.redo, func() { now(o, place, value) })
}

// set notes what took a target offline, nil for nothing.
func (o *order) set(target string, by *act) {
	before := o.offline[target]
	o.offline[target] = by
	o.undo = append(o.undo, func() { o.offline[target] = before })
	o.redo = append(o.redo, func() { o.set(target, by) })
}

// tell notes a message.
func (o *order) tell(n *node) {
	before := o.untold
	o.untold = &message{node: n, more: before}
	o.undo = append(o.undo, func() { o.untold = before })
	o.redo = append(o.redo, func() { o.tell(n) })
}

// happen notes what an act makes so. Of one in a called runbook only that which
// later steps depend on: what is wrong with it is that runbook's.
func (o *order) happen(a *act) {
	s, target, own := a.node.step, targetOf(a.node.step.Uses), a.node.caller == nil
	switch {
	case a.spec.Has(action.TakesOffline):
		o.set(target, a)
		if a.spec.Has(action.StopsMail) {
			now(o, &o.mailOff, a)
		}
		if own && !looks(s) {
			o.unseen = append(o.unseen, a)
		}
	case o.restores(a.spec):
		o.set(target, nil)
		now(o, &o.mailOff, nil)
	case a.effect == action.Read:
		o.unseen = nil
	}
	o.evidence(a, own)
	if own && a.spec.Has(action.TellsPeople) && s.Fallback == nil && !a.node.up(func(s *runbook.Step) bool { return s.OnFailure != nil }) {
		o.tell(a.node)
	}
}

// evidence notes what an act means for evidence, sessions and accounts.
func (o *order) evidence(a *act, own bool) {
	switch spec := a.spec; {
	case spec.Has(action.KeepsEvidence):
		now(o, &o.kept, true)
	case spec.Has(action.EndsSessions):
		if o.reversed = nil; !own {
			return
		}
		now(o, &o.ended, a)
		if !o.kept && o.lost == nil {
			now(o, &o.lost, a)
		}
	case own && spec.Has(action.LocksOut):
		if o.ended != nil && !unlike(o.ended, a) {
			o.reversed = append(o.reversed, o.ended)
			now(o, &o.ended, nil)
		}
	}
}

// unlike reports whether two acts are about different things: an input that
// both have is not the same.
func unlike(a, b *act) bool {
	given := map[string]*runbook.Value{}
	for _, p := range a.node.step.Uses.With {
		given[p.Key.Value] = p.Value
	}
	return slices.ContainsFunc(b.node.step.Uses.With, func(p runbook.Pair) bool {
		other, ok := given[p.Key.Value]
		return ok && !sameValue(other, p.Value)
	})
}

// restores reports whether an action gives back what another takes offline.
func (o *order) restores(spec action.Spec) bool {
	if spec.Counterpart == "" {
		return false
	}
	other, ok := o.deps.Spec(spec.Counterpart)
	return ok && other.Has(action.TakesOffline)
}

// call notes what a called runbook makes so. What is wrong inside of it is
// reported when that runbook is checked.
func (o *order) call(n *node) {
	rb, err := o.callee(n.step)
	if err != nil {
		return
	}
	for s := range runbook.All(rb.Steps) {
		if o.budget--; o.budget < 0 {
			return
		}
		for _, a := range approvals(s) {
			now(o, &o.agreed, &agreement{a, n.span()})
			now(o, &o.others, true)
		}
		if s.Kind != runbook.KindUses || s.Uses == nil {
			continue
		}
		spec, ok := o.deps.Spec(s.Uses.Action.Value)
		if !ok {
			continue
		}
		o.happen(&act{&node{step: s, block: n.block, pos: n.pos, index: n.index, end: n.end, caller: n}, spec, effectOf(s.Uses, spec)})
	}
}
