package convert

import (
	"encoding/base64"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/irctl/irctl/internal/cacao"
	"github.com/irctl/irctl/internal/cacao/reference"
	"github.com/irctl/irctl/pkg/runbook"
)

// action makes the steps of an action step: each command, in order, for each
// target; without targets once.
func (m *importer) action(d *draft, s *cacao.Step, in *scope) {
	targets := []string{""}
	if len(s.Targets) > 0 {
		targets = nil
		for _, t := range s.Targets {
			targets = append(targets, t.Value)
		}
	}
	if who := m.pb.Actor(s.Agent.Value); who != nil && person(who) {
		d.fields.put("owner", who.Name.Value)
	} else if who != nil {
		d.remarks = append(d.remarks, "agent: "+who.Name.Value+" ("+who.Type.Value+")")
	}
	var all []*draft
	for i, c := range s.Commands {
		out := m.results(s, i)
		to := targets
		if c.Type.Value == "manual" { // one person does it for all of them
			to = targets[:1]
		}
		for _, t := range to {
			all = append(all, m.command(d, s, c, t, out, in)...)
		}
	}
	if len(all) == 1 {
		delete(m.taken, all[0].id())
		d.take(all[0])
		return
	}
	d.fields.put("steps", all)
}

// results are the out_args that come from a command: as the bindings say, or
// else from the last one.
func (m *importer) results(s *cacao.Step, command int) []runbook.Text {
	var out []runbook.Text
	for _, o := range s.Out {
		from := len(s.Commands) - 1
		if b, ok := m.rules.Bindings.Of(s, o.Value); ok && b.Command > 0 {
			from = b.Command - 1
		}
		if from == command {
			out = append(out, o)
		}
	}
	return out
}

// takes is what the action for a command takes out of its answer, if the
// bindings say it for every out_arg.
func (m *importer) takes(s *cacao.Step, out []runbook.Text) object {
	var take object
	for _, o := range out {
		b, ok := m.rules.Bindings.Of(s, o.Value)
		if !ok {
			return nil
		}
		var from object
		from.put("from", b.From)
		from.put("name", b.Name)
		from.put("path", b.Path)
		from.put("pattern", b.Pattern)
		take.put(o.Value, from)
	}
	return take
}

// take makes a step do what another one does, and say what that one says.
func (d *draft) take(one *draft) {
	d.remarks = append(d.remarks, one.remarks...)
	for _, f := range one.fields {
		had, twice := d.fields.get(f.key).(string)
		switch {
		case f.key == "id":
		case twice && f.key == "description":
			d.fields.set(f.key, had+"\n"+f.value.(string))
		default:
			d.fields = append(d.fields, f)
		}
	}
}

// person reports whether an agent is people rather than a machine.
func person(a *cacao.AgentTarget) bool {
	return slices.Contains([]string{"individual", "group", "organization", "sector", "location"}, a.Type.Value)
}

// adapters are the actions for commands that act on a system, with the output
// that is a command's only result.
var adapters = map[string]struct{ action, output string }{
	"bash":        {"cacao.bash", "stdout"},
	"ssh":         {"cacao.ssh", "stdout"},
	"powershell":  {"cacao.powershell", "stdout"},
	"http-api":    {"cacao.http", "body"},
	"openc2-http": {"cacao.openc", "body"},
}

// command makes the steps of one command, for one target.
func (m *importer) command(d *draft, s *cacao.Step, c *cacao.Command, target string, out []runbook.Text, in *scope) []*draft {
	one := &draft{}
	one.fields.put("id", m.fresh(d.id()+"-"+slug(c.Type.Value, "command")))
	one.fields.put("description", c.Description.Value)
	one.remarks = commandAside(c)
	text, readable := commandText(c)
	adapter, known := adapters[c.Type.Value]
	known = known && m.rules.Knows != nil && m.rules.Knows(adapter.action)
	take := m.takes(s, out)
	switch {
	case c.Type.Value == "manual":
		one.fields.put("manual", m.text(orElse(text, "(The playbook says nothing here.)")+m.targetLine(s), in))
		return m.answered(one, out, in)
	case known && take != nil:
		m.adapted(one, s, c, adapter.action, target, in)
		with, _ := one.fields.get("with").(object)
		one.fields.set("with", append(with, member{"take", take}))
		return m.noted(one, out, in)
	case c.Type.Value == "bash" && readable && m.exec(one, text, in):
	case known:
		m.adapted(one, s, c, adapter.action, target, in)
	default:
		one.remarks = append(one.remarks, m.remark(d.id(), "irctl has no action for a command of type "+c.Type.Value+"; a person carries it out"))
		if !readable {
			text = "(in base64) " + text
		}
		by := "Carry out this " + c.Type.Value + " command"
		if to := m.pb.Actor(orElse(target, s.Agent.Value)); to != nil {
			by += ", on " + to.Name.Value
		}
		one.fields.put("manual", m.text(by+":\n"+text+payload(c), in))
		return m.answered(one, out, in)
	}
	return m.result(one, d, adapter.output, out, in)
}

