package actiontest

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/pkg/action"
)

// StandIn is a system to act on: a small server or machine in the test's
// process, or the real one.
type StandIn interface {
	// Request is a first attempt of the step that the contract is held for. It
	// is always the same, also after the system has changed.
	Request() action.Request
	// State is all that the action may change of the system, as text: the same
	// text means the same state. It is no interaction.
	State() string
	// Faults is what the stand-in asks about each interaction; nil if nothing can
	// befall them.
	Faults() *Faults
}

// Contract is what holds for every action that changes a system, whatever the
// system is; [Contract.Test] tries it.
type Contract struct {
	Action action.Action
	// Start makes a stand-in in which the step has something to do.
	Start func(t T) StandIn
	// Context is given to every call; nil leaves the test's as it is. It is where
	// a test has waiting cost no time.
	Context func(context.Context, StandIn) context.Context
	// Anew says that without its record a second run does its work again, because
	// what it makes is new each time, such as a password.
	Anew bool
	// Stays says that undo leaves the effect in place on purpose, as evidence
	// stays, and only adds that the step was undone.
	Stays bool
	// Dies says that what can befall an interaction is the death of whoever acts:
	// no connection is lost without that, and nobody is refused.
	Dies bool
}

// Test tries the contract: a look changes nothing; the record comes before the
// first change; a second run is harmless and says already; after a death at any
// interaction the next attempt comes to the same end, which a look confirms, and
// from which undo leads back to exactly the state before, also after an undo that died at any interaction;
// whoever is refused changed nothing and is told what to do; a lost answer to a
// change is in doubt, a lost connection is not.
func (c Contract) Test(t T) {
	t.Run("a look changes nothing", c.look)
	t.Run("run, again, undo", c.cycle)
	t.Run("no record, no change", c.unrecorded)
	var end string
	var interactions, undos []bool
	t.Run("nothing happens to it", func(t T) { end, interactions = c.clean(t) })
	for i, changes := range interactions {
		n := i + 1
		for fault, name := range c.faults() {
			t.Run(fmt.Sprintf("killed %s interaction %d", name, n), func(t T) { c.killed(t, n, fault, end) })
			if !c.Dies {
				t.Run(fmt.Sprintf("the connection is lost %s interaction %d", name, n), func(t T) { c.lost(t, n, fault, interactions, end) })
			}
		}
		if changes && !c.Dies {
			t.Run(fmt.Sprintf("refused at interaction %d", n), func(t T) { c.refused(t, n, interactions, end) })
		}
	}
	t.Run("killed at the record", c.killedAtRecord)
	t.Run("nothing happens to undo", func(t T) { undos = c.undone(t) })
	for i, changes := range undos {
		n := i + 1
		for fault, name := range c.faults() {
			t.Run(fmt.Sprintf("undo killed %s interaction %d", name, n), func(t T) { c.undoEnds(t, n, fault) })
		}
		if changes && !c.Dies {
			t.Run(fmt.Sprintf("undo refused at interaction %d", n), func(t T) { c.undoEnds(t, n, Refused) })
		}
	}
}

// faults are when an interaction can be cut off. The death of whoever acts is
// one moment: after an interaction is before the next one.
func (c Contract) faults() map[Fault]string {
	if c.Dies {
		return map[Fault]string{Lost: "at"}
	}
	return map[Fault]string{Lost: "before", Unanswered: "after"}
}

// trial is one stand-in and what was recorded there.
type trial struct {
	Contract
	t      T
	on     StandIn
	before string
	sink   *Sink
}

func (c Contract) start(t T) *trial {
	s := c.Start(t)
	return &trial{c, t, s, s.State(), &Sink{}}
}

func (t *trial) context() context.Context {
	if t.Context == nil {
		return t.t.Context()
	}
	return t.Context(t.t.Context(), t.on)
}

// request is the next attempt.
func (t *trial) request(record map[string]any) action.Request {
	req := t.on.Request()
	req.Record = record
	return req
}

func (t *trial) run() (action.Result, error) {
	return t.Action.Run(t.context(), t.request(t.sink.Recorded()), t.sink)
}

