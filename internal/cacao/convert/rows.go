package convert

import (
	"github.com/irctl/irctl/internal/cacao"
)

// A playbook is a graph of jumps with branches inside; a runbook is lists with
// jumps inside. Every branch becomes a list, laid out in the order in which a
// reader of the playbook would follow it: the way of success first, then what
// failures lead to. Wherever the way does not lead to the step below, the step
// says next. That holds every graph, shared tails and ways back included; a
// step that several branches share is written once for each.

// maxMade bounds the steps of an import, because sharing multiplies.
const maxMade = 5000

// row is one list in the making.
type row struct {
	m     *importer
	scope *scope
	outer []*cacao.Step // steps around whose branch it is
	order []*cacao.Step
	ids   map[*cacao.Step]string
	end   string // id of the last step, once something leads to it
	catch string // where failures go that no step answers; empty is nowhere
}

// main is the list of the whole playbook.
func (m *importer) main(start *cacao.Step) []*draft {
	var first []*draft
	if d := start.Delay; d != nil && d.Value > 0 {
		wait := &draft{}
		wait.fields.put("id", m.fresh("start"))
		wait.fields.put("wait", span(d.Value))
		first = append(first, wait)
	}
	exception := m.steps[m.pb.Exception.Value]
	r := &row{m: m, scope: m.top}
	failed := ""
	if exception != nil {
		failed, r.end = m.fresh("failed"), m.fresh("end")
		r.catch = failed
		if exception.Kind != cacao.KindEnd {
			r.catch = m.fresh("exception")
		}
	}
	out := append(first, r.steps(start.OnCompletion.Value)...)
	if r.end != "" {
		out = append(out, m.stop(r.end, "succeed", "The playbook ends here."))
	}
	if r.catch != failed {
		d := &draft{}
		d.fields.put("id", r.catch)
		d.fields.put("title", "What follows a failure")
		d.fields.put("steps", m.branch(exception.ID.Value, m.top, nil))
		out = append(out, d)
	}
	if failed != "" {
		out = append(out, m.stop(failed, "fail", "A step failed, and the playbook says that nothing more follows."))
	}
	return out
}

func (m *importer) stop(id, how, text string) *draft {
	d := &draft{}
	d.fields.put("id", id)
	d.fields.put("stop", object{{how, text}})
	return d
}

// branch is the list of a branch, never empty.
func (m *importer) branch(entry string, in *scope, outer []*cacao.Step) []*draft {
	r := &row{m: m, scope: in, outer: outer}
	out := r.steps(entry)
	if r.end != "" {
		out = append(out, m.nothing(r.end, "The branch ends here"))
	}
	if len(out) == 0 {
		out = append(out, m.nothing(m.fresh("nothing"), "Nothing to do"))
	}
	return out
}

// nothing is a step that does nothing.
func (m *importer) nothing(id, title string) *draft {
	d := &draft{}
	d.fields.put("id", id)
	d.fields.put("title", title)
	d.fields = append(d.fields, member{"set", object{}})
	return d
}

// steps lays the list out and makes its steps.
func (r *row) steps(entry string) []*draft {
	r.ids = map[*cacao.Step]string{}
	r.lay(entry)
	var out []*draft
	for i, s := range r.order {
		d := r.m.step(s, r.ids[s], r.scope, r.outer)
		after := r.follow(s)
		r.failure(d, s, after)
		var below *cacao.Step
		if i+1 < len(r.order) {
			below = r.order[i+1]
		}
		switch {
		case after == nil && below != nil:
			d.fields.put("next", r.last())
		case after != nil && after != below:
			d.fields.put("next", r.ids[after])
		}
		out = append(out, d)
	}
	return out
}

// lay puts the steps that can be reached from an entry in order.
func (r *row) lay(entry string) {
	for todo := []string{entry}; len(todo) > 0; todo = todo[1:] {
		for s := r.target(todo[0]); s != nil && r.ids[s] == ""; s = r.follow(s) {
			if r.m.made++; r.m.made > maxMade {
				if r.m.made == maxMade+1 {
					r.m.remark("", "the playbook has more than "+itoa(maxMade)+" steps if each is written once for every branch that leads to it; the rest is left out")
				}
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
	if s == nil || s.Kind == cacao.KindEnd {
		return nil
	}
	for _, o := range r.outer {
		if o == s {
			return nil
		}
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
func (r *row) failure(d *draft, s, after *cacao.Step) {
	if !s.OnFailure.Given() {
		if r.catch != "" {
			d.fields.put("on_failure", object{{"next", r.catch}})
		}
		return
	}
	switch to := r.target(s.OnFailure.Value); {
	case to == after:
		d.fields.put("on_failure", "continue")
	case to == nil:
		d.fields.put("on_failure", object{{"next", r.last()}})
	case r.ids[to] != "":
		d.fields.put("on_failure", object{{"next", r.ids[to]}})
	}
}
