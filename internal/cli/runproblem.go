package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/authority"
	"github.com/irctl/irctl/internal/desk"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/sshsig"
	"github.com/irctl/irctl/internal/store"
)

const (
	unrecorded   = "Nothing was recorded."
	stillWaiting = "Nothing was recorded; the step goes on waiting."
)

// runProblems are the errors about a run, those of desk, authority and engine;
// the first that fits gives the words.
var runProblems = []known{
	about(refusalProblem),
	about(func(e *desk.AlteredError) *problem {
		return fails(ExitAltered, e, e.Means).with(projection.Command("audit", "verify", e.Run))
	}),
	within(illegal),
	about(func(e *desk.RefusedError) *problem { return ofRun(e, unrecorded, e.Run) }),
	about(stepProblem),
	about(func(e *desk.NotWaitingError) *problem {
		status := string(e.Status)
		if e.Summary != "" {
			status += ": " + e.Summary
		}
		return ofRun(e, "It is "+status+". "+unrecorded, e.Run)
	}),
	about(func(e *desk.AnswersError) *problem {
		means := stillWaiting
		if e.Done {
			means = unrecorded
		}
		return fails(ExitInvalid, e, means).with("give each answer as --set NAME=VALUE")
	}),
	about(func(e *desk.EvidenceError) *problem {
		if e.Missing == nil {
			return usagef("%s", e)
		}
		return fails(ExitInvalid, e, stillWaiting).with(fmt.Sprintf("--evidence %s=FILE", e.Missing.Name))
	}),
	about(func(e *desk.UnsignedError) *problem {
		return fails(ExitFailed, e, stillWaiting).with("irctl key use FILE", "irctl key new", "irctl help security")
	}),
	within(func(err error, _ *sshsig.UnusableError) *problem {
		p := fails(ExitFailed, err, unrecorded)
		if locked := (*sshsig.LockedError)(nil); errors.As(err, &locked) {
			return p.with(locked.Advice())
		}
		return p.with("irctl key list", "irctl key new")
	}),
	about(func(e *desk.NewerError) *problem {
		return ofRun(e, "What it means for the steps to come is not known here. Nothing was done. irctl "+e.Irctl+" drives the run on; this one shows it.", e.Run)
	}),
	about(func(e *store.ElsewhereError) *problem {
		return fails(ExitFailed, e, "If the original goes on as well, everything is done twice. Nothing was done. Only if nobody drives it there any more, take it over.").
			with(projection.Command("resume", e.Run, "--take-over", "--reason", ""))
	}),
	about(func(e *desk.KeptError) *problem { return ofRun(e, "Nothing of it was deleted.", e.Run) }),
	about(func(e *desk.HaltedError) *problem {
		return fails(ExitFailed, e, "No run starts anything new until somebody lifts that. Nothing was done.").with(projection.Command("halt"))
	}),
	about(func(e *desk.ClaimedError) *problem {
		p := fails(ExitFailed, e, "Two runs that change one system get in each other's way. Nothing was done.")
		share := ""
		for _, c := range e.Claims {
			share += "--share " + c.Target + " "
			if look := projection.Command("status", c.Run); !slices.Contains(p.next, look) {
				p.add(look)
			}
		}
		return p.with("to go on all the same, type the command again with: " + share + "--reason TEXT")
	}),
	about(func(e *desk.UnreadableError) *problem {
		if e.Next == "" {
			return fails(ExitInvalid, e, e.Means)
		}
		return fails(ExitFailed, e, e.Means).with(e.Next) // it can be read, and is something else
	}),
	about(func(e *desk.UnansweredError) *problem {
		if e.Withdrawn {
			return fails(ExitLocked, e, unrecorded+" It may be stopped or hang.").with(projection.Command("status", e.Run))
		}
		return fails(ExitLocked, e, "It took the request, but has not said what became of it.").with(projection.Command("audit", "show", e.Run))
	}),
	about(func(e *desk.UntakenError) *problem {
		if among(storeProblems, e) != nil {
			return nil
		}
		return fails(ExitFailed, e, "Nothing was recorded, and nothing was done. When that is put right, type the same again.")
	}),
}

// ofRun is a command that failed, of which the status of the run tells more.
func ofRun(e error, means, run string) *problem {
	return fails(ExitFailed, e, means).with(projection.Command("status", run))
}

