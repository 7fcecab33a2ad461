package cli

import (
	"context"
	"runtime"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/library"
	"github.com/irctl/irctl/internal/readiness"
	"github.com/irctl/irctl/internal/store"
)

func newDoctorCmd(a *app, run func(ctx context.Context) error) *cobra.Command {
	return a.command(spec{
		use:   "doctor",
		group: groupBefore,
		short: "Say before an incident what would not work",
		long: `Look at this machine and, with --env, at an environment: can runs be written, is
there room, is the clock sane; is the environment free of errors, is every
target reachable and permitted, and is there somebody for every approval that
the runbooks ask for? Nothing is changed anywhere.`,
		example: `
  irctl doctor
  irctl doctor --env lab`,
		exits: []Exit{ExitInvalid, ExitInterrupted},
		run: func(cmd *cobra.Command, _ []string) error {
			return run(cmd.Context())
		},
	})
}

// doctor looks at the machine and the environment and shows what it found.
func (a *app) doctor(parent context.Context) error {
	ctx, stop := a.untilSignal(parent)
	defer stop()
	env, d, err := a.library().Environment(a.env)
	if err != nil {
		return err
	}
	if a.home == "" {
		return &store.NoHomeError{}
	}
	machine := readiness.Machine{Home: a.abs(a.home), Now: a.Now, Runs: a.newest}
	checks := append([]readiness.Check{
		{Name: "irctl", Found: Version() + ", " + runtime.GOOS + "/" + runtime.GOARCH},
	}, machine.Look()...)
	if env == nil {
		checks = append(checks, readiness.Check{Name: "environment", Found: "none was named; irctl doctor --env NAME looks at its targets"})
	} else {
		checks = append(checks,
			readiness.Check{Name: "environment", Found: env.Name() + ", " + d.Path},
			readiness.NewSecrets(ctx, env), readiness.People(env, rolesAsked(a.library())))
		checks = append(checks, readiness.Targets(ctx, a.actions(), env, env.Targets)...)
	}
	if ctx.Err() != nil {
		return end(ExitInterrupted)
	}
	return a.showChecks(checks)
}

// newest counts the runs and tells when the newest one had its last entry.
func (a *app) newest() (n int, last time.Time, err error) {
	ids, err := a.desk().Store.List()
	if err != nil || len(ids) == 0 {
		return len(ids), last, err
	}
	if r, err := a.desk().ReadRun(ids[0]); err == nil {
		last = r.State().Last()
	}
	return len(ids), last, nil
}

// rolesAsked lists the roles that runbooks ask for in ways that leave no other
// role the choice, each with those runbooks.
func rolesAsked(lib *library.Library) map[string][]string {
	asked := map[string][]string{}
	for _, l := range lib.Runbooks() {
		d, err := lib.Open(l)
		if err != nil {
			continue
		}
		p, err := lib.Compile(d)
		if err != nil {
			continue // validate says what is wrong with it
		}
		for i := range p.Nodes {
			ask := p.Nodes[i].Approval
			if ask != nil && len(ask.Roles) == 1 && !slices.Contains(asked[ask.Roles[0]], l.Name) {
				asked[ask.Roles[0]] = append(asked[ask.Roles[0]], l.Name)
			}
		}
	}
	return asked
}
