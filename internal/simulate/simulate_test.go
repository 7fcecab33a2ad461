package simulate_test

import (
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/check"
	"github.com/irctl/irctl/internal/compile"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/expr"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/simulate"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
)

var start = time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC)

// specOf describes test.change, test.read, test.send (cannot be repeated or
// looked at) and any other test.NAME as a change.
func specOf(name string) (action.Spec, bool) {
	s := action.Spec{
		Name: name, Summary: "does nothing", Effect: action.Change, Idempotent: name != "test.send",
		Inputs:  []action.Field{{Name: "text", Type: action.String}, {Name: "password", Type: action.String, Secret: true}},
		Outputs: []action.Field{{Name: "said", Type: action.String}, {Name: "count", Type: action.Int}},
	}
	if name == "test.read" {
		s.Effect = action.Read
	}
	return s, strings.HasPrefix(name, "test.")
}

func compiled(t testing.TB, source string) *plan.Plan {
	t.Helper()
	rb, ds := language.Parse("main.yaml", []byte("irctl: v1\nname: main\n"+source))
	require.False(t, ds.HasErrors(), "%v", ds)
	p, ds := compile.Runbook(rb, check.Deps{Spec: specOf})
	require.False(t, ds.HasErrors(), "%v", ds)
	return p
}

// world answers by step and number: outcomes in the order of attempts, answers
// in the order of questions.
type world struct {
	outcomes map[string][]simulate.Outcome
	answers  map[string][]simulate.Answer
}

func (w *world) Attempt(a simulate.Attempt) simulate.Outcome {
	name := a.Path
	if a.Undo {
		name = "undo " + name
	}
	if list := w.outcomes[name]; len(list) > 0 {
		return list[min(a.Number, len(list))-1]
	}
	return simulate.Outcome{Kind: simulate.Succeeds}
}

func (w *world) Answer(q simulate.Question) (simulate.Answer, bool) {
	list := w.answers[q.Path]
	if len(list) == 0 {
		return simulate.Answer{}, false
	}
	w.answers[q.Path] = list[1:]
	return list[0], true
}

func config(p *plan.Plan, w *world) simulate.Config {
	return simulate.Config{
		Plan: p, Inputs: event.Values{}, By: event.Actor{User: "robin"}, Start: start,
		Value: func(string) (string, bool) { return "", false },
		Spec:  specOf, Inspects: func(name string) bool { return name != "test.send" },
		Undoes: func(name string) bool { return name != "test.send" }, World: w,
	}
}

// told lists a run's events, with the time since its start.
func told(r simulate.Result) []string {
	var out []string
	for _, e := range r.Events {
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %s", e.Time.Sub(start), e.Type(), e.Path)))
	}
	return out
}

// folds holds the events against a journal's: encoded, read again and folded
// they give the same state.
func folds(t testing.TB, p *plan.Plan, r simulate.Result) {
	t.Helper()
	require.Empty(t, r.Broken)
	s, err := engine.Fold(p, seq(t, r.Events), nil)
	require.NoError(t, err)
	require.Equal(t, r.State.Status(), s.Status())
	require.Equal(t, standing(r.State), standing(s))
	require.Equal(t, engine.Outstanding(r.State), engine.Outstanding(s))
}

// standing is where every step stands. What is empty reads back as absent.
func standing(s engine.State) []string {
	var out []string
	for _, st := range s.Steps() {
		out = append(out, fmt.Sprintln(st.Path, st.Status, st.Phase, st.Attempt, st.Since, st.Outputs, st.Record, st.Error, st.Undo.Phase))
	}
	return out
}

func seq(t testing.TB, events []event.Event) iter.Seq2[event.Event, error] {
	return func(yield func(event.Event, error) bool) {
		for _, e := range events {
			line, err := e.Encode()
			require.NoError(t, err)
			again, err := event.Decode(line)
			if !yield(again, err) {
				return
			}
		}
	}
}

