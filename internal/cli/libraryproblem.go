package cli

import (
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/library"
	"github.com/irctl/irctl/internal/outside"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/pkg/runbook"
)

const nothingRun = "Nothing was run."

// libraryProblems are the errors of files, names and settings.
var libraryProblems = []known{
	within(func(err error, e *library.FileError) *problem {
		p := fails(ExitInvalid, err, e.Hint)
		if e.Err != nil && slices.Contains([]string{library.KindRunbook, library.KindEnvironment}, e.Kind) {
			p.add(projection.Command(e.Kind, "list"))
		}
		return p
	}),
	within(nameProblem),
	within(func(err error, e *library.Invalid) *problem {
		return fails(ExitInvalid, err, "").with(projection.Command("validate", e.File.Path))
	}),
	within(unreadyProblem),
	within(func(err error, e *library.UnsignedError) *problem {
		return fails(ExitInvalid, e, nothingRun+" Have one of those sign it who may: they stand in "+e.By+".").
			with(projection.Command("runbook", "sign", e.Path), projection.Command("runbook", "verify", e.Path, "--trusted", e.By))
	}),
	within(handlingProblem),
	within(func(err error, e *environment.PolicyError) *problem {
		p := fails(ExitInvalid, err, "Nothing is run: it may forbid this.")
		if e.Err == nil {
			return p.with(projection.Command("validate", e.File))
		}
		return p.with(e.Advice())
	}),
	within(func(err error, _ *environment.InputError) *problem { return fails(ExitInvalid, err, "") }),
	about(func(e *outside.SettingError) *problem {
		names := each.Of(outside.Settings, func(s outside.Setting) string { return s.Name })
		return usagef("%s", e).meant("irctl config get", e.Name, names, "irctl config list")
	}),
	within(func(err error, e *library.WriteError) *problem { return fails(ExitFailed, err, e.Means) }),
}

// nameProblem says what to do about a name that leads nowhere, or to several files.
func nameProblem(err error, e *library.NameError) *problem {
	p := fails(ExitInvalid, err, e.Hint)
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
	return p
}

// unreadyProblem says what to do about a plan that does not run like this.
func unreadyProblem(err error, e *library.Unready) *problem {
	p := fails(ExitInvalid, err, nothingRun)
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
		p.add(projection.Command(e.Run.Words("run")...) + " --override REASON")
	case library.Unverified:
		p.add("irctl environment show " + env)
	}
	return p
}

// handlingProblem says how a runbook may leave that was made of somebody's
// playbook.
func handlingProblem(err error, e *library.Handling) *problem {
	if e.Broken != "" {
		return fails(ExitInvalid, err, "What it says about handling could be lost. Nothing was written.").
			with("irctl validate "+e.Broken, "remove the file if the runbook is not made of it any more")
	}
	p := fails(ExitInvalid, err, "Nothing was written. If the export is for them, say so.")
	if e.Asked != "" {
		p.means = "Only its maker may do that. Nothing was written."
	}
	return p.with("irctl runbook export " + e.Runbook + " --cacao --tlp " + e.Level)
}

// cannotRead is the finding about a file that could not be read.
func cannotRead(name string, err error) runbook.Diagnostic {
	d := library.CannotRead(name, err)
	if p := among(libraryProblems, err); p != nil {
		d.Detail = strings.TrimSpace(p.means + " Next: " + strings.Join(p.next, ", or "))
	}
	return d
}
