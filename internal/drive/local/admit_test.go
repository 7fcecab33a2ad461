package local_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/authority"
	"github.com/irctl/irctl/internal/drive/local"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/event"
)

// company is an environment in which Dana alone is commander.
var company = authority.People{
	{Name: "dana", FullName: "Dana Okafor", Roles: []string{"commander"}, User: "dana", Phone: "+1 555 0101"},
	{Name: "alex", FullName: "Alex Haddad", Roles: []string{"legal"}, User: "alex"},
}

func rules() (authority.Rules, error) { return authority.Rules{People: company}, nil }

// The writer decides: whoever puts a file into the inbox by hand may ask for no
// more than whoever types a command.
func TestForgedRequestIsRefusedByTheDriver(t *testing.T) {
	w := newWorld(t, build(node(plan.Approve, "ask"), do("act")))
	mallory := func(person string) []event.Event {
		return []event.Event{{Path: "ask", By: &event.Actor{User: "mallory", Person: person}, Body: event.ApprovalGiven{Role: "commander"}}}
	}
	w.inbox.waiting = []local.Request{
		{ID: "1", Events: mallory("dana")}, {ID: "2", Events: mallory("")}, {ID: "3", Events: mallory("mallory")},
		{ID: "4", Events: []event.Event{{Path: "ask", By: &event.Actor{User: "alex", Person: "alex"}, Body: event.ApprovalRefused{Role: "commander"}}}},
		{ID: "5", Events: []event.Event{{By: &event.Actor{User: "mallory", Person: "dana"}, Body: event.CancelRequested{}}}},
	}
	s, err := w.drive(func(c *local.Config) { c.Rules = rules })
	require.NoError(t, err)
	require.Equal(t, event.Waiting, s.Status())
	require.Equal(t, []string{"run_started", "approval_asked ask"}, w.trace(), "nothing is recorded")
	for id, want := range map[string]string{
		"1": "mallory may not answer this as dana",
		"2": "mallory may not answer this as commander",
		"3": `the environment names nobody called "mallory"`,
		"4": "alex may not answer this as alex, who is not commander",
		"5": "mallory may not act as dana",
	} {
		var refusal *authority.Refusal
		require.ErrorAs(t, w.inbox.answers[id], &refusal, id)
		require.EqualError(t, refusal, want)
	}
}

func TestRequestIsAdmittedAllOrNone(t *testing.T) {
	alex, dana := &event.Actor{User: "alex", Person: "alex"}, &event.Actor{User: "dana", Person: "dana"}
	note := event.Event{By: alex, Body: event.NoteAdded{Text: "first"}}
	for name, second := range map[string]event.Event{
		"refused by authority":  {Path: "ask", By: alex, Body: event.ApprovalGiven{Role: "commander"}},
		"refused by the engine": {Path: "act", By: dana, Body: event.StepSkipped{}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, build(node(plan.Approve, "ask"), do("act")))
			w.inbox.waiting = []local.Request{{ID: "1", Events: []event.Event{note, second}}}
			_, err := w.drive(func(c *local.Config) { c.Rules = rules })
			require.NoError(t, err)
			require.Error(t, w.inbox.answers["1"])
			require.Equal(t, []string{"run_started", "approval_asked ask"}, w.trace())
		})
	}
}

// A command of this terminal is judged by the same function.
func TestTerminalIsNoExceptionToAuthority(t *testing.T) {
	w := newWorld(t, build(node(plan.Approve, "ask"), do("act")))
	commands, reply, signals := make(chan local.Command, 1), make(chan error, 1), make(chan string, 1)
	commands <- local.Command{Events: []event.Event{{Path: "ask", By: &event.Actor{User: "alex", Person: "dana"}, Body: event.ApprovalGiven{Role: "commander"}}}, Reply: reply}
	go func() {
		err := <-reply
		reply <- err
		signals <- "interrupt"
	}()
	_, err := w.drive(func(c *local.Config) {
		c.Rules, c.Commands, c.Interrupt, c.WaitForPeople = rules, commands, signals, true
	})
	require.ErrorIs(t, err, local.ErrInterrupted)
	require.EqualError(t, <-reply, "alex may not answer this as dana")
	require.Equal(t, []string{"run_started", "approval_asked ask", "run_interrupted"}, w.trace())
}

