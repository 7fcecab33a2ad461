package cli

import (
	"context"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/desk"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/readiness"
)

// newReadyCmd is doctor for one runbook, with one answer.
func newReadyCmd(a *app, run func(ctx context.Context, runbook string) error) *cobra.Command {
	return a.command(spec{
		use:      "ready RUNBOOK",
		group:    groupBefore,
		short:    "Say yes or no: would this runbook run now",
		exits:    []Exit{ExitInvalid, ExitInterrupted},
		complete: a.completeRunbooks,
		run:      func(cmd *cobra.Command, args []string) error { return run(cmd.Context(), args[0]) },
	})
}

// ready looks at all that a runbook needs in an environment.
func (a *app) ready(parent context.Context, name string) error {
	env, d, err := a.mustEnvironment()
	if err != nil {
		return err
	}
	ctx, stop := a.UntilSignal(parent)
	defer stop()
	checks := readiness.Machine{Home: a.abs(a.home), Now: a.Now, Runs: a.desk().Newest}.Look()
	more, err := a.environmentChecks(ctx, env, d, []string{name}, false)
	if err != nil {
		return err
	}
	p, err := a.library().PlanOf(name)
	if err != nil {
		return err
	}
	checks = append(append(checks, more...), readiness.People(env, p))
	last := readiness.Check{Name: "last run", Found: "never here: irctl plan " + name + " looks, and the lab rehearses"}
	if rows, _, err := a.desk().List(desk.Filter{Runbook: p.Runbook, Most: 1}); err == nil && len(rows) > 0 {
		last.Found = rows[0].Started.Format(time.RFC3339) + ", " + string(rows[0].Status)
	}
	if ctx.Err() != nil {
		return end(ExitInterrupted)
	}
	checks = append(checks, last)
	yes := !slices.ContainsFunc(checks, func(c readiness.Check) bool { return len(c.Problems) > 0 })
	for i, c := range checks { // each no with its command
		if _, target := env.Target(c.Name); target && len(c.Problems) > 0 {
			checks[i].Do = append(c.Do, projection.Command("target", "check", c.Name, "--env", a.env))
		} else if c.Name == "runbook "+name && len(c.Problems) > 0 {
			checks[i].Do = append(c.Do, projection.Command("validate", name, "--env", a.env))
		} else if len(c.Problems) > 0 && len(c.Do) == 0 {
			checks[i].Do = []string{projection.Command("environment", "check", a.env)}
		}
	}
	err = a.showChecks(checks)
	if !a.json() {
		_ = a.print().Say(map[bool]string{true: "Ready: yes.", false: "Ready: no."}[yes])
		if yes {
			_ = a.print().Next(projection.Command("run", name, "--env", a.env))
		}
	}
	return err
}
