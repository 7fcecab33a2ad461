package cli

import (
	"context"
	"runtime"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/fitting"
	"github.com/irctl/irctl/internal/library"
	"github.com/irctl/irctl/internal/outside"
	"github.com/irctl/irctl/internal/readiness"
	"github.com/irctl/irctl/internal/store"
)

func newDoctorCmd(a *app, run func(ctx context.Context, runbooks []string) error) *cobra.Command {
	return a.command(spec{
		use:   "doctor [RUNBOOK...]",
		group: groupBefore,
		short: "Say before an incident what would not work",
		exits: []Exit{ExitInvalid, ExitInterrupted},
		run: func(cmd *cobra.Command, args []string) error {
			return run(cmd.Context(), args)
		},
	})
}

// doctor looks at the machine and the environment and shows what it found.
func (a *app) doctor(parent context.Context, names []string) error {
	ctx, stop := a.UntilSignal(parent)
	defer stop()
	env, d, err := a.library().Environment(a.env)
	if err != nil {
		return err
	}
	if a.home == "" {
		return &store.NoHomeError{}
	}
	machine := readiness.Machine{Home: a.abs(a.home), Now: a.Now, Runs: a.desk().Newest}
	checks := append([]readiness.Check{
		{Name: "irctl", Found: outside.Version() + ", " + runtime.GOOS + "/" + runtime.GOARCH},
	}, machine.Look()...)
	if env == nil {
		checks = append(checks, readiness.Check{Name: "environment", Found: "none was named; irctl doctor --env NAME looks at its targets"})
	} else {
		more, err := a.environmentChecks(ctx, env, d, names, len(names) > 0 || len(env.Runbooks) == 0)
		if err != nil {
			return err
		}
		checks = append(checks, more...)
	}
	if ctx.Err() != nil {
		return end(ExitInterrupted)
	}
	return a.showChecks(checks)
}

// environmentChecks looks at an environment, at what runbooks find in it, and at
// all its targets or those that the runbooks use.
func (a *app) environmentChecks(ctx context.Context, env *environment.Environment, d *library.Document, names []string, all bool) ([]readiness.Check, error) {
	found := env.Name() + ", " + d.Path
	if len(names)+len(env.Runbooks) == 0 {
		found += "; it names no `runbooks:` that it is for, so all are looked at"
	}
	checks := []readiness.Check{{Name: "environment", Found: found}, readiness.NewSecrets(ctx, env)}
	used := map[string]bool{}
	err := a.library().Fits(env, names, func(d *library.Document, r fitting.Report) {
		checks = append(checks, readiness.Runbook(d.Name, r))
		all = all || r.Computed
		for _, name := range r.Targets {
			if t, ok := env.Target(name); ok {
				used[t.Name] = true
			}
		}
	})
	targets := slices.DeleteFunc(slices.Clone(env.Targets), func(t environment.Target) bool { return !all && !used[t.Name] })
	checks = append(checks, readiness.Targets(ctx, a.actions(), env, targets)...)
	if n := len(env.Targets) - len(targets); n > 0 {
		checks = append(checks, readiness.Check{Name: "other targets", Found: strconv.Itoa(n) + " were not looked at: these runbooks do not use them"})
	}
	return checks, err
}
