package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/irctl/irctl/internal/authority"
	"github.com/irctl/irctl/internal/desk"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/store"
)

// runProblem gives an error about a run its words and its status; nil if it is
// none of those of desk, authority and engine.
func runProblem(err error) *problem {
	var refused *desk.RefusedError
	var refusal *authority.Refusal
	var step *desk.StepError
	var idle *desk.NotWaitingError
	var answers *desk.AnswersError
	var evidence *desk.EvidenceError
	var altered *desk.AlteredError
	var unreadable *desk.UnreadableError
	var unanswered *desk.UnansweredError
	var untaken *desk.UntakenError
	var illegal *engine.IllegalError
	var newer *desk.NewerError
	var claimed *desk.ClaimedError
	var halted *desk.HaltedError
	var kept *desk.KeptError
	var elsewhere *store.ElsewhereError
	var p *problem
	switch {
	case errors.As(err, &refusal):
		return refusalProblem(refusal)
	case errors.As(err, &altered):
		p = &problem{exit: ExitAltered, what: altered.Error(), means: altered.Means}
		return p.with(projection.Command("audit", "verify", altered.Run))
	case errors.As(err, &illegal):
		p = &problem{exit: ExitFailed, what: "this cannot be done now: " + illegal.Why, means: "Nothing was recorded."}
		if illegal.Path != "" {
			p.what = "this cannot be done now to step " + illegal.Path + ": " + illegal.Why
		}
		if errors.As(err, &refused) {
			return p.with(projection.Command("status", refused.Run))
		}
		return p.with("irctl status")
	case errors.As(err, &refused):
		p = &problem{exit: ExitFailed, what: refused.Error(), means: "Nothing was recorded."}
		return p.with(projection.Command("status", refused.Run))
	case errors.As(err, &step):
		return stepProblem(step)
	case errors.As(err, &idle):
		p = &problem{exit: ExitFailed, what: idle.Error(), means: fmt.Sprintf("It is %s. Nothing was recorded.", idle.Status)}
		if idle.Summary != "" {
			p.means = fmt.Sprintf("It is %s: %s. Nothing was recorded.", idle.Status, idle.Summary)
		}
		return p.with(projection.Command("status", idle.Run))
	case errors.As(err, &answers):
		p = &problem{exit: ExitInvalid, what: answers.Error(), means: stillWaiting}
		return p.with("give each answer as --set NAME=VALUE")
	case errors.As(err, &evidence) && evidence.Missing != nil:
		p = &problem{exit: ExitInvalid, what: evidence.Error(), means: stillWaiting}
		return p.with(fmt.Sprintf("--evidence %s=FILE", evidence.Missing.Name))
	case errors.As(err, &evidence):
		return usagef("%s", evidence)
	case errors.As(err, &newer):
		p = &problem{exit: ExitFailed, what: newer.Error(), means: "What it means for the steps to come is not known here. Nothing was done. irctl " + newer.Irctl + " drives the run on; this one shows it."}
		return p.with(projection.Command("status", newer.Run))
	case errors.As(err, &elsewhere):
		p = &problem{exit: ExitFailed, what: elsewhere.Error(),
			means: "If the original goes on as well, everything is done twice. Nothing was done. Only if nobody drives it there any more, take it over."}
		return p.with(projection.Command("resume", elsewhere.Run, "--take-over", "--reason", ""))
	case errors.As(err, &kept):
		p = &problem{exit: ExitFailed, what: kept.Error(), means: "Nothing of it was deleted."}
		return p.with(projection.Command("status", kept.Run))
	case errors.As(err, &halted):
		p = &problem{exit: ExitFailed, what: halted.Error(), means: "No run starts anything new until somebody lifts that. Nothing was done."}
		return p.with(projection.Command("halt"))
	case errors.As(err, &claimed):
		p = &problem{exit: ExitFailed, what: claimed.Error(), means: "Two runs that change one system get in each other's way. Nothing was done."}
		for _, c := range claimed.Claims {
			p.add(projection.Command("status", c.Run), "to go on all the same: --share "+c.Target+" --reason TEXT")
		}
		return p
	case errors.As(err, &unreadable):
		p = &problem{exit: ExitInvalid, what: unreadable.Error(), means: unreadable.Means}
		if unreadable.Next == "" {
			return p
		}
		p.exit = ExitFailed // it can be read, and is something else
		return p.with(unreadable.Next)
	case errors.As(err, &unanswered) && unanswered.Withdrawn:
		p = &problem{exit: ExitLocked, what: unanswered.Error(), means: "Nothing was recorded. It may be stopped or hang."}
		return p.with(projection.Command("status", unanswered.Run))
	case errors.As(err, &unanswered):
		p = &problem{exit: ExitLocked, what: unanswered.Error(), means: "It took the request, but has not said what became of it."}
		return p.with(projection.Command("audit", "show", unanswered.Run))
	case errors.As(err, &untaken) && storeProblem(untaken) == nil:
		return &problem{exit: ExitFailed, what: untaken.Error(),
			means: "Nothing was recorded, and nothing was done. When that is put right, type the same again."}
	}
	return nil
}

