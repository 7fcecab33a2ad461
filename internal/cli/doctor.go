package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"time"

	"github.com/hashicorp/go-multierror"
	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/view"
)

func newDoctorCmd(a *app) *cobra.Command {
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
			return a.doctor(cmd.Context())
		},
	})
}

// examination is one thing that the doctor looks at. All are looked at,
// whatever the others say; the error may be a list of them.
type examination struct {
	name string
	look func() (found string, err error)
}

func (a *app) doctor(parent context.Context) error {
	ctx, stop := a.untilSignal(parent)
	defer stop()
	env, d, err := a.openEnvironment()
	if err != nil {
		return err
	}
	var checks []view.Check
	for _, e := range a.examinations(ctx, env, d) {
		found, err := e.look()
		checks = append(checks, checkOf(e.name, found, err))
	}
	if env != nil {
		checks = append(checks, a.preflight(ctx, env, env.Targets)...)
	}
	if ctx.Err() != nil {
		return end(ExitInterrupted)
	}
	return a.showChecks(checks)
}

// checkOf takes an error apart into what is wrong and what to do about it.
func checkOf(name, found string, err error) view.Check {
	c := view.Check{Name: name, OK: err == nil, Found: found}
	var all *multierror.Error
	if !errors.As(err, &all) {
		all = multierror.Append(nil, err)
	}
	if err == nil {
		return c
	}
	for _, one := range all.Errors {
		what, means, next := explain(one)
		if means != "" {
			what += ". " + means
		}
		c.Problems = append(c.Problems, what)
		c.Do = append(c.Do, next...)
	}
	return c
}

func (a *app) examinations(ctx context.Context, env *environment.Environment, d *document) []examination {
	out := []examination{
		{"irctl", func() (string, error) {
			return Version() + ", " + runtime.GOOS + "/" + runtime.GOARCH, nil
		}},
		{"runs", a.examineHome},
		{"free space", a.examineSpace},
		{"clock", a.examineClock},
	}
	if env == nil {
		return append(out, examination{"environment", func() (string, error) {
			return "none was named; irctl doctor --env NAME looks at its targets", nil
		}})
	}
	return append(out,
		examination{"environment", func() (string, error) { return env.Name() + ", " + d.Path, nil }},
		examination{"new secrets", func() (string, error) { return newSecretsPlace(env), env.CheckNewSecrets(ctx) }},
		examination{"people", func() (string, error) { return a.examinePeople(env) }},
	)
}

func newSecretsPlace(env *environment.Environment) string {
	if place := env.NewSecretsPlace(); place != "" {
		return place
	}
	return "no place is named; actions that make some refuse"
}

// examineHome looks whether runs can be written, without leaving anything
// there that was not there before.
func (a *app) examineHome() (string, error) {
	home := a.abs(a.home)
	dir := home
	for {
		info, err := os.Stat(dir)
		if err == nil && !info.IsDir() {
			return home, &problem{what: dir + " is no folder", next: []string{"set IRCTL_HOME to another folder"}}
		}
		if err == nil {
			break
		}
		if up := filepath.Dir(dir); up != dir {
			dir = up
			continue
		}
		return home, err
	}
	f, err := os.CreateTemp(dir, ".irctl-doctor-")
	if err != nil {
		p := &problem{what: "cannot write in " + dir, cause: reason(err)}
		return home, p.meaning("No run can begin: no entry, no action.").with("set IRCTL_HOME to another folder")
	}
	_, err = f.WriteString("irctl doctor\n")
	err = multierror.Append(nil, err, f.Sync(), f.Close(), os.Remove(f.Name())).ErrorOrNil()
	if dir != home {
		return home + ", to be made by the first run", err
	}
	ids, listing := a.store().List()
	return fmt.Sprintf("%s, %s", home, count(len(ids), "run")), multierror.Append(nil, err, listing).ErrorOrNil()
}

// leastSpace is below how much room a run should not begin: evidence and raw
// output lie beside the journal.
const leastSpace = 512 << 20

func (a *app) examineSpace() (string, error) {
	dir := a.abs(a.home)
	for {
		free, err := freeSpace(dir)
		switch up := filepath.Dir(dir); {
		case err == nil && free < leastSpace:
			p := &problem{what: fmt.Sprintf("only %d MiB are free where runs are kept", free>>20)}
			return "little", p.meaning("Evidence and raw output lie beside the journal; a full disk stops a run.").with("make room, or set IRCTL_HOME to another disk")
		case err == nil:
			return fmt.Sprintf("%d GiB", free>>30), nil
		case up == dir:
			return "not known", err
		default:
			dir = up
		}
	}
}

// examineClock compares the clock with what cannot lie in the future.
func (a *app) examineClock() (string, error) {
	now := a.utc()
	found := now.Format(time.RFC3339)
	if now.Year() < 2025 {
		return found, &problem{what: "the clock is years behind", means: "Deadlines and the journal's times would be wrong.", next: []string{"set the clock"}}
	}
	ids, err := a.store().List()
	if err != nil || len(ids) == 0 {
		return found, nil
	}
	r, err := a.readRun(ids[0])
	if err != nil {
		return found, nil // the run itself is examined elsewhere
	}
	if ahead := r.state.Last().Sub(now); ahead > time.Minute {
		p := &problem{what: "the newest run has entries from " + ahead.Round(time.Second).String() + " in the future"}
		return found, p.meaning("The clock was set back, or was ahead before.").with("compare the clock with another machine's")
	}
	return found, nil
}

// examinePeople looks for approvals that nobody in the environment can give.
func (a *app) examinePeople(env *environment.Environment) (string, error) {
	asked := map[string][]string{} // role -> runbooks
	for _, l := range a.allRunbooks() {
		for _, role := range a.rolesAsked(l) {
			asked[role] = append(asked[role], l.Name)
		}
	}
	var problems *multierror.Error
	roles := make([]string, 0, len(asked))
	for role := range asked {
		roles = append(roles, role)
	}
	sort.Strings(roles)
	for _, role := range roles {
		if len(env.PeopleWith(role)) == 0 {
			problems = multierror.Append(problems, &problem{
				what: fmt.Sprintf("nobody is %s, whose approval is asked for by %s", role, strings.Join(asked[role], ", ")),
			})
		}
	}
	return count(len(env.People), "person") + " for " + count(len(roles), "role"), problems.ErrorOrNil()
}

// rolesAsked lists the roles that a runbook asks for in ways that leave no
// other role the choice.
func (a *app) rolesAsked(l listed) []string {
	d, err := a.runbookAt(l)
	if err != nil {
		return nil
	}
	p := a.quietly(d)
	if p == nil {
		return nil
	}
	seen := map[string]bool{}
	var out []string
	for i := range p.Nodes {
		if ask := p.Nodes[i].Approval; ask != nil && len(ask.Roles) == 1 && !seen[ask.Roles[0]] {
			seen[ask.Roles[0]] = true
			out = append(out, ask.Roles[0])
		}
	}
	return out
}

// quietly compiles a runbook and says nothing about its errors; nil if it has
// some.
func (a *app) quietly(d *document) *plan.Plan {
	p, ds := a.lower(d)
	if ds.HasErrors() {
		return nil
	}
	return p
}
