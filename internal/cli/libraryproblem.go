package cli

import (
	"errors"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/library"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/pkg/runbook"
)

const nothingRun = "Nothing was run."

// libraryProblem gives the errors of files and names their words and their
// status; nil for any other error.
func libraryProblem(err error) *problem {
	p := &problem{exit: ExitInvalid, what: err.Error()}
	var (
		file     *library.FileError
		name     *library.NameError
		invalid  *library.Invalid
		unready  *library.Unready
		handling *library.Handling
		policy   *environment.PolicyError
		secret   *environment.InputError
	)
	switch {
	case errors.As(err, &file):
		p.means = file.Hint
		if file.Err != nil && slices.Contains([]string{library.KindRunbook, library.KindEnvironment}, file.Kind) {
			p.add(projection.Command(file.Kind, "list"))
		}
	case errors.As(err, &name):
		p.name(name)
	case errors.As(err, &invalid):
		p.add(projection.Command("validate", invalid.File.Path))
	case errors.As(err, &unready):
		p.unready(unready)
	case errors.As(err, &handling):
		p.handling(handling)
	case errors.As(err, &policy) && policy.Err == nil:
		p.meaning("Nothing is run: it may forbid this.").add(projection.Command("validate", policy.File))
	case errors.As(err, &policy):
		p.meaning("Nothing is run: it may forbid this.").add(policy.Advice())
	case errors.As(err, &secret):
	default:
		return nil
	}
	return p
}

// name says what to do about a name that leads nowhere, or to several files.
func (p *problem) name(e *library.NameError) {
	p.means = e.Hint
	switch {
	case e.Kind == library.KindTest && e.Name == "":
		p.add("irctl help testing", "irctl test containment")
	case e.Kind == library.KindTest:
		p.add("irctl help testing")
	case e.Reason == library.NoSuchName:
		p.add(projection.Command(e.Kind, "list"))
	case e.Reason == library.NoName:
		p.exit = ExitUsage
	case e.Reason == library.TwoOfAName:
		p.add(e.Names...)
	case e.Reason == library.NoLab:
		p.add("irctl lab up")
	}
}

// unready says what to do about a plan that does not run like this.
func (p *problem) unready(e *library.Unready) {
	p.means = nothingRun
	env := e.Run.Asked.Environment
	switch e.Reason {
	case library.NoEnvironment:
		for _, name := range e.Names {
			p.add("irctl run " + e.Run.Plan.Runbook + " --env " + name)
		}
		p.add("irctl help environments")
	case library.Unsuitable:
		if len(e.Names) > 0 {
			p.means += " Say in the environment which targets they are:\n\nplaybooks:\n  bind:\n    " + strings.Join(e.Names, "\n    ")
		}
		p.add("irctl target list --env " + env)
	case library.TooFew:
		p.means += " The policy is " + strings.Join(e.Names, "") + "."
		p.add("irctl environment show " + env)
	case library.BadInputs:
		p.add("give each input as --input NAME=VALUE", "irctl runbook show "+e.Run.File.Name)
	case library.BadPart:
		p.add("irctl runbook show " + e.Run.File.Name)
	case library.Held:
		p.means += " Whoever answers for it can override that; the reason is journaled."
		p.add(runCommand(e.Run) + " --override REASON")
	case library.Unverified:
		p.add("irctl environment show " + env)
	}
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

// cannotRead is the finding about a file that could not be read.
func cannotRead(name string, err error) runbook.Diagnostic {
	d := library.CannotRead(name, err)
	if p := libraryProblem(err); p != nil {
		d.Detail = strings.TrimSpace(p.means + " Next: " + strings.Join(p.next, ", or "))
	}
	return d
}
