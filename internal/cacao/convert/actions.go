package convert

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/cacao"
	"github.com/irctl/irctl/internal/cacao/reference"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

// action makes the parts of an action step: its commands in order, each on
// every target, or once if there is none; behind each what it says for the
// step's out_args.
func (w *work) action() {
	takes := w.takes()
	for i, c := range w.step.Commands {
		if c.Type.Value == "manual" { // one person does it for all of them
			w.manual(c, takes[i])
			continue
		}
		for _, target := range w.step.On() {
			w.command(c, target, takes[i])
		}
	}
}

// take is one out_arg that a command gives.
type take struct {
	holder
	foreign string // the playbook's name
	source  cacao.Source
}

// takes says for each command which out_args it gives.
func (w *work) takes() [][]take {
	s := w.step
	out := make([][]take, len(s.Commands))
	last := len(s.Commands) - 1
	var missing []runbook.Text
	for _, arg := range s.Out {
		source, bound := w.bindings.Of(s, arg.Value)
		i := last
		if source.Command > 0 {
			i = source.Command - 1
		}
		if i < 0 || i > last {
			continue // reported with the bindings
		}
		kind := s.Commands[i].Type.Value
		switch {
		case bound, kind == "manual":
		case len(s.Out) == 1 && (kind == "http-api" || kind == "openc2-http"):
			source.From = "body"
		case len(s.Out) == 1 && cacao.Adapters[kind] != "":
			source.From = "stdout"
		case cacao.Adapters[kind] == "":
			continue // it fails when it runs, whatever it would give
		default:
			missing = append(missing, arg)
			continue
		}
		h, _ := w.scope.Lookup(arg.Value)
		out[i] = append(out[i], take{h, arg.Value, source})
	}
	if len(missing) > 0 {
		w.unbound(missing)
	}
	return out
}

var NoBinding = codes.Error("IR0729", "output without a binding",
	"CACAO does not say how the result of a command becomes the value of an out_arg. With exactly one out_arg irctl takes the standard output of a shell or the body of an HTTP answer. Otherwise a file beside the playbook, NAME.bindings.yaml, says it: `irctl help cacao`.")

// unbound reports the out_args of a step that nothing gives, with the file to
// write.
func (w *work) unbound(missing []runbook.Text) {
	names := each.Of(missing, func(m runbook.Text) string {
		return m.Value + ": {from: json, path: $." + strings.Trim(m.Value, "_") + "}"
	})
	w.report(NoBinding, missing[0].Span,
		fmt.Sprintf("write %s: irctl: v1, kind: bindings, bindings: {%s: {%s}}; irctl help cacao says what a value can come from", cacao.BindingsFile(w.pb.File), w.step.ID.Value, strings.Join(names, ", ")),
		"nothing says where %s of %s comes from", missing[0].Value, w.step.Label())
}

// titled begins a part with what it is called.
func (w *work) titled(c *cacao.Command) *runbook.Value {
	d := w.part(c.Span, "do", escape(orElse(c.Description.Value, w.step.Name.Value)))
	if w.importing == nil {
		return d
	}
	for _, p := range pairsOf(c.Tree) {
		switch p.Key.Value {
		case "playbook_activity":
			w.beside(d, "activity: "+p.Value.Text)
		case "version":
			w.beside(d, "version of "+c.Type.Value+": "+p.Value.Text)
		case "external_references":
			w.see(d, p.Value.Items)
		}
	}
	return d
}

// command is a part that executes one command on one target.
func (w *work) command(c *cacao.Command, target runbook.Text, takes []take) {
	d := w.titled(c)
	if on := w.pb.Actor(target.Value); on != nil && len(w.step.Targets) > 1 {
		add(d, "title", strings.TrimSpace(textOf(d, "title")+" ("+escape(on.Name.Value)+")"))
	}
	w.use(d, c, target, takes)
	put(d, "timeout", w.limit())
	w.taken("Take what the command returned", takes, func(t take) string { return "steps." + idOf(d) + ".outputs.values['" + t.foreign + "']" })
}

