package projection_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/plan/plantest"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/pkg/event"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const run = "01JDCK3X2VQ7N4R8Z5M6T1W0AB"

var (
	t0   = time.Date(2026, 11, 23, 21, 4, 0, 0, time.UTC)
	dana = &event.Actor{User: "dana", Person: "dana", Host: "desk.example.com", PID: 4711}
	omar = &event.Actor{User: "omar", Person: "omar"}
)

// story is a run told event by event, a second apart.
type story struct {
	t     *testing.T
	state engine.State
	seq   int64
}

func tell(t *testing.T, p *plan.Plan) *story {
	s := &story{t: t, state: engine.New(p)}
	s.say("", dana, event.RunStarted{Run: run, Runbook: p.Runbook, Title: p.Title, Environment: "lab", Source: "containment.yaml"})
	return s
}

func (s *story) say(path string, by *event.Actor, b event.Body) *story {
	s.t.Helper()
	next, err := engine.Apply(s.state, event.Event{Time: t0.Add(time.Duration(s.seq) * time.Second), Path: path, By: by, Body: b})
	require.NoError(s.t, err)
	s.state, s.seq = next, s.seq+1
	return s
}

func (s *story) did(path string, outputs event.Values) *story {
	s.t.Helper()
	s.say(path, nil, event.AttemptStarted{Attempt: 1, Key: run + "/" + path})
	s.say(path, nil, event.AttemptRecorded{Attempt: 1, Record: event.Values{"was": "accepting"}})
	return s.say(path, nil, event.StepSucceeded{Attempt: 1, Changed: true, Outputs: outputs, Summary: "done: " + path})
}

func (s *story) status(driven bool) projection.Status {
	return projection.Of(projection.Source{
		State: s.state, Driven: driven, Now: t0.Add(5 * time.Minute),
		Head: projection.Head{Seq: s.seq, Hash: strings.Repeat("ab", 32)},
	})
}

// builder makes plans the way the compiler does: nodes in the order of lines.
type builder struct{ p *plan.Plan }

func (b *builder) add(parent plan.NodeID, block int, n plan.Node) plan.NodeID {
	id := plan.NodeID(len(b.p.Nodes))
	n.ID, n.Parent, n.Block, n.Next, n.Path = id, parent, block, plan.None, n.Name
	if n.OnFailure.Policy == "" {
		n.OnFailure = plan.OnFailure{Policy: plan.FailStop, Next: plan.None}
	}
	if up := b.p.Node(parent); up != nil {
		n.Path = up.Path + "/" + n.Name
	}
	for i := len(b.p.Nodes) - 1; i >= 0; i-- { // the step before it in its block
		if before := &b.p.Nodes[i]; before.Parent == parent && before.Block == block {
			before.Next = id
			break
		}
	}
	b.p.Nodes = append(b.p.Nodes, n)
	if parent == plan.None {
		if id == 0 {
			b.p.Entry = id
		}
	} else if bl := &b.p.Nodes[parent].Blocks[block]; bl.Entry == plan.None {
		bl.Entry = id
	}
	return id
}

func uses(name, action, target string) plan.Node {
	return plan.Node{Name: name, Kind: plan.Action, Action: &plan.Use{Action: action, Target: target}}
}

func blocks(labels ...string) []plan.Block {
	var out []plan.Block
	for _, l := range labels {
		out = append(out, plan.Block{Label: l, Entry: plan.None})
	}
	return out
}

func containment() *plan.Plan {
	b := &builder{&plan.Plan{Version: plan.Version, Runbook: "containment", Title: "Contain a suspected breach", Entry: plan.None}}
	top := func(n plan.Node) plan.NodeID { return b.add(plan.None, 0, n) }
	open := uses("open-investigation", "investigation.open", "cases")
	open.Title = "Open the investigation"
	top(open)
	agree := &plan.Approval{Roles: []string{"commander", "legal"}, Need: 2}
	top(plan.Node{Name: "authorise", Kind: plan.Approve, Approval: agree})
	contain := top(plan.Node{Name: "contain", Kind: plan.Parallel, Blocks: blocks("email", "website")})
	b.add(contain, 0, uses("email", "email.suspend", "corporate-mail"))
	website := uses("website", "website.suspend", "")
	website.Action.TargetExpr = plan.Of("${{ inputs.portal }}")
	b.add(contain, 1, website)
	rotate := top(plan.Node{Name: "rotate", Kind: plan.ForEach, As: "account", MaxParallel: 1, Blocks: blocks("")})
	b.add(rotate, 0, uses("reset", "credentials.rotate", "directory"))
	b.add(rotate, 0, uses("verify", "assert", ""))
	assess := top(plan.Node{Name: "assess", Kind: plan.If, Blocks: blocks("then", "else")})
	b.add(assess, 0, uses("enrol", "exec", ""))
	b.add(assess, 1, uses("close", "exec", ""))
	top(plan.Node{Name: "call-bank", Kind: plan.Manual, Title: "Call the bank",
		Outputs: []plan.Field{{Name: "reference", Type: "string", Required: true}}})
	top(uses("tell-customers", "notify.email", "out-of-band-mail"))
	return b.p
}