// illegal is an event that cannot happen in the state of a run.
func illegal(err error, e *engine.IllegalError) *problem {
	p := &problem{exit: ExitFailed, what: "this cannot be done now: " + e.Why, means: unrecorded}
	if e.Path != "" {
		p.what = "this cannot be done now to step " + e.Path + ": " + e.Why
	}
	var refused *desk.RefusedError
	if errors.As(err, &refused) {
		return p.with(projection.Command("status", refused.Run))
	}
	return p.with("irctl status")
}

// stepProblem is a name that means no step that has begun.
func stepProblem(e *desk.StepError) *problem {
	if len(e.Matches) > 0 {
		return usagef("%s", e).with(e.Matches...)
	}
	p := usagef("%s", e)
	if e.Unbegun != "" {
		p.exit = ExitFailed
	}
	return p.meaning(unrecorded).with(projection.Command("status", e.Run))
}

// refusalProblem is somebody who may not ask for something, and who may.
func refusalProblem(r *authority.Refusal) *problem {
	p := fails(ExitFailed, r, "")
	switch {
	case r.Reason == authority.RoleNotAsked, r.Reason == authority.NobodyNamed:
		p.exit = ExitUsage
		return p
	case r.Reason == authority.NotForPeople, r.Reason == authority.NoBreakGlass, r.Reason == authority.HasRole, r.Reason == authority.TooLong:
		return p.meaning(unrecorded)
	case r.Reason == authority.NotSigned:
		return p.meaning(unrecorded).with("irctl key use FILE", "irctl key new")
	case r.Reason == authority.KeyUnknown:
		return p.meaning(unrecorded).with("irctl key list", "irctl key show")
	case len(r.Roles) == 0:
		for _, name := range r.Own {
			p.add("--as " + name)
		}
		return p
	}
	p.means = "Nothing was recorded; the run goes on waiting."
	for _, who := range r.Instead {
		line := fmt.Sprintf("ask %s (%s, %s)", who.FullName, who.Person, who.Role)
		if who.Phone != "" {
			line += ", " + who.Phone
		}
		p.add(line)
	}
	if len(r.Instead) == 0 {
		p.add("nobody in the environment holds " + strings.Join(r.Roles, " or "))
	}
	return p
}

// storeProblems are the errors about the runs on disk. What was wrapped around
// them is said, too.
var storeProblems = []known{
	within(func(err error, e *store.LockedError) *problem {
		return fails(ExitLocked, err, "Only one process may drive a run. irctl status works meanwhile, and so do approve, note, pause and the like.").
			with(projection.Command("status", e.Run))
	}),
	within(func(err error, e *store.AlteredError) *problem {
		return fails(ExitAltered, err, "It is no longer what irctl wrote, so irctl does not act on it. Nothing was done.").
			with(projection.Command("audit", "verify", e.Run))
	}),
	within(func(err error, e *store.TruncatedError) *problem {
		return fails(ExitAltered, err, "Entries that were durable are gone, so irctl does not act on the rest: it could do again what was done. Nothing was done.").
			with(projection.Command("audit", "verify", e.Run))
	}),
	within(func(err error, e *store.ArchivedError) *problem {
		return fails(ExitFailed, err, "Nothing was done.").with(projection.Command("import", e.File))
	}),
	within(func(err error, _ *store.AmbiguousError) *problem { return fails(ExitUsage, err, "").with("irctl list") }),
	within(func(err error, e *store.NotFoundError) *problem {
		if e.Prefix != "" {
			return fails(ExitUsage, err, "").with("irctl list")
		}
		return fails(ExitFailed, err, "").with("irctl runbook list", "irctl tutorial")
	}),
	about(func(e *store.AppendError) *problem { // says all that was wrapped around it
		return fails(ExitFailed, e, "No entry, no action: nothing was done to any target after that.").with(projection.Command("resume", e.Run))
	}),
	within(func(err error, e *store.StorageError) *problem {
		if !e.Full || e.Then != "" {
			return nil
		}
		return fails(ExitFailed, err, "Nothing was recorded and nothing was done to any target.").
			with("make room on the disk, then type the same again", "irctl doctor")
	}),
}
