package exercise

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/scenario"
	"github.com/irctl/irctl/internal/simulate"
	"github.com/irctl/irctl/pkg/action"
)

// Placeholder is what stands in a proposed scenario where people have to write.
const Placeholder = "Say here what"

// Propose writes a scenario for a runbook: an inject for every step that can fail,
// and for every role that is asked. from is what the runbook is called in it.
func Propose(p *plan.Plan, from string, spec func(name string) (action.Spec, bool)) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("irctl: v1\nkind: scenario\nname: %s-exercise\ntitle: %s", p.Runbook, strconv.Quote("An exercise of "+cmp.Or(p.Title, p.Runbook)))
	line("runbook: %s", strconv.Quote(from))
	needed := func(f plan.Field) bool { return f.Required && !f.Secret }
	switch {
	case slices.ContainsFunc(p.Inputs, needed):
		line("inputs:")
	case len(p.Inputs) > 0:
		line("# inputs:")
	}
	for _, f := range p.Inputs {
		switch {
		case f.Secret:
		case needed(f):
			line("  %s: %s # %s", f.Name, example(f), action.CleanLine(cmp.Or(f.Description, f.Type), 120))
		default:
			line("  # %s: %s", f.Name, action.CleanLine(cmp.Or(f.Description, f.Type), 120))
		}
	}
	var roles []string
	for _, n := range p.Nodes {
		if n.Approval != nil {
			roles = append(roles, n.Approval.Roles...)
		}
	}
	slices.Sort(roles)
	if roles = slices.Compact(roles); len(roles) > 0 {
		line("players: # who plays, and how long an answer takes on the average")
	}
	for i, r := range roles {
		line("  player-%d: {roles: [%s], answers: 3m}", i+1, r)
	}
	line("objectives: # a text, or one that is measured")
	line("  - Everybody could say at any time who decides")
	b.WriteString(proposed(p, spec))
	return b.String()
}

// FillIn stands where only people know a value: irctl exercise says what it must be.
const FillIn = "FILL-IN"

// example is a value that an input takes, as YAML, or FillIn.
func example(f plan.Field) string {
	field := action.Field{Name: f.Name, Type: action.Type(f.Type), Items: action.Type(f.Items), Enum: f.Enum, Pattern: f.Pattern}
	value := simulate.Sample(field, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	if f.Min != nil {
		value = f.Min.Raw
	}
	if field.Pattern != "" {
		value = FillIn
		if re, err := syntax.Parse(f.Pattern, syntax.Perl); err == nil {
			if text := shortest(re); field.Matches(text) {
				value = text
			}
		}
	}
	text, err := json.Marshal(data.Of(value)) // which is YAML, too
	if err != nil {
		return FillIn
	}
	return string(text)
}

// shortest is a text that a pattern takes, mostly.
func shortest(re *syntax.Regexp) string {
	switch re.Op {
	case syntax.OpLiteral:
		return string(re.Rune)
	case syntax.OpCharClass:
		for _, r := range "1aA" {
			for i := 0; i < len(re.Rune); i += 2 {
				if re.Rune[i] <= r && r <= re.Rune[i+1] {
					return string(r)
				}
			}
		}
		return string(re.Rune[0])
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return "x"
	case syntax.OpCapture, syntax.OpPlus:
		return shortest(re.Sub[0])
	case syntax.OpRepeat:
		return strings.Repeat(shortest(re.Sub[0]), re.Min)
	case syntax.OpAlternate:
		return shortest(re.Sub[0])
	case syntax.OpConcat:
		return strings.Join(each.Of(re.Sub, shortest), "")
	}
	return ""
}

// proposed are objectives for what changes something, and the injects.
func proposed(p *plan.Plan, spec func(name string) (action.Spec, bool)) string {
	var objectives, injects strings.Builder
	names := map[string]bool{}
	name := func(text string) string {
		out := text
		for n := 2; names[out]; n++ {
			out = fmt.Sprintf("%s-%d", text, n)
		}
		names[out] = true
		return out
	}
	turn := 0
	var called []string // paths of steps that run another runbook, whose steps no scenario of this one can name
	for _, n := range p.Nodes {
		if n.Kind == plan.Call {
			called = append(called, n.Path+"/")
		}
	}
	for _, n := range p.Nodes {
		id := idOf(n.Path)
		switch {
		case slices.ContainsFunc(called, func(path string) bool { return strings.HasPrefix(n.Path, path) }):
		case n.Approval != nil:
			for _, r := range n.Approval.Roles {
				fmt.Fprintf(&injects, "  - id: %s\n    after: %s\n    when: waits\n    to: %s\n    title: The %s is out of reach\n    text: There is no answer for ten minutes.\n    silent: %s\n    for: 10m\n    decision: {step: %s, says: approve, within: 15m}\n",
					name(r+"-silent"), id, r, r, r, id)
			}
		case n.Tries() != nil:
			s, known := spec(n.Tries().Action)
			if !known {
				continue
			}
			if s.Effect == action.Change && s.ReadIf.Input == "" {
				fmt.Fprintf(&objectives, "  - {text: %s is done within 30 minutes, step: %s, within: 30m, capability: Cybersecurity}\n", id, id)
			}
			how := scenario.Hows[turn%len(scenario.Hows)]
			turn++
			more := ", times: 1"
			if how == scenario.Slow {
				more = ", takes: 10m"
			}
			fmt.Fprintf(&injects, "  - id: %s\n    at: 0s\n    title: %s\n    text: %s\n    fault: {step: %s, how: %s%s}\n    expect: %s\n",
				name(id+"-"+how), strconv.Quote(n.Tries().Action+" "+saying[how]), strconv.Quote(Placeholder+" the players see."), id, how, more, strconv.Quote(Placeholder+" a good team does."))
		}
	}
	return objectives.String() + "injects: # each comes at a time (at) or with a step (after)\n" + injects.String()
}
