package local_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/check"
	"github.com/irctl/irctl/internal/compile"
	"github.com/irctl/irctl/internal/drive/local"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
	"github.com/irctl/irctl/pkg/runbook"
)

// specOf describes any action called test.NAME: it takes a text and a
// password, and gives back what it was told.
func specOf(name string) (action.Spec, bool) {
	if !strings.HasPrefix(name, "test.") {
		return action.Spec{}, false
	}
	effect := action.Change
	if name == "test.read" {
		effect = action.Read
	}
	return action.Spec{
		Name: name, Summary: "does nothing", Effect: effect, Idempotent: true,
		Inputs: []action.Field{
			{Name: "text", Type: action.String}, {Name: "password", Type: action.String, Secret: true},
		},
		Outputs: []action.Field{{Name: "said", Type: action.String}, {Name: "count", Type: action.Int}},
	}, true
}

// echo makes an action say what it was told.
func echo(w *world, names ...string) {
	for _, name := range names {
		w.act(name).run = func(_ context.Context, req action.Request, _ action.Sink) (action.Result, error) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.effects = append(w.effects, req.Path+": "+req.With.String("text"))
			return action.Result{Changed: true, Outputs: map[string]any{
				"said": req.With.String("text"), "count": int64(len(w.effects)),
			}}, nil
		}
	}
}

// written compiles a runbook, and those that it may run.
func written(t *testing.T, source string, others map[string]string) *plan.Plan {
	t.Helper()
	read := func(name, src string) *runbook.Runbook {
		rb, ds := language.Parse(name+".yaml", []byte("irctl: v1\nname: "+name+"\n"+src))
		require.False(t, ds.HasErrors(), "%v", ds)
		return rb
	}
	p, ds := compile.Runbook(read("main", source), check.Deps{
		Spec: specOf, Names: func() []string { return []string{"test.say"} },
		Callee: func(name, _ string) (*runbook.Runbook, error) { return read(name, others[name]), nil },
	})
	require.False(t, ds.HasErrors(), "%v", ds)
	// What runs is what was kept: the plan goes through its encoding.
	b, err := p.Encode()
	require.NoError(t, err)
	p, err = plan.Decode(b)
	require.NoError(t, err)
	return p
}

// begin puts a run of the plan into the world's journal.
func (w *world) begin(given map[string]string) {
	values, refs, problems := compile.Inputs(w.plan, given)
	require.Empty(w.t, problems)
	body, err := event.Event{Time: time.Now(), By: &event.Actor{User: "root"}, Body: event.RunStarted{
		Run: "01RUN", Runbook: w.plan.Runbook, Environment: "nowhere", Inputs: values, SecretRefs: refs,
	}}.Encode()
	require.NoError(w.t, err)
	w.journal = [][]byte{body}
}

func statuses(s engine.State) map[string]event.Status {
	out := map[string]event.Status{}
	for _, st := range s.Steps() {
		out[st.Path] = st.Status
	}
	return out
}

