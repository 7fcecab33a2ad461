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
				if w.said[key] || !q.Takes(a.Says.Value) {
					continue
				}
				w.said[key] = true
				return w.answer(a, q)
			}
		}
	}
	return simulate.Answer{}, false
}

func (w *cast) answer(a Answer, q simulate.Question) (simulate.Answer, bool) {
	out := simulate.Answer{After: a.After, By: actor(cmp.Or(a.By.Value, w.c.by)), Label: a.Span}
	word, said := a.Says.Value, simulate.Said{Comment: a.Comment, Reason: a.Text.Value}
	switch word {
	case "approve", "reject":
		role, ok := w.role(a, q)
		if !ok {
			return out, false
		}
		said.Role = role
	case "done":
		said.Outputs = event.Values{}
		if !q.Fallback {
			var err error
			if said.Outputs, err = compile.CallInputs(q.Node.Outputs, dataOf(a.Outputs)); err != nil {
				w.problem(a.Span, "irctl done would refuse the same answers", "the answers to %s do not fit: %s", q.Path, strings.ReplaceAll(err.Error(), "\n", "; "))
				return out, false
			}
		}
	case "resolve":
		word, said.Comment = a.Text.Value, cmp.Or(a.Comment, "the test says so")
	}
	out.Body = q.Body(word, said)
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
