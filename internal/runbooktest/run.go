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

// Result is how a case went.
type Result struct {
	Name     string
	At       runbook.Span // of the case's name
	Failures []Failure    // none: it passed
	Path     []Stop       // the steps that had their turn
	Status   event.Status // of the run
	Elapsed  time.Duration
	edges    map[edge]bool
}

// Failure is something that was not as expected. All texts are without the
// case's secrets.
type Failure struct {
	At      runbook.Span // of the expectation in the test file
	Summary string
	Why     string // why it went as it did; may be empty
	Diff    []Line // of the path; nil for others
}

// Stop is one step of the path that a run took.
type Stop struct {
	Path   string
	Node   plan.NodeID
	Status event.Status
	Why    string // its error, the reason for which it was skipped, or its summary
	At     time.Duration
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
	out := Result{Name: c.Name.Value, At: c.Name.Span, Path: j.path(), Status: r.State.Status(), Elapsed: r.Elapsed}
	out.Failures = j.all(out.Path)
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
	var out []Stop
	for _, st := range j.steps {
		if filled[st.Path] {
			continue
		}
		out = append(out, Stop{st.Path, st.Node, st.Status, why(st), st.Since.Sub(j.c.start)})
	}
	return out
}

// why says why a step went as it did.
func why(st engine.Step) string {
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
