package compile

import (
	"fmt"

	"github.com/irctl/irctl/internal/check"
	"github.com/irctl/irctl/internal/finding"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

// maxNodes is how many steps a plan may have. Runbooks that run others twice,
// which run others twice, would fill any memory.
const maxNodes = 100_000

var codes = finding.Unshown("it takes runbooks that run others many times over")

// Codes is what this package finds.
func Codes() *finding.Set { return codes }

var planTooLarge = codes.Error("IR0290", "the plan has too many steps",
	fmt.Sprintf("A plan holds at most %d steps, those of called runbooks included for each time they are called. Use foreach to repeat steps.", maxNodes))

// Runbook checks a parsed runbook and every other one that it runs, and lowers
// them to a plan. The plan is nil if one of the findings is an error. Findings
// in called runbooks have the places of their own files.
func Runbook(rb *runbook.Runbook, d check.Deps) (*plan.Plan, runbook.Diagnostics) {
	c := &compiler{
		deps: d, facts: map[string]*check.Facts{},
		plan: &plan.Plan{Version: plan.Version, Nodes: []plan.Node{}},
	}
	c.analyze(rb)
	if c.found.HasErrors() {
		return nil, c.found
	}
	p := c.plan
	p.Runbook, p.Title, p.Description, p.Owner = rb.Name.Value, rb.Title.Value, rb.Description.Value, rb.Owner.Value
	p.Source = rb.File
	if rb.Objective != nil {
		p.Objective = rb.Objective.Text
	}
	p.Inputs = inputFields(rb.Inputs)
	p.Outputs = assignments(rb.Outputs)
	p.Entry = c.block(rb, rb.Steps, place{parent: plan.None})
	if c.found.HasErrors() {
		return nil, c.found
	}
	return p, c.found
}

// compiler holds one plan while it is made.
type compiler struct {
	deps  check.Deps
	facts map[string]*check.Facts // by nameOf; nil while it is being looked at
	found runbook.Diagnostics
	plan  *plan.Plan
	full  bool
}

// analyze checks a runbook and those that it runs, each once.
func (c *compiler) analyze(rb *runbook.Runbook) {
	if _, seen := c.facts[nameOf(rb)]; seen {
		return
	}
	facts, found := check.Analyze(rb, c.deps)
	c.facts[nameOf(rb)] = facts
	c.found = append(c.found, found...)
	for s := range runbook.All(rb.Steps) {
		if s.Kind != runbook.KindRun {
			continue
		}
		if callee := c.callee(rb, s); callee != nil {
			c.analyze(callee)
		}
	}
}

// nameOf tells a runbook from all others of a plan: by its file, and by what it
// takes and returns, because a playbook becomes another runbook for each way in
// which it is called.
func nameOf(rb *runbook.Runbook) string {
	name := rb.File
	for _, in := range rb.Inputs {
		name += " " + in.Name.Value
	}
	for _, out := range rb.Outputs {
		name += " -> " + out.Key.Value
	}
	return name
}

// callee returns the runbook that a step runs; nil if it cannot be read, which
// check has reported.
func (c *compiler) callee(rb *runbook.Runbook, s *runbook.Step) *runbook.Runbook {
	if c.deps.Callee == nil {
		return nil
	}
	callee, err := c.deps.Callee(s.Run.Value, rb.File)
	if err != nil {
		return nil
	}
	return callee
}

func (c *compiler) spec(name string) action.Spec {
	s, _ := c.deps.Spec(name)
	return s
}
