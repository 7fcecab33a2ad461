package projection

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/pkg/event"
	"github.com/irctl/irctl/pkg/journal"
)

// Entry is one event in words.
type Entry struct {
	Time   Time         `json:"time"`
	Path   string       `json:"path"` // of the step; "" for the run itself
	Word   string       `json:"word"` // one or two words: what happened, "succeeded"
	Status event.Status `json:"-"`    // what the word means, for symbol and colour; "" if it changes no status
	By     string       `json:"by"`   // who caused it; "" for the driver
	Text   string       `json:"text"` // more, in one or a few phrases; may be empty
}

// Tell says in words what an event says.
func Tell(e event.Event) Entry {
	out := Entry{Time: Time{e.Time}, Path: e.Path, By: Who(e.By)}
	switch b := e.Body.(type) {
	case event.RunStarted, event.RunResumed, event.RunTakenOver, event.RunPaused, event.RunContinued, event.RunInterrupted,
		event.CancelRequested, event.RunEnded, event.NoteAdded, event.FactStated, event.ClockHeld, event.TailSetAside, event.TargetShared, event.OverrideRequested,
		event.HoldPlaced, event.HoldLifted, event.EvidenceAdded, event.EvidenceHandedOver, event.CheckpointSigned, event.LogRestarted:
		out.tellRun(b)
	case event.RollbackStarted, event.UndoStarted, event.StepUndone, event.UndoFailed, event.UndoSkipped, event.UndoInherited:
		out.tellUndo(b)
	case event.ApprovalGiven, event.ApprovalRefused, event.StepResolved, event.StepRetried, event.AnswerCorrected,
		event.AuthorityDelegated:
		out.tellDecision(b)
	case event.NoticeStarted, event.NoticeSent, event.NoticeFailed:
		out.tellNotice(b)
	case event.Unknown:
		out.Word, out.Text = string(b.Name), "written by a newer irctl"
	default:
		out.tellStep(b)
	}
	return out
}

func (out *Entry) tellRun(body event.Body) {
	switch b := body.(type) {
	case event.RunStarted:
		out.Word, out.Status = "started", event.Running
		out.Text = phrases(b.Runbook, b.Title, labelled("environment", b.Environment), labelled("from", b.Source),
			labelled("run", b.Run), signed(b), overrode(b), partly(b.Part))
	case event.RunResumed:
		out.Word, out.Status = "resumed", event.Running
	case event.RunTakenOver:
		out.Word, out.Status = "taken over", event.Running
		out.Text = phrases(labelled("from", b.Host), labelled("another", strings.Join(b.Changed, ", ")), b.Reason)
	case event.RunPaused:
		out.Word, out.Status, out.Text = "paused", event.Waiting, b.Reason
	case event.RunContinued:
		out.Word, out.Status = "continued", event.Running
	case event.RunInterrupted:
		out.Word, out.Text = "interrupted", phrases(labelled("by", b.Signal), "it can be resumed")
	case event.CancelRequested:
		out.Word, out.Status, out.Text = "cancel asked for", event.Canceled, b.Reason
	case event.RunEnded:
		out.Word, out.Status, out.Text = "ended "+string(b.Status), b.Status, b.Message
	case event.NoteAdded:
		out.Word, out.Text = "note", phrases(b.Text, b.Late.String())
	case event.FactStated:
		out.Word, out.Text = "fact", phrases(b.Fact+" at "+b.At.UTC().Format(time.RFC3339), b.Reason)
	case event.ClockHeld:
		out.Word = "clock held"
		if out.Text = b.Clock + " until " + b.Until.UTC().Format(time.RFC3339); b.Until.IsZero() {
			out.Word, out.Text = "clock released", b.Clock
		}
		out.Text = phrases(out.Text, b.Reason)
	case event.TargetShared:
		out.Word, out.Text = "target shared", phrases(b.Target+" with run "+b.With, b.Reason)
	case event.OverrideRequested:
		out.Word, out.Text = "override asked for", phrases(b.Item+" is to be touched", b.Reason)
	case event.HoldPlaced:
		out.Word, out.Text = "hold placed", b.Reason
	case event.EvidenceAdded:
		out.Word = "evidence added"
		out.Text = phrases(b.File.Name+", SHA-256 "+b.File.Digest, labelled("from", cmp.Or(b.Source, b.From)), b.Method, b.Note, b.Changed)
	case event.EvidenceHandedOver:
		out.Word, out.Text = "evidence handed over", phrases("item "+b.Item+" to "+b.To, b.Reason)
	case event.HoldLifted:
		out.Word = "hold lifted"
	case event.CheckpointSigned:
		out.Word = "checkpoint"
		if c, err := journal.ReadCheckpoint(b.Note); err == nil {
			out.Text = "fingerprint " + c.Fingerprint().String()
		}
	case event.LogRestarted:
		out.Word, out.Text = "other keys sign", b.Reason
	case event.TailSetAside:
		out.Word = "tail set aside"
		out.Text = fmt.Sprintf("%s after the last whole entry, never acknowledged, now in %s", count(b.Bytes, "byte"), b.File)
	}
}

