package cacao

import (
	"slices"

	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

// callParts lowers a playbook-action: the called playbook in a scope of its
// own, then its out_args back.
func (f *frame) callParts(w *wrapped) {
	s := w.step
	callee, ok := f.callee(s)
	if !ok {
		return
	}
	inner := f.frame(callee.Playbook, callee.Bindings, f)
	var name string
	w.part("do", func(w *wrapped, base string, at place) plan.NodeID {
		id := f.node(f.name(base), plan.Call, at)
		if id == plan.None {
			return id
		}
		n := &f.plan.Nodes[id]
		name = n.Name
		n.Callee = slug(callee.Playbook.Name.Value, "playbook")
		n.Title = line(callee.Playbook.Name.Value)
		n.CalleeInputs, n.With = f.pass(w, inner)
		n.Results, n.Outputs = f.giveBack(w, inner)
		path := n.Path
		entry := inner.workflow(id, path, nil)
		f.plan.Nodes[id].Blocks = []plan.Block{{Entry: entry}}
		if f.full {
			return plan.None
		}
		return id
	})
	var takes []take
	for _, arg := range s.Out {
		if v, _ := inner.top.lookup(arg.Value); v != nil {
			takes = append(takes, take{name: arg.Value})
		}
	}
	if len(takes) > 0 {
		w.assign("Take what the playbook returned", func() []plan.Assignment {
			return f.assignments(w, takes, func(t take) string { return "steps." + name + ".outputs." + plainName(t.name) })
		})
	}
}

// callee finds the called playbook, and refuses a circle of calls.
func (f *frame) callee(s *Step) (Callee, bool) {
	if f.deps.Callee == nil {
		f.add(runbook.Error, NoCallee, s.PlaybookID.Span, "", "no other playbook can be called here")
		return Callee{}, false
	}
	callee, err := f.deps.Callee(s.PlaybookID.Value, s.PlaybookVersion.Value, f.pb.File)
	if err != nil {
		f.add(runbook.Error, NoCallee, s.PlaybookID.Span, "put the playbook's file into the same folder, or where irctl looks for runbooks", "%s", action.CleanLine(err.Error(), 300))
		return Callee{}, false
	}
	f.found = append(f.found, callee.Found...)
	if callee.Playbook == nil || callee.Found.HasErrors() {
		f.add(runbook.Error, NoCallee, s.PlaybookID.Span, "irctl validate shows them", "the called playbook has errors")
		return Callee{}, false
	}
	for up := f; up != nil; up = up.caller {
		if up.pb.ID.Value == callee.Playbook.ID.Value {
			f.add(runbook.Error, CallsItself, s.PlaybookID.Span, "use a while-condition to repeat steps", "the playbook calls %q, of which it is a part", short(callee.Playbook.Name.Value))
			return Callee{}, false
		}
	}
	return callee, true
}

// pass hands in_args to the called playbook: to its variables of the same
// names.
func (f *frame) pass(w *wrapped, inner *frame) ([]plan.Field, []plan.Assignment) {
	var fields []plan.Field
	var with []plan.Assignment
	for _, arg := range w.step.In {
		theirs, _ := inner.top.lookup(arg.Value)
		if theirs == nil {
			f.add(runbook.Warning, Pointless, arg.Span, "remove it, or declare it there in playbook_variables", "the called playbook has no variable %s", short(arg.Value))
			continue
		}
		if theirs.Constant && !theirs.External {
			f.add(runbook.Error, WritesConstant, arg.Span, "", "%s is a constant of the called playbook", short(arg.Value))
			continue
		}
		ours, in := w.scope.lookup(arg.Value)
		inner.passed[arg.Value] = true
		name := inner.variable(inner.top, arg.Value)
		fields = append(fields, plan.Field{Name: name, Type: string(action.Any)})
		with = append(with, plan.Assignment{Name: name, Value: plan.Of("${{ " + f.read(ours, in, arg.Value) + " }}")})
	}
	for _, v := range inner.pb.Variables {
		if !v.External || inner.passed[v.Name.Value] {
			continue
		}
		if v.Value == nil || v.Value.Kind == runbook.Null {
			f.add(runbook.Error, UndefinedVar, w.step.PlaybookID.Span, "add it to in_args", "the called playbook needs %s", short(v.Name.Value))
			continue
		}
		value := plan.Of(escaped(v.Value.Data()))
		fields = append(fields, plan.Field{Name: inner.variable(inner.top, v.Name.Value), Type: string(action.Any), Default: &value})
	}
	return fields, with
}

// giveBack makes the called playbook's variables outputs of the call.
func (f *frame) giveBack(w *wrapped, inner *frame) (results []plan.Assignment, outputs []plan.Field) {
	for _, arg := range w.step.Out {
		v, in := inner.top.lookup(arg.Value)
		if v == nil || slices.ContainsFunc(outputs, func(o plan.Field) bool { return o.Name == plainName(arg.Value) }) {
			f.add(runbook.Error, UndefinedVar, arg.Span, "declare it there in playbook_variables", "the called playbook has no variable %s of its own to give back", short(arg.Value))
			continue
		}
		name := plainName(arg.Value)
		results = append(results, plan.Assignment{Name: name, Value: plan.Of("${{ " + inner.read(v, in, arg.Value) + " }}")})
		outputs = append(outputs, plan.Field{Name: name, Type: string(action.Any)})
	}
	return results, outputs
}
