package cacao

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/irctl/irctl/internal/cacao/reference"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

// actionParts lowers an action step: its commands in order, each on every
// target, or once if there is none; behind each what it says for the step's
// out_args.
func (f *frame) actionParts(w *wrapped) {
	s := w.step
	takes := f.takes(w)
	for i, cmd := range s.Commands {
		if cmd.Type.Value == "manual" {
			f.manualPart(w, cmd, takes[i])
			continue
		}
		targets := s.Targets
		if len(targets) == 0 {
			targets = []runbook.Text{s.Agent}
		}
		for _, target := range targets {
			f.commandPart(w, cmd, target, takes[i])
		}
	}
}

// take is one out_arg that a command gives.
type take struct {
	name   string
	source Source
}

// takes says for each command which out_args it gives.
func (f *frame) takes(w *wrapped) [][]take {
	s := w.step
	out := make([][]take, len(s.Commands))
	last := len(s.Commands) - 1
	var missing []runbook.Text
	for _, arg := range s.Out {
		source, bound := f.bindings.of(s, arg.Value)
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
		case len(s.Out) == 1 && adapters[kind] != "":
			source.From = "stdout"
		case adapters[kind] == "":
			continue // it fails when it runs, whatever it would give
		default:
			missing = append(missing, arg)
			continue
		}
		out[i] = append(out[i], take{arg.Value, source})
	}
	if len(missing) > 0 {
		f.unbound(w, missing)
	}
	return out
}

// unbound reports the out_args of a step that nothing gives, with the file to
// write.
func (f *frame) unbound(w *wrapped, missing []runbook.Text) {
	severity := runbook.Warning
	if f.deps.Strict {
		severity = runbook.Error
	}
	file := BindingsFile(f.pb.File)
	var names []string
	for _, m := range missing {
		names = append(names, m.Value+": {from: json, path: $."+plainName(m.Value)+"}")
	}
	f.add(severity, NoBinding, missing[0].Span,
		fmt.Sprintf("write %s: irctl: v1, kind: bindings, bindings: {%s: {%s}}; irctl help cacao says what a value can come from", file, w.step.ID.Value, strings.Join(names, ", ")),
		"nothing says where %s of %s comes from", missing[0].Value, w.step.label())
}

// BindingsFile is where the bindings of a playbook stand: beside it.
func BindingsFile(playbook string) string {
	return strings.TrimSuffix(playbook, ".json") + ".bindings.yaml"
}

// commandPart adds one command on one target.
func (f *frame) commandPart(w *wrapped, cmd *Command, target runbook.Text, takes []take) {
	var name string
	w.part("do", func(w *wrapped, base string, at place) plan.NodeID {
		id := f.node(f.name(base), plan.Action, at)
		if id == plan.None {
			return id
		}
		n := &f.plan.Nodes[id]
		name = n.Name
		f.place(id, cmd.Span)
		n.Title = line(cmp.Or(cmd.Description.Value, w.step.Name.Value))
		if on := f.pb.Actor(target.Value); on != nil && len(w.step.Targets) > 1 {
			n.Title = strings.TrimSpace(n.Title + " (" + line(on.Name.Value) + ")")
		}
		n.Action = f.use(w, cmd, target, takes)
		if f.full {
			return plan.None
		}
		n.Timeout = w.limit()
		n.Irreversible = "a playbook does not say how a command is undone"
		spec := f.spec(n.Action.Action)
		n.Idempotent = spec.Idempotent
		for _, o := range spec.Outputs {
			n.Outputs = append(n.Outputs, plan.Field{Name: o.Name, Type: string(o.Type), Items: string(o.Items), Enum: o.Enum, Description: o.Description})
		}
		return id
	})
	if len(takes) > 0 {
		w.assign("Take what the command returned", func() []plan.Assignment {
			return f.assignments(w, takes, func(t take) string {
				return "steps." + name + ".outputs.values[" + strconv.Quote(t.name) + "]"
			})
		})
	}
}

// assignments gives out_args their values, as their types hold them.
func (f *frame) assignments(w *wrapped, takes []take, from func(take) string) []plan.Assignment {
	var out []plan.Assignment
	for _, t := range takes {
		v, in := w.scope.lookup(t.name)
		out = append(out, plan.Assignment{Name: f.variable(in, t.name), Value: plan.Of("${{ " + fit(v, from(t)) + " }}")})
	}
	return out
}

// use is the action that executes a command. The command keeps its variables
// as they are written: the action puts the values in where they are data.
func (f *frame) use(w *wrapped, cmd *Command, target runbook.Text, takes []take) *plan.Use {
	u := &plan.Use{Action: adapters[cmd.Type.Value]}
	given := func(name string, v any) { u.With = append(u.With, plan.Assignment{Name: name, Value: plan.Of(v)}) }
	if u.Action == "" {
		u.Action = Unbound
		given("type", literal(cmd.Type.Value))
	}
	if len(f.spec(u.Action).Targets) > 0 {
		u.Target = target.Value
	}
	command, b64 := f.filled(w, cmd)
	f.tell(cmd, u.Action, command, b64, takes)
	for _, p := range []struct {
		name string
		v    *runbook.Value
	}{{"command", command}, {"command_b64", b64}, {"content", cmd.Content}, {"content_b64", cmd.ContentB64}} {
		if p.v != nil {
			given(p.name, literal(p.v.Text))
		}
	}
	if len(cmd.Headers) > 0 {
		headers := map[string]any{}
		for _, h := range cmd.Headers {
			var values []any
			for _, v := range h.Values {
				values = append(values, literal(v.Text))
			}
			headers[h.Name.Value] = values
		}
		given("headers", headers)
	}
	said := *cmd
	said.Command, said.CommandB64 = command, b64
	if variables := f.variablesOf(w, &said); len(variables) > 0 {
		given("variables", variables)
	}
	if len(takes) > 0 {
		given("take", taken(takes))
	}
	given("playbook_step", literal(w.step.ID.Value))
	return u
}

