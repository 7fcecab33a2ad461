package desk

import (
	"errors"
	"strings"

	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/internal/suggest"
)

// step returns the step that a person means: by its path, or by the end of its
// path if only one step that has begun ends like that.
func (st standing) step(name string) (engine.Step, error) {
	if found, ok := st.state.Step(name); ok {
		return found, nil
	}
	var found []engine.Step
	var paths []string
	for _, s := range st.state.Steps() {
		paths = append(paths, s.Path)
		if strings.HasSuffix(s.Path, "/"+name) || engine.Base(s.Path) == name {
			found = append(found, *s)
		}
	}
	e := &StepError{Run: st.run, Name: name}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return engine.Step{}, st.unbegun(e, paths)
	}
	for _, s := range found {
		e.Matches = append(e.Matches, s.Path)
	}
	return engine.Step{}, e
}

// Named reads the run and finds the path of the step that two names mean, of
// which either or both may be left out: the newest run, and "" for no step. A
// step may not have begun. An only name is that of a run, or, where no run is
// called so, of a step of the newest run.
func (d *Desk) Named(names ...string) (*Reading, string, error) {
	name, step := "", ""
	switch len(names) {
	case 2:
		name, step = names[0], names[1]
	case 1:
		name = names[0]
	}
	r, err := d.Read(name)
	var none *store.NotFoundError
	if errors.As(err, &none) && len(names) == 1 && name != "" {
		if newest, unread := d.Read(""); unread == nil {
			if path, unknown := newest.path(name); unknown == nil {
				return newest, path, nil
			}
		}
	}
	if err != nil || step == "" {
		return r, "", err
	}
	path, err := r.path(step)
	return r, path, err
}

// path is the path of the step that a person means.
func (r *Reading) path(name string) (string, error) {
	s, err := standing{run: r.ID(), state: r.state}.step(name)
	var wrong *StepError
	if errors.As(err, &wrong) && wrong.Unbegun != "" {
		return wrong.Unbegun, nil
	}
	return s.Path, err
}

// unbegun tells a step that has not begun from one that does not exist.
func (st standing) unbegun(e *StepError, paths []string) error {
	for _, n := range st.state.Plan().Nodes {
		if n.Path == e.Name || n.Name == e.Name {
			e.Unbegun = n.Path
			return e
		}
		paths = append(paths, n.Path, n.Name)
	}
	e.Near = suggest.Near(e.Name, paths)
	return e
}

// notWaiting says that a step does not wait for what somebody wants to give.
func (st standing) notWaiting(step engine.Step, what string) error {
	return &NotWaitingError{Run: st.run, Path: step.Path, For: what, Status: step.Status, Summary: strings.TrimSuffix(step.Summary, ".")}
}
