package notice_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/authority"
	"github.com/irctl/irctl/internal/drive"
	"github.com/irctl/irctl/internal/drive/local"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/notice"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/plan/plantest"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
	"github.com/irctl/irctl/pkg/journal"
)

var start = time.Date(2026, 3, 1, 3, 0, 0, 0, time.UTC)

// company is an environment that tells its people, with what arrived there, and a
// run with its journal. It outlives the processes that drive the run, and its
// clock goes as fast as it is waited for.
type company struct {
	t   *testing.T
	env *environment.Environment
	p   *plan.Plan

	mu      sync.Mutex
	now     time.Time
	until   time.Duration // when the process is told to stop, since the start
	journal [][]byte
	appends int
	failAt  int                          // the append that fails, from 1; 0 is none
	fails   func(to string, n int) error // how the n-th message to somebody fails; nil is not
	arrived []string
	keys    []string
	last    string // what the latest one says
	tries   map[string]int
	acted   chan struct{} // closed when test.act was done
	hidden  []action.Secret
	hangs   bool // time passes although a message is under way
}

const people = `irctl: v1
kind: environment
name: acme
people:
  dana: {name: Dana, roles: [commander], user: dana, email: dana@example.com, phone: "+1 555 0101"}
  sam: {name: Sam, roles: [deputy], user: sam, email: sam@example.com}
  riley: {name: Riley, roles: [legal], user: riley, email: riley@example.com}
targets:
  mail: {type: smtp, config: {address: smtp.example.com, from: irctl@example.com}}
  war-room: {type: webhook, config: {url: "https://chat.example.com"}}
notify:
`

func newCompany(t *testing.T, notify string, steps ...plantest.Step) *company {
	env, ds := environment.Parse("acme.yaml", []byte(people+notify))
	require.Empty(t, ds)
	c := &company{t: t, env: env, p: plantest.Build(steps...), now: start, until: time.Hour, tries: map[string]int{}, acted: make(chan struct{})}
	c.p.Title = "Contain"
	body, err := event.Event{Time: start, By: &event.Actor{User: "root"}, Body: event.RunStarted{Run: "01RUN", Runbook: "test", Title: "Contain"}}.Encode()
	require.NoError(t, err)
	c.journal = [][]byte{body}
	return c
}

// post is an action that tells people.
type post struct {
	c    *company
	name string
	typ  string
}

func (p post) Spec() action.Spec {
	text := func(name string) action.Field { return action.Field{Name: name, Type: action.String} }
	return action.Spec{Name: p.name, Inputs: []action.Field{{Name: "to", Type: action.List}, text("subject"), text("body"), text("text")},
		Targets: []action.TargetType{{Name: p.typ, Fields: []action.Field{text("address"), text("from"), text("url")}}}}
}

func (p post) Run(_ context.Context, req action.Request, out action.Sink) (action.Result, error) {
	to := req.Target.Name
	if list := req.With.Strings("to"); len(list) > 0 {
		to, _, _ = strings.Cut(list[0], "@")
	}
	p.c.mu.Lock()
	defer p.c.mu.Unlock()
	p.c.tries[to]++
	if p.c.fails != nil {
		if err := p.c.fails(to, p.c.tries[to]); err != nil && !action.IsDoubtful(err) {
			return action.Result{}, err
		} else if err != nil {
			defer func() { p.c.arrived[len(p.c.arrived)-1] += "?" }()
			p.c.arrive(to, req)
			return action.Result{}, err
		}
	}
	p.c.arrive(to, req)
	return action.Result{}, nil
}

func (c *company) arrive(to string, req action.Request) {
	c.keys = append(c.keys, req.Key)
	c.last = req.With.String("body") + req.With.String("text")
	said := req.With.String("subject") + req.With.String("text")
	why := "asked"
	switch {
	case strings.Contains(said, "still nobody"):
		why = "reminded"
	case strings.Contains(said, "so that you are told"):
		why = "escalated"
	case strings.Contains(said, "past the others"):
		why = "glass"
	}
	c.arrived = append(c.arrived, fmt.Sprintf("%s %s %s", c.now.Sub(start), to, why))
}

