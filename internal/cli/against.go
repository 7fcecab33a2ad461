package cli

import (
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/fitting"
	"github.com/irctl/irctl/pkg/runbook"
)

// surroundings are what validate holds files against when it is given an
// environment; nil is none.
type surroundings struct {
	env   *environment.Environment
	world fitting.World
}

// holders are the people who hold a role.
func (s *surroundings) holders(role string) []string {
	var names []string
	for _, p := range s.env.PeopleWith(role) {
		names = append(names, p.Name)
	}
	return names
}

// against returns the surroundings that --env asks for, and the files with the
// environment's own among them. There are none if the environment has errors:
// those are reported where they stand.
func (a *app) against(v validation, files []candidate) ([]candidate, *surroundings, error) {
	if !v.against {
		return files, nil, nil
	}
	d, err := a.findEnvironment(a.env)
	if err != nil || d == nil {
		return files, nil, err
	}
	env, ds := a.parseEnvironment(d)
	covered := map[string]bool{}
	for _, c := range files {
		if c.doc != nil {
			covered[c.doc.Path] = true
		} else {
			covered[a.short(c.path)] = true
		}
	}
	files = once(append(files, candidate{name: d.Name, doc: d}))
	if ds.HasErrors() {
		return files, nil, nil
	}
	callee := func(name, from string) (*runbook.Runbook, error) {
		rb, err := a.callee(name, from)
		if err == nil && covered[rb.File] {
			return nil, nil // it is checked by itself
		}
		return rb, err
	}
	return files, &surroundings{env, fitting.World{Environment: env, Spec: a.actions().Spec, Callee: callee}}, nil
}
