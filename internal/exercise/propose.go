package exercise

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/scenario"
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
	if len(p.Inputs) > 0 {
		line("inputs:")
	}
	for _, f := range p.Inputs {
		switch {
		case f.Secret:
		case f.Required:
			line("  %s: # %s", f.Name, action.CleanLine(cmp.Or(f.Description, f.Type), 120))
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
		case n.Action != nil:
			s, known := spec(n.Action.Action)
			if !known || s.Effect == action.Read {
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
				name(id+"-"+how), strconv.Quote(n.Action.Action+" "+saying[how]), strconv.Quote(Placeholder+" the players see."), id, how, more, strconv.Quote(Placeholder+" a good team does."))
		}
	}
	return objectives.String() + "injects: # each comes at a time (at) or with a step (after)\n" + injects.String()
}