func (c *company) action(name string) (action.Action, bool) {
	switch name {
	case "notify.email":
		return post{c, name, "smtp"}, true
	case "notify.webhook":
		return post{c, name, "webhook"}, true
	case "test.act":
		return act(c.acted), true
	}
	return nil, false
}

// act is an action that tells when it was done.
type act chan struct{}

func (act) Spec() action.Spec { return action.Spec{Name: "test.act", Effect: action.Change} }

func (a act) Run(context.Context, action.Request, action.Sink) (action.Result, error) {
	close(a)
	return action.Result{}, nil
}

func (c *company) spec(name string) (action.Spec, bool) {
	a, ok := c.action(name)
	if !ok {
		return action.Spec{}, false
	}
	return a.Spec(), true
}

var errDisk = errors.New("no space left on device")

func (c *company) append(_ journal.Due, bodies ...[]byte) ([][]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.appends++; c.appends == c.failAt {
		return nil, errDisk
	}
	c.journal = append(c.journal, bodies...)
	return bodies, nil
}

func (c *company) clock() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *company) state() engine.State {
	s := engine.New(c.p)
	for _, line := range c.journal {
		e, err := event.Decode(line)
		require.NoError(c.t, err)
		s, err = engine.Apply(s, e)
		require.NoError(c.t, err, "%s", line)
	}
	return s
}

// drive is a process that drives the run, until its time is up. Time passes while
// it waits, and no other way.
func (c *company) drive() (engine.State, error) {
	stop, underWay := make(chan string, 1), 0
	over := func() {
		select {
		case stop <- "the test is over":
		default:
		}
	}
	return local.Run(c.t.Context(), c.state(), local.Config{
		Driver: drive.New(drive.Config{Run: "01RUN", Action: c.action, Environment: c.env, Now: c.clock, Hidden: c.hidden}),
		Append: c.append, Now: c.clock, Actor: &event.Actor{User: "root"}, Rules: func() (authority.Rules, error) { return authority.Rules{People: c.env.People}, nil },
		Notices: notice.New(c.env, c.spec, "war-room-pc"), WaitForPeople: true, Interrupt: stop,
		Observe: func(e event.Event, _ []byte, s engine.State) {
			switch e.Type() {
			case "notice_started":
				underWay++
			case "notice_sent", "notice_failed":
				underWay = max(underWay-1, 0)
			case "step_failed": // nothing is waited for any more
				over()
			}
		},
		After: func(d time.Duration) <-chan time.Time {
			c.mu.Lock()
			defer c.mu.Unlock()
			done := make(chan time.Time, 1)
			if next := c.now.Add(d); underWay > 0 && !c.hangs { // it goes on when they are through
			} else if next.Sub(start) <= c.until {
				c.now = next
				done <- next
			} else {
				over()
			}
			return done
		},
	})
}

// say adds what a person says, at a time.
func (c *company) say(at time.Duration, who string, path string, body event.Body) {
	c.now = start.Add(at)
	b, err := event.Event{Time: c.now, Path: path, By: &event.Actor{User: who, Person: who}, Body: body}.Encode()
	require.NoError(c.t, err)
	c.journal = append(c.journal, b)
	c.state()
}

// approve asks for two hours, so that there is always a time to wait for.
func approve(change func(a *plan.Approval)) plantest.Step {
	return plantest.Node(plan.Approve, "authorise").With(func(s *plantest.Step) {
		s.Approval.Within = duration("2h")
		change(s.Approval)
	})
}

func duration(text string) plan.Value { return plan.Of(text) }

// TestPeopleAreToldRemindedAndOthersTold: whoever is asked is told at once and
// reminded, others are told when nobody has answered, and the room is told both.
func TestPeopleAreToldRemindedAndOthersTold(t *testing.T) {
	c := newCompany(t, "  email: mail\n  room: war-room\n  remind: 5m\n  escalate: {after: 7m, to: [deputy]}\n", approve(func(*plan.Approval) {}))
	c.until = 13 * time.Minute
	_, err := c.drive()
	require.ErrorIs(t, err, local.ErrInterrupted)
	slices.Sort(c.arrived)
	require.Equal(t, []string{
		"0s dana asked", "0s war-room asked",
		"10m0s dana reminded",
		"12m0s sam reminded", "12m0s war-room reminded",
		"5m0s dana reminded", "5m0s war-room reminded",
		"7m0s sam escalated", "7m0s war-room escalated",
	}, c.arrived)
}

