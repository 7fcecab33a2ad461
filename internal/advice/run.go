package advice

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/authority"
	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/desk"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/linecode"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/request"
	"github.com/irctl/irctl/internal/sshsig"
	"github.com/irctl/irctl/internal/store"
)

const (
	unrecorded   = "Nothing was recorded."
	stillWaiting = "Nothing was recorded; the step goes on waiting."
)

// runProblems are the errors about a run, those of desk, authority and engine;
// the first that fits gives the words.
var runProblems = []command.Known{
	command.About(refusalProblem),
	command.About(func(e *desk.AlteredError) *command.Problem {
		return command.Fails(command.ExitAltered, e, e.Means).With(projection.Command("audit", "verify", e.Run))
	}),
	command.Within(illegal),
	command.About(func(e *desk.RefusedError) *command.Problem { return ofRun(e, unrecorded, e.Run) }),
	command.About(stepProblem),
	command.About(clockProblem),
	command.About(func(e *request.NotWaitingError) *command.Problem {
		status := string(e.Status)
		if e.Summary != "" {
			status += ": " + e.Summary
		}
		means := "It is " + status + ". " + unrecorded
		if !e.Late.IsZero() {
			means = "The time for it ended at " + e.Late.UTC().Format("2006-01-02 15:04:05Z") + ". " + unrecorded
		}
		if e.Next != "" {
			return command.Fails(command.ExitFailed, e, means).With(projection.Command(e.Next, e.Run, e.Path))
		}
		return ofRun(e, means, e.Run)
	}),
	command.About(func(e *request.AnswersError) *command.Problem {
		if e.Done {
			return command.Fails(command.ExitInvalid, e, unrecorded).With("give each answer as --set NAME=VALUE")
		}
		return command.Fails(command.ExitInvalid, e, stillWaiting).With(projection.DoneWith(e.Run, e.Path, e.Asked, e.Files))
	}),
	command.About(func(e *request.EvidenceError) *command.Problem {
		if e.Missing == nil {
			return command.Usagef("%s", e)
		}
		return command.Fails(command.ExitInvalid, e, stillWaiting).With(fmt.Sprintf("--evidence %s=FILE", e.Missing.Name))
	}),
	command.About(func(e *request.UnsignedError) *command.Problem {
		return command.Fails(command.ExitFailed, e, stillWaiting).With("irctl key use FILE", "irctl key new", "irctl help security")
	}),
	command.Within(func(err error, _ *linecode.Error) *command.Problem {
		return command.Fails(command.ExitInvalid, err, unrecorded)
	}),
	command.Within(func(err error, _ *request.OfflineError) *command.Problem {
		return command.Fails(command.ExitFailed, err, unrecorded).With("irctl help key")
	}),
	command.Within(func(err error, _ *sshsig.UnusableError) *command.Problem {
		p := command.Fails(command.ExitFailed, err, unrecorded)
		if locked := (*sshsig.LockedError)(nil); errors.As(err, &locked) {
			return p.With(locked.Advice())
		}
		return p.With("irctl key list", "irctl key new")
	}),
	command.About(func(e *desk.NewerError) *command.Problem {
		return ofRun(e, "What it means for the steps to come is not known here. Nothing was done. irctl "+e.Irctl+" drives the run on; this one shows it.", e.Run)
	}),
	command.About(func(e *store.ElsewhereError) *command.Problem {
		return command.Fails(command.ExitFailed, e, "If the original goes on as well, everything is done twice. Nothing was done. Only if nobody drives it there any more, take it over.").
			With(projection.Command("resume", e.Run, "--take-over", "--reason", ""))
	}),
	command.About(func(e *desk.NotOwnError) *command.Problem {
		return command.Fails(command.ExitFailed, e, "Roll that back first: what this run relies on is left to it then.").With(projection.Command("rollback", e.Run))
	}),
	command.About(func(e *desk.KeptError) *command.Problem { return ofRun(e, "Nothing of it was deleted.", e.Run) }),
	command.About(func(e *desk.HaltedError) *command.Problem {
		return command.Fails(command.ExitFailed, e, "No run starts anything new until somebody lifts that. Nothing was done.").With(projection.Command("halt"))
	}),
	command.About(func(e *desk.ClaimedError) *command.Problem {
		p := command.Fails(command.ExitFailed, e, "Two runs that change one system get in each other's way. Nothing was done. With --share both may change it; the journals of both say why.")
		share := ""
		for _, c := range e.Claims {
			if one := "--share " + c.Target + " "; !strings.Contains(share, one) {
				share += one
			}
			if look := projection.Command("status", c.Run); !slices.Contains(p.Next, look) {
				p.Add(look)
			}
		}
		return p.With("to go on all the same, type the command again with: " + share + "--reason TEXT")
	}),
	command.About(func(e *desk.UnreadableError) *command.Problem {
		if e.Next == "" {
			return command.Fails(command.ExitInvalid, e, e.Means)
		}
		return command.Fails(command.ExitFailed, e, e.Means).With(e.Next) // it can be read, and is something else
	}),
	command.About(func(e *desk.UnansweredError) *command.Problem {
		if e.Withdrawn {
			return command.Fails(command.ExitLocked, e, unrecorded+" It may be stopped or hang.").With(projection.Command("status", e.Run))
		}
		return command.Fails(command.ExitLocked, e, "It took the request, but has not said what became of it.").With(projection.Command("audit", "show", e.Run))
	}),
	command.About(func(e *desk.UntakenError) *command.Problem {
		if command.Among(storeProblems, e) != nil {
			return nil
		}
		return command.Fails(command.ExitFailed, e, "Nothing was recorded, and nothing was done. When that is put right, type the same again.")
	}),
}