func TestAdmitChangesNothingWhenItRefuses(t *testing.T) {
	w := newWorld(t, build(node(plan.Approve, "ask")))
	s, err := w.drive(func(c *local.Config) { c.Rules = rules })
	require.NoError(t, err)
	got, bodies, err := local.Admit(s, authority.Rules{People: company}, nil, authority.Terminal, event.Event{By: &event.Actor{User: "dana"}, Body: event.RunContinued{}})
	var illegal *engine.IllegalError
	require.True(t, errors.As(err, &illegal))
	require.Equal(t, s, got)
	require.Empty(t, bodies)
}

// A process that drives a run goes by the environment that it began with, so
// that nobody hands it another one; and one that is not kept is none.
func TestAnotherEnvironmentIsTakenByNoDriver(t *testing.T) {
	w := newWorld(t, build(node(plan.Approve, "ask"), do("act")))
	s, err := w.drive(func(*local.Config) {})
	require.NoError(t, err)
	retry := func() event.Event {
		return event.Event{Path: "ask", By: &event.Actor{User: "dana"}, Body: event.StepRetried{Environment: event.Reloaded{
			Source: "/etc/acme.yaml", File: event.Artifact{Digest: "00", Size: 1},
		}}}
	}
	kept := func(string) (int64, error) { return 1, nil }
	gone := func(string) (int64, error) { return 0, errors.New("gone") }
	_, _, err = local.Admit(s, authority.Rules{}, kept, authority.Inbox, retry())
	require.ErrorContains(t, err, "cannot be read anew while a process drives the run")
	_, _, err = local.Admit(s, authority.Rules{}, gone, authority.Terminal, retry())
	require.ErrorContains(t, err, "the environment is not kept with the run")
	_, _, err = local.Admit(s, authority.Rules{}, kept, authority.Terminal, retry())
	require.ErrorContains(t, err, "the step is approving", "the rest is the engine's to judge")
}

// TestNoForgedEventMovesARun: a request may hold any event, about any step, of
// any attempt. What only the driver can know is refused, and nothing that is
// refused changes the run or stops the process.
func TestNoForgedEventMovesARun(t *testing.T) {
	w := newWorld(t, build(node(plan.Approve, "ask"), do("act"), do("later")))
	s, err := w.drive(func(c *local.Config) { c.Rules = rules })
	require.NoError(t, err)
	people, tried := map[event.Type]bool{}, map[event.Type]bool{}
	for _, typ := range event.Types() {
		for _, path := range []string{"", "ask", "act", "later", "nope", "later[9]/x", "../ask", strings.Repeat("a/", 2000)} {
			for _, attempt := range []string{"0", "1", "-1", "9007199254740991", "null"} {
				head := fmt.Sprintf(`{"seq":-1,"time":"1970-01-01T00:00:00Z","type":%q,"path":%q,"by":{"user":"mallory"},"request":"x"`, typ, path)
				deep := strings.Repeat("[", 900) + strings.Repeat("]", 900)
				e, err := event.Decode([]byte(head + fmt.Sprintf(`,"attempt":%s,"iteration":%s,"outputs":{"x":%s}}`, attempt, attempt, deep)))
				if err != nil {
					e, err = event.Decode([]byte(head + fmt.Sprintf(`,"attempt":%s,"role":"commander","reason":"r","text":"t"}`, attempt)))
				}
				if err != nil {
					continue // the inbox refuses what is no event
				}
				next, bodies, err := local.Admit(s, authority.Rules{People: company}, nil, authority.Inbox, e)
				tried[typ] = true
				if err == nil {
					people[typ] = true
					require.Len(t, bodies, 1)
					continue
				}
				require.Empty(t, bodies)
				require.Equal(t, s, next)
			}
		}
	}
	for typ := range people {
		require.Contains(t, []event.Type{"note_added", "run_paused", "cancel_requested", "rollback_started", "hold_placed", "hold_lifted", "target_shared", "override_requested"}, typ, "nobody answers for a commander, and nothing is known but by the driver")
	}
	require.True(t, people["note_added"], "what people may say is admitted, so that the test tries something")
	require.Len(t, tried, len(event.Types()), "each type came so far")
	require.Equal(t, []string{"run_started", "approval_asked ask"}, w.trace())
}
