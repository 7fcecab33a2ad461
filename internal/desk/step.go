package desk

import (
	"errors"

	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/request"
	"github.com/irctl/irctl/internal/store"
)

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
	s, err := request.Standing{Run: r.ID(), State: r.state}.Step(name)
	var wrong *request.StepError
	if errors.As(err, &wrong) && wrong.Unbegun != "" {
		return wrong.Unbegun, nil
	}
	return s.Path, err
}

// Stands is what a run waits for, and its steps that have begun.
func (d *Desk) Stands(prefix string) ([]projection.Waiting, []*engine.Step, error) {
	r, err := d.Read(prefix)
	if err != nil {
		return nil, nil, err
	}
	s, err := d.Brief(r)
	return s.Waiting, r.state.Steps(), err
}

// Emptied names the step that skipping a name would pass over, and the steps to
// come that read what it gives.
func (d *Desk) Emptied(prefix, name string) (path string, readers []string, err error) {
	r, err := d.Read(prefix)
	if err != nil {
		return "", nil, err
	}
	st := request.Standing{Run: r.ID(), State: r.state}
	step, err := st.Step(name)
	if err != nil {
		return "", nil, err
	}
	return step.Path, st.Emptied(step), nil
}
