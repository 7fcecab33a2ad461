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
	if c.lost >= maxFindings {
		return nil, errors.New("too many others cannot be read")
	}
	rb, err := c.deps.Callee(s.Run.Value, c.rb.File)
	if err == nil && rb == nil {
		err = errors.New("there is no such runbook")
	}
	if err != nil {
		c.lost++
	}
	if c.callees == nil {
		c.callees = map[string]*called{}
	}
	c.callees[s.Run.Value] = &called{rb: rb, err: err}
	return rb, err
}

// called is what came of reading a runbook that another runs.
type called struct {
	rb      *runbook.Runbook
	err     error
	inputs  []action.Field // see fields
	outputs *outputs       // nil until somebody asks
}

// fields are the inputs of the runbook, as the fields of what is given.
func (c *called) fields() []action.Field {
	if c.inputs == nil {
		for _, in := range c.rb.Inputs {
			c.inputs = append(c.inputs, FieldOf(in).Compiled())
		}
	}
	return c.inputs
}

var UnknownRunbook = codes.Error("IR0211", "the runbook to run cannot be read",
	"The step cannot run. Check the name or path.")

var Recursion = codes.Error("IR0212", "a runbook runs itself",
	"It would never end. Break the circle; use while to repeat steps.")

var OutputsOfCall = codes.Error("IR0233", "outputs on a step that runs a runbook",
	"What a runbook hands back is its own decision. Declare the outputs in the runbook that is run.")

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
	c.fields(s.With, c.callees[s.Run.Value].fields(), at, s.Run.Span, "the runbook `"+s.Run.Value+"`")
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
	for s := range runbook.All(rb.Steps) {
		if s.Kind != runbook.KindRun {
			continue
		}
		next, err := c.deps.Callee(s.Run.Value, rb.File)
		if err != nil || next == nil {
			continue // reported when that runbook is checked
		}
		if found := c.circle(next, append(path[:len(path):len(path)], next.File)); found != nil {
			delete(c.safe, rb.File)
			return found
		}
	}
	return nil
}

func (c *checker) calleeOutputs(s *runbook.Step) *outputs {
	rb, err := c.callee(s)
	if err != nil {
		return &outputs{open: true}
	}
	known := c.callees[s.Run.Value]
	if known.outputs == nil {
		known.outputs = &outputs{}
		for _, p := range rb.Outputs {
			known.outputs.add(p.Key.Value, expr.Any)
		}
	}
	return known.outputs
}
