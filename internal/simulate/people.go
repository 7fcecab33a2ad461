package simulate

import (
	"strconv"

	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/pkg/event"
)

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
