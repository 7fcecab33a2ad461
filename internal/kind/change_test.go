package kind_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/pkg/action"
)

// bolt is a door that a work locks.
type bolt struct {
	locked  bool
	open    bool // whatever the bolt says, people get in
	ways    []string
	trace   []string
	failing error // of Look
	silent  error // of Seen: it gives no answer
	unseen  []string
}

type work struct{ *bolt }

func (w work) note(what string) { w.trace = append(w.trace, what) }

func (w work) Look(context.Context, action.Values) (kind.State, error) {
	w.note("look")
	s := kind.State{Desired: w.locked, Current: "the door is not locked", Want: "the door is locked", Open: w.ways, Unseen: w.unseen}
	if w.locked {
		s.Current = s.Want
	}
	return s, w.failing
}

func (w work) Keep(_ context.Context, record action.Values) (map[string]any, error) {
	w.note("keep")
	if len(record) > 0 {
		return nil, nil
	}
	return map[string]any{"locked": w.locked}, nil
}

func (w work) Change(_ context.Context, record action.Values, _ action.Sink) error {
	w.note("change")
	if !record.Has("locked") {
		return errors.New("changed before the record")
	}
	w.locked = true
	return nil
}

func (w work) Seen(context.Context, action.Values) (wrong, err error) {
	w.note("seen")
	if w.open {
		return errors.New("somebody walked in"), nil
	}
	return nil, w.silent
}

func (w work) PutBack(_ context.Context, record action.Values, _ action.Sink) (bool, string, error) {
	w.note("put back")
	changed := w.locked != record.Bool("locked")
	w.locked = record.Bool("locked")
	return changed, "the door is as it was", nil
}

func (w work) Close() { w.note("close") }

func locking(b *bolt) kind.Change {
	return kind.Change{Type: action.TargetType{Name: "bolt", Undo: true}, Open: func(context.Context, action.Request) (kind.Work, error) { return work{b}, nil }}
}

func TestTheOrderOfAChange(t *testing.T) {
	b := &bolt{}
	k, out := locking(b), &actiontest.Sink{}
	r, err := k.Run(t.Context(), action.Request{}, out)
	require.NoError(t, err)
	require.Equal(t, action.Result{Changed: true, Summary: "the door is locked", Outputs: map[string]any{}}, r)
	require.Equal(t, []string{"look", "keep", "change", "look", "seen", "close"}, b.trace)

	b.trace = nil
	r, err = k.Run(t.Context(), action.Request{}, out)
	require.NoError(t, err)
	require.Equal(t, action.Result{Already: true, Summary: "the door is locked already", Outputs: map[string]any{}}, r)
	require.Equal(t, []string{"look", "seen", "close"}, b.trace)

	own := action.Request{Record: out.Recorded()}
	r, err = k.Run(t.Context(), own, out)
	require.NoError(t, err)
	require.True(t, r.Changed, "with a record it is this step's own effect")

	r, err = k.Undo(t.Context(), own, out)
	require.NoError(t, err)
	require.Equal(t, action.Result{Changed: true, Summary: "the door is as it was", Outputs: map[string]any{}}, r)
	r, err = k.Undo(t.Context(), own, out)
	require.NoError(t, err)
	require.True(t, r.Already)
	r, err = k.Undo(t.Context(), action.Request{}, out)
	require.NoError(t, err)
	require.Equal(t, "nothing was changed, so nothing is put back", r.Summary)
}

func TestWhatPeopleSeeDecides(t *testing.T) {
	b := &bolt{locked: true, open: true}
	in, err := locking(b).Inspect(t.Context(), action.Request{})
	require.NoError(t, err)
	require.False(t, in.Desired)
	require.Equal(t, "set as it should be, but somebody walked in", in.Current)
	_, err = locking(b).Run(t.Context(), action.Request{}, &actiontest.Sink{})
	require.EqualError(t, err, "somebody walked in")
}

func TestALookThatCouldNotBeMadeIsNotANo(t *testing.T) {
	for name, b := range map[string]*bolt{
		"no answer": {locked: true, silent: errors.New("connection refused")},
		"a way":     {locked: true, unseen: []string{"the cellar"}},
		"the look":  {locked: true, failing: errors.New("connection refused")},
	} {
		in, err := locking(b).Inspect(t.Context(), action.Request{})
		require.Error(t, err, name)
		require.Zero(t, in, name)
	}
	b := &bolt{locked: true, silent: errors.New("connection refused")}
	_, err := locking(b).Run(t.Context(), action.Request{}, &actiontest.Sink{})
	require.EqualError(t, err, "connection refused", "what nobody saw is no success either")

	b = &bolt{unseen: []string{"the cellar"}, ways: []string{"the window"}}
	r, err := locking(b).Run(t.Context(), action.Request{}, &actiontest.Sink{})
	require.NoError(t, err)
	require.Equal(t, "the door is locked; STILL OPEN: the window, the cellar, at which nobody could look", r.Summary)
	in, err := locking(b).Inspect(t.Context(), action.Request{})
	require.NoError(t, err)
	require.True(t, in.Known && !in.Desired, "one way is known to be open")
}

func TestAWayThatStaysOpenIsNamedAndNeverVerified(t *testing.T) {
	b := &bolt{ways: []string{"the window"}}
	out := &actiontest.Sink{}
	r, err := locking(b).Run(t.Context(), action.Request{}, out)
	require.NoError(t, err)
	require.Equal(t, "the door is locked; STILL OPEN: the window", r.Summary)
	in, err := locking(b).Inspect(t.Context(), action.Request{Record: out.Recorded()})
	require.NoError(t, err)
	require.True(t, in.Known && !in.Desired)
	require.Equal(t, "the door is locked; STILL OPEN: the window", in.Current)
	require.Equal(t, "close what is still open where it leads, or by a target of the type that it is of, then retry: the window", in.Hint)

	// A step that has nothing to do and leaves a way open has no effect at all.
	_, err = locking(b).Run(t.Context(), action.Request{}, &actiontest.Sink{})
	require.EqualError(t, err, "the door is locked, so there is nothing to change; STILL OPEN: the window")
}

func TestALookBeforeTheFirstChangeIsNotInDoubt(t *testing.T) {
	b := &bolt{failing: action.Doubtful(errors.New("lost"))}
	_, err := locking(b).Run(t.Context(), action.Request{}, &actiontest.Sink{})
	require.Error(t, err)
	require.False(t, action.IsDoubtful(err))
	_, err = locking(b).Run(t.Context(), action.Request{Record: map[string]any{"locked": false}}, &actiontest.Sink{})
	require.True(t, action.IsDoubtful(err))
}

func TestAnUnsettledChangeIsMadeAgain(t *testing.T) {
	b := &bolt{locked: true}
	k := locking(b)
	k.Settles = true
	out := &actiontest.Sink{}
	require.NoError(t, out.Record(map[string]any{"locked": false}))
	in, err := k.Inspect(t.Context(), action.Request{Record: out.Recorded()})
	require.NoError(t, err)
	require.False(t, in.Desired)
	_, err = k.Run(t.Context(), action.Request{Record: out.Recorded()}, out)
	require.NoError(t, err)
	require.Contains(t, b.trace, "change")
	require.Equal(t, true, out.Recorded()["settled"])
	in, err = k.Inspect(t.Context(), action.Request{Record: out.Recorded()})
	require.NoError(t, err)
	require.True(t, in.Desired)
}
