package simulate

import (
	"strconv"

	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/event"
)

// Takes reports whether a word is an answer to the question: approve, reject, done,
// skip, retry, rollback, cancel, and resolve, which may say what it was: happened,
// did-not-happen.
func (q Question) Takes(word string) bool {
	switch word {
	case "rollback", "cancel":
		return !q.Undo
	case "approve", "reject":
		return q.For == Approval
	case "done":
		return q.For == Manual
	case "skip":
		return q.For == Manual || q.For == Decision || q.For == Approval && q.Node.Approval != nil && q.Node.Kind != plan.Approve
	case "retry":
		return q.For == Decision || q.For == Doubt || q.Fallback
	case "resolve", "happened", "did-not-happen":
		return q.For == Doubt
	}
	return false
}

// Said is what somebody says beside the word.
type Said struct {
	Role, Comment string // of an approval; a comment also of an outcome
	Reason        string
	Outputs       event.Values // of a manual step
}

// Body is the event that a word is as an answer to the question.
func (q Question) Body(word string, s Said) event.Body {
	switch word {
	case "approve":
		return event.ApprovalGiven{Role: s.Role, Comment: s.Comment, Undo: q.Undo}
	case "reject":
		return event.ApprovalRefused{Role: s.Role, Comment: s.Comment, Undo: q.Undo}
	case "done":
		return event.StepSucceeded{Outputs: s.Outputs}
	case "skip":
		if q.Undo {
			return event.UndoSkipped{Reason: s.Reason}
		}
		return event.StepSkipped{Reason: s.Reason}
	case "retry":
		return event.StepRetried{Reason: s.Reason}
	case "rollback":
		return event.RollbackStarted{Reason: s.Reason}
	case "cancel":
		return event.CancelRequested{Reason: s.Reason}
	}
	return event.StepResolved{Happened: word == "happened", Failed: word == "failed", Reason: s.Comment}
}

// reply is an answer on its way.
type reply struct {
	question string // its key
	path     string
	answer   Answer
}

// ask puts to the world what the run waits for and what it was not asked yet.
func (s *sim) ask() {
	for _, q := range s.questions() {
		key := s.key(q)
		if s.asked[key] {
			continue
		}
		s.asked[key] = true
		q.At = s.now.Sub(s.cfg.Start)
		if a, ok := s.cfg.World.Answer(q); ok {
			s.plan(&due{at: s.now.Add(a.After), reply: &reply{key, q.Path, a}})
		}
	}
	if !s.atEnd && !s.state.EndedAt().IsZero() {
		s.atEnd = true
		for _, i := range s.cfg.Interventions {
			if i.AtEnd {
				s.plan(&due{at: s.now.Add(i.At), intervention: &i})
			}
		}
	}
}

// key tells one question from another: any event about the step makes it a new
// one.
func (s *sim) key(q Question) string {
	return q.Path + "\x00" + string(q.For) + "\x00" + strconv.FormatBool(q.Undo) + strconv.Itoa(s.perPath[q.Path])
}

// questions lists what the run waits for, oldest first.
func (s *sim) questions() []Question { return Questions(s.state) }

// Questions lists what a run waits for people to say, oldest first.
func Questions(s engine.State) []Question {
	var out []Question
	for _, st := range s.Open() {
		q := Question{Path: st.Path, Node: node(s, st), Step: st}
		switch st.Phase {
		case engine.Approving:
			q.For, q.Roles = Approval, st.Roles
		case engine.Asking:
			q.For, q.Fallback = Manual, st.Fallback
		case engine.Deciding:
			q.For = Decision
		case engine.Doubtful:
			q.For = Doubt
		default:
			continue
		}
		out = append(out, q)
	}
	queue, gates := s.RollbackQueue()
	for _, path := range append(gates, queue...) {
		st, _ := s.Step(path)
		q := Question{Path: path, Node: node(s, st), Step: st, Undo: true}
		switch st.Undo.Phase {
		case engine.UndoApproving:
			q.For, q.Roles = Approval, st.Roles
		case engine.UndoDeciding:
			q.For = Decision
		default:
			continue
		}
		out = append(out, q)
	}
	return out
}

// reply gives an answer, if its question still stands.
func (s *sim) reply(r *reply) {
	for _, q := range s.questions() {
		if q.Path == r.path && s.key(q) == r.question {
			by := r.answer.By
			e := event.Event{Time: s.now, Path: r.path, By: &by, Body: r.answer.Body}
			switch b := e.Body.(type) {
			case event.StepSucceeded: // with all that the step asks for
				for _, f := range q.Node.Evidence {
					b.Artifacts = append(b.Artifacts, event.Artifact{Name: f.Name, Digest: f.Name})
				}
				e.Body = b
			case event.CancelRequested, event.RollbackStarted:
				e.Path = ""
			}
			s.say(e, r.answer.Label)
			return
		}
	}
}

// say adds what a person says, or notes why that cannot be.
func (s *sim) say(e event.Event, label any) {
	if err := s.try(e); err != nil {
		s.refused = append(s.refused, Refusal{e.Path, err, label})
	}
}
