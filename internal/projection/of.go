package projection

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/event"
	"github.com/irctl/irctl/pkg/journal"
)

// Source is what a reader knows about a run.
type Source struct {
	State  engine.State
	Head   Head      // the last entry that State holds
	Driven bool      // a process holds the run's lock
	Now    time.Time // when this is so
	// Archive is the file that a run without a folder lies in: it can only be read.
	Archive string
	// Signs says whether answers in some roles must be signed; nil is never. It
	// is asked only where an answer is waited for.
	Signs func(roles []string) bool
	// Counts says whether a hand-over counts by now; nil is always.
	Counts func(handOver event.Event) bool
	// Left is what others have asked for that whoever drives the run next takes.
	Left []Entry
}

// Of returns the run as it stands. It takes time in proportion to the number
// of steps, begun or not.
func Of(src Source) Status {
	s := src.State
	started, by, at := s.Started()
	out := Status{
		Run: started.Run, Runbook: started.Runbook, Title: started.Title, Exercise: started.Exercise, Environment: started.Environment,
		Status: s.Status(), Started: Time{at}, Ended: Time{s.EndedAt()}, Head: src.Head,
		Message: s.Message(), Outputs: s.Outputs(), Held: s.Halted(), Canceling: s.Canceling(),
		RollingBack: s.RollingBack(), Driven: src.Driven, Left: src.Left, Archive: src.Archive, Now: src.Now, Override: overrode(started), Signed: signed(started),
	}
	if by != nil {
		out.By = *by
	}
	out.Hold, out.BreakGlass, out.Delegated = Held(s), brokenGlass(s), delegated(s, src.Now, src.Counts)
	out.Clocks = clocks(s, src.Now)
	begun := s.Steps()
	t := newTree(s, begun)
	out.Steps = t.walk()
	out.Pause, out.NotUndone, out.LeftTo = paused(s), notUndone(begun), leftTo(begun)
	out.stand()
	out.Waiting = waiting(src, started.Run, begun)
	out.Fingerprint, out.Words = fingerprint(s)
	for i := range out.Waiting {
		out.Waiting[i].about(out.Steps)
		out.Waiting[i].Fingerprint = out.Fingerprint
	}
	out.Incident, out.Degraded = incident(s.Plan(), started.Inputs), degraded(s.Plan(), begun)
	out.Undoable, out.Stays, out.ByHand = len(s.Undoable("", "")), s.Irreversible(), byHand(begun)
	if src.Archive != "" {
		out.Undoable = 0 // until it is a run again
	}
	if out.Next = next(s, &out); src.Archive != "" {
		out.Next = append(out.Next, Command("import", src.Archive))
	}
	return out
}

// Held says by whom a run is on hold, since when and why, "" if it is not.
func Held(s engine.State) string {
	e := s.Hold()
	if e == nil {
		return ""
	}
	return "on hold by " + Who(e.By) + " since " + e.Time.UTC().Format("2006-01-02 15:04 UTC") + ": " + e.Body.(event.HoldPlaced).Reason
}

// brokenGlass says where one person approved in place of others.
func brokenGlass(s engine.State) []string {
	var out []string
	for _, e := range s.BrokenGlass() {
		out = append(out, "glass broken at "+e.Path+" by "+Who(e.By)+", "+e.Time.UTC().Format("2006-01-02 15:04 UTC")+": "+e.Body.(event.ApprovalGiven).BreakGlass)
	}
	return out
}

// delegated says which roles somebody else has at a time, and which hand-overs do
// not count.
func delegated(s engine.State, now time.Time, counts func(event.Event) bool) []string {
	var out []string
	for _, e := range s.Delegated() {
		b := e.Body.(event.AuthorityDelegated)
		switch {
		case !now.Before(b.Until):
		case counts != nil && !counts(e):
			out = append(out, "that "+b.To+" answers as "+b.Role+" instead of "+Who(e.By)+" does not count: the key that signed it was revoked since")
		default:
			out = append(out, b.To+" answers as "+b.Role+" instead of "+Who(e.By)+" until "+Stamp(b.Until, now)+": "+b.Reason)
		}
	}
	return out
}

// byHand lists the steps that people did because the automation had failed.
func byHand(begun []*engine.Step) []string {
	var out []string
	for i := range begun {
		if begun[i].Fallback && begun[i].Status == event.Succeeded {
			out = append(out, begun[i].Path)
		}
	}
	return out
}

