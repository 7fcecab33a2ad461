package convert

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/pkg/runbook"
)

func itoa(n int) string { return strconv.Itoa(n) }

// instruction tells a person what an action would do.
func (x *exporter) instruction(s *runbook.Step) string {
	var b strings.Builder
	u := s.Uses
	b.WriteString(x.title(s) + "\n" + x.verb(u) + "\n")
	for _, p := range u.With {
		b.WriteString("- " + literal(p.Key.Value) + ": " + strings.TrimRight(x.value(p.Value), "\n") + "\n")
	}
	if out := x.returned(s); len(out) > 0 {
		b.WriteString("Note what it returns: " + strings.Join(bare(out), ", ") + "\n")
	}
	if s.Verify != nil {
		b.WriteString("Afterwards check: " + x.verb(s.Verify) + "\n")
	}
	if s.VerifySelf {
		b.WriteString("Afterwards look whether it holds.\n")
	}
	return strings.TrimRight(b.String(), "\n")
}

// verb is an action with its target.
func (x *exporter) verb(u *runbook.Use) string {
	text := literal(u.Action.Value)
	if x.o.Summary != nil {
		if summary := x.o.Summary(u.Action.Value); summary != "" {
			text = summary + " (" + text + ")"
		}
	}
	if u.Target != nil {
		text += ", target " + x.value(u.Target)
	}
	return sentence(text)
}

// about is a step's description with what the standard has no field for.
func (x *exporter) about(s *runbook.Step) string {
	parts := []string{literal(s.Description.Value)}
	if r := s.Retry; r != nil && r.Attempts != nil {
		text := "Try up to " + x.readableValue(r.Attempts) + " times"
		if r.Delay != nil {
			text += ", " + x.readableValue(r.Delay) + " apart"
		}
		parts = append(parts, text)
	}
	if s.Undo != nil {
		parts = append(parts, "To undo it: "+x.verb(s.Undo))
	}
	if s.Expires != nil {
		parts = append(parts, "Put it back after "+s.Expires.Text)
	}
	if s.Irreversible.Given() {
		parts = append(parts, "It cannot be undone: "+literal(s.Irreversible.Value))
	}
	return sentence(parts...)
}

// approvalText asks for an approval.
func (x *exporter) approvalText(a *runbook.Approval, question string) string {
	if a.Text != nil {
		question = strings.TrimRight(x.value(a.Text), "\n")
	}
	text := question + "\nAnswer approved or rejected."
	if a.Need != nil && a.Need.Text != "1" {
		text += " It needs " + x.readableValue(a.Need) + " persons."
	}
	if a.NotRequester {
		text += " Whoever started this cannot answer."
	}
	if a.Remind != nil {
		text += " Ask again every " + x.readableValue(a.Remind) + "."
	}
	if e := a.Escalate; e != nil {
		after := cmp.Or(e.After, a.Within)
		to := each.Of(e.To, func(r runbook.Text) string { return literal(r.Value) })
		text += " If nobody has answered after " + x.readableValue(after) + ", ask " + strings.Join(to, " or ") + " too."
	}
	switch a.OnExpiry.Value {
	case "no":
		text += " No answer in time is a no."
	case "escalate":
		text += " When the time is up, they have as much time again."
	}
	return text
}

// readable is an expression as a person may read it.
func (x *exporter) readable(text string) string {
	if v, ok := x.reference(text); ok {
		return v.name + ":value"
	}
	return literal(text)
}

// readableValue is a value that may be an expression, without braces.
func (x *exporter) readableValue(v *runbook.Value) string {
	if v == nil {
		return ""
	}
	if v.HasExpr() {
		return x.readable(expression(v))
	}
	return x.value(v)
}

// agentOf is who carries a step out by hand: its owner, or the runbook's.
func (x *exporter) agentOf(s *runbook.Step) string {
	who := orElse(s.Owner.Value, orElse(x.rb.Owner.Value, "Responders"))
	return x.team(who, "Carries out this runbook's steps")
}

// people are those who may approve.
func (x *exporter) people(a *runbook.Approval) string {
	roles := each.Of(a.Roles, func(r runbook.Text) string { return r.Value })
	return x.team(strings.Join(roles, " or "), "May approve")
}

func (x *exporter) team(name, description string) string {
	return define(&x.agents, x.id("group", name), dict("type", "group", "name", literal(orElse(name, "Responders")), "description", description))
}

// orchestrator runs the few commands that are a machine's: to wait, to fail.
func (x *exporter) orchestrator() string {
	return define(&x.agents, x.id("security-category", "orchestrator"), dict(
		"type", "security-category", "name", "The system that runs this playbook", "category", []string{"orchestrator"},
	))
}

// target is the system that a step acts on. Its address is the environment's
// business, so only its name is known; a computed one is in the text alone.
func (x *exporter) target(v *runbook.Value) string {
	if v == nil || v.HasExpr() {
		return ""
	}
	return define(&x.targets, x.id("security-category", "target", v.Text), dict(
		"type", "security-category", "name", literal(v.Text), "description", "A target that the environment names", "category", []string{"server"},
	))
}

// bare are the names of variables for people: with their underscores they
// would look like references that lack something.
func bare(names []string) []string {
	return each.Of(names, func(n string) string { return strings.Trim(n, "_") })
}
