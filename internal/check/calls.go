package check

import (
	"errors"
	"strings"

	"github.com/irctl/irctl/internal/expr"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

// callee returns the runbook that a step runs, or why it cannot be read.
func (c *checker) callee(s *runbook.Step) (*runbook.Runbook, error) {
	if c.deps.Callee == nil {
		return nil, errors.New("other runbooks are not at hand here")
	}
	if known, ok := c.callees[s.Run.Value]; ok {
		return known.rb, known.err
	}
	rb, err := c.deps.Callee(s.Run.Value, c.rb.File)
	if err == nil && rb == nil {
		err = errors.New("there is no such runbook")
	}
	if c.callees == nil {
		c.callees = map[string]called{}
	}
	c.callees[s.Run.Value] = called{rb, err}
	return rb, err
}

// called is what came of reading a runbook that another runs.
type called struct {
	rb  *runbook.Runbook
	err error
}

// run checks a step that runs another runbook.
func (c *checker) run(s *runbook.Step, at scope) {
	if len(s.Results) > 0 {
		c.report(OutputsOfCall, s.Results[0].Key.Span, "a step that runs a runbook has that runbook's outputs", "declare them under `outputs` in `"+s.Run.Value+"`")
	}
	rb, err := c.callee(s)
	if err != nil {
		if s.Run.Given() {
			c.report(UnknownRunbook, s.Run.Span, "the runbook `"+s.Run.Value+"` cannot be read: "+err.Error(), "check the name or path")
		}
		for _, p := range s.With {
			if p.Value != nil {
				c.anything(p.Value, at, "")
			}
		}
		return
	}
	if circle := c.circle(rb, []string{c.rb.File, rb.File}); circle != nil {
		c.report(Recursion, s.Run.Span, "the runbook would run itself: "+strings.Join(circle, " -> "), "use `while` to repeat steps")
	}
	fields := make([]action.Field, len(rb.Inputs))
	for i, in := range rb.Inputs {
		fields[i] = FieldOf(in)
	}
	c.fields(s.With, fields, at, s.Run.Span, "the runbook `"+s.Run.Value+"`")
}

// circle follows calls from a runbook and returns the files of a circle that
// leads back to the runbook under check, nil if there is none.
func (c *checker) circle(rb *runbook.Runbook, path []string) []string {
	if rb.File == c.rb.File {
		return path
	}
	if c.safe[rb.File] || len(path) > 50 {
		return nil
	}
	if c.safe == nil {
		c.safe = map[string]bool{}
	}
	c.safe[rb.File] = true
	var found []string
	walk(rb.Steps, func(s *runbook.Step) {
		if s.Kind != runbook.KindRun || found != nil {
			return
		}
		next, err := c.deps.Callee(s.Run.Value, rb.File)
		if err != nil || next == nil {
			return // reported when that runbook is checked
		}
		found = c.circle(next, append(path[:len(path):len(path)], next.File))
	})
	if found != nil {
		delete(c.safe, rb.File)
	}
	return found
}

// walk calls f for every step, blocks included.
func walk(steps []*runbook.Step, f func(*runbook.Step)) {
	for _, s := range steps {
		f(s)
		for _, b := range blocksOf(s) {
			walk(b.steps, f)
		}
	}
}

func (c *checker) calleeOutputs(s *runbook.Step) *outputs {
	rb, err := c.callee(s)
	if err != nil {
		return &outputs{open: true}
	}
	o := &outputs{}
	for _, p := range rb.Outputs {
		o.add(p.Key.Value, expr.Any)
	}
	return o
}
