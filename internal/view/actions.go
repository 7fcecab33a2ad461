package view

import (
	"strings"

	"github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/pkg/action"
)

// Abilities are what an action can do besides running, as its type tells.
type Abilities struct {
	Inspects   bool `json:"inspects"`   // looks at the target without changing it
	Undoes     bool `json:"undoes"`     // puts back what it recorded
	Preflights bool `json:"preflights"` // says before an incident whether the target is reachable and permitted
}

// actionDoc is the JSON of an action.
type actionDoc struct {
	action.Spec
	Abilities Abilities `json:"abilities"`
}

func newActionDoc(s action.Spec, can Abilities) actionDoc {
	s.Inputs, s.Outputs, s.Targets = asData(s.Inputs), asData(s.Outputs), append([]action.TargetType{}, s.Targets...)
	for i := range s.Targets {
		s.Targets[i].Fields, s.Targets[i].Tools = asData(s.Targets[i].Fields), orEmpty(s.Targets[i].Tools)
	}
	return actionDoc{s, can}
}

// asData are fields whose defaults have a form in JSON.
func asData(fields []action.Field) []action.Field {
	out := append([]action.Field{}, fields...)
	for i := range out {
		if out[i].Default != nil {
			out[i].Default = data.Of(out[i].Default)
		}
		out[i].Fields = asData(out[i].Fields)
	}
	return out
}

// Action writes an action's manual page.
func (p *Printer) Action(s action.Spec, can Abilities) error {
	if p.format == JSON {
		return p.JSON(newActionDoc(s, can))
	}
	pg := p.page(p.out)
	pg.hang(0, pg.theme.paint(strong, inline(s.Name))+"  ", s.Summary, normal)
	if s.Description != "" {
		pg.gap()
		pg.para(0, s.Description)
	}
	pg.gap()
	pg.facts(0, [2]string{"effect", effectMeans(s.Effect)}, [2]string{"twice", twiceMeans(s.Idempotent)},
		[2]string{"undo", undoMeans(s, can)}, [2]string{"dry run", inspectMeans(can)})
	pg.fields("Inputs", s.Inputs, "It takes no inputs.")
	pg.fields("Outputs", s.Outputs, "")
	if len(s.Targets) > 0 {
		pg.heading("Targets it acts on")
		for _, t := range s.Targets {
			pg.hang(2, pg.theme.paint(strong, inline(t.Name))+"  ", t.Summary, normal)
		}
	}
	pg.example("Example", s.Example)
	if len(s.Targets) > 0 {
		pg.commands("next:", []string{projection.Command("target", "types", s.Targets[0].Name, action.Noun(s.Name))})
	}
	return p.print(p.out, pg)
}

func effectMeans(e action.Effect) string {
	switch e {
	case action.Read:
		return "read: changes nothing"
	case action.Change:
		return "change: changes the target, and that can be put back"
	case action.Irreversible:
		return "irreversible: cannot be taken back"
	}
	return string(e)
}

func twiceMeans(idempotent bool) string {
	if idempotent {
		return "harmless: running it again changes nothing more"
	}
	return "not harmless: after a crash a person may have to say whether it happened"
}

func undoMeans(s action.Spec, can Abilities) string {
	var out []string
	if can.Undoes {
		out = append(out, "`irctl rollback` puts back what it recorded")
	}
	if s.Counterpart != "" {
		out = append(out, "by hand: "+s.Counterpart)
	}
	if len(out) == 0 && s.Effect != action.Read {
		return "none"
	}
	return strings.Join(out, "; ")
}

func inspectMeans(can Abilities) string {
	if can.Inspects {
		return "looks at the target and says what would change"
	}
	return "cannot know: it does not look at the target"
}

// fields adds a table of inputs, outputs or config fields.
func (pg *page) fields(title string, fields []action.Field, none string) {
	if len(fields) == 0 {
		if none != "" {
			pg.gap()
			pg.para(0, none)
		}
		return
	}
	pg.heading(title)
	pg.fieldRows(2, fields)
}

func (pg *page) fieldRows(indent int, fields []action.Field) {
	for _, f := range fields {
		pg.hang(indent, pg.theme.paint(strong, inline(f.Name))+"  ", fieldType(f), faint)
		pg.para(indent+4, f.Description)
		if f.Example != "" {
			pg.hang(indent+4, "for example ", f.Example, normal)
		}
		pg.fieldRows(indent+4, f.Fields)
	}
}

// fieldType says in one line what a field takes.
func fieldType(f action.Field) string {
	out := string(f.Type)
	if f.Items != "" {
		out += " of " + string(f.Items)
	}
	if len(f.Enum) > 0 {
		out += ": " + strings.Join(f.Enum, ", ")
	}
	if f.Pattern != "" {
		out += " matching " + f.Pattern
	}
	if f.Secret {
		out += ", a secret: give a reference"
	}
	switch {
	case f.Required:
		out += ", required"
	case f.Default != nil:
		out += ", default " + datum(f.Default)
	}
	return out
}