// tell hands a command to whoever wants to look at it.
func (f *frame) tell(cmd *Command, name string, command, b64 *runbook.Value, takes []take) {
	if f.deps.Command == nil {
		return
	}
	with := action.Values{}
	if slices.Contains(shells, cmd.Type.Value) {
		for input, v := range map[string]*runbook.Value{"command": command, "command_b64": b64} {
			if v != nil {
				with[input] = v.Text
			}
		}
	}
	if len(takes) > 0 {
		with["take"] = taken(takes)
	}
	f.deps.Command(cmd, name, with)
}

// variablesOf are the values of the variables that a command reads.
func (f *frame) variablesOf(w *wrapped, cmd *Command) map[string]any {
	out := map[string]any{}
	for _, text := range cmd.texts() {
		for _, name := range reference.Names(text.Text, w.scope.has) {
			if v, in := w.scope.lookup(name); v != nil {
				out[name] = "${{ " + f.read(v, in, name) + " }}"
			}
		}
	}
	return out
}

// taken are sources as an action takes them.
func taken(takes []take) map[string]any {
	out := map[string]any{}
	for _, t := range takes {
		out[t.name] = t.source.data()
	}
	return out
}

// data is a source as an action takes it.
func (s Source) data() map[string]any {
	out := map[string]any{"from": s.From}
	for name, v := range map[string]string{"name": s.Name, "path": s.Path, "pattern": s.Pattern} {
		if v != "" {
			out[name] = literal(v)
		}
	}
	return out
}

// manualPart adds a command that a person carries out, once for all targets.
// Its out_args are what the person is asked for.
func (f *frame) manualPart(w *wrapped, cmd *Command, takes []take) {
	var name string
	w.part("do", func(w *wrapped, base string, at place) plan.NodeID {
		id := f.node(f.name(base), plan.Manual, at)
		if id == plan.None {
			return id
		}
		n := &f.plan.Nodes[id]
		name = n.Name
		f.place(id, cmd.Span)
		n.Title = line(cmp.Or(cmd.Description.Value, w.step.Name.Value))
		n.Timeout = w.limit()
		n.Text = plan.Of(f.instruction(w, cmd))
		n.Owner = f.who(w.step)
		for _, t := range takes {
			v, _ := w.scope.lookup(t.name)
			field := fieldOf(v, plainName(t.name))
			field.Required = true
			n.Outputs = append(n.Outputs, field)
		}
		return id
	})
	if len(takes) > 0 {
		w.assign("Take the answers", func() []plan.Assignment {
			return f.assignments(w, takes, func(t take) string { return "steps." + name + ".outputs." + plainName(t.name) })
		})
	}
}

// instruction is what a person is told: the command, and on what.
func (f *frame) instruction(w *wrapped, cmd *Command) string {
	text := ""
	if cmd.Command != nil {
		text = cmd.Command.Text
	} else if raw, ok := decoded(cmd.CommandB64); ok {
		text = raw
	}
	out := f.template(action.Clean(text), w.scope)
	var on []string
	for _, id := range w.step.Targets {
		if t := f.pb.Actor(id.Value); t != nil {
			on = append(on, f.described(t, w.scope))
		}
	}
	if len(on) > 0 {
		out += "\nOn: " + strings.Join(on, "; ")
	}
	return out
}

// described names a target with its addresses.
func (f *frame) described(t *AgentTarget, in *scope) string {
	var where []string
	for _, a := range t.Addresses {
		for _, v := range a.Values {
			if v.Kind == runbook.StringValue {
				where = append(where, f.template(action.CleanLine(v.Text, 200), in))
			}
		}
	}
	if len(where) == 0 {
		return line(t.Name.Value)
	}
	return line(t.Name.Value) + " (" + strings.Join(where, ", ") + ")"
}

// who is the person or group that carries a manual command out.
func (f *frame) who(s *Step) string {
	if s.Owner.Given() {
		return s.Owner.Value
	}
	agent := f.pb.Actor(s.Agent.Value)
	if agent == nil {
		return ""
	}
	if agent.Contact != nil {
		if mail := agent.Contact.Get("email"); mail != nil && len(mail.Pairs) > 0 {
			kinds := slices.Clone(mail.Pairs)
			slices.SortFunc(kinds, func(a, b runbook.Pair) int { return cmp.Compare(a.Key.Value, b.Key.Value) })
			return line(agent.Name.Value) + " <" + line(kinds[0].Value.Text) + ">"
		}
	}
	return line(agent.Name.Value)
}
