// Package readiness says before an incident what would not work.
//
// [Targets] looks at the systems of an environment, [Machine.Look] at the
// machine that irctl runs on, [Environment] at what runbooks would meet. Nothing is
// changed anywhere. Each thing that was looked at is a [Check], with everything
// that is wrong and what to do about it.
//
// Files, in reading order: readiness.go, environment.go, targets.go, people.go, rehearsal.go, machine.go, space_unix.go
// and space_windows.go.
package readiness

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/fitting"
)

// Check is one thing that was looked at.
type Check struct {
	Name     string   // "corporate-mail", "free space"
	Found    string   // what was found, one line
	Problems []string // what is wrong; none: it is ready
	Do       []string // commands, or short advice
	// Unchecked is what could not be found out.
	Unchecked []string
}

// Problem is something that would not work.
type Problem struct {
	What  string   // what is so
	Means string   // what that means; "" if it is plain
	Do    []string // what to do about it
}

// Error implements error.
func (p *Problem) Error() string {
	if p.Means != "" {
		return p.What + ". " + p.Means
	}
	return p.What
}

// checkOf is what was found about a thing. An error that is a *Problem says
// what to do, too; nil errors are none.
func checkOf(name, found string, errs ...error) Check {
	c := Check{Name: name, Found: found}
	for _, err := range errs {
		if err == nil {
			continue
		}
		var p *Problem
		c.Problems = append(c.Problems, err.Error())
		if errors.As(err, &p) {
			c.Do = append(c.Do, p.Do...)
		}
	}
	return c
}

// newSecrets looks whether actions can keep the secrets that they make.
func newSecrets(ctx context.Context, env *environment.Environment) Check {
	place := env.NewSecretsPlace()
	place = cmp.Or(place, "no place is named; actions that make some refuse")
	return checkOf("new secrets", place, env.CheckNewSecrets(ctx))
}

// runbook says what a runbook would meet whose inputs are not known yet.
func runbook(name string, r fitting.Report) Check {
	var errs []error
	for _, m := range r.Met {
		p := &Problem{What: m.String()}
		if m.Do != "" {
			p.Do = []string{m.Do}
		}
		errs = append(errs, p)
	}
	found := "it has what it needs"
	if len(errs) > 0 {
		found = "it would not work"
	}
	c := checkOf("runbook "+name, found, errs...)
	slices.Sort(c.Do)
	c.Do, c.Unchecked = slices.Compact(c.Do), r.Unchecked
	return c
}

// count says how many, with the plural where it is due.
func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return strconv.Itoa(n) + " " + what
}
