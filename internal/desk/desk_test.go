package desk

import (
	"context"
	"encoding/json"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/authority"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/plan/plantest"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/request"
	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
)

const company = `irctl: v1
kind: environment
name: here
people:
  dana: {name: Dana Okafor, roles: [commander], user: dana, phone: "+1 555 0101"}
  alex: {name: Alex Haddad, roles: [legal], user: alex}
`

// office is a home of runs at which several people sit.
type office struct {
	t      *testing.T
	store  *store.Store
	policy atomic.Pointer[environment.Policy] // nil permits everything
	inputs event.Values                       // of the runs that begin
}

func newOffice(t *testing.T) *office { return &office{t: t, store: store.Open(t.TempDir(), nil)} }

// desk is that of an account.
func (o *office) desk(user string) *Desk {
	d := New(Config{
		Store: o.store, Version: "test", Action: func(string) (action.Action, bool) { return nil, false },
		Policy: func() (*environment.Policy, error) { return o.policy.Load(), nil },
		Now:    time.Now, User: func() string { return user }, Host: "host", PID: 1,
	})
	d.speaker = func(r store.Request) string { return r.Who.User } // one account plays them all
	return d
}

// begin begins a run that asks the commander and then a person to do something.
func (o *office) begin() *Driving {
	return o.beginPlan(plantest.Build(plantest.Node(plan.Approve, "ask"), plantest.Node(plan.Manual, "call")))
}

func (o *office) beginPlan(p *plan.Plan) *Driving { return o.beginIn(company, p) }

// beginIn begins a run in an environment.
func (o *office) beginIn(company string, p *plan.Plan) *Driving {
	encoded, err := p.Encode()
	require.NoError(o.t, err)
	env, ds := environment.Parse("here.yaml", []byte(company))
	require.Empty(o.t, ds)
	files := store.Files{Runbook: []byte("irctl: v1"), Plan: encoded, Environment: []byte(company)}
	digests := files.Digests()
	t, err := o.desk("root").Begin(context.Background(), Start{
		Files: files, Environment: env,
		Started: event.RunStarted{Runbook: "test", Digest: digests.Runbook, EnvDigest: digests.Environment, Inputs: o.inputs},
	})
	require.NoError(o.t, err)
	return t
}

// watcher notes the events of a run.
type watcher chan event.Type

func (w watcher) Observe(e event.Event, _ []byte, _ func() projection.Status) error {
	w <- e.Type()
	return nil
}

func (w watcher) Progress(string, string) {}

// until waits for an event.
func (w watcher) until(t *testing.T, want event.Type) {
	t.Helper()
	for got := range w {
		if got == want {
			return
		}
	}
}

// driven runs a run in the background until the test ends.
func (o *office) driven(t *Driving) watcher {
	w := make(watcher, 100)
	stop := make(chan string, 1)
	done := make(chan error, 1)
	go func() {
		done <- t.Drive(context.Background(), Session{Observer: w, Interrupt: stop, WaitForPeople: true})
	}()
	o.t.Cleanup(func() {
		stop <- "interrupt"
		require.ErrorIs(o.t, <-done, ErrInterrupted)
	})
	return w
}

// forge puts a request into the inbox of a run by hand and returns the answer.
func (o *office) forge(run string, who store.Who, events ...event.Event) error {
	id, err := o.store.NewID(time.Now())
	require.NoError(o.t, err)
	req := store.Request{ID: id, Who: who}
	for _, e := range events {
		body, err := e.Encode()
		require.NoError(o.t, err)
		req.Events = append(req.Events, json.RawMessage(body))
	}
	require.NoError(o.t, o.store.Send(run, req))
	reply, err := o.store.Await(o.t.Context(), run, id, nil)
	require.NoError(o.t, err)
	return errorOf(reply)
}

func (o *office) head(run string) int64 {
	r, err := o.desk("root").ReadRun(run)
	require.NoError(o.t, err)
	return r.head.Seq
}