// commandAside is what a command says of itself and a runbook can only keep in a
// comment.
func commandAside(c *cacao.Command) []string {
	var out []string
	if c.Activity.Given() {
		out = append(out, "activity: "+c.Activity.Value)
	}
	if c.Version.Given() {
		out = append(out, "version of "+c.Type.Value+": "+c.Version.Value)
	}
	if refs := c.Tree.Get("external_references"); refs != nil {
		for _, r := range refs.Items {
			out = append(out, "see: "+referenceLine(r))
		}
	}
	return out
}

// targetLine names the targets of what a person does by hand.
func (m *importer) targetLine(s *cacao.Step) string {
	var names []string
	for _, t := range s.Targets {
		if a := m.pb.Actor(t.Value); a != nil {
			names = append(names, a.Name.Value)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "\nTargets: " + strings.Join(names, ", ")
}

// payload is what a command has besides its text.
func payload(c *cacao.Command) string {
	var b strings.Builder
	for _, h := range c.Headers {
		for _, v := range h.Values {
			b.WriteString("\n" + h.Name.Value + ": " + v.Text)
		}
	}
	if c.Content != nil {
		b.WriteString("\n\n" + c.Content.Text)
	}
	if c.ContentB64 != nil {
		b.WriteString("\n\n(in base64) " + c.ContentB64.Text)
	}
	return b.String()
}

// commandText is what a command says. Content that is no text stays in base64.
func commandText(c *cacao.Command) (string, bool) {
	if c.Command != nil {
		return c.Command.Text, true
	}
	if c.CommandB64 == nil {
		return "", false
	}
	raw, err := base64.StdEncoding.DecodeString(c.CommandB64.Text)
	if err != nil || !utf8.Valid(raw) {
		return c.CommandB64.Text, false
	}
	return string(raw), true
}

var (
	// plainWords is a command of words in which no shell would see anything;
	// references stand for words or parts of them.
	plainWords = regexp.MustCompile(`^[A-Za-z0-9_./-]+( +[A-Za-z0-9_./:=@%+,-]+)*$`)
	// builtins are no programs, or do something else as one.
	builtins = regexp.MustCompile(`^(alias|bg|builtin|cd|command|declare|eval|exec|exit|export|fg|hash|jobs|let|local|printf|read|return|set|shift|source|test|time|times|trap|type|ulimit|umask|unalias|unset|wait|if|then|for|while|until|case|do|done|function|select|\.)$`)
)

// exec makes a bash command a command of exec, if no shell is needed to read a
// value: plain words become the program's arguments, and a text without
// references goes to bash as it is.
func (m *importer) exec(d *draft, text string, in *scope) bool {
	text = strings.TrimSpace(text)
	program, _, _ := strings.Cut(text, " ")
	var argv []any
	switch {
	case plainWords.MatchString(text) && !builtins.MatchString(program) && !strings.Contains(program, "__"):
		for _, w := range strings.Fields(text) {
			argv = append(argv, m.text(w, in))
		}
	case len(reference.Find(text, in.has)) == 0:
		argv = []any{"bash", "-c", escape(text)}
	default:
		return false
	}
	d.fields.put("uses", "exec")
	d.fields.put("with", object{{"argv", argv}})
	return true
}

// adapted makes a command the use of the action that playbooks are run with.
// Its text stays as it is; values are handed over beside it, as data.
func (m *importer) adapted(d *draft, s *cacao.Step, c *cacao.Command, action, target string, in *scope) {
	d.fields.put("uses", action)
	if action != "cacao.bash" {
		d.fields.put("target", m.target(orElse(target, s.Agent.Value)))
	}
	var with object
	for _, f := range []struct {
		key   string
		value *runbook.Value
	}{{"command", c.Command}, {"command_b64", c.CommandB64}, {"content", c.Content}, {"content_b64", c.ContentB64}} {
		if f.value != nil {
			with.put(f.key, escape(f.value.Text))
		}
	}
	var headers object
	for _, h := range c.Headers {
		var values []any
		for _, v := range h.Values {
			values = append(values, escape(v.Text))
		}
		headers.put(h.Name.Value, values)
	}
	with.put("headers", headers)
	var variables object
	for _, name := range reference.Names(strings.Join(commandTexts(c), "\n"), in.has) {
		if h, ok := in.lookup(name); ok {
			variables.put(name, "${{ "+h.path+" }}")
		}
	}
	with.put("variables", variables)
	d.fields.put("with", with)
}

// commandTexts are the texts of a command that may hold references, decoded.
func commandTexts(c *cacao.Command) []string {
	var out []string
	for _, v := range []*runbook.Value{c.Command, c.Content} {
		if v != nil {
			out = append(out, v.Text)
		}
	}
	for _, v := range []*runbook.Value{c.CommandB64, c.ContentB64} {
		if v != nil {
			raw, _ := base64.StdEncoding.DecodeString(v.Text)
			out = append(out, string(raw))
		}
	}
	for _, h := range c.Headers {
		for _, v := range h.Values {
			out = append(out, v.Text)
		}
	}
	return out
}

// target is the name of an agent or target for the environment to bind.
func (m *importer) target(id string) string {
	if name, ok := m.targets[id]; ok {
		return name
	}
	a := m.pb.Actor(id)
	if a == nil {
		return "unknown"
	}
	name := a.Name.Value
	for _, other := range m.targets {
		if other == slug(name, "target") {
			name += " " + itoa(len(m.targets)+1)
		}
	}
	name = slug(name, "target")
	m.targets[id] = name
	text := "the target " + name + " is the playbook's " + a.Type.Value + " " + a.Name.Value
	for _, at := range a.Addresses {
		for _, v := range at.Values {
			text += ", " + at.Kind.Value + " " + v.Text
		}
	}
	m.remark("", text+": add it to the environment, with its credentials")
	return name
}

// answered is a manual step with the step that notes what the person says.
func (m *importer) answered(ask *draft, out []runbook.Text, in *scope) []*draft {
	var answers, set object
	for _, o := range out {
		h, ok := in.lookup(o.Value)
		if !ok {
			continue
		}
		name := h.name()
		kind := h.kind
		if kind == "map" {
			kind = "string"
		}
		answers.put(name, kind)
		set.put(name, "${{ steps."+ask.id()+".outputs."+name+" }}")
	}
	if len(set) == 0 {
		return []*draft{ask}
	}
	ask.fields.put("outputs", answers)
	return []*draft{ask, m.assign(m.fresh(ask.id()+"-note"), "Note the answers", set)}
}

// result adds the step that takes a command's result. The standard does not
// say where results come from; of one, everybody takes the output.
func (m *importer) result(d, owner *draft, output string, out []runbook.Text, in *scope) []*draft {
	if len(out) > 1 {
		d.remarks = append(d.remarks, m.remark(owner.id(), "the playbook does not say where its results come from; a person reads them"))
		ask := &draft{}
		ask.fields.put("id", m.fresh(d.id()+"-results"))
		ask.fields.put("manual", "Read the results from the output of "+d.id()+".")
		return append([]*draft{d}, m.answered(ask, out, in)...)
	}
	if len(out) == 0 {
		return []*draft{d}
	}
	h, ok := in.lookup(out[0].Value)
	if !ok {
		return []*draft{d}
	}
	set := object{{h.name(), "${{ " + converted("steps."+d.id()+".outputs."+output+".trim()", h.kind) + " }}"}}
	return []*draft{d, m.assign(m.fresh(d.id()+"-note"), "Note the result", set)}
}

// noted adds the step that notes what an action took out of its answer.
func (m *importer) noted(d *draft, out []runbook.Text, in *scope) []*draft {
	var set object
	for _, o := range out {
		if h, ok := in.lookup(o.Value); ok {
			text := "steps." + d.id() + ".outputs.values['" + o.Value + "']"
			if h.kind != "map" {
				text = converted("string("+text+")", h.kind)
			}
			set.put(h.name(), "${{ "+text+" }}")
		}
	}
	return []*draft{d, m.assign(m.fresh(d.id()+"-note"), "Note the results", set)}
}

// converted is an expression for a text as a value of a type.
func converted(text, kind string) string {
	switch kind {
	case "int":
		return "int(" + text + ")"
	case "float":
		return "double(" + text + ")"
	case "bool":
		return text + " == 'true'"
	}
	return text
}
