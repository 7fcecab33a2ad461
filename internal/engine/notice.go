package engine

import (
	"slices"
	"time"

	"github.com/irctl/irctl/pkg/event"
)

// This file keeps what people were told of the steps that wait for them, and who
// may answer besides if nobody does. It moves no token.

// Why somebody is told of a step, as the journal has it.
const (
	WhyWaiting    = "waiting"     // it waits for them
	WhyReminder   = "reminder"    // it still does
	WhyEscalation = "escalation"  // it waits for others, who have not answered
	WhyBreakGlass = "break-glass" // somebody went past the others
)

// Notice is one message about a step to one person, or to one place that people
// read.
type Notice struct {
	event.NoticeStarted
	At    time.Time      // of the intent
	Ended time.Time      // zero while nobody knows how it went
	Error *event.Failure // nil if it was sent, or nobody knows; with doubt it may have been
	Again bool           // it failed, and another try may get there
}

// Telling is a notice whose outcome is not known.
type Telling struct {
	Path   string
	Number int
}

// Telling lists the notices whose outcome is not known, oldest first. Whoever did
// not begin them itself cannot find out whether they arrived: notice_failed, with
// doubt, says so.
func (s State) Telling() []Telling { return s.run.telling }

// Notices is how many notices were started; the next one has the number after it.
func (s State) Notices() int { return s.run.notices }

// Escalation is what the runbook says for an approval that nobody gives.
type Escalation struct {
	Remind time.Duration // between two reminders; 0 is no say
	To     []string      // the roles that may answer besides those asked at first
	After  time.Duration // from then on, since the question was put
}

// EscalatesAt is when others may answer what a step asks now; zero if never.
func (st *Step) EscalatesAt() time.Time {
	since := st.Since
	switch {
	case len(st.Escalate.To) == 0:
		return time.Time{}
	case st.Undo.Phase == UndoApproving:
		since = st.Undo.Since
	case st.Phase != Approving:
		return time.Time{}
	}
	return since.Add(st.Escalate.After)
}

// MayAnswer are the roles that may answer at a time what a step asks, before it runs
// or before it is undone.
func (st *Step) MayAnswer(now time.Time) []string {
	at := st.EscalatesAt()
	if at.IsZero() || now.Before(at) {
		return st.Roles
	}
	out := slices.Clone(st.Roles)
	for _, role := range st.Escalate.To {
		if !slices.Contains(out, role) {
			out = append(out, role)
		}
	}
	return out
}

func (t *tx) noticeStarted() error {
	b := t.e.Body.(event.NoticeStarted)
	st, ok := t.steps.get(t.e.Path)
	switch {
	case !ok:
		return t.illegal("the step has not had its turn")
	case b.Number != t.run.notices+1:
		return t.illegal("notice %d cannot follow notice %d", b.Number, t.run.notices)
	}
	st = t.private(st)
	st.Told = append(slices.Clone(st.Told), Notice{NoticeStarted: b, At: t.e.Time})
	t.run.notices++
	t.run.telling = append(slices.Clone(t.run.telling), Telling{t.e.Path, b.Number})
	return nil
}

func (t *tx) noticeEnded() error {
	number, failed := 0, event.NoticeFailed{}
	switch b := t.e.Body.(type) {
	case event.NoticeSent:
		number = b.Number
	case event.NoticeFailed:
		number, failed = b.Number, b
	}
	i := slices.Index(t.run.telling, Telling{t.e.Path, number})
	if i < 0 {
		return t.illegal("notice %d is not under way", number)
	}
	t.run.telling = slices.Delete(slices.Clone(t.run.telling), i, i+1)
	st := t.get(t.e.Path)
	st.Told = slices.Clone(st.Told)
	n := &st.Told[slices.IndexFunc(st.Told, func(n Notice) bool { return n.Number == number })]
	n.Ended = t.e.Time
	if failed.Number > 0 {
		n.Error, n.Again = &failed.Error, failed.Again
	}
	return nil
}
