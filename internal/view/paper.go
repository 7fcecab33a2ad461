package view

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/pkg/action"
)

// Paper is a runbook to be printed and worked through with a pen.
type Paper struct {
	Plan *plan.Plan
	// Effect says what an action does to the world, and whether irctl can put
	// it back.
	Effect func(action string) (effect action.Effect, undoes bool)
	// Form adds a line to each step on which to write when it was done, by whom and
	// how it ended: what irctl transcribe takes.
	Form bool
	// Environment names the people and the systems; nil leaves them out.
	Environment *Environment
}

// Runbook writes a runbook as a person wants it in their hand when nothing
// else is left: blanks to fill in, boxes to tick, numbers to call, what can be
// put back and what cannot. The JSON is the plan itself.
func (p *Printer) Runbook(v Paper) error {
	if p.format == JSON {
		return p.JSON(v.Plan)
	}
	d := &paper{page: p.page(p.out), Paper: v, numbers: numbered(v.Plan), below: projection.Following(v.Plan)}
	d.top()
	d.inputs()
	d.heading("Steps")
	for i := range v.Plan.Nodes {
		d.step(&v.Plan.Nodes[i])
	}
	d.undoing()
	d.people()
	d.gap()
	d.wrapped(0, "Ended: "+d.blank(20), "date "+d.blank(10), "time "+d.blank(7)+" UTC")
	return p.print(p.out, d.page)
}

// paper is a Paper while it is written.
type paper struct {
	*page
	Paper
	numbers []string      // of the nodes: "2.1"
	below   []plan.NodeID // the step below each node in its block
}

// numbered gives every node its number, by its place: "2.1" is the first step
// inside the second.
func numbered(pl *plan.Plan) []string {
	numbers, inside := make([]string, len(pl.Nodes)), map[plan.NodeID]int{}
	for i := range pl.Nodes {
		n := &pl.Nodes[i]
		inside[n.Parent]++
		number := group(inside[n.Parent])
		if n.Parent != plan.None {
			number = numbers[n.Parent] + "." + number
		}
		numbers[i] = number
	}
	return numbers
}

// blank is a line to write on.
func (d *paper) blank(width int) string {
	return strings.Repeat("_", max(4, min(width, 30, d.width-14)))
}

func (d *paper) top() {
	d.heading(cmp.Or(d.Plan.Title, d.Plan.Runbook))
	within := d.Plan.Objective
	if within != "" {
		within += " from the start"
	}
	d.facts(0, [2]string{"runbook", d.Plan.Runbook}, [2]string{"from", d.Plan.Source}, [2]string{"kept by", d.Plan.Owner},
		[2]string{"to be over", within})
	d.gap()
	d.wrapped(0, "Started by: "+d.blank(15), "date "+d.blank(10), "time "+d.blank(7)+" UTC")
	if d.Plan.Description != "" {
		d.heading("When to use it")
		d.para(0, d.Plan.Description)
	}
}

func (d *paper) inputs() {
	if len(d.Plan.Inputs) == 0 {
		return
	}
	d.heading("Fill in first")
	for _, f := range d.Plan.Inputs {
		d.field(2, f)
	}
}

// field is a value to fill in, or boxes to choose from, and what is known
// about it.
func (d *paper) field(indent int, f plan.Field) {
	name := d.theme.paint(strong, inline(f.Name)) + ": "
	choices := f.Enum
	if f.Type == "bool" {
		choices = []string{"yes", "no"}
	}
	if len(choices) > 0 {
		boxes := each.Of(choices, func(c string) string { return d.theme.mark(tick) + " " + c })
		d.hang(indent, name, strings.Join(boxes, "  "), normal)
	} else {
		d.hang(indent, name, d.blank(d.width-indent-printed(inline(f.Name))-4), normal)
	}
	about := []string{f.Description, kindOfField(f)}
	if f.Pattern != "" {
		about = append(about, "It looks like "+f.Pattern+".")
	}
	if f.Secret {
		about = append(about, "A secret: do not write it here.")
	}
	if f.Required {
		about = append(about, "Must be known.")
	}
	rest := joined(" ", about[1:]...)
	if text := strings.TrimSpace(f.Description); text != "" && rest != "" && !strings.ContainsAny(text[len(text)-1:], ".!?") {
		about[0] = text + "."
	}
	d.para(indent+4, joined(" ", about[0], rest))
	if f.Default != nil {
		d.hang(indent+4, d.theme.paint(faint, "otherwise: "), worded(f.Default.Raw), normal)
	}
}

