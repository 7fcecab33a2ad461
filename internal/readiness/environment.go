package readiness

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/fitting"
	"github.com/irctl/irctl/internal/library"
	"github.com/irctl/irctl/internal/projection"
)

// Environment looks at an environment, at what the runbooks of these names find
// in it, and at all its targets or those that the runbooks use. The error is
// that of [library.Library.Fits].
func Environment(ctx context.Context, lib *library.Library, env *environment.Environment, path string, names []string, all bool) ([]Check, error) {
	found := env.Name() + ", " + path
	if len(names)+len(env.Runbooks) == 0 {
		found += "; it names no `runbooks:` that it is for, so all are looked at"
	}
	checks := []Check{{Name: "environment", Found: found}, newSecrets(ctx, env)}
	used := map[string]bool{}
	err := lib.Fits(env, names, func(d *library.Document, r fitting.Report) {
		checks = append(checks, runbook(d.Name, r))
		all = all || r.Computed
		for _, name := range r.Targets {
			if t, ok := env.Target(name); ok {
				used[t.Name] = true
			}
		}
	})
	for _, w := range env.Notify.Ways {
		used[w.Target] = true
	}
	targets := slices.DeleteFunc(slices.Clone(env.Targets), func(t environment.Target) bool { return !all && !used[t.Name] })
	checks = append(checks, Targets(ctx, lib.Actions, env, targets)...)
	if n := len(env.Targets) - len(targets); n > 0 {
		checks = append(checks, Check{Name: "other targets", Found: strconv.Itoa(n) + " were not looked at: these runbooks do not use them"})
	}
	return checks, err
}

// Runbook looks at all that a runbook needs in an environment, named so, beside
// what was looked at on the machine, and reports whether it is ready: each check
// that says no has the command that tells more. ran says when a runbook ran last,
// and how that ended, "" if never.
func Runbook(ctx context.Context, lib *library.Library, env *environment.Environment, path, name, runbook string, machine []Check, ran func(runbook string) string) (checks []Check, yes bool, err error) {
	more, err := Environment(ctx, lib, env, path, []string{runbook}, false)
	if err != nil {
		return nil, false, err
	}
	p, err := lib.PlanOf(runbook)
	if err != nil {
		return nil, false, err
	}
	last := cmp.Or(ran(p.Runbook), "never here: irctl plan "+runbook+" looks, and the lab rehearses")
	checks, yes = append(append(machine, more...), People(env, p), Check{Name: "last run", Found: last}), true
	for i, c := range checks {
		if len(c.Problems) == 0 {
			continue
		}
		yes = false
		_, target := env.Target(c.Name)
		switch {
		case target:
			c.Do = append(c.Do, projection.Command("target", "check", c.Name, "--env", name))
		case c.Name == "runbook "+runbook:
			c.Do = append(c.Do, projection.Command("validate", runbook, "--env", name))
		case len(c.Do) == 0:
			c.Do = []string{projection.Command("environment", "check", name)}
		}
		checks[i] = c
	}
	return checks, yes, nil
}
