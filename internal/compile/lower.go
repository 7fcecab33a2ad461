package compile

import (
	"strconv"
	"strings"

	"github.com/irctl/irctl/internal/check"
	"github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/expr"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

// interval is how often the condition of a wait is looked at if the runbook
// does not say.
const interval = "10s"

// place is where a block's nodes stand in the plan.
type place struct {
	parent plan.NodeID
	block  int
	path   string // of the parent
}

// block lowers a row of steps and returns its entry. A node's blocks follow
// the node itself, so that nodes stand in the order of the file.
func (c *compiler) block(rb *runbook.Runbook, steps []*runbook.Step, at place) plan.NodeID {
	ids := map[string]plan.NodeID{}
	order := make([]plan.NodeID, 0, len(steps))
	for _, s := range steps {
		id, ok := c.node(rb, s, at)
		if !ok {
			return plan.None
		}
		ids[s.ID.Value] = id
		order = append(order, id)
	}
	for i, s := range steps {
		n := &c.plan.Nodes[order[i]]
		if i+1 < len(order) {
			n.Next = order[i+1]
		}
		if s.Next.Given() {
			n.Next = ids[s.Next.Value]
		}
		if s.OnFailure != nil && s.OnFailure.Next.Given() {
			n.OnFailure.Next = ids[s.OnFailure.Next.Value]
		}
	}
	if len(order) == 0 {
		return plan.None
	}
	return order[0]
}

// node lowers one step with everything inside.
func (c *compiler) node(rb *runbook.Runbook, s *runbook.Step, at place) (plan.NodeID, bool) {
	if len(c.plan.Nodes) >= maxNodes {
		if !c.full {
			c.full = true
			c.found = append(c.found, planTooLarge.At(s.Span, "the plan has too many steps", "use `foreach` to repeat steps, or run fewer runbooks"))
		}
		return plan.None, false
	}
	id := plan.NodeID(len(c.plan.Nodes))
	c.plan.Nodes = append(c.plan.Nodes, plan.Node{})
	n := c.common(rb, s)
	n.ID, n.Parent, n.Block, n.Next = id, at.parent, at.block, plan.None
	n.Path = n.Name
	if at.path != "" {
		n.Path = at.path + "/" + n.Name
	}
	c.kind(rb, s, &n)
	c.plan.Nodes[id] = n
	blocks := c.blocks(rb, s, n)
	c.plan.Nodes[id].Blocks = blocks
	return id, true
}

// common lowers what any step may have.
func (c *compiler) common(rb *runbook.Runbook, s *runbook.Step) plan.Node {
	n := plan.Node{
		Name: s.ID.Value, Kind: plan.Kind(s.Kind), Title: s.Title.Value, Description: s.Description.Value,
		Phase: s.Phase.Value, Owner: s.Owner.Value, Tags: texts(s.Tags),
		File: rb.File, Line: s.Span.Start.Line, Column: s.Span.Start.Column,
		OnFailure: plan.OnFailure{Policy: plan.FailStop, Next: plan.None},
		When:      expression(s.When), Delay: value(s.Delay), Timeout: value(s.Timeout),
		Retry: retry(s.Retry), Approval: approval(s.Approval), Fallback: value(s.Fallback),
		Undo: use(s.Undo), Verify: use(s.Verify), VerifySelf: s.VerifySelf, Irreversible: s.Irreversible.Value,
		Results: assignments(s.Results),
	}
	if s.OnFailure != nil {
		n.OnFailure.Policy = plan.Policy(s.OnFailure.Policy.Value)
	}
	types := c.facts[nameOf(rb)].Results[s]
	for i, p := range s.Results {
		n.Outputs = append(n.Outputs, typedField(p.Key.Value, types[i]))
	}
	return n
}

// kind lowers what the step's own kind adds.
func (c *compiler) kind(rb *runbook.Runbook, s *runbook.Step, n *plan.Node) {
	switch s.Kind {
	case runbook.KindUses:
		spec := c.spec(s.Uses.Action.Value)
		n.Action, n.Outputs, n.Idempotent = use(s.Uses), actionFields(spec.Outputs), spec.Idempotent || spec.EffectWith(s.Uses.Text(spec.ReadIf.Input)) == action.Read
		if s.Expires != nil {
			n.Expires = s.Expires.Text
		}
		if s.Idempotent != nil {
			n.Idempotent = *s.Idempotent
		}
		if n.Irreversible == "" && n.Undo == nil {
			n.Irreversible = c.cannotUndo(spec)
		}
	case runbook.KindManual:
		n.Text, n.Outputs, n.Evidence = value(s.Manual), inputFields(s.Outputs), inputFields(s.Evidence)
	case runbook.KindApprove:
		n.Approval, n.Text = approval(s.Approve), value(s.Approve.Text)
		n.Approval.Text = plan.Value{}
		n.Outputs = []plan.Field{{Name: "approved_by", Type: string(action.List), Items: string(action.String)}}
	case runbook.KindWait:
		c.wait(rb, s, n)
	case runbook.KindSet:
		n.Set = assignments(s.Set)
	case runbook.KindRun:
		callee := c.callee(rb, s)
		n.Callee, n.CalleeInputs, n.With = callee.Name.Value, inputFields(callee.Inputs), assignments(s.With)
		n.Results = assignments(callee.Outputs)
		for i, t := range c.facts[nameOf(callee)].Outputs {
			n.Outputs = append(n.Outputs, typedField(callee.Outputs[i].Key.Value, t))
		}
	case runbook.KindIf:
		n.Condition = expression(s.If)
	case runbook.KindSwitch:
		n.Subject = value(s.Switch)
	case runbook.KindWhile:
		n.Condition, n.MaxIterations = expression(s.While), s.MaxIterations
	case runbook.KindForEach:
		n.Subject, n.As, n.MaxParallel = value(s.ForEach), check.LoopVariable(s), max(1, s.MaxParallel)
		budget(s.Budget, n)
	case runbook.KindStop:
		n.Text, n.StopStatus = value(s.Stop.Message), "succeeded"
		if s.Stop.Fail {
			n.StopStatus = "failed"
		}
	}
}

func (c *compiler) wait(rb *runbook.Runbook, s *runbook.Step, n *plan.Node) {
	n.WaitFor = value(s.Wait.For)
	if s.Verify != nil {
		n.Outputs = actionFields(c.spec(s.Verify.Action.Value).Outputs)
	}
	switch {
	case s.Wait.Until == nil && s.Verify == nil:
	case c.facts[nameOf(rb)].Timed[s]:
		n.WaitUntil = value(s.Wait.Until)
	default:
		n.Condition = expression(s.Wait.Until)
		if n.Interval = value(s.Wait.Every); !n.Interval.Given {
			n.Interval = plan.Of(interval)
		}
	}
}

// blocks lowers what stands inside a step.
func (c *compiler) blocks(rb *runbook.Runbook, s *runbook.Step, n plan.Node) []plan.Block {
	var out []plan.Block
	add := func(rb *runbook.Runbook, label string, steps []*runbook.Step) {
		entry := c.block(rb, steps, place{n.ID, len(out), n.Path})
		out = append(out, plan.Block{Label: label, Entry: entry})
	}
	switch s.Kind {
	case runbook.KindRun:
		callee := c.callee(rb, s)
		add(callee, "", callee.Steps)
	case runbook.KindParallel:
		for _, branch := range s.Parallel {
			add(rb, branch.ID.Value, []*runbook.Step{branch})
		}
	case runbook.KindIf:
		add(rb, "then", s.Then)
		if len(s.Else) > 0 {
			add(rb, "else", s.Else)
		}
	case runbook.KindSwitch:
		for _, one := range s.Cases {
			add(rb, one.Match.Value, one.Steps)
		}
		if len(s.Default) > 0 {
			add(rb, "", s.Default)
		}
	case runbook.KindWhile, runbook.KindForEach:
		add(rb, "", s.Do)
	case runbook.KindSteps:
		add(rb, "", s.Steps)
	}
	if len(s.Always) > 0 {
		add(rb, "always", s.Always)
		out[len(out)-1].Always = true
	}
	return out
}

// expression returns the text of a condition without ${{ }}.
func expression(v *runbook.Value) plan.Expr {
	if v == nil {
		return ""
	}
	if v.Kind == runbook.BoolValue {
		return plan.Expr(strconv.FormatBool(v.Bool)) // the file may say True
	}
	text, _, problem := expr.Bare(v.Text)
	if problem != nil {
		text = v.Text // check has reported it
	}
	return plan.Expr(strings.TrimSpace(text))
}

func value(v *runbook.Value) plan.Value {
	if v == nil || v.Kind == runbook.Null {
		return plan.Value{}
	}
	return plan.Of(data.Of(v.Data()))
}

func assignments(pairs []runbook.Pair) []plan.Assignment {
	return each.Of(pairs, func(p runbook.Pair) plan.Assignment {
		return plan.Assignment{Name: p.Key.Value, Value: plan.Of(data.Of(p.Value.Data()))}
	})
}

func use(u *runbook.Use) *plan.Use {
	if u == nil {
		return nil
	}
	out := &plan.Use{Action: u.Action.Value, With: assignments(u.With)}
	if target := value(u.Target); target.HasExpr() {
		out.TargetExpr = target
	} else if u.Target != nil {
		out.Target = strings.ReplaceAll(u.Target.Text, "$${{", "${{")
	}
	return out
}

func retry(r *runbook.Retry) *plan.Retry {
	if r == nil {
		return nil
	}
	return &plan.Retry{
		Attempts: int(r.Attempts.Int), Delay: value(r.Delay), MaxDelay: value(r.MaxDelay),
		Factor: number(r.Factor), Jitter: number(r.Jitter), When: expression(r.When),
	}
}

func budget(b *runbook.Budget, n *plan.Node) {
	if b == nil {
		return
	}
	if b.MaxFailures != nil {
		most := share(b.MaxFailures)
		n.MaxFailures = &most
	}
	n.Batches = each.Of(b.Batch, share)
	switch {
	case b.Canary == nil:
	case b.Canary.Kind == runbook.StringValue:
		n.Canary = b.Canary.Text
	default:
		n.Canary = plan.AnyCheck
	}
}

// share lowers a number of items, or a part of them; the parser has looked at it.
func share(v *runbook.Value) plan.Share {
	if v.Kind == runbook.IntValue {
		return plan.Share{Count: int(v.Int)}
	}
	percent, _ := strconv.Atoi(strings.TrimSuffix(v.Text, "%"))
	return plan.Share{Percent: percent}
}

func number(v *runbook.Value) float64 {
	switch {
	case v == nil:
		return 0
	case v.Kind == runbook.IntValue:
		return float64(v.Int)
	}
	return v.Float
}

func approval(a *runbook.Approval) *plan.Approval {
	if a == nil {
		return nil
	}
	out := &plan.Approval{Text: value(a.Text), Roles: texts(a.Roles), Need: 1, Within: value(a.Within), NotRequester: a.NotRequester}
	if a.Need != nil {
		out.Need = int(a.Need.Int)
	}
	out.Remind = value(a.Remind)
	if a.Escalate != nil {
		out.EscalateAfter, out.EscalateTo = value(a.Escalate.After), texts(a.Escalate.To)
	}
	if a.OnExpiry.Value != "stop" {
		out.OnExpiry = a.OnExpiry.Value
	}
	return out
}

func texts(in []runbook.Text) []string {
	return each.Of(in, func(t runbook.Text) string { return t.Value })
}

// cannotUndo says why an action cannot be undone by itself; "" if it can, or if
// there is nothing to undo.
func (c *compiler) cannotUndo(spec action.Spec) string {
	switch {
	case spec.Effect == action.Irreversible:
		return spec.Name + " cannot be taken back"
	case spec.Effect == action.Change && c.deps.Undoes != nil && !c.deps.Undoes(spec.Name) && spec.Counterpart != "":
		return spec.Name + " has no undo of its own; use " + spec.Counterpart
	case spec.Effect == action.Change && c.deps.Undoes != nil && !c.deps.Undoes(spec.Name):
		return spec.Name + " has no undo of its own, and the step gives none"
	}
	return ""
}
