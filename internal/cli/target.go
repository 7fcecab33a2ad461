package cli

import (
	"context"
	"sort"
	"strings"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/readiness"
	"github.com/irctl/irctl/internal/suggest"
	"github.com/irctl/irctl/internal/view"
	"github.com/irctl/irctl/pkg/action"
)

func newTargetCmd(a *app) *cobra.Command {
	return a.parent(spec{
		use:   "target",
		group: groupSetup,
		short: "List, describe and check the systems to act on",
		example: `
  irctl target types
  irctl target list --env lab
  irctl target check --env lab`,
	}, newTargetListCmd(a), newTargetTypesCmd(a), newTargetCheckCmd(a, nil))
}

func newTargetListCmd(a *app) *cobra.Command {
	return a.command(spec{
		use:   "list",
		short: "List the targets of an environment",
		example: `
  irctl target list --env lab`,
		exits: []Exit{ExitInvalid},
		run: func(*cobra.Command, []string) error {
			env, d, err := a.mustEnvironment()
			if err != nil {
				return err
			}
			return a.print().Targets(environmentView(env, d).Targets)
		},
	})
}

func newTargetTypesCmd(a *app) *cobra.Command {
	return a.command(spec{
		use:   "types [TYPE]",
		short: "Describe the kinds of systems that actions act on",
		long: `Describe the kinds of systems that actions act on: the fields that a target of
the kind has in an environment, an example, and which actions act on it.`,
		example: `
  irctl target types
  irctl target types ldap`,
		args: nargs(0, 1),
		run: func(_ *cobra.Command, args []string) error {
			types := a.targetTypes()
			if len(args) == 0 {
				return a.print().TargetTypes(types)
			}
			var known []string
			for _, t := range types {
				if t.Type.Name == args[0] {
					return a.print().TargetTypes([]view.TypeUse{t})
				}
				known = append(known, t.Type.Name)
			}
			p := usagef("there is no target type %q", args[0])
			if near := suggest.Near(args[0], known); near != "" {
				return p.with("irctl target types " + near)
			}
			return p.with(known...)
		},
	})
}

// targetTypes lists every kind of system with the actions that act on it. A
// kind may take other fields for each action: all of them are shown.
func (a *app) targetTypes() []view.TypeUse {
	found := map[string]*view.TypeUse{}
	for _, s := range a.actions().Specs() {
		for _, t := range s.Targets {
			use := found[t.Name]
			if use == nil {
				use = &view.TypeUse{Type: t}
				found[t.Name] = use
			} else {
				use.Type.Fields = merged(use.Type.Fields, t.Fields)
			}
			use.Actions = append(use.Actions, s.Name)
		}
	}
	out := make([]view.TypeUse, 0, len(found))
	for _, use := range found {
		out = append(out, *use)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Type.Name < out[j].Type.Name })
	return out
}

// merged adds the fields that are not there yet.
func merged(have, more []action.Field) []action.Field {
	out := append([]action.Field(nil), have...)
	for _, f := range more {
		known := false
		for _, h := range have {
			known = known || h.Name == f.Name
		}
		if !known {
			out = append(out, f)
		}
	}
	return out
}

func newTargetCheckCmd(a *app, run func(ctx context.Context, names []string) error) *cobra.Command {
	if run == nil {
		run = a.checkTargets
	}
	return a.command(spec{
		use:   "check [TARGET...]",
		short: "Say which targets are reachable and permitted, and change nothing",
		long: `Look at every target of the environment, or at those that are named, with each
action that can act on it: is it reachable, and do its credentials have the
rights? Nothing is changed anywhere.`,
		example: `
  irctl target check --env lab
  irctl target check directory portal --env acme`,
		exits: []Exit{ExitInvalid, ExitInterrupted},
		args:  nargs(0, -1),
		run:   func(cmd *cobra.Command, args []string) error { return run(cmd.Context(), args) },
	})
}

func (a *app) checkTargets(parent context.Context, names []string) error {
	env, _, err := a.mustEnvironment()
	if err != nil {
		return err
	}
	ctx, stop := a.untilSignal(parent)
	defer stop()
	targets, err := chosen(env, names)
	if err != nil {
		return err
	}
	checks := readiness.Targets(ctx, a.actions(), env, targets)
	if ctx.Err() != nil {
		return end(ExitInterrupted)
	}
	return a.showChecks(checks)
}

// chosen returns the targets with these names; without names, all.
func chosen(env *environment.Environment, names []string) ([]environment.Target, error) {
	if len(names) == 0 {
		return env.Targets, nil
	}
	var known []string
	for _, t := range env.Targets {
		known = append(known, t.Name)
	}
	var out []environment.Target
	for _, name := range names {
		t, ok := env.Target(name)
		if !ok {
			p := usagef("the environment %s names no target %q", env.Name(), name)
			if near := suggest.Near(name, known); near != "" {
				return nil, p.with("irctl target check " + near)
			}
			return nil, p.with("it names " + strings.Join(known, ", "))
		}
		out = append(out, t)
	}
	return out, nil
}
