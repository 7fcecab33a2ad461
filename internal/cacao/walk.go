package cacao

import (
	"github.com/irctl/irctl/internal/cacao/reference"
	"github.com/irctl/irctl/pkg/runbook"
)

type scope = reference.Scope[*Variable]

func newScope(variables []*Variable, outer *scope) *scope {
	known := make(map[string]*Variable, len(variables))
	for _, v := range variables {
		known[v.Name.Value] = v
	}
	return &scope{Known: known, Outer: outer}
}

// branch is a row of steps that belongs to a step, or to the playbook.
type branch struct {
	owner *Step // nil: the main workflow, or the exception's
	entry runbook.Text
	scope *scope // in which the branch's steps stand
	outer *branch
}

// within reports whether a step owns the branch or one around it.
func (b *branch) within(s *Step) bool {
	return b != nil && (b.owner == s || b.outer.within(s))
}

// visit is one step seen in one branch.
type visit struct {
	step  *Step
	in    *branch
	scope *scope // that of the step itself
}

// walk visits every step that can be reached, once for each step whose branch
// it stands in. Links that lead nowhere, or back to an owner, are not followed.
func (pb *Playbook) walk(see func(visit)) {
	steps := make(map[string]*Step, len(pb.Steps))
	for _, s := range pb.Steps {
		steps[s.ID.Value] = s
	}
	top := newScope(pb.Variables, failureScope)
	type key struct{ owner, step *Step }
	seen := map[key]bool{}
	todo := []*branch{{entry: pb.Start, scope: top}, {entry: pb.Exception, scope: top}}
	for len(todo) > 0 {
		b := todo[0]
		todo = todo[1:]
		row := []*Step{steps[b.entry.Value]}
		for len(row) > 0 {
			s := row[0]
			row = row[1:]
			if s == nil || seen[key{b.owner, s}] || b.within(s) {
				continue
			}
			seen[key{b.owner, s}] = true
			v := visit{s, b, newScope(s.Variables, b.scope)}
			see(v)
			for _, entry := range s.Branches() {
				todo = append(todo, &branch{owner: s, entry: entry, scope: v.scope, outer: b})
			}
			for _, next := range s.Successors() {
				row = append(row, steps[next.Value])
			}
		}
	}
}