// ofRun is a command that failed, of which the status of the run tells more.
func ofRun(e error, means, run string) *command.Problem {
	return command.Fails(command.ExitFailed, e, means).With(projection.Command("status", run))
}

// illegal is an event that cannot happen in the state of a run.
func illegal(err error, e *engine.IllegalError) *command.Problem {
	p := &command.Problem{Exit: command.ExitFailed, What: "this cannot be done now: " + e.Why, Means: unrecorded}
	if e.Path != "" {
		p.What = "this cannot be done now to step " + e.Path + ": " + e.Why
	}
	var refused *desk.RefusedError
	if errors.As(err, &refused) {
		return p.With(projection.Command("status", refused.Run))
	}
	return p.With("irctl status")
}

// stepProblem is a name that means no step that has begun.
func stepProblem(e *request.StepError) *command.Problem {
	if len(e.Matches) > 0 {
		return command.Usagef("%s", e).With(e.Matches...)
	}
	p := command.Usagef("%s", e)
	if e.Unbegun != "" {
		p.Exit = command.ExitFailed
	}
	return p.Meaning(unrecorded).With(projection.Command("status", e.Run))
}

// clockProblem is a name that means no clock and no fact of the run.
func clockProblem(e *request.ClockError) *command.Problem {
	p := command.Usagef("%s", e).Meaning(unrecorded)
	if len(e.Known) == 0 {
		p.Exit = command.ExitFailed
		return p.With("irctl help clocks")
	}
	return p.With(projection.Command("clock", "list", e.Run))
}

// refusalProblem is somebody who may not ask for something, and who may.
func refusalProblem(r *authority.Refusal) *command.Problem {
	p := command.Fails(command.ExitFailed, r, "")
	switch {
	case r.Reason == authority.RoleNotAsked, r.Reason == authority.NobodyNamed:
		p.Exit = command.ExitUsage
		return p
	case r.Reason == authority.NotForPeople, r.Reason == authority.NoBreakGlass, r.Reason == authority.HasRole, r.Reason == authority.TooLong:
		return p.Meaning(unrecorded)
	case r.Reason == authority.NotSigned:
		return p.Meaning(unrecorded).With("irctl key use FILE", "irctl key new")
	case r.Reason == authority.KeyUnknown:
		return p.Meaning(unrecorded).With("irctl key list", "irctl key show")
	case len(r.Roles) == 0:
		for _, name := range r.Own {
			p.Add("--as " + name)
		}
		return p
	}
	p.Means = "Nothing was recorded; the run goes on waiting."
	for _, who := range r.Instead {
		line := fmt.Sprintf("ask %s (%s, %s)", who.FullName, who.Person, who.Role)
		if who.Phone != "" {
			line += ", " + who.Phone
		}
		p.Add(line)
	}
	if len(r.Instead) == 0 {
		p.Add("nobody in the environment holds " + strings.Join(r.Roles, " or "))
	}
	return p
}

// storeProblems are the errors about the runs on disk. What was wrapped around
// them is said, too.
var storeProblems = []command.Known{
	command.Within(func(err error, e *store.LockedError) *command.Problem {
		return command.Fails(command.ExitLocked, err, "Only one process may drive a run. irctl status works meanwhile, and so do approve, note, pause and the like.").
			With(projection.Command("status", e.Run))
	}),
	command.Within(func(err error, e *store.AlteredError) *command.Problem {
		return command.Fails(command.ExitAltered, err, "It is no longer what irctl wrote, so irctl does not act on it. Nothing was done.").
			With(projection.Command("audit", "verify", e.Run))
	}),
	command.Within(func(err error, e *store.TruncatedError) *command.Problem {
		return command.Fails(command.ExitAltered, err, "Entries that were durable are gone, so irctl does not act on the rest: it could do again what was done. Nothing was done.").
			With(projection.Command("audit", "verify", e.Run))
	}),
	command.Within(func(err error, e *store.ArchivedError) *command.Problem {
		return command.Fails(command.ExitFailed, err, "Nothing was done.").With(projection.Command("import", e.File))
	}),
	command.Within(func(err error, _ *store.AmbiguousError) *command.Problem {
		return command.Fails(command.ExitUsage, err, "").With("irctl list")
	}),
	command.Within(func(err error, e *store.NotFoundError) *command.Problem {
		if e.Prefix != "" {
			return command.Fails(command.ExitUsage, err, "").With("irctl list")
		}
		return command.Fails(command.ExitFailed, err, "").With("irctl runbook list", "irctl tutorial")
	}),
	command.About(func(e *store.AppendError) *command.Problem { // says all that was wrapped around it
		return command.Fails(command.ExitFailed, e, "No entry, no action: nothing was done to any target after that.").With(projection.Command("resume", e.Run))
	}),
	command.Within(func(err error, e *store.StorageError) *command.Problem {
		if !e.Full || e.Then != "" {
			return nil
		}
		return command.Fails(command.ExitFailed, err, "Nothing was recorded and nothing was done to any target.").
			With("make room on the disk, then type the same again", "irctl doctor")
	}),
}