// signed says by whom the playbooks of a run were signed.
func signed(b event.RunStarted) string {
	var out []string
	for _, s := range b.Signatures {
		by := s.Key
		if s.Signee != "" && s.Signee != s.Key {
			by += ", as " + s.Signee
		}
		out = append(out, fmt.Sprintf("%s signed by %s (%s)", s.Source, by, s.Algorithm))
	}
	return strings.Join(out, "; ")
}

// partly says what of a runbook does not run.
func partly(p event.Part) string {
	var out []string
	if len(p.LeftOut) > 0 {
		out = append(out, "a part of it: "+strings.Join(p.LeftOut, ", ")+" left out")
	}
	if p.Step {
		out = append(out, "asks before each step")
	}
	return strings.Join(out, "; ")
}

// overrode says against what a run was started, and why.
func overrode(b event.RunStarted) string {
	if len(b.Overrode) == 0 {
		return ""
	}
	return "although " + strings.Join(b.Overrode, ", ") + "; the reason given: " + b.Override
}

func (out *Entry) tellStep(body event.Body) {
	switch b := body.(type) {
	case event.StepDelayed:
		out.Word, out.Status, out.Text = "delayed", event.Waiting, at("until", b.Until, out.Time.Time)
	case event.ApprovalAsked:
		out.Word, out.Status = "asks for approval", event.Waiting
		out.Text = phrases(labelled("again, because", strings.Join(b.Again, ", ")), b.Text, approvers(b.Roles, b.Need),
			labelled(strings.Join(b.EscalateTo, " or ")+" too", at("from", b.EscalateAt, out.Time.Time)), at("until", b.Deadline, out.Time.Time))
	case event.StepStarted:
		out.Word, out.Status = "started", event.Running
		if b.Text != "" { // a manual step's instruction
			out.Word, out.Status = "waits for a person", event.Waiting
		}
		out.Text = phrases(branch(b.Branch), items(b.Items), b.Text, at("not before", b.NotBefore, out.Time.Time), at("until", b.Deadline, out.Time.Time))
	case event.StepSkipped:
		out.Word, out.Status, out.Text = "skipped", event.Skipped, phrases(b.Reason, b.Late.String())
	case event.AttemptStarted:
		out.Word, out.Status, out.Text = "running", event.Running, fmt.Sprintf("attempt %d", b.Attempt)
		if b.Action != "" {
			out.Text += ": " + b.Action
		}
		if b.Target != "" {
			out.Text += " on " + b.Target
		}
	case event.TargetLooked:
		out.Word, out.Status, out.Text = "looked", event.Waiting, b.Summary
	case event.AttemptRecorded:
		out.Word, out.Status = "recorded", event.Running
		out.Text = "how it was before, for undoing it"
	case event.AttemptFailed:
		out.Word, out.Status = "attempt failed", event.Running
		out.Text = phrases(fmt.Sprintf("attempt %d: %s", b.Attempt, failure(b.Error)), at("next attempt due at", b.RetryAt, out.Time.Time), artifacts(b.Artifacts))
	case event.StepSucceeded:
		out.Word, out.Status = "succeeded", event.Succeeded
		out.Text = phrases(b.Summary, when(b.Observed, "found done on the target"), when(b.Verified, "verified"), artifacts(b.Artifacts))
	case event.StepFailed:
		out.Word, out.Status = "failed", event.Failed
		out.Text = phrases(failure(b.Error), labelled("by hand instead:", b.Fallback), artifacts(b.Artifacts))
	case event.StepUnknown:
		out.Word, out.Status, out.Text = "unknown", event.InDoubt, phrases(b.Reason, artifacts(b.Artifacts))
	case event.StepCanceled:
		out.Word, out.Status, out.Text = "canceled", event.Canceled, phrases(b.Reason, artifacts(b.Artifacts))
	case event.IterationStarted:
		out.Word, out.Status, out.Text = "again", event.Running, fmt.Sprintf("round %d", b.Iteration)
	}
}

