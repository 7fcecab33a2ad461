package cli

import (
	"errors"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/library"
	"github.com/irctl/irctl/internal/projection"
)

const nothingRun = "Nothing was run."

// libraryProblem gives the errors of files and names their words and their
// status; nil for any other error.
func libraryProblem(err error) *problem {
	p := &problem{exit: ExitInvalid, what: err.Error()}
	var (
		unreadable *library.Unreadable
		none       *library.NotFound
		noLab      library.NoLab
		bad        *library.BadName
		many       *library.Ambiguous
		misplaced  *library.Misplaced
		noTests    *library.NoTests
		invalid    *library.Invalid
		no         *library.NoEnvironment
		unsuitable *library.Unsuitable
		inputs     *library.BadInputs
		held       *library.Held
		unverified *library.Unverified
		policy     *environment.PolicyError
		secret     *environment.InputError
		handling   *library.Handling
	)
	switch {
	case errors.As(err, &unreadable):
		if slices.Contains([]string{library.KindRunbook, library.KindEnvironment}, unreadable.Kind) {
			p.add(projection.Command(unreadable.Kind, "list"))
		}
	case errors.As(err, &none):
		p.meaning("%s", none.Hint()).add(projection.Command(none.Kind, "list"))
	case errors.As(err, &noLab):
		p.add("irctl lab up")
	case errors.As(err, &bad):
		p.exit = ExitUsage
	case errors.As(err, &many):
		p.meaning("%s", many.Hint()).add(many.Paths...)
	case errors.As(err, &misplaced):
		p.means = misplaced.Hint()
	case errors.As(err, &noTests):
		p.meaning("%s", noTests.Hint()).add("irctl help testing")
		if noTests.Of == "" {
			p.add("irctl test containment")
		}
	case errors.As(err, &invalid):
		p.add(projection.Command("validate", invalid.File.Path))
	case errors.As(err, &no):
		p.means = nothingRun
		for _, name := range no.Names {
			p.add("irctl run " + no.Runbook + " --env " + name)
		}
		p.add("irctl help environments")
	case errors.As(err, &unsuitable):
		p.unsuitable(unsuitable)
	case errors.As(err, &inputs):
		p.meaning(nothingRun).add("give each input as --input NAME=VALUE", "irctl runbook show "+inputs.File.Name)
	case errors.As(err, &held):
		p.means = nothingRun + " Whoever answers for it can override that; the reason is journaled."
		p.add(runCommand(held.Run) + " --override REASON")
	case errors.As(err, &unverified):
		p.meaning(nothingRun).add("irctl environment show " + unverified.Asked.Environment)
	case errors.As(err, &policy):
		p.means = "Nothing is run: it may forbid this."
		if policy.Err == nil {
			p.add(projection.Command("validate", policy.File))
		} else {
			p.add(policy.Advice())
		}
	case errors.As(err, &secret):
	case errors.As(err, &handling):
		p.handling(handling)
	default:
		return nil
	}
	return p
}

// unsuitable says what to do about an environment that lacks something.
func (p *problem) unsuitable(e *library.Unsuitable) {
	switch {
	case e.Policy != "":
		p.means = nothingRun + " The policy is " + e.Policy + "."
		p.add("irctl environment show " + e.Asked.Environment)
		return
	case len(e.Unbound) > 0:
		p.means = nothingRun + " Say in the environment which targets they are:\n\nplaybooks:\n  bind:\n    " + strings.Join(e.Unbound, "\n    ")
	default:
		p.means = nothingRun
	}
	p.add("irctl target list --env " + e.Asked.Environment)
}

// handling says how a runbook may leave that was made of somebody's playbook.
func (p *problem) handling(e *library.Handling) {
	if e.Broken != "" {
		p.means = "What it says about handling could be lost. Nothing was written."
		p.add("irctl validate "+e.Broken, "remove the file if the runbook is not made of it any more")
		return
	}
	p.means = "Nothing was written. If the export is for them, say so."
	if e.Asked != "" {
		p.means = "Only its maker may do that. Nothing was written."
	}
	p.add("irctl runbook export " + e.Runbook + " --cacao --tlp " + e.Level)
}
