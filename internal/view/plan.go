package view

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/projection"
)

// Preview is a plan that was walked without running it: `plan`, `run --dry-run`.
type Preview struct {
	Runbook     string               `json:"runbook"`
	Title       string               `json:"title"`
	Source      string               `json:"source"` // file the runbook came from
	Digest      string               `json:"digest"`
	PlanDigest  string               `json:"plan_digest"`
	Environment string               `json:"environment"`
	Rows        []projection.PlanRow `json:"steps"`
	Problems    []string             `json:"problems"`    // what would not work
	Unchecked   []string             `json:"not_checked"` // what cannot be known beforehand
	Claims      []projection.Claim   `json:"claims"`      // of other runs, on what this one would change
	Next        []string             `json:"next"`        // the command that runs it
}

// Plan writes what would happen, step by step. Nothing has been changed.
func (p *Printer) Plan(v Preview) error {
	if p.format == JSON {
		v.Claims = orEmpty(v.Claims)
		v.Rows, v.Next, v.Problems, v.Unchecked = orEmpty(v.Rows), orEmpty(v.Next), orEmpty(v.Problems), orEmpty(v.Unchecked)
		return p.JSON(v)
	}
	pg := p.page(p.out)
	pg.heading(cmp.Or(v.Title, v.Runbook))
	pg.facts(0, [2]string{"runbook", v.Runbook}, [2]string{"from", v.Source}, [2]string{"digest", v.Digest},
		[2]string{"plan", v.PlanDigest}, [2]string{"environment", v.Environment})
	pg.gap()
	for _, r := range v.Rows {
		pg.planRow(r)
	}
	pg.gap()
	for _, problem := range v.Problems {
		pg.styled(0, "would not work: "+problem, bad)
	}
	for _, c := range v.Claims {
		pg.styled(0, "claimed: "+c.String(), bad)
	}
	for _, what := range v.Unchecked {
		pg.styled(0, "not checked: "+what, faint)
	}
	pg.para(0, verdicts(v.Rows)+" Nothing was changed anywhere.")
	pg.commands("next:", v.Next)
	return p.print(p.out, pg)
}

func (pg *page) planRow(r projection.PlanRow) {
	indent := 2 * min(r.Depth, 8)
	if r.Verdict == "" {
		pg.styled(indent, cmp.Or(r.Branch, r.Title)+":", strong)
		return
	}
	name := inline(tail(r.Path))
	head := strings.Repeat(" ", indent) + name
	if what := deed(r); what != "" {
		head += "  " + what
	}
	word := pg.theme.paint(verdictInk(r.Verdict), string(r.Verdict))
	if printed(head)+2+printed(string(r.Verdict)) <= pg.width {
		pg.raw(head + "  " + word)
	} else {
		pg.raw(strings.Repeat(" ", indent) + pg.theme.paint(strong, name))
		pg.styled(indent+4, deed(r), normal)
		pg.raw(strings.Repeat(" ", indent+4) + word)
	}
	if r.Title != "" {
		pg.styled(indent+4, r.Title, faint)
	}
	now, would := r.Current, r.Would
	if now != "" && would == "" && r.Verdict == projection.Checked {
		would = "nothing: it is as desired"
	}
	pg.facts(indent+4, append(given(r.With), [2]string{"now", now}, [2]string{"would", would}, [2]string{"note", r.Note})...)
}

// given is what an action is given, what it does first. A command is written
// as a shell would read it.
func given(with map[string]any) [][2]string {
	names := slices.Sorted(maps.Keys(with))
	slices.SortStableFunc(names, func(a, b string) int {
		rank := func(name string) uint { return uint(slices.Index(projection.Sent, name)) } // of no other one it is large
		return cmp.Compare(rank(a), rank(b))
	})
	var out [][2]string
	for _, name := range names {
		text := outline(with[name])
		if list, ok := with[name].([]any); ok && name == "argv" {
			words := each.Of(list, func(w any) string { return projection.Quote(datum(w)) })
			text = strings.Join(words, " ")
		}
		out = append(out, [2]string{name, text})
	}
	return out
}

// deed says what a step does, in the runbook's words.
func deed(r projection.PlanRow) string {
	switch {
	case r.Action != "" && r.Target != "":
		return inline(r.Action + " on " + r.Target)
	case r.Action != "":
		return inline(r.Action)
	case r.Kind == string(plan.If), r.Kind == string(plan.Switch), r.Kind == string(plan.While):
		return inline(strings.TrimSpace(r.Kind + " " + r.Branch))
	}
	return inline(r.Kind)
}

func verdicts(rows []projection.PlanRow) string {
	counts := map[projection.Verdict]int{}
	steps := 0
	for _, r := range rows {
		if r.Verdict != "" {
			steps++
			counts[r.Verdict]++
		}
	}
	var parts []string
	for _, v := range []projection.Verdict{projection.Checked, projection.Simulated, projection.CannotKnow} {
		if n := counts[v]; n > 0 {
			parts = append(parts, group(n)+" "+string(v))
		}
	}
	if steps == 0 {
		return "There are no steps."
	}
	return plural(steps, "step") + ": " + strings.Join(parts, ", ") + "."
}