// TestTheRunbookSaysMoreThanTheEnvironment: its own reminders and escalation go
// first, and those to whom it escalates may answer from then on.
func TestTheRunbookSaysMoreThanTheEnvironment(t *testing.T) {
	c := newCompany(t, "  email: mail\n  remind: 5m\n  escalate: {after: 7m, to: [deputy]}\n", approve(func(a *plan.Approval) {
		a.Within, a.Remind, a.EscalateAfter, a.EscalateTo = duration("20m"), duration("8m"), duration("9m"), []string{"legal"}
	}))
	c.until = 10 * time.Minute
	_, err := c.drive()
	require.ErrorIs(t, err, local.ErrInterrupted)
	require.Equal(t, []string{"0s dana asked", "8m0s dana reminded", "9m0s riley escalated"}, c.arrived)
	c.say(11*time.Minute, "riley", "authorise", event.ApprovalGiven{Role: "legal"})
	s, err := c.drive()
	require.NoError(t, err)
	require.Equal(t, event.Succeeded, s.Status())
}

// TestWhatItMeansThatNobodyAnswered: the runbook says it.
func TestWhatItMeansThatNobodyAnswered(t *testing.T) {
	for _, test := range []struct {
		expiry, message string
		timeout         bool
		at              time.Duration
	}{
		{"", "nobody with role commander answered within 15m0s", true, 15 * time.Minute},
		{plan.ExpiryNo, "refused: nobody with role commander answered within 15m0s, which the runbook takes for a no", false, 15 * time.Minute},
		{plan.ExpiryEscalate, "nobody with role commander or deputy answered within 30m0s", true, 30 * time.Minute},
	} {
		c := newCompany(t, "  email: mail\n", approve(func(a *plan.Approval) {
			a.Within, a.OnExpiry = duration("15m"), test.expiry
			if test.expiry == plan.ExpiryEscalate {
				a.EscalateTo = []string{"deputy"}
			}
		}))
		c.until = 35 * time.Minute
		s, err := c.drive()
		require.ErrorIs(t, err, local.ErrInterrupted)
		st, _ := s.Step("authorise")
		require.Equal(t, event.Failed, st.Status)
		require.Equal(t, test.message, st.Error.Message)
		require.Equal(t, test.timeout, st.Error.Timeout)
		require.Equal(t, test.at, st.Since.Sub(start))
		if test.expiry == plan.ExpiryEscalate {
			require.Contains(t, c.arrived, "15m0s sam escalated")
		}
	}
}

// TestWhoHasAnsweredIsNotReminded: of two who must agree, only the other one.
func TestWhoHasAnsweredIsNotReminded(t *testing.T) {
	c := newCompany(t, "  email: mail\n  remind: 5m\n", approve(func(a *plan.Approval) { a.Roles, a.Need = []string{"commander", "deputy"}, 2 }))
	c.until = time.Minute
	_, err := c.drive()
	require.ErrorIs(t, err, local.ErrInterrupted)
	c.say(2*time.Minute, "dana", "authorise", event.ApprovalGiven{Role: "commander"})
	c.arrived, c.until = nil, 6*time.Minute
	_, err = c.drive()
	require.ErrorIs(t, err, local.ErrInterrupted)
	require.Equal(t, []string{"5m0s sam reminded"}, c.arrived)
}

