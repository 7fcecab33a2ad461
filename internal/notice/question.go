package notice

import (
	"cmp"
	"slices"
	"time"

	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/environment"
)

// question is what a step waits for people to say.
type question struct {
	path     string
	since    time.Time
	roles    []string // who is asked; none is whoever the environment names
	answered []engine.Approval
	remind   time.Duration
	others   []string // roles that are told besides
	from     time.Time
	told     []engine.Notice // since it waits
}

// questions are what a run waits for people to say, oldest first.
func (r *Rules) questions(s engine.State) []question {
	var out []question
	for _, st := range s.Open() {
		switch st.Phase {
		case engine.Approving:
			out = append(out, r.question(st, st.Since, st.Roles, st.Approvals))
		case engine.Asking, engine.Deciding, engine.Doubtful:
			out = append(out, r.question(st, st.Since, nil, nil))
		}
	}
	for _, path := range s.UndoNext() {
		switch st, _ := s.Step(path); st.Undo.Phase {
		case engine.UndoApproving:
			out = append(out, r.question(st, st.Undo.Since, st.Roles, st.Undo.Approvals))
		case engine.UndoDeciding:
			out = append(out, r.question(st, st.Undo.Since, nil, nil))
		}
	}
	return out
}

func (r *Rules) question(st engine.Step, since time.Time, roles []string, answered []engine.Approval) question {
	n := r.env.Notify
	q := question{path: st.Path, since: since, roles: roles, answered: answered, remind: n.Remind}
	if len(n.To) > 0 {
		q.others, q.from = n.To, since.Add(n.After)
	}
	if roles != nil { // the runbook's say goes first
		q.remind = cmp.Or(st.Escalate.Remind, q.remind)
		if at := st.EscalatesAt(); !at.IsZero() {
			q.others, q.from = st.Escalate.To, at
		}
	} else {
		q.roles = n.Roles
	}
	q.told = told(st, since, false)
	return q
}

// told are the notices about a step since a time: those about broken glass, or
// all others.
func told(st engine.Step, since time.Time, glass bool) []engine.Notice {
	return slices.DeleteFunc(slices.Clone(st.Told), func(n engine.Notice) bool {
		return n.At.Before(since) || (n.Why == engine.WhyBreakGlass) != glass
	})
}

// asked are the people to whom a question is put at first, and those that are
// told besides if they do not answer, without those who have.
func (q question) people(s engine.State, all []environment.Person) (asked, others []environment.Person) {
	_, by, _ := s.Started()
	st, _ := s.Step(q.path)
	n := s.Plan().Node(st.Node)
	for _, p := range all {
		own := n.Approval != nil && n.Approval.NotRequester && by != nil && by.Person == p.Name
		yes := func(a engine.Approval) bool { return engine.Name(a.By) == p.Name }
		switch {
		case own || slices.ContainsFunc(q.answered, yes):
		case len(q.roles) == 0 || holds(p, q.roles):
			asked = append(asked, p)
		case holds(p, q.others):
			others = append(others, p)
		}
	}
	return asked, others
}

func holds(p environment.Person, roles []string) bool {
	return slices.ContainsFunc(p.Roles, func(role string) bool { return slices.Contains(roles, role) })
}
