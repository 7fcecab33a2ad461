package runbooktest

import (
	"time"

	"github.com/irctl/irctl/internal/drive"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/simulate"
	"github.com/irctl/irctl/pkg/event"
	"github.com/irctl/irctl/pkg/runbook"
)

// Result is how a case went. Its JSON is that of `irctl test`; fields are only
// ever added.
type Result struct {
	Name     string       `json:"name"`
	Line     int          `json:"line"` // of the case's name
	Column   int          `json:"column"`
	Passed   bool         `json:"passed"`
	Status   event.Status `json:"status"`  // of the run
	Elapsed  Elapse       `json:"elapsed"` // simulated
	Failures []Failure    `json:"failures"`
	Path     []Stop       `json:"path"` // the steps that had their turn
	edges    map[edge]bool
}

// Elapse is simulated time, which reports show in milliseconds.
type Elapse time.Duration

// String implements fmt.Stringer.
func (e Elapse) String() string { return time.Duration(e).Round(time.Millisecond).String() }

// MarshalText implements encoding.TextMarshaler.
func (e Elapse) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// Failure is something that was not as expected. All texts are without the
// case's secrets.
type Failure struct {
	At      runbook.Span `json:"-"` // of the expectation in the test file
	File    string       `json:"file"`
	Line    int          `json:"line"`
	Column  int          `json:"column"`
	Summary string       `json:"summary"`
	Why     string       `json:"why,omitempty"`  // why it went as it did; may be empty
	Diff    []Line       `json:"diff,omitempty"` // of the path; nil for others
}

// Stop is one step of the path that a run took.
type Stop struct {
	Path   string       `json:"step"`
	Node   plan.NodeID  `json:"-"`
	Status event.Status `json:"status"`
	At     Elapse       `json:"at"`            // since the start
	Why    string       `json:"why,omitempty"` // its error, the reason for which it was skipped, or its summary
}

// Cases returns how many cases the suite has; their numbers begin at 0.
func (s *Suite) Cases() int { return len(s.cases) }

// Name returns the name of a case.
func (s *Suite) Name(i int) string { return s.cases[i].Name.Value }

// Run carries out a case.
func (s *Suite) Run(i int) Result {
	c := s.cases[i]
	w := newCast(s.Plan, c)
	r := simulate.Run(simulate.Config{
		Plan: s.Plan, Inputs: c.inputs, Secrets: c.secrets, By: actor(c.by), Start: c.start, Environment: "test",
		Value: func(name string) (string, bool) {
			if v, ok := c.values[name]; ok {
				return v, true
			}
			return "env." + name, true
		},
		Spec: s.deps.Spec, Inspects: s.deps.Inspects, Undoes: s.deps.Undoes,
		Evaluator: s.eval, World: w, Interventions: w.interventions(),
	})
	j := &judge{s: s, c: c, w: w, r: r, steps: r.State.Steps()}
	at := c.Name.Span.Start
	out := Result{Name: c.Name.Value, Line: at.Line, Column: at.Column, Path: j.path(), Status: r.State.Status(), Elapsed: Elapse(r.Elapsed)}
	out.Failures = append([]Failure{}, j.all(out.Path)...)
	out.Passed = len(out.Failures) == 0
	for i := range out.Failures {
		f := &out.Failures[i]
		f.File, f.Line, f.Column = f.At.File, f.At.Start.Line, f.At.Start.Column
	}
	out.edges = s.reached(r)
	redact(&out, c)
	return out
}

// redact takes the case's secrets out of everything that is shown.
func redact(r *Result, c *bound) {
	if len(c.secrets) == 0 {
		return
	}
	red := drive.NewRedactor()
	for _, secret := range c.secrets {
		red.Add(secret)
	}
	for i := range r.Failures {
		f := &r.Failures[i]
		f.Summary, f.Why = red.Text(f.Summary), red.Text(f.Why)
		for k := range f.Diff {
			f.Diff[k].Text, f.Diff[k].Why = red.Text(f.Diff[k].Text), red.Text(f.Diff[k].Why)
		}
	}
	for i := range r.Path {
		r.Path[i].Why = red.Text(r.Path[i].Why)
	}
}

// path lists the steps that had their turn, in order. A block is in it only if
// nothing in it is.
func (j *judge) path() []Stop {
	filled := map[string]bool{}
	for _, st := range j.steps {
		filled[st.Parent] = true
	}
	out := []Stop{}
	for _, st := range j.steps {
		if filled[st.Path] {
			continue
		}
		out = append(out, Stop{st.Path, st.Node, st.Status, Elapse(st.Since.Sub(j.c.start)), why(st)})
	}
	return out
}

// why says why a step went as it did.
func why(st *engine.Step) string {
	if st.Undo.Error != nil {
		return st.Undo.Error.Message
	}
	if st.Error != nil {
		return st.Error.Message
	}
	if st.Phase == engine.Approving || st.Phase == engine.Asking {
		return ""
	}
	return st.Summary
}
