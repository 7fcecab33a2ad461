package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/fitting"
	"github.com/irctl/irctl/internal/view"
	"github.com/irctl/irctl/pkg/action"
)

func newRunbookCmd(a *app) *cobra.Command {
	return command.Parent("runbook", "List, show and write runbooks",
		command.New("list", "List the runbooks that a name can mean", a.listRunbooks, nil),
		newRunbookShowCmd(a, a.showRunbook), newRunbookGraphCmd(a, a.graph), newRunbookNewCmd(a, a.writeNew),
		newRunbookSignCmd(a.signRunbook), newRunbookVerifyCmd(a.verifyRunbook), newRunbookExportCmd(a, a.exportRunbook), newRunbookImportCmd(a.importPlaybook),
	)
}

func (a *app) listRunbooks(context.Context, []string) error {
	var rows []view.RunbookRow
	lib := a.library()
	for _, l := range lib.Runbooks() {
		d, err := lib.Open(l)
		if err != nil {
			_ = a.print().Warning(err.Error())
			continue
		}
		rows = append(rows, view.RunbookRow{Name: l.Name, Source: l.Path, Digest: d.Digest, Title: d.Title()})
	}
	return a.print().Runbooks(rows)
}

// showOptions is what runbook show was asked for.
type showOptions struct {
	runbook string
	source  bool // the bytes of the file
	needs   bool // what it asks of an environment
	form    bool // with lines on which to write what was done
}

func newRunbookShowCmd(a *app, run func(showOptions) error) *cobra.Command {
	var o showOptions
	cmd := command.New("show RUNBOOK", "Show a runbook as a checklist that can be printed", func(_ context.Context, args []string) error {
		o.runbook = args[0]
		return run(o)
	}, a.completeRunbooks, command.ExitInvalid)
	cmd.Flags().BoolVar(&o.needs, "needs", false, "what an environment must have for it")
	cmd.Flags().BoolVar(&o.form, "print", false, "with a line for each step on which to write when, who and how it ended")
	cmd.Flags().BoolVar(&o.source, "source", false, "the bytes of the file")
	return cmd
}

// showRunbook shows a plan as a checklist, with the people and systems of the
// environment if one was named.
func (a *app) showRunbook(o showOptions) error {
	if o.source {
		d, err := a.library().Runbook(o.runbook)
		if err != nil {
			return err
		}
		return a.print().Raw(d.Source)
	}
	p, err := a.library().PlanOf(o.runbook)
	if err != nil {
		return err
	}
	if o.needs {
		return a.print().Needs(fitting.NeedsOf(p, a.actions().Spec))
	}
	paper := view.Paper{Plan: p, Form: o.form, Effect: func(name string) (action.Effect, bool) {
		s, _ := a.actions().Spec(name)
		return s.Effect, a.actions().Undoes(name)
	}}
	env, d, err := a.library().Environment(a.env)
	if err != nil {
		return err
	}
	if env != nil {
		shown := view.EnvironmentOf(env, d.Path, d.Digest)
		paper.Environment = &shown
	}
	return a.print().Runbook(paper)
}
