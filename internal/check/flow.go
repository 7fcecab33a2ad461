package check

import (
	"github.com/irctl/irctl/internal/expr"
	"github.com/irctl/irctl/internal/suggest"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

// jumps checks where a step goes on to.
func (c *checker) jumps(n *node) {
	c.jump(n, n.step.Next)
	f := n.step.OnFailure
	if f == nil {
		return
	}
	c.jump(n, f.Next)
}

var JumpTarget = codes.Error("IR0201", "a jump leads nowhere",
	"next and on_failure.next can only reach steps of the same block: what is around a block waits for the block as a whole. Name a step of the same block, or move the step.")

func (c *checker) jump(n *node, to runbook.Text) {
	if !to.Given() {
		return
	}
	if first := c.byID[to.Value]; first != nil && first.block == n.block {
		return
	}
	if _, taken := n.block.positions()[to.Value]; taken {
		return // its id is taken, which is reported
	}
	var allowed []string
	for _, other := range n.block.steps {
		if len(allowed) == 8 {
			break
		}
		if other != n && other.step.ID.Given() {
			allowed = append(allowed, other.step.ID.Value)
		}
	}
	known, hint := "there is no step `"+to.Value+"`", ""
	if _, elsewhere := c.byID[to.Value]; elsewhere {
		known = "the step `" + to.Value + "` is in another block"
	} else {
		hint = suggest.DidYouMean(to.Value, allowed)
	}
	if hint == "" {
		hint = "no other step of this block has an id"
		if len(allowed) > 0 {
			hint = "from here a step can go on at " + list(allowed)
		}
	}
	d := c.report(JumpTarget, to.Span, known, hint)
	if other, elsewhere := c.byID[to.Value]; elsewhere {
		d.Related = []runbook.Related{{Span: other.span(), Message: "the step"}}
	} else if only := suggest.Only(to.Value, allowed); only != "" {
		d.Fix = &runbook.Edit{Span: to.Span, Text: only}
	}
}

// declared returns the outputs of a step that can be known without looking at
// expressions; nil for blocks.
func (c *checker) declared(s *runbook.Step) *outputs {
	switch s.Kind {
	case runbook.KindUses:
		if s.Uses == nil {
			return &outputs{}
		}
		return c.outputsOf(s.Uses.Action.Value)
	case runbook.KindManual:
		o := &outputs{}
		for _, in := range s.Outputs {
			o.add(in.Name.Value, inputType(in))
		}
		return o
	case runbook.KindRun:
		return c.calleeOutputs(s)
	case runbook.KindApprove:
		o := &outputs{}
		o.add("approved_by", expr.Type{Of: action.List, Items: action.String})
		return o
	case runbook.KindWait:
		if s.Verify != nil {
			return c.outputsOf(s.Verify.Action.Value)
		}
		return &outputs{}
	case runbook.KindSet, runbook.KindStop:
		return &outputs{}
	case "": // the parser has said that the step does nothing
		return &outputs{open: true}
	}
	return nil
}

// outputsOf are the outputs of an action.
func (c *checker) outputsOf(name string) *outputs {
	if o := c.byAction[name]; o != nil {
		return o
	}
	spec, ok := c.deps.Spec(name)
	o := &outputs{open: !ok}
	for _, f := range spec.Outputs {
		o.add(f.Name, expr.Type{Of: f.Type, Items: f.Items})
	}
	c.byAction[name] = o
	return o
}

// results checks the outputs of a block, which are expressions over what ran
// inside.
func (c *checker) results(n *node) {
	if n.outputs != nil {
		return
	}
	o := &outputs{}
	at := scope{c: c, at: n, behind: true}
	var types []expr.Type
	for _, p := range n.step.Results {
		t := expr.Any
		if p.Value != nil {
			t = c.kept(p.Value, at)
		}
		if n.step.Kind == runbook.KindForEach {
			t = expr.Type{Of: action.List, Items: t.Of}
		}
		types = append(types, t)
		o.add(p.Key.Value, t)
	}
	n.outputs = o
	c.facts.Results[n.step] = types
}

// runbookItself checks what stands outside of the steps.
func (c *checker) runbookItself() {
	end := scope{c: c}
	c.plainDuration(c.rb.Objective, "objective")
	for _, p := range c.rb.Outputs {
		t := expr.Any
		if p.Value != nil {
			t = c.kept(p.Value, end)
		}
		c.facts.Outputs = append(c.facts.Outputs, t)
	}
}
