package convert

import (
	"maps"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/cacao"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

// call makes the parts of a playbook-action: the run of the called playbook,
// then its out_args back.
func (w *work) call() {
	if w.importing != nil {
		w.byName()
		return
	}
	callee, ok := w.callee()
	if !ok {
		return
	}
	inner := w.shared.translator(callee.Playbook, callee.Bindings, w.translator)
	theirs := inner.inside()
	with := w.pass(inner, theirs)
	var takes []take
	for _, arg := range w.step.Out {
		if theirs[arg.Value].variable == nil {
			w.report(cacao.UndefinedVar, arg.Span, "declare it there in playbook_variables", "the called playbook has no variable %s of its own to give back", short(arg.Value))
			continue
		}
		inner.wanted = append(inner.wanted, arg.Value)
		h, _ := w.scope.Lookup(arg.Value)
		takes = append(takes, take{holder: h, foreign: arg.Value})
	}
	name := w.as(inner)
	if _, done := w.called[name]; !done {
		w.called[name] = nil
		w.called[name] = inner.runbook()
	}
	d := w.part(w.step.ID.Span, "do", escape(callee.Playbook.Name.Value))
	put(d, "run", name)
	put(d, "with", with)
	w.taken("Take what the playbook returned", takes, func(t take) string {
		from := theirs[t.foreign]
		return converted("steps."+idOf(d)+".outputs."+from.name(), from.kind(), t.kind())
	})
}

// as names a called playbook, and how it is called.
func (w *work) as(inner *translator) string {
	passed := strings.Join(slices.Sorted(maps.Keys(inner.passed)), ",")
	key := strings.Join([]string{inner.pb.ID.Value, inner.pb.Modified.Value, passed, strings.Join(inner.wanted, ",")}, " ")
	if w.shared.names[key] == "" {
		w.shared.names[key] = inner.pb.ID.Value
		if n := len(w.shared.names); n > 1 {
			w.shared.names[key] += "#" + itoa(n)
		}
	}
	return w.shared.names[key]
}

var (
	NoCallee = codes.Error("IR0731", "called playbook not found",
		"A playbook-action names another playbook by id, and perhaps by version, which is that playbook's `modified`. irctl looks in the folder of the calling playbook and where runbooks are found by name.")
	CallsItself = codes.Error("IR0732", "playbook that calls itself",
		"A playbook cannot call itself, even by way of others.")
)

// callee finds the called playbook, and refuses a circle of calls.
func (w *work) callee() (Callee, bool) {
	at := w.step.PlaybookID.Span
	if w.deps.Callee == nil {
		w.report(NoCallee, at, "", "no other playbook can be called here")
		return Callee{}, false
	}
	callee, err := w.deps.Callee(w.step.PlaybookID.Value, w.step.PlaybookVersion.Value, w.pb.File)
	if err != nil {
		w.report(NoCallee, at, "put the playbook's file into the same folder, or where irctl looks for runbooks", "%s", action.CleanLine(err.Error(), 300))
		return Callee{}, false
	}
	w.found = append(w.found, callee.Found...)
	if callee.Playbook == nil || callee.Found.HasErrors() {
		w.report(NoCallee, at, "irctl validate shows them", "the called playbook has errors")
		return Callee{}, false
	}
	for up := w.translator; up != nil; up = up.caller {
		if up.pb.ID.Value == callee.Playbook.ID.Value {
			w.report(CallsItself, at, "use a while-condition to repeat steps", "the playbook calls %q, of which it is a part", short(callee.Playbook.Name.Value))
			return Callee{}, false
		}
	}
	return callee, true
}

// inside are the playbook's own variables, as the runbook names them.
func (m *translator) inside() map[string]holder {
	out := map[string]holder{}
	named := &translator{names: map[string]bool{}}
	for _, v := range m.pb.Variables {
		out[v.Name.Value] = holder{path: "vars." + named.variable(v.Name.Value), variable: v}
	}
	return out
}

var Pointless = codes.Warning("IR0737", "property without effect",
	"The property exists but means nothing at this place.")

// pass hands in_args to the called playbook: to its variables of the same
// names.
func (w *work) pass(inner *translator, inside map[string]holder) *runbook.Value {
	with := dict()
	for _, arg := range w.step.In {
		theirs := inside[arg.Value]
		switch {
		case theirs.variable == nil:
			w.report(Pointless, arg.Span, "remove it, or declare it there in playbook_variables", "the called playbook has no variable %s", short(arg.Value))
			continue
		case theirs.variable.Constant && !theirs.variable.External:
			w.report(cacao.WritesConstant, arg.Span, "", "%s is a constant of the called playbook", short(arg.Value))
			continue
		}
		inner.passed[arg.Value] = true
		ours, _ := w.scope.Lookup(arg.Value)
		put(with, theirs.name(), "${{ "+converted(ours.path, ours.kind(), theirs.kind())+" }}")
	}
	for _, v := range inner.pb.Variables {
		if v.External && none(v.Value) && !inner.passed[v.Name.Value] {
			w.report(cacao.UndefinedVar, w.step.PlaybookID.Span, "add it to in_args", "the called playbook needs %s", short(v.Name.Value))
		}
	}
	return with
}

// converted is an expression for a value of a type as one of another; null
// stays null.
func converted(text, from, to string) string {
	if from == to || to == "map" {
		return text
	}
	return text + " == null ? dyn(null) : " + map[string]string{"float": "double", "int": "int", "bool": "bool", "string": "string"}[to] + "(" + text + ")"
}

// byName calls a runbook that was exported as the playbook, or has a person
// carry the playbook out.
func (w *work) byName() {
	s := w.step
	var callee *runbook.Runbook
	if w.importing.Called != nil && len(s.Out) == 0 {
		callee = w.importing.Called(s.PlaybookID.Value)
	}
	if callee == nil {
		w.byHand()
		return
	}
	d, with := w.part(s.ID.Span, "do", ""), dict()
	for _, a := range s.In {
		h, known := w.scope.Lookup(a.Value)
		for _, wanted := range callee.Inputs {
			switch {
			case !known || wanted.Name.Value != strings.Trim(a.Value, "_"):
			case (wanted.Type.Value == "list" || wanted.Type.Value == "map") && h.kind() != wanted.Type.Value:
				w.beside(d, w.remark(idOf(w.d), "it hands over "+wanted.Name.Value+", a "+wanted.Type.Value+" that the playbook has as text; left out"))
			default:
				put(with, wanted.Name.Value, "${{ "+h.path+" }}")
			}
		}
	}
	put(d, "run", callee.Name.Value)
	put(d, "with", with)
}

func (w *work) byHand() {
	s := w.step
	text := "Carry out the playbook " + s.PlaybookID.Value
	if s.PlaybookVersion.Given() {
		text += ", version " + s.PlaybookVersion.Value
	}
	text += "."
	for _, a := range s.In {
		text += "\nGive it " + strings.Trim(a.Value, "_") + ": " + a.Value + ":value"
	}
	var takes []take
	for _, arg := range s.Out {
		h, _ := w.scope.Lookup(arg.Value)
		takes = append(takes, take{holder: h, foreign: arg.Value})
	}
	w.beside(w.d, w.remark(idOf(w.d), "it calls the playbook "+s.PlaybookID.Value+"; import that one, too, and write `run` with its name"))
	w.manual(&cacao.Command{Span: s.ID.Span, Command: &runbook.Value{Kind: runbook.StringValue, Text: text, Span: s.ID.Span}}, takes)
}