func TestLanguage(t *testing.T) {
	const ok, skipped = event.Succeeded, event.Skipped
	for name, c := range map[string]struct {
		source  string
		others  map[string]string
		inputs  map[string]string
		effects []string
		want    map[string]event.Status
		outputs event.Values
	}{
		"conditions and outputs": {
			source: `
inputs:
  who: {type: string, required: true}
  sure: {type: bool, default: false}
outputs:
  last: ${{ steps.second.outputs.said }}
steps:
  - {id: first, uses: test.say, with: {text: "hello ${{ inputs.who }}"}}
  - {id: never, when: inputs.sure, uses: test.say, with: {text: no}}
  - {id: second, when: "${{ steps.first.status == 'succeeded' }}", uses: test.say, with: {text: "${{ steps.first.outputs.said + '!' }}"}}
`,
			inputs: map[string]string{"who": "dana"}, effects: []string{"first: hello dana", "second: hello dana!"},
			want:    map[string]event.Status{"first": ok, "never": skipped, "second": ok},
			outputs: event.Values{"last": "hello dana!"},
		},
		"choices": {
			source: `
inputs:
  level: {type: enum, values: [low, high], default: high}
steps:
  - id: choose
    switch: ${{ inputs.level }}
    cases:
      low: [{id: low, uses: test.say, with: {text: low}}]
      high: [{id: high, uses: test.say, with: {text: high}}]
    default: [{id: other, uses: test.say, with: {text: other}}]
  - id: maybe
    if: ${{ inputs.level == 'low' }}
    then: [{id: yes-step, uses: test.say, with: {text: yes}}]
    else: [{id: no-step, uses: test.say, with: {text: no}}]
`,
			effects: []string{"choose/high: high", "maybe/no-step: no"},
			want:    map[string]event.Status{"choose": ok, "choose/high": ok, "maybe": ok, "maybe/no-step": ok},
		},
		"loops with results": {
			source: `
inputs:
  accounts: {type: list, items: string, default: [alice, "bob/../x", alice]}
outputs:
  said: ${{ steps.rotate.outputs.said }}
steps:
  - id: rotate
    foreach: ${{ inputs.accounts }}
    as: account
    outputs: {said: "${{ steps.reset.outputs.said }}"}
    do:
      - {id: reset, uses: test.say, with: {text: "${{ account_index }} ${{ account }}"}}
`,
			effects: []string{"rotate[alice]/reset: 0 alice", "rotate[bob-..-x]/reset: 1 bob/../x", "rotate[alice-2]/reset: 2 alice"},
			want: map[string]event.Status{
				"rotate": ok, "rotate[alice]/reset": ok, "rotate[bob-..-x]/reset": ok, "rotate[alice-2]/reset": ok,
			},
			outputs: event.Values{"said": []any{"0 alice", "1 bob/../x", "2 alice"}},
		},
		"variables and while": {
			source: `
steps:
  - {id: zero, set: {n: 0}}
  - id: poll
    while: ${{ vars.n < 3 }}
    max_iterations: 5
    do:
      - {id: one-more, set: {n: "${{ vars.n + 1 }}"}}
  - {id: tell, uses: test.say, with: {text: "${{ vars.n }}"}}
`,
			effects: []string{"tell: 3"},
			want: map[string]event.Status{
				"zero": ok, "poll": ok, "poll[1]/one-more": ok, "poll[2]/one-more": ok, "poll[3]/one-more": ok, "tell": ok,
			},
		},
		"another runbook": {
			source: `
steps:
  - {id: pay, run: pay, with: {way: phone}}
  - {id: after, uses: test.say, with: {text: "${{ steps.pay.outputs.said }} ${{ steps.pay.status }}"}}
`,
			others: map[string]string{"pay": `
inputs:
  way: {type: string, required: true}
  times: {type: int, default: 2}
outputs: {said: "${{ steps.say.outputs.said }}"}
steps:
  - {id: say, uses: test.say, with: {text: "by ${{ inputs.way }} ${{ inputs.times }}"}}
  - {id: enough, stop: {succeed: "that will do"}}
`},
			effects: []string{"pay/say: by phone 2", "after: by phone 2 succeeded"},
			want:    map[string]event.Status{"pay": ok, "pay/say": ok, "pay/enough": ok, "after": ok},
		},
		"failures that are handled": {
			source: `
steps:
  - {id: broken, uses: test.broken, on_failure: {next: repair}}
  - {id: never, uses: test.say, with: {text: never}}
  - {id: repair, uses: test.say, with: {text: "${{ steps.broken.error }} / ${{ steps.never.status }}"}}
`,
			effects: []string{"repair: it is broken / pending"},
			want:    map[string]event.Status{"broken": event.Failed, "repair": ok},
		},
		"a step's own undo and the run's names": {
			source: `
steps:
  - {id: one, uses: test.say, with: {text: "${{ run.runbook }} ${{ run.id }} ${{ run.environment }} ${{ run.user }}"}, undo: {uses: test.say, with: {text: back}}}
`,
			effects: []string{"one: main 01RUN nowhere root"}, want: map[string]event.Status{"one": ok},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, written(t, c.source, c.others))
			echo(w, "test.say")
			w.act("test.broken").run = func(context.Context, action.Request, action.Sink) (action.Result, error) {
				return action.Result{}, &action.Error{Message: "it is broken"}
			}
			w.begin(c.inputs)
			s, err := w.drive()
			require.NoError(t, err)
			require.Equal(t, event.Succeeded, s.Status(), "%s\n%s", s.Message(), w.text())
			require.Equal(t, c.effects, w.effects)
			require.Equal(t, c.want, statuses(s))
			require.Equal(t, c.outputs, s.Outputs())
		})
	}
}

func TestFailureThatOnlyRetriesSometimes(t *testing.T) {
	w := newWorld(t, written(t, `
steps:
  - id: one
    uses: test.one
    retry: {attempts: 5, delay: 1ms, when: "${{ error.message.contains('busy') && attempt < 3 }}"}
    on_failure: continue
`, nil))
	w.act("test.one").run = func(context.Context, action.Request, action.Sink) (action.Result, error) {
		return action.Result{}, &action.Error{Message: "the server is busy"}
	}
	w.begin(nil)
	s, err := w.drive()
	require.NoError(t, err)
	st, _ := s.Step("one")
	require.Equal(t, 3, st.Attempt)
}

