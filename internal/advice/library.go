package advice

import (
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/library"
	"github.com/irctl/irctl/internal/outside"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/pkg/runbook"
)

// NothingRun is what most refusals of a runbook mean.
const NothingRun = "Nothing was run."

// libraryProblems are the errors of files, names and settings.
var libraryProblems = []command.Known{
	command.Within(func(err error, e *library.FileError) *command.Problem {
		p := command.Fails(command.ExitInvalid, err, e.Hint)
		if e.Err != nil && slices.Contains([]string{library.KindRunbook, library.KindEnvironment}, e.Kind) {
			p.Add(listOf(e.Kind))
		}
		return p
	}),
	command.Within(nameProblem),
	command.Within(func(err error, e *library.Invalid) *command.Problem {
		return command.Fails(command.ExitInvalid, err, "").With(projection.Command("validate", e.File.Path))
	}),
	command.Within(unreadyProblem),
	command.Within(func(err error, e *library.UnsignedError) *command.Problem {
		return command.Fails(command.ExitInvalid, e, NothingRun+" Have one of those sign it who may: they stand in "+e.By+".").
			With(projection.Command("runbook", "sign", e.Path), projection.Command("runbook", "verify", e.Path, "--trusted", e.By))
	}),
	command.Within(handlingProblem),
	command.Within(func(err error, e *environment.PolicyError) *command.Problem {
		p := command.Fails(command.ExitInvalid, err, "Nothing is run: it may forbid this.")
		if e.Err == nil {
			return p.With(projection.Command("validate", e.File))
		}
		return p.With(e.Advice())
	}),
	command.Within(func(err error, _ *environment.InputError) *command.Problem {
		return command.Fails(command.ExitInvalid, err, "")
	}),
	command.About(func(e *outside.SettingError) *command.Problem {
		names := each.Of(outside.Settings, func(s outside.Setting) string { return s.Name })
		return command.Usagef("%s", e).Meant("irctl config get", e.Name, names, "irctl config list")
	}),
	command.Within(func(err error, e *library.WriteError) *command.Problem {
		return command.Fails(command.ExitFailed, err, e.Means)
	}),
}

// nameProblem says what to do about a name that leads nowhere, or to several files.
func nameProblem(err error, e *library.NameError) *command.Problem {
	p := command.Fails(command.ExitInvalid, err, e.Hint)
	switch {
	case e.Kind == library.KindTest && e.Name == "":
		p.Add("irctl help testing", "irctl test containment")
	case e.Kind == library.KindTest:
		p.Add("irctl help testing")
	case e.Reason == library.NoSuchName:
		p.Add(listOf(e.Kind))
	case e.Reason == library.NoName:
		p.Exit = command.ExitUsage
	case e.Reason == library.TwoOfAName:
		p.Add(e.Names...)
	case e.Reason == library.NoLab:
		p.Add("irctl lab up")
	}
	return p
}

// unreadyProblem says what to do about a plan that does not run like this.
func unreadyProblem(err error, e *library.Unready) *command.Problem {
	p := command.Fails(command.ExitInvalid, err, NothingRun)
	env := e.Run.Asked.Environment
	switch e.Reason {
	case library.NoEnvironment:
		for _, name := range e.Names {
			p.Add(projection.Command(append(e.Run.Words("run"), "--env", name)...))
		}
		p.Add("irctl help environments")
	case library.Unsuitable:
		if len(e.Names) > 0 {
			p.Means += " Say in the environment which targets they are:\n\nplaybooks:\n  bind:\n    " + strings.Join(e.Names, "\n    ")
		}
		p.Add("irctl target list --env " + env)
	case library.TooFew:
		p.Means += " The policy is " + strings.Join(e.Names, "") + "."
		p.Add("irctl environment show " + env)
	case library.BadInputs:
		p.Add("give each input as --input NAME=VALUE", "irctl runbook show "+e.Run.File.Name)
	case library.BadPart:
		p.Add("irctl runbook show " + e.Run.File.Name)
	case library.Held:
		p.Means += " Whoever answers for it can override that; the reason is journaled."
		p.Add(projection.Command(e.Run.Words("run")...) + " --override REASON")
	case library.Unverified:
		p.Add("irctl environment show " + env)
	}
	return p
}

// handlingProblem says how a runbook may leave that was made of somebody's
// playbook.
func handlingProblem(err error, e *library.Handling) *command.Problem {
	if e.Broken != "" {
		return command.Fails(command.ExitInvalid, err, "What it says about handling could be lost. Nothing was written.").
			With("irctl validate "+e.Broken, "remove the file if the runbook is not made of it any more")
	}
	p := command.Fails(command.ExitInvalid, err, "Nothing was written. If the export is for them, say so.")
	if e.Asked != "" {
		p.Means = "Only its maker may do that. Nothing was written."
	}
	return p.With("irctl runbook export " + e.Runbook + " --cacao --tlp " + e.Level)
}

// CannotRead is the finding about a file that could not be read.
func CannotRead(name string, err error) runbook.Diagnostic {
	d := library.CannotRead(name, err)
	if p := command.Among(libraryProblems, err); p != nil {
		d.Detail = strings.TrimSpace(p.Means + " Next: " + strings.Join(p.Next, ", or "))
	}
	return d
}

// listOf is the command that lists what there is of a kind of file.
func listOf(kind string) string {
	if kind == library.KindScenario {
		return "irctl exercise"
	}
	return projection.Command(kind, "list")
}
