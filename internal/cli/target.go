package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/fitting"
	"github.com/irctl/irctl/internal/library"
	"github.com/irctl/irctl/internal/readiness"
	"github.com/irctl/irctl/internal/view"
)

func newTargetCmd(a *app) *cobra.Command {
	return command.Parent("target", "List, describe and check the systems to act on",
		command.New("list", "List the targets of an environment", a.listTargets, nil, command.ExitInvalid),
		newTargetTypesCmd(a, a.showTypes),
		command.New("check [TARGET...]", "Say which targets are reachable and permitted, and change nothing", a.untilTold(a.checkTargets), nil, command.ExitInvalid, command.ExitInterrupted),
	)
}

func (a *app) listTargets(context.Context, []string) error {
	env, d, err := a.mustEnvironment()
	if err != nil {
		return err
	}
	return a.print().Targets(view.EnvironmentOf(env, d.Path, d.Digest).Targets)
}

// checkTargets looks at targets and shows what it found.
func (a *app) checkTargets(ctx context.Context, names []string) error {
	env, _, err := a.mustEnvironment()
	if err != nil {
		return err
	}
	targets, err := chosen(env, names)
	if err != nil {
		return err
	}
	checks := readiness.Targets(ctx, a.actions(), env, targets)
	err = a.library().Fits(env, nil, func(d *library.Document, r fitting.Report) {
		if d.Shipped() && len(env.Runbooks) == 0 {
			return // nobody said that the environment is for it
		}
		for i, t := range targets {
			checks[i].Problems = append(checks[i].Problems, r.About(t.Name)...)
		}
	})
	if err != nil {
		return err
	}
	return a.showChecks(ctx, checks)
}

// chosen returns the targets with these names; without names, all.
func chosen(env *environment.Environment, names []string) ([]environment.Target, error) {
	if len(names) == 0 {
		return env.Targets, nil
	}
	known := each.Of(env.Targets, func(t environment.Target) string { return t.Name })
	var out []environment.Target
	for _, name := range names {
		t, ok := env.Target(name)
		if !ok {
			return nil, command.Usagef("the environment %s names no target %q", env.Name(), name).
				Meant("irctl target check", name, known, "it names "+strings.Join(known, ", "))
		}
		out = append(out, t)
	}
	return out, nil
}