// use makes a command the use of the action that executes it. The command
// keeps its variables as they are written: they are handed over beside it, as
// data.
func (w *work) use(d *runbook.Value, c *cacao.Command, target runbook.Text, takes []take) {
	name, target := w.pb.Executes(w.step, c, target)
	with := dict()
	if name == "" {
		name = cacao.Unbound
		put(with, "type", escape(c.Type.Value))
		w.beside(d, w.remark(idOf(w.d), "irctl has no action for a command of type "+c.Type.Value+", so that the step fails: write it as one of a runbook"))
	}
	put(d, "uses", name)
	if spec, known := w.spec(name); !known || len(spec.Targets) > 0 {
		put(d, "target", w.target(target))
	}
	for _, f := range []struct {
		key   string
		value *runbook.Value
	}{{"command", c.Command}, {"command_b64", c.CommandB64}, {"content", c.Content}, {"content_b64", c.ContentB64}} {
		if f.value != nil {
			add(with, f.key, escaped(f.value))
		}
	}
	headers, variables := dict(), dict()
	for _, h := range c.Headers {
		values := each.Of(h.Value.Items, escaped)
		put(headers, h.Key.Value, values)
	}
	put(with, "headers", headers)
	for _, text := range c.Texts() {
		for _, name := range reference.Names(text.Text, w.scope.Has) {
			if h, ok := w.scope.Lookup(name); ok && variables.Get(name) == nil {
				put(variables, name, "${{ "+h.path+" }}")
			}
		}
	}
	put(with, "variables", variables)
	from := dict()
	for _, t := range takes {
		o := dict("from", t.source.From)
		put(o, "name", escape(t.source.Name))
		put(o, "path", escape(t.source.Path))
		put(o, "pattern", escape(t.source.Pattern))
		if kind := t.variable.Type.Value; kind != "string" {
			put(o, "type", escape(kind))
		}
		put(from, t.foreign, o)
	}
	put(with, "take", from)
	put(d, "with", with)
}

// spec returns what an action declares, if that is known here.
func (m *translator) spec(name string) (action.Spec, bool) {
	if m.deps.Spec == nil {
		return action.Spec{}, name != "cacao.ssh" && name != "cacao.powershell" && name != "cacao.http" && name != "cacao.openc"
	}
	return m.deps.Spec(name)
}

// target is what the environment knows an agent or target by: the playbook's
// id, or for an import its name.
func (w *work) target(id runbook.Text) string {
	a := w.pb.Actor(id.Value)
	if w.importing == nil || a == nil {
		return id.Value
	}
	if name, ok := w.targets[id.Value]; ok {
		return name
	}
	name := slug(a.Name.Value, "target")
	for _, other := range w.targets {
		if other == name {
			name = slug(a.Name.Value+" "+itoa(len(w.targets)+1), "target")
		}
	}
	w.targets[id.Value] = name
	text := "the target " + name + " is the playbook's " + a.Type.Value + " " + a.Name.Value
	for _, at := range a.Addresses {
		for _, v := range at.Value.Items {
			text += ", " + at.Key.Value + " " + v.Text
		}
	}
	w.remark("", text+": add it to the environment, with its credentials")
	return name
}

// manual is a part that a person carries out. Its out_args are what the person
// is asked for.
func (w *work) manual(c *cacao.Command, takes []take) {
	d, answers := w.titled(c), dict()
	for _, t := range takes {
		asked := declared(t.variable)
		add(asked, "required", true)
		put(answers, t.name(), asked)
	}
	put(d, "owner", w.who())
	put(d, "manual", w.instruction(c))
	put(d, "outputs", answers)
	put(d, "timeout", w.limit())
	w.taken("Take the answers", takes, func(t take) string { return "steps." + idOf(d) + ".outputs." + t.name() })
}

// instruction is what a person is told: the command, and on what.
func (w *work) instruction(c *cacao.Command) any {
	from := c.Command
	text := ""
	if from != nil {
		text = from.Text
	} else if raw, ok := cacao.Decoded(c.CommandB64); ok {
		from, text = c.CommandB64, raw
	}
	out := w.text(text, w.scope)
	var on []string
	for _, id := range w.step.Targets {
		if t := w.pb.Actor(id.Value); t != nil {
			on = append(on, w.described(t))
		}
	}
	if len(on) > 0 {
		out += "\nOn: " + strings.Join(on, "; ")
	}
	if from == nil || strings.TrimSpace(out) == "" {
		return "(The playbook says nothing here.)"
	}
	return filled(from, out)
}

// described names a target with its addresses.
func (w *work) described(t *cacao.AgentTarget) string {
	var where []string
	for _, a := range t.Addresses {
		for _, v := range a.Value.Items {
			if v.Kind == runbook.StringValue {
				where = append(where, w.text(action.CleanLine(v.Text, 200), w.scope))
			}
		}
	}
	if len(where) == 0 {
		return escape(t.Name.Value)
	}
	return escape(t.Name.Value) + " (" + strings.Join(where, ", ") + ")"
}

// who is the person or group that carries a manual command out.
func (w *work) who() string {
	agent := w.pb.Actor(w.step.Agent.Value)
	if agent == nil {
		return ""
	}
	if mail := agent.Tree.Get("contact").Get("email"); mail != nil && len(mail.Pairs) > 0 {
		kinds := slices.Clone(mail.Pairs)
		slices.SortFunc(kinds, func(a, b runbook.Pair) int { return cmp.Compare(a.Key.Value, b.Key.Value) })
		return agent.Name.Value + " <" + kinds[0].Value.Text + ">"
	}
	return agent.Name.Value
}