// TestWhatDidNotGetThereIsTriedAgain: what certainly did not arrive is sent again
// after a while and not for ever; what may have arrived waits for the reminder.
func TestWhatDidNotGetThereIsTriedAgain(t *testing.T) {
	c := newCompany(t, "  email: mail\n", approve(func(*plan.Approval) {}))
	c.fails = func(to string, n int) error {
		if n < 3 {
			return &action.Error{Message: "the mail server is not there"}
		}
		return nil
	}
	_, err := c.drive()
	require.ErrorIs(t, err, local.ErrInterrupted)
	require.Equal(t, []string{"3m0s dana asked"}, c.arrived, "after one minute, and two more")

	c = newCompany(t, "  email: mail\n", approve(func(*plan.Approval) {}))
	c.fails = func(string, int) error { return &action.Error{Message: "the mail server is not there"} }
	_, err = c.drive()
	require.ErrorIs(t, err, local.ErrInterrupted)
	require.Equal(t, 5, c.tries["dana"])

	c = newCompany(t, "  email: mail\n", approve(func(*plan.Approval) {}))
	c.fails = func(string, int) error { return &action.Error{Message: "there is no such mailbox", Permanent: true} }
	s, err := c.drive()
	require.ErrorIs(t, err, local.ErrInterrupted)
	require.Equal(t, 1, c.tries["dana"])
	st, _ := s.Step("authorise")
	require.Equal(t, "call +1 555 0101", st.Told[0].Error.Hint)

	c = newCompany(t, "  email: mail\n  remind: 5m\n", approve(func(*plan.Approval) {}))
	c.until = 6 * time.Minute
	c.fails = func(_ string, n int) error {
		if n == 1 {
			return action.Doubtful(errors.New("the connection was lost"))
		}
		return nil
	}
	_, err = c.drive()
	require.ErrorIs(t, err, local.ErrInterrupted)
	require.Equal(t, []string{"0s dana asked?", "5m0s dana reminded"}, c.arrived)
}

// TestKilledAtEveryAppendNobodyIsToldTwice: the journal cannot be written at each
// point in turn, and another process goes on. Nobody gets the same message twice,
// nobody is told before the intent is durable, and the reminders still come.
func TestKilledAtEveryAppendNobodyIsToldTwice(t *testing.T) {
	steps := func() plantest.Step {
		return approve(func(a *plan.Approval) { a.EscalateTo, a.EscalateAfter = []string{"deputy"}, duration("7m") })
	}
	const notify = "  email: mail\n  room: war-room\n  remind: 5m\n"
	calm := newCompany(t, notify, steps())
	calm.until = 11 * time.Minute
	_, err := calm.drive()
	require.ErrorIs(t, err, local.ErrInterrupted)
	for n := 1; n <= calm.appends; n++ {
		c := newCompany(t, notify, steps())
		c.until, c.failAt = 11*time.Minute, n
		_, err := c.drive()
		if c.appends < n { // notices that end together share appends differently from run to run
			require.ErrorIs(t, err, local.ErrInterrupted)
			continue
		}
		var broken *local.JournalError
		require.ErrorAs(t, err, &broken)
		_, err = c.drive()
		require.ErrorIs(t, err, local.ErrInterrupted)
		slices.Sort(c.keys)
		require.Equal(t, c.keys, slices.Compact(slices.Clone(c.keys)), "killed at append %d", n)
		slices.Sort(c.arrived)
		require.Equal(t, c.arrived, slices.Compact(slices.Clone(c.arrived)), "killed at append %d", n)
		for _, st := range c.state().Open() {
			for _, told := range st.Told {
				require.False(t, told.Ended.IsZero(), "a notice of a process that died is settled")
			}
		}
		for _, who := range []string{"dana", "sam", "war-room"} {
			require.True(t, slices.ContainsFunc(c.arrived, func(a string) bool { return strings.Contains(a, who) }), "%s is told, killed at append %d: %v", who, n, c.arrived)
		}
	}
}

// TestNoMessageIsSentBeforeItsIntentIsDurable.
func TestNoMessageIsSentBeforeItsIntentIsDurable(t *testing.T) {
	c := newCompany(t, "  email: mail\n", approve(func(*plan.Approval) {}))
	c.failAt = 1 // the question and the intent go together
	_, err := c.drive()
	require.Error(t, err)
	require.Empty(t, c.arrived)
}

