package cli

import (
	"cmp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/desk"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/library"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/pkg/action"
)

// noFiles says that nothing but what was returned fits.
const noFiles = cobra.ShellCompDirectiveNoFileComp

// listed is how many runs completion reads.
const listed = 50

// needsOpen are the verbs that no run takes which has ended.
var needsOpen = []string{"approve", "cancel", "done", "pause", "reject", "resolve", "resume", "retry", "skip"}

// completeRuns offers runs, those that have not ended first; to some verbs no other.
func (a *app) completeRuns(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, noFiles
	}
	rows, _, _ := a.desk().List(desk.Filter{Most: listed})
	if slices.Contains(needsOpen, cmd.Name()) {
		rows = slices.DeleteFunc(rows, func(r projection.Row) bool { return over(r) > 0 })
	}
	slices.SortStableFunc(rows, func(x, y projection.Row) int { return cmp.Compare(over(x), over(y)) })
	var out []string
	if slices.ContainsFunc(rows, func(r projection.Row) bool { return r.Place == 1 }) {
		out = append(out, "latest\tthe newest run")
	}
	for _, r := range rows {
		if strings.HasPrefix(r.Run, strings.ToUpper(typed)) {
			about := cmp.Or(r.Incident, r.Title)
			if about != "" {
				about = ": " + about
			}
			out = append(out, r.Run+"\t"+r.Runbook+about+", "+string(r.Status))
		}
	}
	return out, noFiles | cobra.ShellCompDirectiveKeepOrder
}

func over(r projection.Row) int {
	if r.Ended.IsZero() {
		return 0
	}
	return 1
}

func (a *app) completeRunSteps(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	switch len(args) {
	case 0:
		return a.completeRuns(cmd, args, typed)
	case 1:
		return a.stepsOf(args[0], waitFor[cmd.Name()]), noFiles | cobra.ShellCompDirectiveKeepOrder
	}
	return nil, noFiles
}

// waitFor says what a step waits for that a verb answers.
var waitFor = map[string][]projection.For{
	"approve": {projection.ForApproval}, "reject": {projection.ForApproval}, "done": {projection.ForManual},
	"retry": {projection.ForDecision}, "skip": {projection.ForManual, projection.ForDecision}, "resolve": {projection.ForUnknown},
}

// completeStepFlag completes a flag that names a step of the run before it.
func (a *app) completeStepFlag(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	return a.stepsOf(command.First(args), nil), noFiles
}

// stepsOf lists the steps of a run: those that wait for what is wanted, or, if
// anything is, all that have begun, those that wait first.
func (a *app) stepsOf(prefix string, wanted []projection.For) []string {
	waiting, begun, _ := a.desk().Stands(prefix)
	waiting = slices.DeleteFunc(waiting, func(w projection.Waiting) bool { return wanted != nil && !slices.Contains(wanted, w.For) })
	out := each.Of(waiting, func(w projection.Waiting) string { return w.Path + "\twaits: " + string(w.For) })
	if wanted != nil {
		return out
	}
	return append(out, each.Of(begun, func(st *engine.Step) string { return st.Path + "\t" + string(st.Status) })...)
}

// completePeople offers the people of a run's environment, with their roles.
func (a *app) completePeople(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	people, _ := a.desk().People(command.First(args))
	return each.Of(people, func(p environment.Person) string { return p.Name + "\t" + strings.Join(p.Roles, ", ") }), noFiles
}

// completeRoles offers the roles that people of a run's environment hold.
func (a *app) completeRoles(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var out []string
	people, _ := a.desk().People(command.First(args))
	for _, p := range people {
		out = append(out, p.Roles...)
	}
	slices.Sort(out)
	return slices.Compact(out), noFiles
}

// completeInputs offers the inputs of the runbook before the flag, and after
// NAME= what an enum or a yes-or-no takes.
func (a *app) completeInputs(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	p, err := a.library().PlanOf(command.First(args))
	if err != nil {
		return nil, noFiles
	}
	name, _, given := strings.Cut(typed, "=")
	var out []string
	for _, in := range p.Inputs {
		switch {
		case !given:
			out = append(out, in.Name+"=\t"+in.Description)
		case in.Name != name:
		case in.Type == string(action.Bool):
			out = append(out, name+"=true", name+"=false")
		default:
			for _, v := range in.Enum {
				out = append(out, name+"="+v)
			}
		}
	}
	if !given {
		return out, noFiles | cobra.ShellCompDirectiveNoSpace
	}
	return out, noFiles
}

func (a *app) completeRunbooks(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 && !strings.Contains(cmd.Use, "...") {
		return nil, noFiles
	}
	return names(a.library().Runbooks()), cobra.ShellCompDirectiveDefault
}

func (a *app) completeEnvironments(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return names(a.library().Environments()), cobra.ShellCompDirectiveDefault
}

func (a *app) completeActions(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, noFiles
	}
	return each.Of(a.actions().Specs(), func(s action.Spec) string { return s.Name + "\t" + s.Summary }), noFiles
}

// names offers each name once, with the file that it means: the first.
func names(all []library.Listed) []string {
	var out []string
	seen := map[string]bool{}
	for _, l := range all {
		if !seen[l.Name] {
			out = append(out, l.Name+"\t"+l.Path)
		}
		seen[l.Name] = true
	}
	return out
}