// TestARetryThatCannotBeWorkedOutSaysWhy: retries do not end in silence when
// what says whether and when to try again is no answer.
func TestARetryThatCannotBeWorkedOutSaysWhy(t *testing.T) {
	for retry, why := range map[string]string{
		`{attempts: 5, when: "${{ steps.zero.outputs.said.startsWith('x') }}"}`: "it was not tried again, because",
		`{attempts: 5, delay: "${{ vars.pause }}"}`:                             `it was not tried again, because "soon" is not a duration`,
	} {
		w := newWorld(t, written(t, `
steps:
  - {id: pause, set: {pause: soon}}
  - {id: zero, when: "${{ false }}", uses: test.zero}
  - {id: one, uses: test.one, retry: `+retry+`, on_failure: continue}
`, nil))
		w.act("test.one").run = func(context.Context, action.Request, action.Sink) (action.Result, error) {
			return action.Result{}, &action.Error{Message: "the server is busy"}
		}
		w.begin(nil)
		s, err := w.drive()
		require.NoError(t, err)
		st, _ := s.Step("one")
		require.Equal(t, 1, st.Attempt)
		require.Equal(t, event.Failed, st.Status)
		require.Contains(t, st.Error.Message, "the server is busy; "+why)
	}
}

func TestEndlessLoopFails(t *testing.T) {
	w := newWorld(t, written(t, `
steps:
  - {id: zero, set: {n: 0}}
  - id: poll
    while: ${{ vars.n == 0 }}
    max_iterations: 3
    do: [{id: nothing, set: {m: 1}}]
`, nil))
	w.begin(nil)
	s, err := w.drive()
	require.NoError(t, err)
	st, _ := s.Step("poll")
	require.Equal(t, event.Failed, st.Status)
	require.Contains(t, st.Error.Message, "still holds after 3 passes")
}

func TestSecretGoesThroughACalledRunbookUnseen(t *testing.T) {
	const canary = "canary-0123456789"
	w := newWorld(t, written(t, `
inputs:
  token: {type: string, secret: true, required: true}
steps:
  - {id: sub, run: sub, with: {password: "${{ inputs.token }}"}}
`, map[string]string{"sub": `
inputs:
  password: {type: string, secret: true, required: true}
steps:
  - {id: login, uses: test.login, with: {password: "${{ inputs.password }}"}}
`}))
	var got string
	w.act("test.login").run = func(_ context.Context, req action.Request, _ action.Sink) (action.Result, error) {
		got = req.With.Secret("password").Reveal()
		return action.Result{}, nil
	}
	w.secrets["token"] = action.NewSecret(canary)
	w.begin(map[string]string{"token": "env:TOKEN"})
	s, err := w.drive()
	require.NoError(t, err)
	require.Equal(t, event.Succeeded, s.Status(), w.text())
	require.Equal(t, canary, got)
	require.NotContains(t, w.text(), canary)
}

func TestStopFailsTheRun(t *testing.T) {
	w := newWorld(t, written(t, `
steps:
  - {id: enough, stop: {fail: "the intruder is still inside"}}
  - {id: never, uses: test.say}
`, nil))
	w.begin(nil)
	s, err := w.drive()
	require.NoError(t, err)
	require.Equal(t, event.Failed, s.Status())
	require.Equal(t, "the intruder is still inside", s.Message())
	require.Equal(t, []string{"enough"}, slices.Collect(maps.Keys(statuses(s))))
}

func TestVerifyKnowsWhatTheStepReturned(t *testing.T) {
	w := newWorld(t, written(t, `
steps:
  - id: one
    uses: test.say
    with: {text: hello}
    verify: {uses: test.read, with: {text: "${{ steps.one.outputs.said }} ${{ string(steps.one.outputs.count) }}"}}
`, nil))
	echo(w, "test.say", "test.read")
	w.begin(nil)
	s, err := w.drive()
	require.NoError(t, err)
	require.Equal(t, event.Succeeded, s.Status(), w.text())
	require.Equal(t, []string{"one: hello", "one: hello 1"}, w.effects)
}

// TestALookAfterTheAttemptKnowsWhatItRecorded: of verify, and of a doubt about
// the attempt. Without that a look judges by the state before.
func TestALookAfterTheAttemptKnowsWhatItRecorded(t *testing.T) {
	for name, ended := range map[string]error{"verify": nil, "doubt": action.Doubtful(errors.New("the answer was lost"))} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, written(t, "steps:\n  - {id: one, uses: test.one, verify: true}\n", nil))
			a := w.act("test.one")
			a.run = func(_ context.Context, req action.Request, out action.Sink) (action.Result, error) {
				require.NoError(t, out.Record(map[string]any{"first": "a", "stored": "x"}))
				require.NoError(t, out.Record(map[string]any{"stored": "y"}))
				_, err := a.switchTo(req, true)
				return action.Result{Changed: true}, errors.Join(err, ended)
			}
			looks := 0
			a.inspected = func(_ context.Context, req action.Request) error {
				require.Equal(t, map[string]any{"first": "a", "stored": "y"}, req.Record)
				looks++
				return nil
			}
			w.begin(nil)
			s, err := w.drive()
			require.NoError(t, err)
			require.Equal(t, event.Succeeded, s.Status(), w.text())
			require.NotZero(t, looks)
		})
	}
}