func (t *trial) inspect() (action.Inspection, error) {
	return t.Action.(action.Inspector).Inspect(t.context(), t.request(t.sink.Recorded()))
}

func (t *trial) undo() (action.Result, error) {
	req := t.request(t.sink.Recorded())
	req.Undoes = req.Key
	return t.Action.(action.Undoer).Undo(t.context(), req, t.sink)
}

// undoes reports whether this kind can be undone.
func (t *trial) undoes() bool {
	form, _ := t.Action.Spec().TargetType(t.on.Request().Target.Type)
	return form.Undo
}

func (c Contract) look(t T) {
	try := c.start(t)
	in, err := try.inspect()
	require.NoError(t, err)
	require.True(t, in.Known && !in.Desired, "a first look knows, and finds something to do: %+v", in)
	require.NotEmpty(t, in.Current)
	require.NotEmpty(t, in.Want)
	for _, err := range c.Action.(action.Preflighter).Preflight(try.context(), try.request(nil)) {
		var e *action.Error
		require.True(t, errors.As(err, &e) && e.Unchecked, "preflight of a system that works: %v", err)
	}
	require.Equal(t, try.before, try.on.State())
}

func (c Contract) cycle(t T) {
	try := c.start(t)
	first := true
	try.sink.OnRecord = func(map[string]any) {
		if first {
			require.Equal(t, try.before, try.on.State(), "the record comes before the first change")
		}
		first = false
	}
	r, err := try.run()
	require.NoError(t, err)
	require.True(t, r.Changed && !r.Already, "%+v", r)
	require.NotEmpty(t, r.Summary)
	end := try.on.State()
	require.NotEqual(t, try.before, end)
	in, err := try.inspect()
	require.NoError(t, err)
	require.True(t, in.Known && in.Desired, "a look sees the effect: %+v", in)

	r, err = try.run()
	require.NoError(t, err)
	if len(try.sink.Recorded()) > 0 {
		require.True(t, r.Changed && !r.Already, "with a record the effect is the step's own: %+v", r)
	}
	require.Equal(t, end, try.on.State(), "a second run is harmless")
	if !c.Anew {
		r, err = c.Action.Run(try.context(), try.request(nil), &Sink{RefuseRecord: errors.New("there is nothing to record")})
		require.NoError(t, err)
		require.True(t, r.Already && !r.Changed, "another step finds it so: %+v", r)
		require.Equal(t, end, try.on.State())
	}
	try.back()
}

// back undoes, twice.
func (t *trial) back() {
	if !t.undoes() {
		return
	}
	end := t.on.State()
	recorded := len(t.sink.Recorded()) > 0
	r, err := t.undo()
	require.NoError(t.t, err)
	back := t.before
	if t.Stays {
		back = t.on.State()
	}
	require.Equal(t.t, back, t.on.State(), "undo puts back exactly what was there before")
	if recorded && end != back {
		require.True(t.t, r.Changed && !r.Already, "%+v", r)
	}
	r, err = t.undo()
	require.NoError(t.t, err)
	require.True(t.t, r.Already && !r.Changed, "undoing what is undone: %+v", r)
	require.Equal(t.t, back, t.on.State())
}

func (c Contract) unrecorded(t T) {
	try := c.start(t)
	full := errors.New("the disk is full")
	asked := false
	_, err := c.Action.Run(try.context(), try.request(nil), &Sink{RefuseRecord: full, OnRecord: func(map[string]any) { asked = true }})
	if !asked && !try.undoes() {
		return // there is nothing to record
	}
	require.ErrorIs(t, err, full)
	require.False(t, action.IsDoubtful(err))
	require.Equal(t, try.before, try.on.State())
}

// clean is where a run ends that nothing happens to, and what its interactions
// were.
func (c Contract) clean(t T) (end string, interactions []bool) {
	try := c.start(t)
	try.on.Faults().plan(0, None, false)
	_, err := try.run()
	require.NoError(t, err)
	interactions = try.on.Faults().counted()
	require.True(t, try.on.Faults() == nil || slices.Contains(interactions, true), "the stand-in says which interactions change something")
	return try.on.State(), interactions
}

