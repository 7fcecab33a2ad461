package convert

import (
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/pkg/runbook"
)

// body makes the nodes for what a step does. One kind has no counterpart in
// the standard at all: actions are irctl's own, so they become manual commands
// that tell a person what to do, and the extension keeps the action.
func (x *exporter) body(s *runbook.Step, ok, fail *node) *node {
	body := map[runbook.Kind]func(s *runbook.Step, ok, fail *node) *node{
		runbook.KindUses: x.uses, runbook.KindManual: x.manual, runbook.KindWait: x.wait, runbook.KindSet: x.set, runbook.KindRun: x.run,
		runbook.KindParallel: x.parallel, runbook.KindIf: x.either, runbook.KindSwitch: x.choose, runbook.KindWhile: x.while,
		runbook.KindForEach: x.foreach, runbook.KindSteps: x.group, runbook.KindStop: x.stop,
		runbook.KindApprove: func(s *runbook.Step, ok, fail *node) *node {
			return x.approval(s, s.Approve, "Do you approve?", ok, fail)
		},
	}[s.Kind]
	return body(s, ok, fail)
}

func (x *exporter) either(s *runbook.Step, ok, fail *node) *node {
	n := x.block(s, "if-condition", ok, fail)
	n.yes = x.branch(s.Then, "")
	if len(s.Else) > 0 {
		n.no = x.branch(s.Else, "")
	}
	return x.when(s, expression(s.If), "condition", n)
}

// block makes the node of a step that holds others.
func (x *exporter) block(s *runbook.Step, kind string, ok, fail *node) *node {
	if len(s.Always) > 0 {
		x.note(s, "the steps that clean up in any case (`always`) are left out; the standard has none")
	}
	return &node{
		id: x.id(kind, s.ID.Value, "body"), kind: kind, name: x.title(s), description: x.about(s),
		delay: x.milliseconds(s, "delay", s.Delay), timeout: x.milliseconds(s, "timeout", s.Timeout),
		ok: ok, fail: fail, extension: x.extension(s, "body", s),
	}
}

// action makes an action step with one command.
func (x *exporter) action(s *runbook.Step, part, kind, command, agent string) *node {
	n := &node{id: x.id("action", s.ID.Value, part), kind: "action", extension: x.extension(s, part, nil)}
	put(&n.body, "commands", []*runbook.Value{dict("type", kind, "command", orElse(command, x.title(s)))})
	put(&n.body, "agent", agent)
	return n
}

// act is action for the step's own work.
func (x *exporter) act(s *runbook.Step, kind, command, agent string, ok, fail *node) *node {
	n := x.action(s, "body", kind, command, agent)
	b := x.block(s, "action", ok, fail)
	b.body = n.body
	return b
}

func (x *exporter) uses(s *runbook.Step, ok, fail *node) *node {
	n := x.act(s, "manual", x.instruction(s), x.agentOf(s), ok, fail)
	n.timeout = 0 // meant for a machine; a person needs longer
	if target := x.target(s.Uses.Target); target != "" {
		put(&n.body, "targets", []string{target})
	}
	put(&n.body, "out_args", x.returned(s))
	return n
}

// returned are the variables for the outputs that the rest of the runbook
// reads from a step. Steps are made from the last to the first, so that what
// follows has named them already; a step behind, reached by a jump, is found by
// looking through the whole runbook.
func (x *exporter) returned(s *runbook.Step) []string {
	var out []string
	prefix := "steps." + s.ID.Value + ".outputs."
	for _, ref := range x.read {
		if strings.HasPrefix(ref, prefix) {
			if v, ok := x.reference(ref); ok {
				out = append(out, v.name)
			}
		}
	}
	return out
}

func (x *exporter) manual(s *runbook.Step, ok, fail *node) *node {
	text := x.value(s.Manual)
	for _, e := range s.Evidence {
		text += "\nKeep as evidence: " + sentence(literal(orElse(e.Description.Value, e.Name.Value)))
	}
	n := x.act(s, "manual", text, x.agentOf(s), ok, fail)
	out := each.Of(s.Outputs, func(o *runbook.Input) string { return x.output(s.ID.Value, o.Name.Value).name })
	put(&n.body, "out_args", out)
	return n
}

