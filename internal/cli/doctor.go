package cli

import (
	"context"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/desk"
	"github.com/irctl/irctl/internal/library"
	"github.com/irctl/irctl/internal/outside"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/readiness"
	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/internal/view"
)

func newDoctorCmd(a *app) *cobra.Command {
	return command.New("doctor [RUNBOOK...]", "Say before an incident what would not work", a.untilTold(a.doctor), nil, command.ExitInvalid, command.ExitInterrupted)
}

// doctor looks at the machine and the environment and shows what it found.
func (a *app) doctor(ctx context.Context, names []string) error {
	env, d, err := a.library().Environment(a.env)
	if err == nil && env == nil && len(names) > 0 { // a runbook is ready for one
		_, _, err = a.mustEnvironment()
	}
	if err == nil {
		env, _, err = library.Gathered(env)
	}
	if err != nil {
		return err
	}
	if a.home == "" {
		return &store.NoHomeError{}
	}
	checks := append([]readiness.Check{{Name: "irctl", Found: outside.Version() + ", " + runtime.GOOS + "/" + runtime.GOARCH}}, a.machine()...)
	if env == nil {
		checks = append(checks, readiness.Check{Name: "environment", Found: "none was named; irctl doctor --env NAME looks at its targets"})
		return a.showChecks(ctx, checks)
	}
	more, err := readiness.Environment(ctx, a.library(), env, d.Path, names, len(names) > 0 || len(env.Runbooks) == 0)
	if err != nil {
		return err
	}
	return a.showChecks(ctx, append(checks, more...))
}

func (a *app) machine() []readiness.Check {
	return append(readiness.Machine{Home: a.abs(a.home), Now: a.Now, Runs: a.desk().Newest}.Look(), readiness.Plugins(a.plugins())...)
}

// newReadyCmd is doctor for one runbook, with one answer.
func newReadyCmd(a *app) *cobra.Command {
	return command.New("ready RUNBOOK", "Say yes or no: would this runbook run now", a.untilTold(a.ready), a.completeRunbooks, command.ExitInvalid, command.ExitInterrupted)
}

// ready looks at all that a runbook needs in an environment.
func (a *app) ready(ctx context.Context, args []string) error {
	name := args[0]
	env, d, err := a.mustEnvironment()
	if err != nil {
		return err
	}
	checks, yes, err := readiness.Runbook(ctx, a.library(), env, d.Path, a.env, name, a.machine(), func(runbook string) string {
		if rows, _, err := a.desk().List(desk.Filter{Runbook: runbook, Most: 1}); err == nil && len(rows) > 0 {
			return rows[0].Started.Format(time.RFC3339) + ", " + string(rows[0].Status)
		}
		return ""
	})
	if err != nil {
		return err
	}
	if err = a.showChecks(ctx, checks); a.json() || ctx.Err() != nil {
		return err
	}
	answer, next := "Ready: no.", []string(nil)
	if yes {
		answer, next = "Ready: yes.", []string{projection.Command("run", name, "--env", a.env)}
	}
	_ = a.tell(nil, answer, next...)
	return err
}

// showChecks writes what was looked at, unless that was cut off, and ends with
// failure if something is wrong.
func (a *app) showChecks(ctx context.Context, checks []readiness.Check) error {
	if ctx.Err() != nil {
		return command.End(command.ExitInterrupted)
	}
	shown, wrong := make([]view.Check, len(checks)), false
	for i, c := range checks {
		shown[i] = view.Check{Name: c.Name, OK: len(c.Problems) == 0, Found: c.Found, Problems: c.Problems, Do: c.Do, Unchecked: c.Unchecked}
		wrong = wrong || !shown[i].OK
	}
	if err := a.print().Checks(shown); err != nil || !wrong {
		return err
	}
	return command.End(command.ExitFailed)
}