// killed ends the attempt at an interaction: no later one takes place.
func (c Contract) killed(t T, n int, fault Fault, end string) {
	try := c.start(t)
	try.on.Faults().plan(n, fault, true)
	_, _ = try.run() // nobody is there any more to see how it ended
	try.resumes(end)
}

// resumes has the next attempt come to the end, and undo lead back.
func (t *trial) resumes(end string) {
	t.on.Faults().plan(0, None, false)
	_, err := t.inspect()
	require.NoError(t.t, err)
	_, err = t.run()
	require.NoError(t.t, err)
	require.Equal(t.t, end, t.on.State(), "the next attempt comes to the same end")
	in, err := t.inspect()
	require.NoError(t.t, err)
	require.True(t.t, in.Known && in.Desired, "verify after an attempt that was cut off: %+v", in)
	t.back()
}

func (c Contract) lost(t T, n int, fault Fault, interactions []bool, end string) {
	try := c.start(t)
	try.on.Faults().plan(n, fault, false)
	_, err := try.run()
	changed := false // what was carried out, or may have been
	for i, changes := range interactions[:n] {
		changed = changed || changes && (i+1 < n || fault == Unanswered)
	}
	switch {
	case err == nil: // it asked again
	case interactions[n-1]:
		require.True(t, action.IsDoubtful(err), "the answer to a change was lost: %v", err)
	case !changed:
		require.False(t, action.IsDoubtful(err), "nothing can have changed: %v", err)
		require.Equal(t, try.before, try.on.State())
	}
	try.resumes(end)
}

func (c Contract) refused(t T, n int, interactions []bool, end string) {
	try := c.start(t)
	try.on.Faults().plan(n, Refused, false)
	_, err := try.run()
	var e *action.Error
	require.ErrorAs(t, err, &e)
	require.NotEmpty(t, e.Hint, "whoever is refused is told what to do: %v", err)
	require.False(t, action.IsDoubtful(err), "a refusal is not in doubt: %v", err)
	first := true
	for _, changes := range interactions[:n-1] {
		first = first && !changes
	}
	if first {
		require.Equal(t, try.before, try.on.State())
	}
	try.resumes(end)
}

// undone is what the interactions of an undo are that nothing happens to.
func (c Contract) undone(t T) (interactions []bool) {
	try := c.start(t)
	if !try.undoes() || c.Stays {
		return nil
	}
	_, err := try.run()
	require.NoError(t, err)
	try.on.Faults().plan(0, None, false)
	_, err = try.undo()
	require.NoError(t, err)
	return try.on.Faults().counted()
}

// undoEnds ends an undo at an interaction, and has the next one come to its end.
func (c Contract) undoEnds(t T, n int, fault Fault) {
	try := c.start(t)
	_, err := try.run()
	require.NoError(t, err)
	try.on.Faults().plan(n, fault, fault != Refused)
	_, err = try.undo()
	if fault == Refused {
		var e *action.Error
		require.ErrorAs(t, err, &e)
		require.NotEmpty(t, e.Hint, "whoever is refused is told what to do: %v", err)
		require.False(t, action.IsDoubtful(err), "a refusal is not in doubt: %v", err)
	}
	try.on.Faults().plan(0, None, false)
	_, err = try.undo()
	require.NoError(t, err)
	require.Equal(t, try.before, try.on.State(), "the next undo comes to the same end")
}

func (c Contract) killedAtRecord(t T) {
	end, _ := c.clean(t)
	try := c.start(t)
	dead := errors.New("killed")
	recorder := &lastWords{Sink: try.sink, err: dead}
	_, err := c.Action.Run(try.context(), try.request(nil), recorder)
	if !recorder.asked {
		return
	}
	require.ErrorIs(t, err, dead)
	require.Equal(t, try.before, try.on.State(), "nothing is changed before Record has returned")
	try.resumes(end)
}

// lastWords keeps a record and dies of it.
type lastWords struct {
	*Sink
	err   error
	asked bool
}

func (l *lastWords) Record(values map[string]any) error {
	l.asked = true
	if err := l.Sink.Record(values); err != nil {
		return err
	}
	return l.err
}