func golden(t *testing.T, name string, s projection.Status) {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetIndent("", " ")
	require.NoError(t, enc.Encode(s))
	file := filepath.Join("..", "..", "testdata", "projection", name+".json")
	if *update {
		require.NoError(t, os.WriteFile(file, b.Bytes(), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), b.String())
}

// brief is a status in a few lines: every step's path and status, then what
// waits, then what to type.
func brief(s projection.Status) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", s.Status)
	for _, st := range s.Steps {
		fmt.Fprintf(&b, "%s%s %s\n", strings.Repeat("  ", st.Depth+1), st.Path, st.Status)
	}
	for _, w := range s.Waiting {
		fmt.Fprintf(&b, "waits %s %s %d/%d: %s\n", w.For, w.Path, w.Have, w.Need, w.Command)
	}
	for _, n := range s.Next {
		fmt.Fprintf(&b, "next %s\n", strings.ReplaceAll(n, run, "RUN"))
	}
	return strings.ReplaceAll(b.String(), run, "RUN")
}

func TestStatusThroughARun(t *testing.T) {
	s := tell(t, containment())
	golden(t, "begun", s.status(true))

	s.did("open-investigation", event.Values{"case": "case-7"})
	s.say("authorise", nil, event.ApprovalAsked{Text: "Take email and website offline?", Roles: []string{"commander", "legal"}, Need: 2})
	s.say("authorise", dana, event.ApprovalGiven{Role: "commander", Comment: "go"})
	golden(t, "approval", s.status(false))

	s.say("authorise", omar, event.ApprovalGiven{Role: "legal"})
	s.say("authorise", nil, event.StepSucceeded{})
	s.say("contain", nil, event.StepStarted{})
	s.did("contain/website", nil)
	s.say("contain/email", nil, event.AttemptStarted{Attempt: 1, Key: "k"})
	s.say("contain/email", nil, event.StepFailed{Attempt: 1, Error: event.Failure{Message: "connection refused", Hint: "is it up?"}})
	golden(t, "decision", s.status(true))

	s.say("contain/email", dana, event.StepSkipped{Reason: "done by phone"})
	s.say("contain", nil, event.StepSucceeded{})
	s.say("rotate", nil, event.StepStarted{Items: []any{"alice", "o'neil/x"}, Keys: []string{"alice", "o'neil/x"}})
	s.did("rotate[alice]/reset", nil)
	s.did("rotate[alice]/verify", nil)
	s.say("rotate[o'neil/x]/reset", nil, event.AttemptStarted{Attempt: 1, Key: "k2"})
	s.say("rotate[o'neil/x]/reset", nil, event.StepUnknown{Attempt: 1, Reason: "the connection broke after the request"})
	golden(t, "unknown", s.status(false))

	s.say("rotate[o'neil/x]/reset", dana, event.StepResolved{Happened: true, Reason: "the old password is refused"})
	s.did("rotate[o'neil/x]/verify", nil)
	s.say("rotate", nil, event.StepSucceeded{})
	s.say("assess", nil, event.StepStarted{Branch: "else"})
	s.did("assess/close", nil)
	s.say("assess", nil, event.StepSucceeded{})
	s.say("call-bank", nil, event.StepStarted{Text: "Call the fraud desk."})
	golden(t, "manual", s.status(true))

	s.say("call-bank", omar, event.StepSucceeded{Outputs: event.Values{"reference": "FD-1"}})
	s.did("tell-customers", event.Values{"recipients": int64(3)})
	s.say("", nil, event.RunEnded{Status: event.Succeeded, Message: "contained"})
	golden(t, "ended", s.status(false))

	s.say("", dana, event.RollbackStarted{Reason: "false alarm"})
	golden(t, "rollback", s.status(true))
}