// Whoever writes a request by hand is told by the driver what irctl approve
// would have told, and nothing is recorded.
func TestForgedApprovalIsRefusedInTheSameWords(t *testing.T) {
	o := newOffice(t)
	run := o.begin()
	w := o.driven(run)
	w.until(t, event.ApprovalAsked{}.Type())
	before := o.head(run.Run())
	for _, as := range []string{"dana", "mallory", "alex"} {
		_, want := o.desk("mallory").Submit(t.Context(), run.Run(), request.Answer{Step: "ask", As: as, Yes: true}, false)
		var refusal *authority.Refusal
		require.ErrorAs(t, want, &refusal)

		got := o.forge(run.Run(), store.Who{User: "mallory", Person: as}, event.Event{
			Time: time.Now(), Path: "ask", By: &event.Actor{User: "mallory", Person: as}, Body: event.ApprovalGiven{Role: "commander"},
		})
		require.Equal(t, refusal, got)
	}
	require.EqualError(t, o.forge(run.Run(), store.Who{User: "mallory"}, event.Event{
		Time: time.Now(), Path: "ask", By: &event.Actor{User: "dana", Person: "dana"}, Body: event.ApprovalGiven{Role: "commander"},
	}), "the request is from mallory and asks in the name of dana")
	alex := &event.Actor{User: "alex", Person: "alex"}
	require.Error(t, o.forge(run.Run(), store.Who{User: "alex"},
		event.Event{Time: time.Now(), By: alex, Body: event.NoteAdded{Text: "all or none"}},
		event.Event{Time: time.Now(), Path: "ask", By: alex, Body: event.ApprovalGiven{Role: "commander"}},
	))
	require.Equal(t, before, o.head(run.Run()), "nothing is recorded")
}

func TestRequestReachesTheDriver(t *testing.T) {
	o := newOffice(t)
	run := o.begin()
	w := o.driven(run)
	w.until(t, event.ApprovalAsked{}.Type())
	out, err := o.desk("dana").Submit(t.Context(), run.Run(), request.Answer{Step: "ask", Yes: true}, true)
	require.NoError(t, err)
	require.True(t, out.Driven)
	require.Nil(t, out.Taken)
	require.Equal(t, "ask: approved as dana, commander, not signed.", out.Decision.Summary)
	w.until(t, event.StepStarted{}.Type())

	// The driver alone judges whether it can be so now, and says why not by type.
	_, err = o.desk("dana").Submit(t.Context(), run.Run(), request.Retry{Step: "call"}, false)
	var refused *RefusedError
	var illegal *engine.IllegalError
	require.ErrorAs(t, err, &refused)
	require.ErrorAs(t, err, &illegal)
	require.Equal(t, "call", illegal.Path)

	// A person at the driver's own terminal is judged like everybody.
	require.Error(t, run.Answer(t.Context(), request.Answer{Step: "ask", Yes: true}))
	require.NoError(t, run.Answer(t.Context(), request.Note{Text: "on it"}))
	w.until(t, event.NoteAdded{}.Type())
}

// Without a driver the one who asks is the writer.
func TestRequestToARunThatNobodyDrives(t *testing.T) {
	o := newOffice(t)
	run := o.begin()
	require.NoError(t, run.Drive(t.Context(), Session{Observer: make(watcher, 100)}))
	before := o.head(run.Run())
	_, err := o.desk("alex").Submit(t.Context(), "", request.Answer{Step: "ask"}, false)
	require.EqualError(t, err, "alex may not answer this as commander")
	_, err = o.desk("dana").Submit(t.Context(), "", request.Skip{Step: "ask"}, false)
	var illegal *engine.IllegalError
	require.ErrorAs(t, err, &illegal)
	_, err = o.desk("dana").Submit(t.Context(), "", request.Done{Step: "call"}, false)
	var step *request.StepError
	require.ErrorAs(t, err, &step)
	require.Equal(t, "call", step.Unbegun)
	require.Equal(t, before, o.head(run.Run()))

	out, err := o.desk("dana").Submit(t.Context(), "", request.Answer{Step: "ask", Yes: true}, true)
	require.NoError(t, err)
	require.NotNil(t, out.Taken)
	require.NoError(t, out.Taken.Drive(t.Context(), Session{Observer: make(watcher, 100)}))
	require.Equal(t, event.Waiting, out.Taken.State().Status())
	_, err = o.desk("dana").Submit(t.Context(), "", request.Done{Step: "call", As: "alex"}, false)
	require.EqualError(t, err, "dana may not act as alex")

	resumed, err := o.desk("root").Resume(t.Context(), "", "")
	require.NoError(t, err)
	defer resumed.Taken.Close()
	_, err = o.desk("root").Resume(t.Context(), "", "")
	require.True(t, locked(err), "%v", err)
}