// TestTextFromOutsideIsOnlyText: what an outsider put into a question is data in
// the message.
func TestTextFromOutsideIsOnlyText(t *testing.T) {
	c := newCompany(t, "  email: mail\n", plantest.Node(plan.Manual, "look").With(func(s *plantest.Step) {
		s.Text, s.Timeout = plan.Of("$${{ inputs.password }}\r\nBcc: mallory@example.com"), duration("2h")
	}))
	c.until = time.Minute
	_, err := c.drive()
	require.ErrorIs(t, err, local.ErrInterrupted)
	require.Len(t, c.arrived, 3, "nobody in particular is asked, so all are told")
	require.Contains(t, c.last, "${{ inputs.password }}\nBcc: mallory@example.com")
}

// TestBrokenGlassTellsTheOthersAtOnce: everybody but who did it, once, also when
// the run is over by then.
func TestBrokenGlassTellsTheOthersAtOnce(t *testing.T) {
	c := newCompany(t, "  email: mail\n  room: war-room\n", approve(func(a *plan.Approval) { a.Need = 2 }))
	c.until = time.Minute
	_, err := c.drive()
	require.ErrorIs(t, err, local.ErrInterrupted)
	c.arrived = nil
	c.say(2*time.Minute, "dana", "authorise", event.ApprovalGiven{Role: "commander", BreakGlass: "mail is on fire"})
	c.until = time.Hour
	s, err := c.drive()
	require.NoError(t, err)
	require.Equal(t, event.Succeeded, s.Status())
	slices.Sort(c.arrived)
	require.Equal(t, []string{"2m0s riley glass", "2m0s sam glass", "2m0s war-room glass"}, c.arrived)
	require.Contains(t, c.last, "mail is on fire")
	_, err = c.drive()
	require.NoError(t, err)
	require.Len(t, c.arrived, 3)
}

// TestWhoStandsInIsTold: a role that was handed over is told to who has it now.
func TestWhoStandsInIsTold(t *testing.T) {
	c := newCompany(t, "  email: mail\n", approve(func(*plan.Approval) {}))
	c.say(0, "dana", "", event.AuthorityDelegated{Role: "commander", To: "riley", Until: start.Add(time.Hour), Reason: "asleep"})
	c.until = time.Minute
	_, err := c.drive()
	require.ErrorIs(t, err, local.ErrInterrupted)
	require.Equal(t, []string{"0s riley asked"}, c.arrived)
}

// TestAMessageThatHangsHoldsNothingUp: steps beside it go on, and a run that people
// stop does not wait for more than the message's own limit.
func TestAMessageThatHangsHoldsNothingUp(t *testing.T) {
	c := newCompany(t, "  email: mail\n", plantest.Node(plan.Parallel, "both",
		[]plantest.Step{approve(func(*plan.Approval) {})}, []plantest.Step{plantest.Node(plan.Wait, "pause").With(func(s *plantest.Step) { s.WaitFor = duration("1s") }), plantest.Do("act")}))
	c.fails = func(string, int) error {
		c.mu.Unlock()
		defer c.mu.Lock()
		<-c.acted // the message goes through only once the other step is done
		return nil
	}
	c.hangs, c.until = true, 5*time.Second
	s, err := c.drive()
	require.ErrorIs(t, err, local.ErrInterrupted)
	st, _ := s.Step("both/act")
	require.Equal(t, event.Succeeded, st.Status)
	require.Len(t, c.arrived, 1)
}

// TestNoMessageHoldsASecret: not even one that got into the text of a question.
func TestNoMessageHoldsASecret(t *testing.T) {
	c := newCompany(t, "  email: mail\n", plantest.Node(plan.Manual, "look").With(func(s *plantest.Step) {
		s.Text, s.Timeout = plan.Of("Sign in with hunter2-hunter2."), duration("2h")
	}))
	c.hidden, c.until = []action.Secret{action.NewSecret("hunter2-hunter2")}, time.Minute
	_, err := c.drive()
	require.ErrorIs(t, err, local.ErrInterrupted)
	require.Contains(t, c.last, "Sign in with [redacted].")
}
