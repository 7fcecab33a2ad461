package runbooktest

import (
	"cmp"
	"encoding/json"

	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/simulate"
	"github.com/irctl/irctl/pkg/event"
)

// Coverage says what of a runbook its tests reach.
type Coverage struct {
	Runbook  string   `json:"runbook"`
	Percent  float64  `json:"percent"` // of everything, 100 if there is nothing to reach
	Steps    Share    `json:"steps"`
	Branches Share    `json:"branches"` // ways through choices and loops
	Fails    Share    `json:"failures"` // ways to fail
	Excused  int      `json:"excused"`  // by `unreachable` in the test file
	Missed   []Missed `json:"missed"`
}

// Share is a part of a whole.
type Share struct{ Reached, All int }

// MarshalJSON implements json.Marshaler: [reached, all].
func (s Share) MarshalJSON() ([]byte, error) { return json.Marshal([2]int{s.Reached, s.All}) }

// Missed is something that no test reaches, or that is reached although the
// test file says that it cannot be.
type Missed struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Step    string `json:"step"` // path
	Edge    string `json:"edge"`
	Words   string `json:"words"` // "is never skipped"
	Reached bool   `json:"reached,omitempty"`
	Because string `json:"because,omitempty"` // the reason that the test file gave
}

func (c *Coverage) percent() float64 {
	all := c.Steps.All + c.Branches.All + c.Fails.All
	if all == 0 {
		return 100
	}
	return 100 * float64(c.Steps.Reached+c.Branches.Reached+c.Fails.Reached) / float64(all)
}

// Coverage adds up what results of the suite's cases reached.
func (s *Suite) Coverage(results []Result) Coverage {
	hit := map[edge]bool{}
	for _, r := range results {
		for e := range r.edges {
			hit[e] = true
		}
	}
	out := Coverage{Runbook: s.Plan.Runbook, Missed: []Missed{}}
	for _, e := range s.edges() {
		because, excused := s.excuses[e]
		n := s.Plan.Node(e.node)
		miss := Missed{File: n.File, Line: n.Line, Column: n.Column, Step: n.Path, Edge: e.name, Words: words(n, e.name)}
		if excused {
			out.Excused++
			if hit[e] {
				miss.Reached, miss.Because = because.Value != "", because.Value
				out.Missed = append(out.Missed, miss)
			}
			continue
		}
		share := out.share(e.name)
		share.All++
		if hit[e] {
			share.Reached++
		} else {
			out.Missed = append(out.Missed, miss)
		}
	}
	out.Percent = out.percent()
	return out
}

func (c *Coverage) share(name string) *Share {
	switch name {
	case runs:
		return &c.Steps
	case retried, fails, timesOut, refused, expires, undone:
		return &c.Fails
	}
	return &c.Branches
}

// misses are the words for edges that are missing, besides `fails`.
var misses = map[string]string{
	runs:     "never has its turn",
	skipped:  "is never skipped: its `when` always holds",
	then:     "never takes `then`",
	orElse:   "never takes `else`",
	none:     "never takes no branch",
	fallback: "never takes `default`",
	zero:     "never goes through nothing",
	one:      "never goes through exactly one",
	many:     "never goes through more than one",
	retried:  "is never tried again",
	timesOut: "never times out",
	refused:  "is never refused",
	expires:  "is never left unanswered until its time is up",
	undone:   "is never undone",
}

// words says what is missing.
func words(n *plan.Node, name string) string {
	if name == fails {
		return "never fails for good: " + afterwards(n)
	}
	return cmp.Or(misses[name], "never takes "+name)
}

// afterwards says what would follow a failure.
func afterwards(n *plan.Node) string {
	if n.Fallback.Given {
		return "nobody takes over"
	}
	switch n.OnFailure.Policy {
	case plan.FailContinue:
		return "the run never goes on without it"
	case plan.FailRollback:
		return "it never causes a rollback"
	case plan.FailNext:
		return "its on_failure step is never reached this way"
	}
	return "nobody has to decide"
}

// reached finds the edges that a run took.
func (s *Suite) reached(r simulate.Result) map[edge]bool {
	t := &tracker{s: s, state: r.State, hit: map[edge]bool{}, tried: map[string]bool{}}
	for _, e := range r.Events {
		if e.Path != "" {
			t.see(e)
		}
	}
	for _, st := range r.State.Steps() {
		t.end(st)
	}
	return t.hit
}

type tracker struct {
	s     *Suite
	state engine.State
	hit   map[edge]bool
	tried map[string]bool // steps whose attempt has begun since they were asked about
}

func (t *tracker) see(e event.Event) {
	st, _ := t.state.Step(e.Path)
	n := t.s.Plan.Node(st.Node)
	mark := func(name string) { t.hit[edge{n.ID, name}] = true }
	switch b := e.Body.(type) {
	case event.ApprovalAsked:
		t.tried[e.Path] = false
		if n.Kind == plan.Approve {
			mark(runs)
		}
	case event.ApprovalRefused:
		if !b.Undo {
			mark(refused)
		}
	case event.StepStarted:
		mark(runs)
		t.started(n, b)
	case event.AttemptStarted:
		t.tried[e.Path] = true
		mark(runs)
	case event.AttemptFailed:
		mark(retried)
		if b.Error.Timeout {
			mark(timesOut)
		}
	case event.StepUnknown:
		if !st.Deadline.IsZero() && !e.Time.Before(st.Deadline) {
			mark(timesOut)
		}
	case event.StepSkipped:
		if e.By == nil {
			mark(skipped)
		}
	case event.StepSucceeded:
		if n.Kind == plan.Set || n.Kind == plan.Stop {
			mark(runs)
		}
	case event.StepFailed:
		gate := n.Kind == plan.Approve || n.Approval != nil && !t.tried[e.Path]
		switch {
		case b.Error.Timeout && gate:
			mark(expires)
		case b.Error.Timeout:
			mark(timesOut)
		}
		if n.Kind != plan.Action || t.tried[e.Path] {
			mark(fails)
		}
	case event.StepUndone:
		mark(undone)
	}
}

// started marks the way that a choice or a loop over items takes.
func (t *tracker) started(n *plan.Node, b event.StepStarted) {
	name := ""
	switch n.Kind {
	case plan.If, plan.Switch:
		switch {
		case b.Branch == engine.NoBranch:
			name = none
		case n.Kind == plan.If:
			name = b.Branch
		case b.Branch == "":
			name = fallback
		default:
			name = "case " + b.Branch
		}
	case plan.ForEach:
		name = passes(len(b.Items))
	}
	if name != "" {
		t.hit[edge{n.ID, name}] = true
	}
}

func passes(n int) string {
	switch n {
	case 0:
		return zero
	case 1:
		return one
	}
	return many
}

// end marks what no event tells: how often a while loop went round, and blocks
// that failed because something in them did.
func (t *tracker) end(st *engine.Step) {
	n := t.s.Plan.Node(st.Node)
	if n.Kind == plan.While && st.Phase == engine.Ended {
		t.hit[edge{n.ID, passes(st.Iteration)}] = true
	}
	if len(n.Blocks) > 0 && st.Status == event.Failed {
		t.hit[edge{n.ID, fails}] = true
	}
}