// kindOfField says what to write, where that is not plain.
func kindOfField(f plan.Field) string {
	switch f.Type {
	case "int", "float":
		return "A number."
	case "duration":
		return "How long, such as 90s, 15m or 2h30m."
	case "time":
		return "A date and a time."
	case "list":
		return "A list."
	case "map":
		return "Names, each with a value."
	}
	return ""
}

// worded writes a value for people: a list of plain values on one line, a list
// of others one below the other.
func worded(v any) string {
	switch v := v.(type) {
	case []any:
		if len(v) == 0 {
			return "none"
		}
		parts, sep := make([]string, len(v)), ", "
		for i, e := range v {
			parts[i] = worded(e)
			if _, deep := e.(map[string]any); deep {
				parts[i], sep = "- "+parts[i], "\n"
			}
		}
		return strings.Join(parts, sep)
	case map[string]any:
		parts := each.Of(slices.Sorted(maps.Keys(v)), func(k string) string { return k + ": " + worded(v[k]) })
		return strings.Join(parts, "; ")
	}
	return datum(v)
}

// undoing lists what can be put back, newest first, and what cannot.
func (d *paper) undoing() {
	var back, never []*plan.Node
	for i := len(d.Plan.Nodes) - 1; i >= 0; i-- {
		n := &d.Plan.Nodes[i]
		if n.Kind != plan.Action {
			continue
		}
		switch effect, undoes := d.Effect(n.Action.Action); {
		case n.Irreversible != "":
			never = append([]*plan.Node{n}, never...)
		case n.Undo != nil || undoes && effect == action.Change:
			back = append(back, n)
		}
	}
	if len(back) > 0 {
		d.heading("To put it back, newest first")
		for _, n := range back {
			how := ""
			if n.Undo != nil {
				how = ": " + useWords(n.Undo)
			}
			d.hang(2, d.theme.mark(tick)+" ", d.numbers[n.ID]+"  "+titled(n)+how, normal)
		}
	}
	if len(never) > 0 {
		d.heading("What cannot be put back")
		for _, n := range never {
			d.hang(2, d.numbers[n.ID]+"  ", titled(n)+": "+n.Irreversible, normal)
		}
	}
}

// people lists whom to call, if an environment was named.
func (d *paper) people() {
	if d.Environment == nil {
		return
	}
	if len(d.Environment.People) > 0 {
		d.heading("People")
		for _, p := range d.Environment.People {
			d.hang(2, d.theme.paint(strong, inline(p.FullName))+"  ", joined("  ", strings.Join(p.Roles, ", "), p.Phone, p.Email), normal)
		}
	}
	used := map[string]bool{}
	for i := range d.Plan.Nodes {
		if use := d.Plan.Nodes[i].Action; use != nil {
			used[use.Target] = true
		}
	}
	var systems []Target
	for _, t := range d.Environment.Targets {
		if used[t.Name] {
			systems = append(systems, t)
		}
	}
	if len(systems) == 0 {
		return
	}
	d.heading("Systems")
	for _, t := range systems {
		d.hang(2, d.theme.paint(strong, inline(t.Name))+"  ", joined("; ", t.About, t.Type, t.Owner), normal)
		if t.Fallback != "" {
			d.hang(6, "by hand: ", t.Fallback, normal)
		}
	}
}

// joined writes texts with something between them, without the empty ones.
func joined(sep string, texts ...string) string {
	return strings.Join(slices.DeleteFunc(slices.Clone(texts), func(t string) bool { return t == "" }), sep)
}

func titled(n *plan.Node) string { return cmp.Or(n.Title, n.Name) }