// wait becomes a step that does nothing after a delay, or a person who looks.
func (x *exporter) wait(s *runbook.Step, ok, fail *node) *node {
	w := s.Wait
	if w.Until == nil && !w.For.HasExpr() {
		n := x.act(s, "bash", "true", x.orchestrator(), ok, fail)
		n.delay += x.milliseconds(s, "wait", w.For)
		return n
	}
	text := "Wait " + x.readableValue(w.For) + "."
	if w.Until != nil {
		text = "Wait until: " + x.readableValue(w.Until)
	}
	if w.Every != nil {
		text += "\nLook every " + x.readableValue(w.Every) + "."
	}
	n := x.act(s, "manual", text, x.agentOf(s), ok, fail)
	if w.Until != nil {
		n.timeout = x.milliseconds(s, "for", w.For)
	}
	return n
}

func (x *exporter) set(s *runbook.Step, ok, fail *node) *node {
	lines := []string{"Note down:"}
	var out []string
	for _, p := range s.Set {
		v := x.vars.declare("vars."+p.Key.Value, p.Key.Value, "string")
		out = append(out, v.name)
		lines = append(lines, p.Key.Value+" = "+x.value(p.Value))
	}
	n := x.act(s, "manual", strings.Join(lines, "\n"), x.agentOf(s), ok, fail)
	put(&n.body, "out_args", out)
	return n
}

