package cli

import (
	"context"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/exercise"
	"github.com/irctl/irctl/internal/library"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/readiness"
	"github.com/irctl/irctl/internal/store"
)

func newReadinessCmd(a *app) *cobra.Command {
	var within string
	cmd := command.New("readiness [RUNBOOK...]", "Say what would have to be done before the next incident", a.untilTold(func(ctx context.Context, names []string) error {
		oldest, err := command.Moment("max-age", within, a.Now(), -1)
		if err != nil {
			return err
		}
		return a.readiness(ctx, names, a.Now().Sub(oldest))
	}), a.completeRunbooks, command.ExitInvalid, command.ExitInterrupted)
	cmd.Flags().StringVar(&within, "max-age", "90d", "how old the last rehearsal of a runbook may be, a `time`")
	return cmd
}

// readiness looks at all that runbooks of an environment need, and when they were
// rehearsed last.
func (a *app) readiness(ctx context.Context, names []string, within time.Duration) error {
	env, d, err := a.mustEnvironment()
	if err != nil {
		return err
	}
	if a.home == "" {
		return &store.NoHomeError{}
	}
	if len(names) == 0 {
		names = env.Runbooks
	}
	if len(names) == 0 {
		return command.Usagef("which runbooks? Name them, or list them below `runbooks:` of %s", d.Path).With("irctl readiness containment --env " + projection.Quote(a.env))
	}
	checks := a.machine()
	more, err := readiness.Environment(ctx, a.library(), env, d.Path, names, true)
	if err != nil {
		return err
	}
	checks = append(checks, more...)
	played, err := exercise.All(filepath.Join(a.runs(), exercise.Below))
	if err != nil {
		return err
	}
	scenarios := map[string][]string{}
	for _, one := range a.library().Scenarios() {
		if runbook, err := a.library().Plays(one); err == nil {
			scenarios[runbook] = append(scenarios[runbook], one.Name)
		}
	}
	for _, name := range names {
		runbook := library.NameOf(name)
		if p, err := a.library().PlanOf(name); err == nil { // what is wrong with it stands above
			runbook = p.Runbook
		}
		checks = append(checks, readiness.Rehearsal(name, runbook, played, scenarios[runbook], a.Now(), within))
	}
	return a.showChecks(ctx, checks)
}