func TestARollbackSaysWhatItTakesBackAndWhatStays(t *testing.T) {
	p := containment()
	p.Nodes[0].Irreversible = "a case stays open"
	s := tell(t, p)
	s.did("open-investigation", nil)
	require.Equal(t, "irctl cancel "+run, s.status(false).Next[1], "nothing can be taken back yet")
	s.say("authorise", nil, event.ApprovalAsked{Text: "Go offline?", Roles: []string{"commander"}, Need: 1})
	s.say("authorise", dana, event.ApprovalGiven{Role: "commander"})
	s.say("authorise", nil, event.StepSucceeded{})
	s.say("contain", nil, event.StepStarted{})
	s.did("contain/website", nil)
	s.say("contain/email", nil, event.AttemptStarted{Attempt: 1, Key: "k"})
	s.say("contain/email", nil, event.StepFailed{Attempt: 1, Error: event.Failure{Message: "refused"}, Fallback: "Call the mail team."})
	s.say("contain/email", dana, event.StepSucceeded{Summary: "done by hand"})
	s.say("", dana, event.RollbackStarted{})
	got := s.status(true)
	require.Equal(t, []string{"open-investigation"}, got.Stays)
	require.Equal(t, []string{"contain/email"}, got.ByHand)
	require.Equal(t, "May 1 step be undone, newest first? contain/website.", got.Waiting[0].Text)
	require.Equal(t, "a, b, c and 2 more", projection.Some([]string{"a", "b", "c", "d", "e"}, 3))
	require.Equal(t, "a, b, c, d", projection.Some([]string{"a", "b", "c", "d"}, 3), "one more takes no more room than its name")
}

func TestStepsThatCannotBeginAnyMore(t *testing.T) {
	s := tell(t, containment())
	s.say("open-investigation", nil, event.AttemptStarted{Attempt: 1, Key: "k"})
	s.say("", dana, event.CancelRequested{Reason: "drill"})
	require.Equal(t, "canceled", string(s.did2("open-investigation").status(false).Steps[1].Status))
	require.Contains(t, brief(s.status(false)), "canceled\n  open-investigation succeeded\n  authorise canceled\n  contain canceled\n    contain/email canceled\n")
}

func (s *story) did2(path string) *story {
	s.say(path, nil, event.StepSucceeded{Attempt: 1, Changed: true})
	return s.say("", nil, event.RunEnded{Status: event.Canceled})
}

func TestLoopsShowEveryRound(t *testing.T) {
	b := &builder{&plan.Plan{Version: plan.Version, Runbook: "r", Entry: plan.None}}
	loop := b.add(plan.None, 0, plan.Node{Name: "poll", Kind: plan.While, Blocks: blocks("")})
	b.add(loop, 0, uses("look", "http", ""))
	s := tell(t, b.p)
	require.Equal(t, "running\n  poll pending\n    poll/look pending\n", first(brief(s.status(true)), 3))
	s.say("poll", nil, event.StepStarted{})
	s.say("poll", nil, event.IterationStarted{Iteration: 1})
	s.did("poll[1]/look", nil)
	s.say("poll", nil, event.IterationStarted{Iteration: 2})
	require.Equal(t, "running\n  poll running\n    poll[1]/look succeeded\n    poll[2]/look pending\n", first(brief(s.status(true)), 4))
}

func first(text string, lines int) string {
	return strings.Join(strings.SplitAfter(text, "\n")[:lines], "")
}

func TestCommandIsSafeToPaste(t *testing.T) {
	require.Equal(t, `irctl approve 01J 'rotate[alice]/reset'`, projection.Command("approve", "01J", "rotate[alice]/reset"))
	require.Equal(t, `irctl done 01J 'a[o'\''neil; rm -rf ~]/b'`, projection.Command("done", "01J", "a[o'neil; rm -rf ~]/b"))
	require.Equal(t, `irctl resolve 01J s --happened --reason ""`, projection.Command("resolve", "01J", "s", "--happened", "--reason", ""))
}

func TestTimesAreNeverNull(t *testing.T) {
	b, err := json.Marshal(projection.Status{Started: projection.Time{Time: t0}})
	require.NoError(t, err)
	require.Contains(t, string(b), `"started":"2026-11-23T21:04:00Z","ended":""`)
	var back projection.Status
	require.NoError(t, json.Unmarshal(b, &back))
	require.Equal(t, t0, back.Started.Time)
	require.True(t, back.Ended.IsZero())
}

func TestNothingInJSONIsNull(t *testing.T) {
	for _, name := range []string{"begun", "approval", "decision", "unknown", "manual", "ended", "rollback"} {
		b, err := os.ReadFile(filepath.Join("..", "..", "testdata", "projection", name+".json"))
		require.NoError(t, err)
		require.NotContains(t, string(b), "null", name)
	}
}

