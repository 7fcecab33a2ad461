package convert

import (
	"time"

	"github.com/irctl/irctl/pkg/runbook"
)

// end makes the end of a branch; every branch has its own.
func (x *exporter) end(name string) *node {
	x.ends++
	return &node{id: x.id("end", "end", itoa(x.ends)), kind: "end", name: name}
}

// list makes the nodes of a list of steps and returns where it begins. After
// it the workflow goes on at after; fail is where a failure goes that the step
// itself has no answer for, nil if it ends the branch.
func (x *exporter) list(steps []*runbook.Step, after, fail *node) *node {
	if len(steps) == 0 {
		return after
	}
	places := make([]*node, len(steps))
	known := map[string]*node{}
	for i, s := range steps {
		places[i] = &node{}
		known[s.ID.Value] = places[i]
	}
	for i, s := range steps {
		next := after
		if i+1 < len(steps) {
			next = places[i+1]
		}
		if s.Next.Given() {
			next = known[s.Next.Value]
		}
		places[i].to = x.step(s, next, x.failure(s, known, next, fail))
	}
	return places[0]
}

// failure is where a step's failure leads.
func (x *exporter) failure(s *runbook.Step, known map[string]*node, next, fail *node) *node {
	if s.OnFailure == nil {
		return fail
	}
	switch s.OnFailure.Policy.Value {
	case "continue":
		return next
	case "next":
		return known[s.OnFailure.Next.Value]
	case "rollback":
		x.note(s, "a failure rolls back what was done; the standard has no word for it, and a playbook ends as failed")
	}
	return nil
}

// branch makes a list of steps that ends by itself.
func (x *exporter) branch(steps []*runbook.Step, name string) *node {
	x.inner++
	defer func() { x.inner-- }()
	return x.list(steps, x.end(name), nil)
}

// step makes the nodes of one step: whether it applies, whether it may, and
// what it does.
func (x *exporter) step(s *runbook.Step, ok, fail *node) *node {
	if s.When == nil {
		return x.allowed(s, ok, fail)
	}
	x.inner++
	end := x.end("")
	body := x.allowed(s, end, nil)
	x.inner--
	return x.when(s, expression(s.When), "when", &node{
		name: x.title(s), description: "Whether the step applies.", kind: "if-condition", yes: body, ok: ok, fail: fail,
	})
}

// when completes a node that needs a condition: the standard's if it can be
// said so, otherwise the answer of a person who is asked before.
func (x *exporter) when(s *runbook.Step, text, part string, n *node) *node {
	if n.id == "" { // not a block that has a condition of its own
		n.id = x.id(n.kind, s.ID.Value, part)
		n.extension = x.extension(s, part, nil)
	}
	condition, ok := x.condition(text)
	if ok {
		put(&n.body, "condition", condition)
		return n
	}
	v := x.answer(s, part, "bool", "Whether this holds: "+text)
	put(&n.body, "condition", v.name+":value = true")
	return x.ask(s, part+"-question", "Does this hold? Answer true or false.\n"+x.readable(text), []string{v.name}, n)
}

// answer declares the variable for what a person is asked about a step.
func (x *exporter) answer(s *runbook.Step, part, kind, description string) *variable {
	v := x.vars.declare("answer."+s.ID.Value+"."+part, s.ID.Value+"_"+part, kind)
	v.description = description
	return v
}

// ask makes the step in which a person answers.
func (x *exporter) ask(s *runbook.Step, part, question string, out []string, ok *node) *node {
	n := x.action(s, part, "manual", question, x.agentOf(s))
	n.name = x.title(s) + ": question"
	put(&n.body, "out_args", out)
	n.ok = ok
	return n
}

// allowed puts the approval before a step that needs one.
func (x *exporter) allowed(s *runbook.Step, ok, fail *node) *node {
	main := x.tried(s, ok, fail)
	if s.Approval == nil {
		return main
	}
	return x.approval(s, s.Approval, "May this step begin?", main, fail)
}

// approval is the standard's way to say it: a manual step whose answer a
// condition looks at. A refusal fails, as it does in irctl.
func (x *exporter) approval(s *runbook.Step, a *runbook.Approval, question string, ok, fail *node) *node {
	v := x.answer(s, "approval", "string", "approved or rejected")
	gate := &node{
		id: x.id("if-condition", s.ID.Value, "approval"), kind: "if-condition",
		name: x.title(s) + ": approved?", ok: ok, fail: fail, extension: x.extension(s, "approval", nil),
	}
	put(&gate.body, "condition", v.name+":value = 'approved'")
	gate.yes = x.end("Approved")
	gate.no = x.failing(s, "refusal", "Not approved", "The step was not approved.")
	ask := x.ask(s, "approval-question", x.approvalText(a, question), []string{v.name}, gate)
	add(&ask.body, "agent", x.people(a))
	ask.timeout = x.milliseconds(s, "within", a.Within)
	ask.fail = fail
	return ask
}

// failing makes a step that always fails: the standard has no other way to
// say that a branch, and what is around it, has failed.
func (x *exporter) failing(s *runbook.Step, part, name, why string) *node {
	n := x.action(s, part, "bash", "exit 1", x.orchestrator())
	n.name, n.description = name, literal(why)
	n.ok = x.end("")
	return n
}

// tried is the step with what a person does when the automation fails.
func (x *exporter) tried(s *runbook.Step, ok, fail *node) *node {
	if s.Fallback != nil {
		by := x.action(s, "fallback", "manual", x.value(s.Fallback), x.agentOf(s))
		by.name = x.title(s) + ": by hand"
		by.description = "The automation failed."
		by.ok, by.fail = ok, fail
		fail = by
	}
	return x.body(s, ok, fail)
}

// milliseconds is a duration for the standard. One that is an expression is
// known only to irctl.
func (x *exporter) milliseconds(s *runbook.Step, what string, v *runbook.Value) int64 {
	if v == nil {
		return 0
	}
	d, err := time.ParseDuration(v.Text)
	if err != nil {
		x.note(s, what+" is computed while the run goes on; the standard wants a number")
		return 0
	}
	return d.Milliseconds()
}

// title is what people read; it may hold expressions.
func (x *exporter) title(s *runbook.Step) string { return x.text(orElse(s.Title.Value, s.ID.Value)) }
