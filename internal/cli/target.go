package cli

import (
	"context"
	"errors"
	"slices"
	"sort"
	"time"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/drive"
	"github.com/irctl/irctl/internal/environment"
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
			return a.print().Targets(a.environmentView(env, d).Targets)
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
			if near := nearest(args[0], known); near != "" {
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
	checks := a.preflight(ctx, env, targets)
	if ctx.Err() != nil {
		return end(ExitInterrupted)
	}
	return a.showChecks(checks)
}

// showChecks writes what was looked at and ends with failure if something is
// wrong.
func (a *app) showChecks(checks []view.Check) error {
	if err := a.print().Checks(checks); err != nil {
		return err
	}
	for _, c := range checks {
		if !c.OK {
			return end(ExitFailed)
		}
	}
	return nil
}

// lookTime bounds one look at one target.
const lookTime = 20 * time.Second

// preflight looks at targets, all at once, with every action that suits them.
func (a *app) preflight(ctx context.Context, env *environment.Environment, targets []environment.Target) []view.Check {
	checks := make([]view.Check, len(targets))
	done := make(chan int)
	for i, t := range targets {
		go func() {
			checks[i] = a.lookAt(ctx, env, t)
			done <- i
		}()
	}
	for range targets {
		<-done
	}
	return checks
}

// unreadable is a target that nothing can act on, because a secret is missing.
func unreadable(t environment.Target, err error) view.Check {
	check := view.Check{Name: t.Name, Found: t.Type + ", not ready", Problems: []string{action.Clean(err.Error())}}
	var e *action.Error
	if errors.As(err, &e) && e.Hint != "" {
		check.Problems, check.Do = []string{action.Clean(e.Message)}, []string{action.Clean(e.Hint)}
	}
	return check
}

// lookAt asks every action that can act on a target whether it could. Several
// actions say the same about a target that is out of reach: each problem
// stands once.
func (a *app) lookAt(ctx context.Context, env *environment.Environment, t environment.Target) view.Check {
	check := view.Check{Name: t.Name, OK: true}
	seen := map[string]bool{}
	hidden := drive.NewRedactor() // a target may repeat what it was sent
	asked, suits := 0, 0
	if err := env.ReadSecrets(ctx, t.Name); err != nil {
		return unreadable(t, err)
	}
	for _, s := range a.actions().Specs() {
		form, ok := s.TargetType(t.Type)
		if !ok {
			continue
		}
		suits++
		found, _ := a.actions().Lookup(s.Name)
		asks, can := found.(action.Preflighter)
		if !can {
			continue
		}
		target, err := env.Resolve(ctx, t.Name, s)
		if err != nil {
			continue // this action needs fields that the target is not set up for
		}
		if form.Check != nil && len(form.Check(target.Config)) > 0 {
			continue // a mail system and a website may both say how to suspend them
		}
		asked++
		hidden.Learn(target.Config)
		limited, cancel := context.WithTimeout(ctx, lookTime)
		for _, err := range asks.Preflight(limited, action.Request{Target: target, Allow: env.Policy(), Secrets: env.NewSecrets()}) {
			if text := action.Clean(hidden.Text(err.Error())); !seen[text] {
				seen[text] = true
				check.OK = false
				check.Problems = append(check.Problems, text)
				var e *action.Error
				if errors.As(err, &e) && e.Hint != "" && !slices.Contains(check.Do, e.Hint) {
					check.Do = append(check.Do, action.Clean(hidden.Text(e.Hint)))
				}
			}
		}
		cancel()
	}
	switch {
	case suits == 0:
		check.OK, check.Found = false, "no action acts on a target of type "+t.Type
		check.Do = []string{"irctl target types"}
	case !check.OK:
		check.Found = t.Type + ", not ready"
		if t.Fallback != "" {
			check.Do = append(check.Do, "until then, by hand: "+t.Fallback)
		}
	case asked == 0:
		check.Found = t.Type + ", nothing to ask it beforehand"
	default:
		check.Found = t.Type + ", reachable and permitted"
	}
	return check
}