func TestEveryEventHasWords(t *testing.T) {
	for _, name := range event.Types() {
		e, err := event.Decode([]byte(`{"time":"2026-11-23T21:04:00Z","type":"` + string(name) + `","path":"a"}`))
		require.NoError(t, err)
		entry := projection.Tell(e)
		require.NotEmpty(t, entry.Word, name)
		if name != "run_ended" { // its word is the status
			require.NotContains(t, entry.Word, "_", "the words are for people")
		}
	}
}

// TestAHugeRunIsLinear builds the status of 100,000 steps, which would not end
// within the test's time if any lookup walked the others.
func TestAHugeRunIsLinear(t *testing.T) {
	const n = 100_000
	b := &builder{&plan.Plan{Version: plan.Version, Runbook: "r", Entry: plan.None}}
	loop := b.add(plan.None, 0, plan.Node{Name: "each", Kind: plan.ForEach, MaxParallel: 1, As: "x", Blocks: blocks("")})
	b.add(loop, 0, uses("look", "http", ""))
	keys, items := make([]string, n), make([]any, n)
	for i := range keys {
		keys[i] = strconv.Itoa(i)
		items[i] = int64(i)
	}
	s := tell(t, b.p).say("each", nil, event.StepStarted{Items: items, Keys: keys})
	st := s.status(true)
	require.Len(t, st.Steps, n+1)
	require.Equal(t, n, st.Steps[0].Inside)
	require.Equal(t, "each[99999]/look", st.Steps[n].Path)
}

func BenchmarkStatus(b *testing.B) {
	const n = 20_000
	p := &plan.Plan{Version: plan.Version, Runbook: "r", Entry: 0}
	for i := range n {
		node := uses("s"+strconv.Itoa(i), "http", "")
		node.ID, node.Path, node.Parent, node.Next = plan.NodeID(i), node.Name, plan.None, plan.NodeID(i+1)
		node.OnFailure = plan.OnFailure{Policy: plan.FailStop, Next: plan.None}
		p.Nodes = append(p.Nodes, node)
	}
	p.Nodes[n-1].Next = plan.None
	state := engine.New(p)
	apply := func(path string, body event.Body) {
		var err error
		state, err = engine.Apply(state, event.Event{Time: t0, Path: path, Body: body})
		require.NoError(b, err)
	}
	apply("", event.RunStarted{Run: run})
	for i := range n {
		path := "s" + strconv.Itoa(i)
		apply(path, event.AttemptStarted{Attempt: 1})
		apply(path, event.StepSucceeded{Attempt: 1})
	}
	b.ResetTimer()
	for range b.N {
		projection.Of(projection.Source{State: state})
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/step")
}

func TestOutputsKeepTheirNumbers(t *testing.T) {
	s := tell(t, containment()).did("open-investigation", event.Values{"ratio": 1.5})
	b, err := json.Marshal(s.status(true).Steps[0])
	require.NoError(t, err)
	require.Contains(t, string(b), `"outputs":{"ratio":1.5}`)
}

func TestAnotherDayIsNamed(t *testing.T) {
	now := time.Date(2030, 1, 1, 23, 0, 0, 0, time.UTC)
	ask := func(within time.Duration) string {
		return projection.Tell(event.Event{Time: now, Path: "x", Body: event.ApprovalAsked{Roles: []string{"legal"}, Need: 1, Deadline: now.Add(within)}}).Text
	}
	require.Equal(t, "legal; until 23:30:00Z", ask(30*time.Minute))
	require.Equal(t, "legal; until 2030-01-04 23:00:00Z", ask(72*time.Hour))
}

func TestAnUnknownOutcomeHasNoDeadline(t *testing.T) {
	now := time.Date(2030, 1, 1, 8, 0, 0, 0, time.UTC)
	s := engine.New(plantest.Build(plantest.Do("one")))
	for _, e := range []event.Event{
		{By: &event.Actor{User: "root"}, Body: event.RunStarted{Run: run}},
		{Path: "one", Body: event.AttemptStarted{Attempt: 1, Deadline: now.Add(time.Hour)}},
		{Path: "one", Body: event.StepUnknown{Attempt: 1, Reason: "the power went"}},
	} {
		e.Time = now
		var err error
		s, err = engine.Apply(s, e)
		require.NoError(t, err)
	}
	waiting := projection.Of(projection.Source{State: s, Now: now}).Waiting
	require.Len(t, waiting, 1)
	require.Zero(t, waiting[0].Deadline)
}
