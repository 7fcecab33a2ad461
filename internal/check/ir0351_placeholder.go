package check

import (
	"bytes"

	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/pkg/runbook"
)

// placeholder is what authors write where they want to write something later.
var placeholder = pattern.Late(`\b(TODO|FIXME|TBD|XXX+)\b`)

var _ = rules.step.add((*reviewer).placeholders)

// placeholders: nobody fills them in at 3 am.
func (r *reviewer) placeholders(n *node) {
	if !r.unfinished() {
		return
	}
	s := n.step
	for _, t := range []runbook.Text{s.Title, s.Description, s.Owner, s.Irreversible} {
		if placeholder().MatchString(t.Value) {
			r.warnPlaceholder(t.Span, placeholder().FindString(t.Value))
		}
	}
	values := []*runbook.Value{s.Manual, s.Fallback}
	for _, a := range approvals(s) {
		values = append(values, a.Text)
	}
	if s.Stop != nil {
		values = append(values, s.Stop.Message)
	}
	pairs := s.With
	if s.Uses != nil {
		values = append(values, s.Uses.Target)
		pairs = s.Uses.With
	}
	for _, p := range pairs {
		values = append(values, p.Value)
	}
	for _, v := range values {
		r.unfilled(v)
	}
}

// unfinished reports whether a placeholder stands anywhere in the file. Most
// files hold none, and then nothing else is looked at.
func (r *reviewer) unfinished() bool {
	if r.looked == 0 {
		r.looked = 1
		for _, word := range []string{"TODO", "FIXME", "TBD", "XXX"} {
			if bytes.Contains(r.rb.Source, []byte(word)) {
				r.looked = 2
			}
		}
	}
	return r.looked == 2
}

func (r *reviewer) unfilled(v *runbook.Value) {
	for v := range v.All() {
		if at := placeholder().FindStringIndex(v.Text); v.Kind == runbook.StringValue && at != nil {
			r.warnPlaceholder(v.Place(at[0], at[1]), v.Text[at[0]:at[1]])
		}
	}
}

var Placeholder = codes.Warning("IR0351", "something that is still to be filled in",
	"`TODO`, `FIXME`, `TBD` or `XXX` stands where somebody will need a number or a name. Comments may hold them.")

func (r *reviewer) warnPlaceholder(at runbook.Span, word string) {
	r.report(Placeholder, at, "`"+word+"` is still to be filled in", "write what people need in an incident, or remove the step")
}
