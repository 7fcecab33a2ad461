package runbooktest

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/irctl/irctl/internal/compile"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/simulate"
	"github.com/irctl/irctl/pkg/event"
	"github.com/irctl/irctl/pkg/runbook"
)

// Answer implements simulate.World: the first answer that fits the question
// and was not given to this step before.
func (w *cast) Answer(q simulate.Question) (simulate.Answer, bool) {
	for rank := 4; rank > 0; rank-- {
		for i, list := range w.c.answers {
			if list.of.rank(q.Path, q.Node) != rank {
				continue
			}
			for k, a := range list.List {
				key := strconv.Itoa(i) + "/" + strconv.Itoa(k) + "/" + q.Path
				if w.said[key] || !answers(a.Says.Value, q) {
					continue
				}
				w.said[key] = true
				return w.answer(a, q)
			}
		}
	}
	return simulate.Answer{}, false
}

// answers reports whether a word is an answer to a question.
func answers(says string, q simulate.Question) bool {
	switch says {
	case "rollback", "cancel":
		return !q.Undo
	case "approve", "reject":
		return q.For == simulate.Approval
	case "done":
		return q.For == simulate.Manual
	case "skip":
		return q.For == simulate.Manual || q.For == simulate.Decision || q.For == simulate.Approval && q.Node.Approval != nil && q.Node.Kind != "approve"
	case "retry":
		return q.For == simulate.Decision || q.For == simulate.Doubt || q.Fallback
	case "resolve":
		return q.For == simulate.Doubt
	}
	return false
}

func (w *cast) answer(a Answer, q simulate.Question) (simulate.Answer, bool) {
	out := simulate.Answer{After: a.After, By: actor(cmp.Or(a.By.Value, w.c.by)), Label: a.Span}
	switch a.Says.Value {
	case "approve", "reject":
		role, ok := w.role(a, q)
		if !ok {
			return out, false
		}
		if a.Says.Value == "approve" {
			out.Body = event.ApprovalGiven{Role: role, Comment: a.Comment, Undo: q.Undo}
		} else {
			out.Body = event.ApprovalRefused{Role: role, Comment: a.Comment, Undo: q.Undo}
		}
	case "done":
		outputs := event.Values{}
		if !q.Fallback {
			var err error
			if outputs, err = compile.CallInputs(q.Node.Outputs, dataOf(a.Outputs)); err != nil {
				w.problem(a.Span, "irctl done would refuse the same answers", "the answers to %s do not fit: %s", q.Path, strings.ReplaceAll(err.Error(), "\n", "; "))
				return out, false
			}
		}
		out.Body = event.StepSucceeded{Outputs: outputs}
	case "skip":
		out.Body = event.StepSkipped{Reason: a.Text.Value}
		if q.Undo {
			out.Body = event.UndoSkipped{Reason: a.Text.Value}
		}
	case "retry":
		out.Body = event.StepRetried{Reason: a.Text.Value}
	case "resolve":
		out.Body = event.StepResolved{Happened: a.Text.Value == "happened", Failed: a.Text.Value == "failed", Reason: cmp.Or(a.Comment, "the test says so")}
	case "rollback":
		out.Body = event.RollbackStarted{Reason: a.Text.Value}
	case "cancel":
		out.Body = event.CancelRequested{Reason: a.Text.Value}
	}
	return out, true
}

// role is the role in which a person answers.
func (w *cast) role(a Answer, q simulate.Question) (string, bool) {
	var holds []string
	for _, p := range w.c.people {
		if p.Name.Value == a.Text.Value {
			for _, r := range p.Roles {
				holds = append(holds, r.Value)
			}
		}
	}
	for _, r := range slices.Concat(q.Roles, q.Step.Escalate.To) {
		may := len(w.c.people) == 0 || slices.Contains(holds, r)
		if may && (!a.Role.Given() || a.Role.Value == r) {
			return r, true
		}
	}
	at := a.Text.Span
	if a.Role.Given() {
		at = a.Role.Span
	}
	w.problem(at, "it asks "+strings.Join(q.Roles, " or "), "%s may not answer %s", a.Text.Value, q.Path)
	return "", false
}

// actor is a person of a test. The account has the person's name.
func actor(name string) event.Actor { return event.Actor{User: name, Person: name} }

// interventions are what people do unasked.
func (w *cast) interventions() []simulate.Intervention {
	return each.Of(w.c.events, func(e Event) simulate.Intervention {
		e.By = actor(cmp.Or(e.Who.Value, w.c.by))
		return e.Intervention
	})
}

// refusals are what could not be said, as failures of the test.
func (w *cast) refusals(list []simulate.Refusal) []Failure {
	var out []Failure
	for _, r := range list {
		at, _ := r.Label.(runbook.Span)
		why, where := r.Err.Error(), cmp.Or(r.Path, "the run")
		var illegal *engine.IllegalError
		if errors.As(r.Err, &illegal) {
			why = illegal.Why
		}
		out = append(out, Failure{At: at, Summary: "this cannot be said to " + where + " then", Why: why})
	}
	return out
}