func (out *Entry) tellDecision(body event.Body) {
	switch b := body.(type) {
	case event.ApprovalGiven:
		out.Word, out.Status = "approved", event.Running
		out.Text = phrases(labelled("as", b.Role), when(b.Undo, "to undo it"), underSignature(b.Signed), b.Comment)
		if b.BreakGlass != "" {
			out.Word, out.Text = "broke the glass", phrases("approved alone", out.Text, b.BreakGlass)
		}
	case event.ApprovalRefused:
		out.Word, out.Status = "rejected", event.Failed
		out.Text = phrases(labelled("as", b.Role), when(b.Undo, "not to be undone"), underSignature(b.Signed), b.Comment)
	case event.AuthorityDelegated:
		out.Word = "handed over"
		out.Text = phrases(b.Role+" to "+b.To, at("until", b.Until, out.Time.Time), underSignature(b.Signed), b.Reason)
	case event.StepResolved:
		out.Word, out.Status = "resolved", event.Running
		what := "it did not happen"
		if b.Happened {
			what = "it happened"
		} else if b.Failed {
			what = "it did not happen and is not tried again"
		}
		out.Text = phrases(what, b.Reason)
	case event.AnswerCorrected:
		out.Word, out.Status = "answer corrected", event.Succeeded
		var read string
		if len(b.ReadBy) > 0 {
			read = strings.Join(b.ReadBy, ", ") + " went by the old one"
		}
		out.Text = phrases(b.Reason, read)
	case event.StepRetried:
		out.Word, out.Status, out.Text = "to be tried again", event.Running, b.Reason
		if now := b.Environment; now.Source != "" {
			out.Text = phrases(b.Reason, "with the environment "+now.Source+" as it is now", strings.Join(now.Differs, ", "),
				"SHA-256 "+now.Before+" before, "+now.File.Digest+" now")
		}
	}
}

// underSignature says whether whoever decided put it beyond doubt.
func underSignature(s event.Signed) string {
	if s.Key == "" {
		return "not signed"
	}
	return "signed"
}

func (out *Entry) tellNotice(body event.Body) {
	switch b := body.(type) {
	case event.NoticeStarted:
		out.Word = "telling"
		out.Text = phrases(told(b.To, b.Target), b.Address, b.Why)
	case event.NoticeSent:
		out.Word, out.Text = "told", told(b.To, b.Target)
	case event.NoticeFailed:
		out.Word = "not told"
		if b.Error.Doubt {
			out.Word = "perhaps told"
		}
		out.Text = phrases(told(b.To, b.Target), failure(b.Error))
	}
}

// told says whom a message is for, and through what it goes.
func told(to, target string) string {
	return strings.TrimSpace(to + " through " + target)
}

