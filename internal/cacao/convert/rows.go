package convert

import (
	"slices"

	"github.com/irctl/irctl/internal/cacao"
	"github.com/irctl/irctl/pkg/runbook"
)

// A playbook is a graph of jumps with branches inside; a runbook is lists with
// jumps inside. Every branch becomes a list, laid out in the order in which a
// reader of the playbook would follow it: the way of success first, then what
// failures lead to. Wherever the way does not lead to the step below, the step
// says next. That holds every graph, shared tails and ways back included; a
// step that several branches share is written once for each.

// row is one list in the making.
type row struct {
	m     *translator
	scope *scope
	outer []*cacao.Step // steps around whose branch it is
	order []*cacao.Step
	ids   map[*cacao.Step]string
	end   string           // id of the last step, once something leads to it
	catch string           // where failures go that no step answers; empty is nowhere
	told  []*runbook.Value // steps that note what failed, on the way to who handles it
}

// main is the list of the whole playbook.
func (m *translator) main(start *cacao.Step) []*runbook.Value {
	var first []*runbook.Value
	if isStep(start) {
		first = append(first, m.step(start, m.idOf(start), m.top, nil))
	}
	exception := m.steps[m.pb.Exception.Value]
	r := &row{m: m, scope: m.top}
	failed := ""
	if exception != nil {
		r.catch = m.fresh("exception")
		failed, r.end = m.fresh("failed"), m.fresh("end")
		if !isStep(exception) {
			r.catch = failed
		}
	}
	out := append(first, r.steps(start.OnCompletion.Value)...)
	if r.end != "" {
		out = append(out, m.stop(r.end, "End the playbook", "succeed", "the playbook ends here"))
	}
	out = append(out, r.told...)
	if failed == "" {
		return out
	}
	if r.catch != failed {
		d := newStep(m.pb.Exception.Span, r.catch, "What the playbook does when something fails")
		put(d, "steps", m.branch(exception.ID.Value, m.top, nil))
		out = append(out, d)
	}
	return append(out, m.stop(failed, "End the playbook as failed", "fail", "a step failed, and the playbook's workflow_exception has been carried out"))
}

// isStep reports whether a step is more than the place where a list begins or
// ends.
func isStep(s *cacao.Step) bool {
	return s.Kind != cacao.KindStart && s.Kind != cacao.KindEnd || s.Delay != nil && s.Delay.Int > 0
}

func (m *translator) stop(id, title, how, text string) *runbook.Value {
	d := newStep(m.pb.Start.Span, id, title)
	put(d, "stop", dict(how, text))
	return d
}

// branch is the list of a branch, never empty.
func (m *translator) branch(entry string, in *scope, outer []*cacao.Step) []*runbook.Value {
	r := &row{m: m, scope: in, outer: outer}
	out := r.steps(entry)
	out = append(out, r.told...)
	if r.end != "" {
		out = append(out, m.nothing(r.end, "The branch ends here"))
	}
	if len(out) == 0 {
		out = append(out, m.nothing(m.fresh("nothing"), "Nothing to do"))
	}
	return out
}

// nothing is a step that does nothing.
func (m *translator) nothing(id, title string) *runbook.Value {
	d := newStep(m.pb.Start.Span, id, title)
	add(d, "set", dict())
	return d
}

// steps lays the list out and makes its steps.
func (r *row) steps(entry string) []*runbook.Value {
	r.ids = map[*cacao.Step]string{}
	r.lay(entry)
	out := make([]*runbook.Value, len(r.order))
	for i, s := range r.order {
		if r.m.full {
			return nil
		}
		out[i] = r.m.step(s, r.ids[s], r.scope, r.outer)
		r.ids[s] = idOf(out[i])
	}
	for i, s := range r.order {
		r.failure(out[i], s, r.follow(s))
	}
	for i, s := range r.order {
		after := r.follow(s)
		switch {
		case after == nil && (i+1 < len(r.order) || len(r.told) > 0):
			put(out[i], "next", r.last())
		case after != nil && (i+1 == len(r.order) || after != r.order[i+1]):
			put(out[i], "next", r.ids[after])
		}
	}
	return out
}

// lay puts the steps that can be reached from an entry in order.
func (r *row) lay(entry string) {
	for todo := []string{entry}; len(todo) > 0; todo = todo[1:] {
		for s := r.target(todo[0]); s != nil && r.ids[s] == ""; s = r.follow(s) {
			if r.m.made++; r.m.made > maxMade {
				r.m.tooMany(r.m.pb.Start.Span, "let fewer branches share steps, or call fewer playbooks", "the playbook becomes more than "+itoa(maxMade)+" steps")
				return
			}
			r.order = append(r.order, s)
			r.ids[s] = r.m.idOf(s)
			todo = append(todo, s.OnFailure.Value)
		}
	}
}

// target is the step of an id; nil at the end of the row.
func (r *row) target(id string) *cacao.Step {
	s := r.m.steps[id]
	if s == nil || !isStep(s) || slices.Contains(r.outer, s) {
		return nil
	}
	return s
}

// follow is the step after a success; nil at the end of the row.
func (r *row) follow(s *cacao.Step) *cacao.Step {
	if s.OnSuccess.Given() {
		return r.target(s.OnSuccess.Value)
	}
	return r.target(s.OnCompletion.Value)
}

// last is the id of the step at the end of the row.
func (r *row) last() string {
	if r.end == "" {
		r.end = r.m.fresh("end")
	}
	return r.end
}

// failure says where a step's failure leads.
func (r *row) failure(d *runbook.Value, s, after *cacao.Step) {
	to := r.target(s.OnFailure.Value)
	lead := ""
	switch {
	case !s.OnFailure.Given() && r.catch == "":
		return
	case !s.OnFailure.Given():
		lead = r.catch
	case to == nil:
		lead = r.last()
	default:
		lead = r.ids[to]
	}
	switch {
	case r.m.failure:
		lead = r.telling(d, s, lead)
	case s.OnFailure.Given() && to == after:
		put(d, "on_failure", "continue")
		return
	}
	put(d, "on_failure", dict("next", lead))
}

// telling puts a step between a failed one and its handler that says what
// failed. It returns where to go.
func (r *row) telling(d *runbook.Value, s *cacao.Step, handler string) string {
	read := func(what string) string { return "${{ steps." + idOf(d) + "." + what + " }}" }
	names := cacao.FailureNames
	set := dict()
	for i, value := range []string{s.ID.Value, read("timed_out ? 'ACTION_TIMEOUT' : 'ACTION_FAILED'"), read("error")} {
		if h, ok := r.m.top.Outer.Lookup(names[i]); ok {
			add(set, h.name(), value)
		}
	}
	note := r.m.assign(r.m.fresh(idOf(d)+"-failed"), "Note what failed", set, s.ID.Span)
	put(note, "next", handler)
	r.told = append(r.told, note)
	return idOf(note)
}