// TestAStepThatIsNotVerifiedSaysWhatToDo: where the look knows what keeps the
// target from being as it should be, nobody is sent to look for another cause, and
// nobody waits for tries that cannot help.
func TestAStepThatIsNotVerifiedSaysWhatToDo(t *testing.T) {
	for name, c := range map[string]struct {
		found action.Inspection
		hint  string
		tries int
	}{
		"something else changes it": {
			action.Inspection{Known: true, Current: "open", Want: "locked"},
			"it should be: locked; see what else changes the target, then retry", 2,
		},
		"a way stays open": {
			action.Inspection{Known: true, Current: "locked; STILL OPEN: the window", Want: "locked", Hint: "close the window, then retry"},
			"close the window, then retry", 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, written(t, "steps:\n  - {id: one, uses: test.one, verify: true, retry: {attempts: 2, delay: 1ms}}\n", nil))
			w.act("test.one").found = func(in *action.Inspection) { *in = c.found }
			w.begin(nil)
			s, err := w.drive()
			require.NoError(t, err)
			st, _ := s.Step("one")
			require.NotNil(t, st.Error, w.text())
			require.Equal(t, "the action reported success, but the target shows: "+c.found.Current, st.Error.Message)
			require.Equal(t, c.hint, st.Error.Hint)
			require.Equal(t, c.tries, st.Attempt)
		})
	}
}

// TestAWaitLooksOnceBeforeItsTimeIsUp: also when nobody drove the run while its
// time passed.
func TestAWaitLooksOnceBeforeItsTimeIsUp(t *testing.T) {
	for _, became := range []bool{true, false} {
		t.Run(strconv.FormatBool(became), func(t *testing.T) {
			w := newWorld(t, written(t, "steps:\n  - {id: gone, wait: {uses: test.read, every: 1m, for: 10m}}\n", nil))
			a, interrupt, looks := w.act("test.read"), make(chan string, 1), 0
			a.inspected = func(ctx context.Context, _ action.Request) error {
				if looks++; looks == 1 {
					interrupt <- "interrupt"
					<-ctx.Done()
				}
				return ctx.Err()
			}
			w.begin(nil)
			s, err := w.drive(func(c *local.Config) { c.Interrupt = interrupt })
			require.ErrorIs(t, err, local.ErrInterrupted)
			require.Equal(t, 1, looks)
			st, _ := s.Step("gone")
			require.Equal(t, engine.Timing, st.Phase, w.text())
			w.on["gone"] = became
			s, err = w.drive(func(c *local.Config) {
				c.Driver = w.driver(func() time.Time { return time.Now().Add(time.Hour) })
				c.Now = func() time.Time { return time.Now().Add(time.Hour) }
			})
			require.NoError(t, err)
			require.Equal(t, 2, looks, "it was asked once, and not left out")
			st, _ = s.Step("gone")
			if became {
				require.Equal(t, event.Succeeded, st.Status, w.text())
				return
			}
			require.Equal(t, event.Failed, st.Status, w.text())
			require.Contains(t, st.Error.Message, "did not become so within 10m0s")
		})
	}
}

func TestFailedStepIsUndoneByWhatTheRunbookSays(t *testing.T) {
	w := newWorld(t, written(t, `
steps:
  - id: one
    uses: test.say
    undo: {uses: test.undo, with: {text: back}}
    on_failure: rollback
`, nil))
	echo(w, "test.undo")
	w.act("test.say").run = func(context.Context, action.Request, action.Sink) (action.Result, error) {
		return action.Result{}, &action.Error{Message: "it broke half-way"}
	}
	w.begin(nil)
	s, err := w.drive()
	require.NoError(t, err)
	require.Equal(t, []string{"one: back"}, w.effects, w.text())
	require.Equal(t, event.Undone, s.Status())
}

func TestApprovalOfAStepAsksItsQuestion(t *testing.T) {
	w := newWorld(t, written(t, `
inputs:
  who: {type: string, required: true}
steps:
  - id: gated
    approval: {text: "May ${{ inputs.who }} be told?", roles: [commander], within: 1h}
    uses: test.say
`, nil))
	w.begin(map[string]string{"who": "the bank"})
	s, err := w.drive()
	require.NoError(t, err)
	st, _ := s.Step("gated")
	require.Equal(t, "May the bank be told?", st.Text, w.text())
}