func (out *Entry) tellUndo(body event.Body) {
	switch b := body.(type) {
	case event.RollbackStarted:
		out.Word, out.Status = "rollback started", event.Undoing
		what := "everything, newest first"
		switch {
		case b.Only != "":
			what = "only " + b.Only
		case b.To != "":
			what = "newest first, down to " + b.To
		}
		out.Text = phrases(what, b.Reason)
	case event.UndoStarted:
		out.Word, out.Status, out.Text = "undoing", event.Undoing, fmt.Sprintf("attempt %d", b.Attempt)
	case event.StepUndone:
		out.Word, out.Status = "undone", event.Undone
		out.Text = phrases(b.Summary, when(b.Observed, "found undone on the target"))
	case event.UndoFailed:
		out.Word, out.Status, out.Text = "undo failed", event.Failed, failure(b.Error)
	case event.UndoSkipped:
		out.Word, out.Status, out.Text = "left as it is", event.Skipped, b.Reason
	case event.UndoInherited:
		out.Word, out.Status = "relied on alone", event.Running
		for _, k := range b.From {
			out.Text = phrases(out.Text, "run "+k.Run+" left to it what "+k.Path+" kept of the state before")
		}
	}
}

// Who names an actor: the person if known, and the account.
func Who(a *event.Actor) string {
	if a == nil {
		return ""
	}
	account := a.User
	if a.Host != "" {
		account += "@" + a.Host
	}
	switch {
	case a.Person == "":
		return account
	case account == "" || a.Person == a.User && a.Host == "":
		return a.Person
	}
	return a.Person + " (" + account + ")"
}

// phrases makes one sentence of several texts, some of which may be "". What an
// author wrote may end with a full stop, and a line end behind it.
func phrases(parts ...string) string {
	parts = slices.DeleteFunc(parts, func(p string) bool { return p == "" })
	for i, p := range parts {
		if parts[i] = strings.TrimSpace(p); i < len(parts)-1 {
			parts[i] = strings.TrimRight(parts[i], ".")
		}
	}
	return strings.Join(parts, "; ")
}

func labelled(label, text string) string {
	if text == "" {
		return ""
	}
	return label + " " + text
}

func when(holds bool, text string) string {
	if holds {
		return text
	}
	return ""
}

// at is a moment as an entry written at now names it: the day only if it is
// another one.
func at(label string, t, now time.Time) string {
	if t.IsZero() {
		return ""
	}
	return label + " " + Stamp(t, now)
}

// Stamp is a time in UTC: the hour, and the day if it is not that of now.
func Stamp(t, now time.Time) string {
	if t = t.UTC(); t.Format(time.DateOnly) == now.UTC().Format(time.DateOnly) {
		return t.Format("15:04:05Z")
	}
	return t.Format("2006-01-02 15:04:05Z")
}

// approvers says who must agree: "2 of commander, legal".
func approvers(roles []string, need int) string {
	who := cmp.Or(strings.Join(roles, " or "), "anybody")
	if need > 1 {
		return fmt.Sprintf("%d persons: %s", need, who)
	}
	return who
}

func branch(label string) string {
	switch label {
	case "":
		return ""
	case "-":
		return "no branch applies"
	}
	return "branch " + label
}

func items(list []any) string {
	if list == nil {
		return ""
	}
	return count(len(list), "item")
}

func artifacts(list []event.Artifact) string {
	var out []string
	kept := 0
	for _, a := range list {
		switch {
		case a.Name == SentName: // what was done is no result
			continue
		case a.Lost == "":
			kept++
			continue
		}
		out = append(out, a.Name+" was not kept: "+a.Lost)
	}
	if kept > 0 {
		out = append([]string{count(kept, "artifact")}, out...)
	}
	return strings.Join(out, "; ")
}

func failure(f event.Failure) string {
	return phrases(f.Message, f.Hint)
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Reply is the command that answers an event which asks people for something,
// "" for other events.
func Reply(run string, e event.Event) string {
	switch b := e.Body.(type) {
	case event.ApprovalAsked:
		return Command("approve", run, e.Path)
	case event.StepStarted:
		if b.Text != "" { // a manual step's instruction
			return Command("done", run, e.Path)
		}
	case event.StepFailed:
		if b.Fallback != "" {
			return Command("done", run, e.Path)
		}
	case event.StepUnknown:
		return Command("resolve", run, e.Path, "--happened", "--reason", "")
	}
	return ""
}
