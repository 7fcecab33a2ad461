// Package readiness says before an incident what would not work.
//
// [Targets] looks at the systems of an environment, [Machine.Look] at the
// machine that irctl runs on, [People] at who there is to answer. Nothing is
// changed anywhere. Each thing that was looked at is a [Check], with everything
// that is wrong and what to do about it.
//
// Files, in reading order: readiness.go, targets.go, machine.go, space_unix.go
// and space_windows.go.
package readiness

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/irctl/irctl/internal/environment"
)

// Check is one thing that was looked at.
type Check struct {
	Name     string   // "corporate-mail", "free space"
	Found    string   // what was found, one line
	Problems []string // what is wrong; none: it is ready
	Do       []string // commands, or short advice
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

// NewSecrets looks whether actions can keep the secrets that they make.
func NewSecrets(ctx context.Context, env *environment.Environment) Check {
	place := env.NewSecretsPlace()
	if place == "" {
		place = "no place is named; actions that make some refuse"
	}
	return checkOf("new secrets", place, env.CheckNewSecrets(ctx))
}

// People looks for roles that nobody in the environment holds: asked has the
// names of the runbooks by the role whose approval they ask for.
func People(env *environment.Environment, asked map[string][]string) Check {
	var errs []error
	for _, role := range slices.Sorted(maps.Keys(asked)) {
		if len(env.PeopleWith(role)) == 0 {
			errs = append(errs, &Problem{What: "nobody is " + role + ", whose approval is asked for by " + strings.Join(asked[role], ", ")})
		}
	}
	return checkOf("people", count(len(env.People), "person")+" for "+count(len(asked), "role"), errs...)
}

// count says how many, with the plural where it is due.
func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return strconv.Itoa(n) + " " + what
}