// fieldLines adds a line for each field; all of one has a page of its own.
func (pg *page) fieldLines(title string, fields []action.Field) {
	pg.heading(title)
	name, kind := 0, 0
	short := make([]string, len(fields))
	for i, f := range fields {
		f.Pattern = ""
		short[i] = inline(fieldType(f))
		name, kind = max(name, printed(inline(f.Name))), max(kind, printed(short[i]))
	}
	kind = min(kind, pg.width/4)
	for i, f := range fields {
		line := "  " + pad(inline(f.Name), name) + "  " + pad(pg.theme.cut(short[i], kind), kind) + "  " + inline(f.Description)
		pg.raw(pg.theme.cut(line, pg.width))
	}
}

// example adds YAML under a heading.
func (pg *page) example(title, yaml string) {
	if strings.TrimSpace(yaml) == "" {
		return
	}
	pg.heading(title)
	pg.verbatim(2, yaml)
}

// verbatim adds a text whose line breaks and indentation mean something.
func (pg *page) verbatim(indent int, text string) {
	for _, l := range strings.Split(strings.Trim(bounded(text), "\n"), "\n") {
		pg.raw(strings.Repeat(" ", indent) + strings.ReplaceAll(l, "\t", "  "))
	}
}

// Actions writes the list of actions.
func (p *Printer) Actions(specs []action.Spec, can func(name string) Abilities) error {
	if p.format == JSON {
		out := []actionDoc{}
		for _, s := range specs {
			out = append(out, newActionDoc(s, can(s.Name)))
		}
		return p.JSON(out)
	}
	pg := p.page(p.out)
	rows := each.Of(specs, func(s action.Spec) []cell { return []cell{{s.Name, strong}, plain(string(s.Effect)), plain(s.Summary)} })
	pg.table([]string{"action", "effect", "what it does"}, rows)
	pg.gap()
	pg.para(0, plural(len(specs), "action")+".")
	pg.commands("next:", []string{"irctl action show NAME"})
	return p.print(p.out, pg)
}

// TypeUse is a target type and the actions that act on it.
type TypeUse struct {
	action.TargetType
	Actions []string `json:"actions"`
	Nouns   []string `json:"-"` // what the actions are about, if the fields differ: then there is a page for each
}

// TargetTypes writes the kinds of systems that actions act on; one alone with
// its fields.
func (p *Printer) TargetTypes(types []TypeUse, described ...string) error {
	if p.format == JSON {
		for i := range types {
			types[i].Fields, types[i].Tools = asData(types[i].Fields), orEmpty(types[i].Tools)
		}
		return p.JSON(orEmpty(types))
	}
	pg := p.page(p.out)
	if len(types) == 1 {
		pg.typeUse(types[0])
		return p.print(p.out, pg)
	}
	rows := each.Of(types, func(t TypeUse) []cell { return []cell{{t.Name, strong}, plain(t.Summary)} })
	pg.table([]string{"type", "a target that is"}, rows)
	if len(described) > 0 {
		pg.para(0, "Connectors: "+strings.Join(described, ", ")+".")
	}
	pg.gap()
	pg.commands("next:", []string{"irctl target types " + types[0].Name})
	return p.print(p.out, pg)
}

func (pg *page) typeUse(t TypeUse) {
	pg.hang(0, pg.theme.paint(strong, inline(t.Name))+"  ", t.Summary, normal)
	pg.facts(0, [2]string{"needs", strings.Join(t.Tools, ", ")}, [2]string{"used by", strings.Join(t.Actions, ", ")})
	title := "Fields of its config"
	if len(t.Nouns) > 0 {
		title += ", whatever it is used for"
	}
	pg.fieldLines(title, t.Fields)
	pg.example("In the environment", t.Example)
	if len(t.Nouns) > 1 {
		pg.gap()
		pg.para(0, "One target may be all of these: beside the config that they share, actions: {"+strings.Join(t.Nouns[:2], ": {...}, ")+": {...}}.")
	}
	pg.gap()
	next := each.Of(t.Nouns, func(noun string) string { return projection.Command("target", "types", t.Name, noun) })
	if len(next) == 0 && len(t.Fields) > 0 {
		next = []string{projection.Command("target", "types", t.Name, action.Noun(t.Actions[0]), t.Fields[0].Name)}
	}
	pg.commands("next:", next)
}

// Field writes all that is known of one field of a target type.
func (p *Printer) Field(f action.Field) error {
	if p.format == JSON {
		return p.JSON(asData([]action.Field{f})[0])
	}
	pg := p.page(p.out)
	pg.fieldRows(0, []action.Field{f})
	return p.print(p.out, pg)
}