// RowOf returns the run's line in a list.
func RowOf(src Source) Row {
	s := src.State
	started, by, at := s.Started()
	begun := s.Steps()
	code, _ := fingerprint(s)
	return Row{
		Pause: paused(s), Held: s.Halted(), NotUndone: notUndone(begun), LeftTo: leftTo(begun),
		Run: started.Run, Incident: incident(s.Plan(), started.Inputs), Runbook: started.Runbook, Title: started.Title, Exercise: started.Exercise,
		Environment: started.Environment, Status: s.Status(), Started: Time{at}, Ended: Time{s.EndedAt()}, By: Who(by),
		Driven: src.Driven, Degraded: degraded(s.Plan(), begun), Waiting: waiting(src, started.Run, begun),
		Left: src.Left, Archive: src.Archive, About: incidents(s.Plan(), started.Inputs), Fingerprint: code, BreakGlass: brokenGlass(s),
	}
}

// fingerprint is that of the last checkpoint, as a code and as words.
func fingerprint(s engine.State) (code, words string) {
	c, err := journal.ReadCheckpoint(s.Checkpoint())
	if err != nil {
		return "", ""
	}
	return c.Fingerprint().String(), c.Fingerprint().Words()
}

// incident is what the inputs say that the run is about, "" if none does.
func incident(p *plan.Plan, inputs event.Values) string {
	return strings.Join(identified(p, inputs), " ")
}

// incidents are the names of what a run is about: what identifies it, and an input
// that is called incident.
func incidents(p *plan.Plan, inputs event.Values) []string {
	out := identified(p, inputs)
	if name, ok := inputs["incident"].(string); ok && !slices.Contains(out, name) {
		out = append(out, name)
	}
	return out
}

func identified(p *plan.Plan, inputs event.Values) (out []string) {
	for _, f := range p.Inputs {
		if v := inputs[f.Name]; f.Identifies && v != nil {
			out = append(out, fmt.Sprint(v))
		}
	}
	return out
}

// degraded counts the steps that failed where the plan says to go on as if
// nothing were.
func degraded(p *plan.Plan, begun []*engine.Step) int {
	n := 0
	for i := range begun {
		node := p.Node(begun[i].Node)
		if begun[i].Status == event.Failed && node != nil && node.OnFailure.Policy == plan.FailContinue {
			n++
		}
	}
	return n
}

// row describes a node that has not had its turn at a path.
func row(n *plan.Node, path string, depth int, branch string) Step {
	out := Step{
		Path: path, ID: n.Name, Title: n.Title, Kind: n.Kind, Status: event.Pending, Outputs: data.Map{},
		Depth: depth, Phase: n.Phase, Branch: branch, Block: len(n.Blocks) > 0, Gate: n.Approval != nil,
	}
	if n.Action != nil {
		out.Action, out.Target = n.Action.Action, n.Action.Target
		if computed, ok := n.Action.TargetExpr.Raw.(string); ok && out.Target == "" {
			out.Target = computed
		}
	}
	return out
}

// fill adds what the run knows about a step that has had its turn.
func (s *Step) fill(st *engine.Step) {
	s.Path, s.Status, s.Attempts = st.Path, st.Status, st.Attempt
	s.Title = cmp.Or(st.Title, s.Title)
	s.Started, s.Ended = Time{st.Started}, Time{st.Ended}
	if st.Outputs != nil {
		s.Outputs = data.Map(st.Outputs)
	}
	s.Reached, s.Text, s.Summary, s.Error = true, st.Text, st.Summary, st.Error
	s.Deadline, s.With, s.Kept = st.Deadline, st.With, st.Artifacts
	if st.Status == event.Skipped && st.By != nil {
		s.Summary = phrases(cmp.Or(st.Summary, "no reason given"), "skipped by "+engine.Name(*st.By))
	}
	switch st.Phase {
	case engine.Retrying:
		s.RetryAt = st.RetryAt
	case engine.Delayed:
		s.RetryAt = st.NotBefore
	}
	s.acts = st.Phase == engine.Attempting || st.Undo.Phase == engine.UndoAttempting
	switch st.Undo.Phase {
	case engine.UndoLeft:
		if st.Undo.Summary != "" {
			s.Summary = "left as it is: " + st.Undo.Summary
		}
	case engine.UndoReady, engine.UndoAttempting, engine.UndoDeciding:
		s.Status = event.Undoing
	case engine.UndoDone:
		s.Summary = st.Undo.Summary
	}
	if st.Undo.Error != nil {
		s.Error = st.Undo.Error
	}
}