// A journal with an event of a newer irctl is shown, and not driven: what the
// event means for the steps to come is not known here.
func TestAnEventOfANewerIrctlIsShownAndNotDriven(t *testing.T) {
	o := newOffice(t)
	begun := o.begin()
	id := begun.Run()
	for _, body := range []string{
		`{"time":"2026-01-02T03:04:05.000000Z","type":"run_resumed","irctl":"v9.0.0"}`,
		`{"time":"2026-01-02T03:04:05.000000Z","type":"step_frozen","path":"call"}`,
		`{"time":"2026-01-02T03:04:05.000000Z","type":"note_added","text":"later"}`,
	} {
		_, err := begun.run.Append([]byte(body))
		require.NoError(t, err)
	}
	begun.Close()
	r, err := o.desk("root").ReadRun(id)
	require.NoError(t, err)
	require.Equal(t, int64(5), r.head.Seq, "four, and a checkpoint after the first")
	for _, takeOver := range []string{"", "a reason"} {
		_, err = o.desk("root").Resume(t.Context(), id, takeOver)
		require.Equal(t, &NewerError{Run: id, Event: "step_frozen", Irctl: "v9.0.0"}, err)
	}
	_, err = o.desk("dana").Submit(t.Context(), id, request.Note{Text: "here"}, true)
	require.Equal(t, &NewerError{Run: id, Event: "step_frozen", Irctl: "v9.0.0"}, err)
	require.Equal(t, int64(5), o.head(id), "nothing was recorded")
}

// A run that another irctl began with a plan of which this one does not know a
// part is refused before anything is recorded, and not in the middle of it.
func TestAPlanOfAnotherIrctlIsDrivenOnlyIfItIsKnown(t *testing.T) {
	o := newOffice(t)
	known, unknown := plantest.Node(plan.Manual, "call"), plantest.Node(plan.Manual, "tell")
	known.When, unknown.When = "env.on == 'yes'", "cacao.fit(env.on)"
	other := o.desk("root")
	other.Version = "v0.0.1"

	run := o.beginPlan(plantest.Build(known))
	run.Close()
	outcome, err := other.Resume(t.Context(), run.Run(), "")
	require.NoError(t, err)
	outcome.Taken.Close()

	run = o.beginPlan(plantest.Build(known, unknown))
	run.Close()
	_, err = other.Resume(t.Context(), run.Run(), "")
	require.Equal(t, &NewerError{Run: run.Run(), Part: "the expression `cacao.fit(env.on)`", Irctl: "test"}, err)
	require.EqualError(t, err, "the plan of run "+run.Run()+" holds the expression `cacao.fit(env.on)`, which this irctl does not know; irctl test made it")
	require.Equal(t, int64(2), o.head(run.Run()), "nothing was recorded after the start and its checkpoint")
}

// TestEntriesNeverGoBackInTime: the system's clock was set back by an hour
// between two processes that write into one journal.
func TestEntriesNeverGoBackInTime(t *testing.T) {
	o := newOffice(t)
	run := o.begin()
	run.Close()
	d := o.desk("root")
	before, err := d.ReadRun(run.Run())
	require.NoError(t, err)
	d.Now = func() time.Time { return time.Now().Add(-time.Hour) }
	_, err = d.Submit(t.Context(), run.Run(), request.Note{Text: "hello"}, false)
	require.NoError(t, err)
	after, err := d.ReadRun(run.Run())
	require.NoError(t, err)
	require.Equal(t, before.head.Seq+2, after.head.Seq, "the note, and its checkpoint")
	require.False(t, after.state.Last().Before(before.state.Last()))
}

// follower notes what a watcher is told of who drives the run.
type follower struct {
	watcher
	status chan projection.Status
}

func (f follower) Driven(s projection.Status) { f.status <- s }

// Whoever watches a run whose driver has died is told so, and what to type.
func TestAWatcherIsToldThatNobodyDrives(t *testing.T) {
	o := newOffice(t)
	run := o.begin()
	w := follower{make(watcher, 100), make(chan projection.Status, 10)}
	ctx, stop := context.WithCancel(t.Context())
	followed := make(chan error, 1)
	go func() {
		_, err := o.desk("root").Follow(ctx, run.Run(), w)
		followed <- err
	}()
	w.until(t, event.RunStarted{}.Type())
	run.Close()
	s := <-w.status
	require.False(t, s.Driven)
	require.Contains(t, s.Next, "irctl resume "+run.Run())
	again, err := o.desk("root").Resume(t.Context(), run.Run(), "")
	require.NoError(t, err)
	defer again.Taken.Close()
	require.True(t, (<-w.status).Driven)
	stop()
	require.NoError(t, <-followed)
}