// run becomes a playbook-action. What is handed over is in variables of the
// step that are named as the callee names them.
func (x *exporter) run(s *runbook.Step, ok, fail *node) *node {
	n := x.block(s, "playbook-action", ok, fail)
	id := playbookID(calleeName(s.Run.Value), x.rb.Owner.Value)
	var values []string
	if x.o.Callee != nil {
		if callee := x.o.Callee(s.Run.Value); callee != nil {
			id = playbookID(callee.Name.Value, callee.Owner.Value)
			values = x.valuesOf(callee)
		}
	}
	if known := x.o.called[n.id]; known != "" && strings.ContainsAny(s.Run.Value, `/\`) {
		id = known
	}
	put(&n.body, "playbook_id", id)
	var in []string
	for _, p := range s.With {
		name := "__" + strings.Trim(notLetters().ReplaceAllString(p.Key.Value, "_"), "_") + "__"
		in = append(in, name)
		if x.value(p.Value) == name+":value" {
			continue // the playbook's own variable has the name already
		}
		put(&n.variables, name, dict("type", "string", "value", x.value(p.Value)))
	}
	for _, native := range values {
		if v, ok := x.reference(native); ok {
			in = append(in, v.name)
		}
	}
	put(&n.body, "in_args", in)
	put(&n.body, "out_args", x.returned(s))
	return n
}

// valuesOf lists the environment's values that a called runbook reads, itself
// or by those that it calls: in a playbook they are handed over like inputs.
func (x *exporter) valuesOf(callee *runbook.Runbook) []string {
	if x.o.depth > maxCalls {
		return nil
	}
	o := x.o
	o.depth++
	inner := newExporter(callee, o)
	inner.workflow()
	var out []string
	for native := range inner.vars.of {
		if strings.HasPrefix(native, "env.") {
			out = append(out, native)
		}
	}
	slices.Sort(out)
	return out
}

// maxCalls bounds how deep calls are followed; a checked runbook has no
// circle of them.
const maxCalls = 20

// calleeName is the name of the runbook that a path leads to.
func calleeName(run string) string {
	run = run[strings.LastIndexAny(run, `/\`)+1:]
	return strings.TrimSuffix(strings.TrimSuffix(run, ".yaml"), ".yml")
}

func (x *exporter) parallel(s *runbook.Step, ok, fail *node) *node {
	if len(s.Parallel) < 2 {
		return x.group(s, ok, fail)
	}
	n := x.block(s, "parallel", ok, fail)
	for _, b := range s.Parallel {
		n.branches = append(n.branches, x.branch([]*runbook.Step{b}, ""))
	}
	return n
}

func (x *exporter) choose(s *runbook.Step, ok, fail *node) *node {
	n := x.block(s, "switch-condition", ok, fail)
	for _, c := range s.Cases {
		if c.Match.Value == "default" {
			x.note(s, "its case default cannot be told from the standard's word for all other cases, and is left out")
			continue
		}
		n.cases = append(n.cases, branch{c.Match.Value, x.branch(c.Steps, "")})
	}
	if s.DefaultKey.Given() {
		n.cases = append(n.cases, branch{"default", x.branch(s.Default, "")})
	}
	text := expression(s.Switch)
	v, known := x.reference(text)
	first := n
	if !known {
		v = x.answer(s, "choice", "string", "Which case applies: "+text)
		cases := each.Of(s.Cases, func(c runbook.Case) string { return c.Match.Value })
		first = x.ask(s, "question", "Which of these is it: "+literal(strings.Join(cases, ", "))+"?\n"+x.readable(text), []string{v.name}, n)
	}
	put(&n.body, "switch", v.name+":value")
	return first
}

// while asks again after every round if the condition is for a person.
func (x *exporter) while(s *runbook.Step, ok, fail *node) *node {
	n := x.block(s, "while-condition", ok, fail)
	if s.MaxIterations > 0 {
		x.note(s, "it gives up after "+itoa(s.MaxIterations)+" rounds; the standard has no limit")
	}
	text := expression(s.While)
	if condition, can := x.condition(text); can {
		put(&n.body, "condition", condition)
		n.yes = x.branch(s.Do, "")
		return n
	}
	v := x.answer(s, "again", "bool", "Whether another round is needed: "+text)
	put(&n.body, "condition", v.name+":value = true")
	return x.rounds(s, n, v, "Does this hold? Answer true or false.\n"+x.readable(text))
}

// foreach becomes a while whose next item a person names.
func (x *exporter) foreach(s *runbook.Step, ok, fail *node) *node {
	as := orElse(s.As.Value, "item")
	v := x.vars.declare("loop."+s.ID.Value, as, "string")
	v.description = "The item at hand in the step " + s.ID.Value + "; empty when all are done"
	n := x.block(s, "while-condition", ok, fail)
	put(&n.body, "condition", v.name+":value != ''")
	if s.MaxParallel != 1 {
		x.note(s, "items run side by side; as a loop of the standard they follow each other")
	}
	if s.Budget != nil {
		x.note(s, "its batches, and how many items may fail, are left out; the standard has neither")
	}
	outer, had := x.loops[as]
	x.loops[as] = v
	defer func() {
		delete(x.loops, as)
		if had {
			x.loops[as] = outer
		}
	}()
	return x.rounds(s, n, v, "Which is the next of these? Answer nothing when all are done.\n"+x.readableValue(s.ForEach))
}

// rounds completes a loop whose condition a person answers, before the first
// round and at the end of each.
func (x *exporter) rounds(s *runbook.Step, loop *node, v *variable, question string) *node {
	x.inner++
	again := x.ask(s, "question-again", question, []string{v.name}, x.end(""))
	loop.yes = x.list(s.Do, again, nil)
	x.inner--
	return x.ask(s, "question", question, []string{v.name}, loop)
}

// group is a row of steps: the standard has no other word for it.
func (x *exporter) group(s *runbook.Step, ok, fail *node) *node {
	steps := append(append([]*runbook.Step{}, s.Steps...), s.Parallel...)
	if s.Timeout != nil || s.Delay != nil {
		x.note(s, "a group has a delay or a time limit; the standard has no groups")
	}
	return x.list(steps, ok, fail)
}

func (x *exporter) stop(s *runbook.Step, _, _ *node) *node {
	if s.Stop.Fail {
		n := x.failing(s, "body", x.title(s), x.value(s.Stop.Message))
		n.description = x.value(s.Stop.Message)
		n.extension = x.extension(s, "body", s)
		return n
	}
	if x.inner > 0 {
		x.note(s, "it ends the whole run; in the standard an end inside a branch ends the branch")
	}
	e := x.end(x.title(s))
	e.description = x.value(s.Stop.Message)
	e.extension = x.extension(s, "body", s)
	return e
}