const stillWaiting = "Nothing was recorded; the step goes on waiting."

// stepProblem is a name that means no step that has begun.
func stepProblem(e *desk.StepError) *problem {
	if len(e.Matches) > 0 {
		return usagef("%s", e).with(e.Matches...)
	}
	p := usagef("%s", e)
	if e.Unbegun != "" {
		p.exit = ExitFailed
	}
	return p.meaning("Nothing was recorded.").with(projection.Command("status", e.Run))
}

// refusalProblem is somebody who may not ask for something, and who may.
func refusalProblem(r *authority.Refusal) *problem {
	p := &problem{exit: ExitFailed, what: r.Error()}
	switch {
	case r.Reason == authority.RoleNotAsked, r.Reason == authority.NobodyNamed:
		p.exit = ExitUsage
		return p
	case r.Reason == authority.NotForPeople:
		return p.meaning("Nothing was recorded.")
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

// storeProblem gives an error about the runs on disk its words and its status;
// nil for any other error.
func storeProblem(err error) *problem {
	var locked *store.LockedError
	var altered *store.AlteredError
	var truncated *store.TruncatedError
	var none *store.NotFoundError
	var many *store.AmbiguousError
	var notWritten *store.AppendError
	var storage *store.StorageError
	p := &problem{exit: ExitFailed, what: err.Error()}
	switch {
	case errors.As(err, &locked):
		p.exit = ExitLocked
		p.means = "Only one process may drive a run. irctl status works meanwhile, and so do approve, note, pause and the like."
		return p.with(projection.Command("status", locked.Run))
	case errors.As(err, &altered):
		p.exit = ExitAltered
		p.means = "It is no longer what irctl wrote, so irctl does not act on it. Nothing was done."
		return p.with(projection.Command("audit", "verify", altered.Run))
	case errors.As(err, &truncated):
		p.exit = ExitAltered
		p.means = "Entries that were durable are gone, so irctl does not act on the rest: it could do again what was done. Nothing was done."
		return p.with(projection.Command("audit", "verify", truncated.Run))
	case errors.As(err, &many), errors.As(err, &none) && none.Prefix != "":
		p.exit = ExitUsage
		return p.with("irctl list")
	case errors.As(err, &none):
		return p.with("irctl list")
	case errors.As(err, &notWritten):
		p.what = notWritten.Error() // says all that was wrapped around it
		p.means = "No entry, no action: nothing was done to any target after that."
		return p.with(projection.Command("resume", notWritten.Run))
	case errors.As(err, &storage) && storage.Full && storage.Then == "":
		p.means = "Nothing was recorded and nothing was done to any target."
		return p.with("make room on the disk, then type the same again", "irctl doctor")
	}
	return nil
}