func TestRetriesTakeSimulatedTime(t *testing.T) {
	p := compiled(t, `
steps:
  - {id: one, uses: test.change, timeout: 1m, retry: {attempts: 3, delay: 2s, factor: 2}}
`)
	w := &world{outcomes: map[string][]simulate.Outcome{"one": {
		{Kind: simulate.Fails, Message: "busy", Takes: 5 * time.Second}, {Kind: simulate.TimesOut}, {Kind: simulate.Succeeds, Takes: time.Second},
	}}}
	r := simulate.Run(config(p, w))
	folds(t, p, r)
	require.Equal(t, []string{
		"0s run_started", "0s attempt_started one", "5s attempt_failed one",
		"7s attempt_started one", "1m7s attempt_failed one",
		"1m11s attempt_started one", "1m12s attempt_recorded one", "1m12s step_succeeded one", "1m12s run_ended",
	}, told(r))
	st, _ := r.State.Step("one")
	require.Equal(t, event.Values{"said": "sample-said", "count": int64(1)}, st.Outputs)
	require.Equal(t, 72*time.Second, r.Elapsed)
}

func TestApprovalExpires(t *testing.T) {
	p := compiled(t, `
steps:
  - id: ask
    approve: {roles: [commander], within: 15m}
    on_failure: continue
  - {id: after, uses: test.read}
`)
	yes := simulate.Answer{After: 15 * time.Minute, By: event.Actor{User: "dana"}, Body: event.ApprovalGiven{Role: "commander"}}
	r := simulate.Run(config(p, &world{answers: map[string][]simulate.Answer{"ask": {yes}}}))
	folds(t, p, r)
	require.Equal(t, []string{
		"0s run_started", "0s approval_asked ask", "15m0s approval_given ask", "15m0s step_succeeded ask",
		"15m0s attempt_started after", "15m0s step_succeeded after", "15m0s run_ended",
	}, told(r), "an answer in the last moment counts")

	yes.After++
	r = simulate.Run(config(p, &world{answers: map[string][]simulate.Answer{"ask": {yes}}}))
	folds(t, p, r)
	require.Equal(t, "15m0s step_failed ask", told(r)[2])

	r = simulate.Run(config(compiled(t, "steps:\n  - {id: ask, approve: {roles: [commander]}}\n"), &world{}))
	require.Equal(t, event.Waiting, r.State.Status())
	q := simulate.Questions(r.State)
	require.Len(t, q, 1)
	require.Equal(t, simulate.Approval, q[0].For)
	require.Equal(t, []string{"commander"}, q[0].Roles)
}

func TestUnknownOutcomeIsResolved(t *testing.T) {
	p := compiled(t, "steps:\n  - {id: send, uses: test.send}\n")
	w := &world{
		outcomes: map[string][]simulate.Outcome{"send": {{Kind: simulate.Doubtful, Message: "the connection broke"}}},
		answers: map[string][]simulate.Answer{"send": {
			{After: time.Minute, By: event.Actor{User: "dana"}, Body: event.StepResolved{Happened: true, Reason: "seen"}},
		}},
	}
	r := simulate.Run(config(p, w))
	folds(t, p, r)
	require.Equal(t, event.Succeeded, r.State.Status())
	require.Contains(t, told(r), "0s step_unknown send")
}

func TestDeathLeavesDoubt(t *testing.T) {
	p := compiled(t, `
steps:
  - parallel:
      - {id: one, uses: test.change}
      - {id: two, uses: test.send}
`)
	w := &world{outcomes: map[string][]simulate.Outcome{
		"parallel/one": {{Kind: simulate.Dies, Takes: time.Second, Finds: simulate.Done}},
		"parallel/two": {{Kind: simulate.Succeeds, Takes: time.Minute}},
	}}
	r := simulate.Run(config(p, w))
	folds(t, p, r)
	one, _ := r.State.Step("parallel/one")
	require.True(t, one.Observed)
	require.Equal(t, event.InDoubt, r.State.Status(), "what ran beside it was lost too")
}

func TestRollbackUndoesNewestFirst(t *testing.T) {
	p := compiled(t, `
steps:
  - {id: one, uses: test.change}
  - {id: two, uses: test.change}
  - {id: three, uses: test.send, on_failure: rollback, idempotent: false}
`)
	w := &world{outcomes: map[string][]simulate.Outcome{
		"three":    {{Kind: simulate.Fails, Message: "no", Permanent: true}},
		"undo one": {{Kind: simulate.Succeeds, Takes: time.Hour}},
	}}
	r := simulate.Run(config(p, w))
	folds(t, p, r)
	require.Equal(t, event.Undone, r.State.Status())
	text := strings.Join(told(r), "\n")
	require.Less(t, strings.Index(text, "step_undone two"), strings.Index(text, "step_undone one"))
	require.Equal(t, time.Hour, r.Elapsed)
}

