package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/library"
)

// directive says that nothing but what was returned fits.
const noFiles = cobra.ShellCompDirectiveNoFileComp

func (a *app) completeRuns(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, noFiles
	}
	ids, _ := a.desk().Store.List()
	var out []string
	for _, id := range ids[:min(len(ids), 50)] {
		if !strings.HasPrefix(id, strings.ToUpper(typed)) {
			continue
		}
		if r, err := a.desk().ReadRun(id); err == nil {
			started, _, _ := r.State().Started()
			id += "\t" + started.Runbook + ", " + string(r.State().Status())
		}
		out = append(out, id)
	}
	return out, noFiles
}

func (a *app) completeRunSteps(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	switch len(args) {
	case 0:
		return a.completeRuns(cmd, args, typed)
	case 1:
		return a.stepsOf(args[0]), noFiles
	}
	return nil, noFiles
}

// completeStepFlag completes a flag that names a step of the run before it.
func (a *app) completeStepFlag(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	return a.stepsOf(first(args)), noFiles
}

// stepsOf lists the steps of a run that have begun, those that wait first.
func (a *app) stepsOf(prefix string) []string {
	r, err := a.desk().Read(prefix)
	if err != nil {
		return nil
	}
	s, err := a.desk().Status(r)
	if err != nil {
		return nil
	}
	var out []string
	for _, w := range s.Waiting {
		out = append(out, w.Path+"\twaits: "+string(w.For))
	}
	for _, st := range r.State().Steps() {
		out = append(out, st.Path+"\t"+string(st.Status))
	}
	return out
}

func (a *app) completeRunbooks(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveDefault
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
	var out []string
	for _, s := range a.actions().Specs() {
		out = append(out, s.Name+"\t"+s.Summary)
	}
	return out, noFiles
}

func names(all []library.Listed) []string {
	out := make([]string, len(all))
	for i, l := range all {
		out[i] = l.Name + "\t" + l.Path
	}
	return out
}
