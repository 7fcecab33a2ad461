package check

import (
	"strings"

	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/pkg/runbook"
)

var OtherBrackets = codes.Warning("IR0352", "a value in the brackets of another tool",
	"Values are put into a text with `${{ }}`. `{{ x }}`, `${x}` and `$(x)` mean nothing to irctl: people would read them as they stand.")

var _ = rules.step.add((*reviewer).otherBrackets)

var otherBracket = pattern.Late(`\{\{ *([A-Za-z_][A-Za-z0-9_.-]*) *\}\}|\$\{ *([A-Za-z_][A-Za-z0-9_.-]*) *\}|\$\( *([A-Za-z_][A-Za-z0-9_.-]*)[^()]*\)`)

// otherBrackets: what people read holds no template of another tool. What is
// handed to a program may, unless it names something of the runbook.
func (r *reviewer) otherBrackets(n *node) {
	s := n.step
	for _, t := range []runbook.Text{s.Title, s.Description} {
		if bracketed(t.Value) {
			r.brackets(&runbook.Value{Kind: runbook.StringValue, Text: t.Value, Span: t.Span, TextStart: t.Span.Start}, true)
		}
	}
	read := []*runbook.Value{s.Manual, s.Fallback}
	for _, a := range approvals(s) {
		read = append(read, a.Text)
	}
	if s.Stop != nil {
		read = append(read, s.Stop.Message)
	}
	for _, v := range read {
		r.brackets(v, true)
	}
	for _, p := range s.With {
		r.brackets(p.Value, false)
	}
	if s.Uses != nil {
		for _, p := range s.Uses.With {
			r.brackets(p.Value, false)
		}
	}
}

func (r *reviewer) brackets(v *runbook.Value, read bool) {
	for inner := range v.All() {
		if inner.Kind == runbook.StringValue && bracketed(inner.Text) {
			r.bracketsIn(inner, read)
		}
	}
}

// bracketed reports whether a text may hold brackets beside irctl's own, which
// most that have any hold alone.
func bracketed(text string) bool {
	if !strings.ContainsAny(text, "{(") {
		return false
	}
	text = strings.ReplaceAll(text, "${{", "{")
	return strings.Contains(text, "{{") || strings.Contains(text, "${") || strings.Contains(text, "$(")
}

func (r *reviewer) bracketsIn(v *runbook.Value, read bool) {
	for _, m := range otherBracket().FindAllStringSubmatchIndex(v.Text, -1) {
		from, to := m[0], m[1]
		name := v.Text[max(m[2], m[4], m[6]):max(m[3], m[5], m[7])]
		root, _, dotted := strings.Cut(name, ".")
		ours := dotted && (root == "inputs" || root == "steps" || root == "vars")
		if from > 0 && v.Text[from-1] == '$' || !read && !ours {
			continue // ${{ }} itself, or what the program reads
		}
		meant := name
		if r.inputs[name] != nil {
			meant = "inputs." + name
		} else if !ours {
			meant = "inputs.NAME"
		}
		d := r.report(OtherBrackets, v.Place(from, to), "`"+v.Text[from:to]+"` stands in this text as it is: nothing is put in its place", "write `${{ "+meant+" }}` for a value of the runbook")
		if _, input, _ := strings.Cut(meant, "inputs."); r.inputs[input] != nil && meant == "inputs."+input && d.Span.End.Offset <= len(r.rb.Source) && string(r.rb.Source[d.Span.Start.Offset:d.Span.End.Offset]) == v.Text[from:to] {
			d.Fix = &runbook.Edit{Span: d.Span, Text: "${{ " + meant + " }}"}
		}
	}
}