func TestInterventions(t *testing.T) {
	p := compiled(t, "steps:\n  - {id: one, uses: test.change}\n  - {id: rest, wait: 1h}\n")
	cfg := config(p, &world{})
	dana := event.Actor{User: "dana"}
	cfg.Interventions = []simulate.Intervention{
		{At: time.Minute, By: dana, Body: event.CancelRequested{Reason: "false alarm"}},
		{At: time.Minute, AtEnd: true, By: dana, Body: event.RollbackStarted{}},
		{At: 2 * time.Minute, AtEnd: true, By: dana, Body: event.CancelRequested{}, Label: 7},
	}
	r := simulate.Run(cfg)
	folds(t, p, r)
	require.Equal(t, event.Undone, r.State.Status())
	require.Len(t, r.Refused, 1)
	require.Equal(t, 7, r.Refused[0].Label)
}

func TestAWaitIsOverAsSoonAsSomethingHappensThatItWaitsFor(t *testing.T) {
	p := compiled(t, `
steps:
  - {id: not-yet, set: {ready: false}}
  - parallel:
      - {id: until, wait: {until: "${{ vars.ready }}", every: 10s, for: 10m}}
      - id: lane
        steps:
          - {id: slow, uses: test.read}
          - {id: now, set: {ready: true}}
`)
	w := &world{outcomes: map[string][]simulate.Outcome{"parallel/lane/slow": {{Kind: simulate.Succeeds, Takes: 25 * time.Second}}}}
	r := simulate.Run(config(p, w))
	folds(t, p, r)
	require.Contains(t, told(r), "25s step_succeeded parallel/until")

	w = &world{outcomes: map[string][]simulate.Outcome{"parallel/lane/slow": {{Kind: simulate.Fails, Message: "no"}}}}
	r = simulate.Run(config(p, w))
	folds(t, p, r)
	require.Contains(t, told(r), "10m0s step_failed parallel/until")
}

func TestCircleIsGivenUp(t *testing.T) {
	p := compiled(t, "steps:\n  - {id: one, uses: test.read, next: two}\n  - {id: two, set: {x: 1}, next: one}\n")
	require.Contains(t, simulate.Run(config(p, &world{})).Broken, "circle")
}

func TestSecretsStayOutOfTheEvents(t *testing.T) {
	p := compiled(t, `
inputs: {pin: {type: string, secret: true, required: true}}
steps:
  - {id: one, uses: test.change, with: {text: "x", password: "${{ inputs.pin }}"}}
`)
	cfg := config(p, &world{})
	cfg.Secrets = map[string]action.Secret{"pin": action.NewSecret("hunter2hunter2")}
	r := simulate.Run(cfg)
	folds(t, p, r)
	for _, e := range r.Events {
		line, err := e.Encode()
		require.NoError(t, err)
		require.NotContains(t, string(line), "hunter2")
	}
}

// The same test gives the same events, whatever was shared between the runs.
func TestSameEvents(t *testing.T) {
	p := compiled(t, everything)
	cfg := config(p, &world{})
	cfg.Evaluator = expr.NewEvaluator()
	first := simulate.Run(cfg)
	folds(t, p, first)
	require.Equal(t, event.Succeeded, first.State.Status())
	for range 3 {
		require.Equal(t, first.Events, simulate.Run(cfg).Events)
	}
}

const everything = `
inputs: {names: {type: list, items: string, default: [a, b, c]}}
steps:
  - {id: open, uses: test.change, with: {text: "${{ run.user }}"}}
  - foreach: ${{ ['a', 'b', 'c'] }}
    as: one
    max_parallel: 2
    do:
      - {id: change, uses: test.change, timeout: 1m, with: {text: "${{ one }}"}, retry: {attempts: 3, delay: 2s}}
      - {id: look, uses: test.read, when: "${{ one != 'b' }}"}
  - {id: pause, wait: 5m}
  - if: ${{ steps.open.outputs.count == 1 }}
    then:
      - {id: yes-branch, set: {x: 1}}
  - {id: close, uses: test.change, verify: true}
`

func BenchmarkRun(b *testing.B) {
	p := compiled(b, everything)
	cfg := config(p, &world{})
	cfg.Evaluator = expr.NewEvaluator()
	b.ReportAllocs()
	for b.Loop() {
		if r := simulate.Run(cfg); r.State.Status() != event.Succeeded {
			b.Fatal(r.State.Status())
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "runs/s")
}
