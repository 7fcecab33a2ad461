package cli

import (
	"path/filepath"

	"github.com/irctl/irctl/internal/check"
	"github.com/irctl/irctl/internal/registry"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

// actions returns what a step can use, each as the world wraps it.
func (a *app) actions() *registry.Registry {
	if a.registry == nil {
		a.registry = registry.Builtin()
		if a.WrapAction != nil {
			a.registry = wrapped(a.registry, a.WrapAction)
		}
	}
	return a.registry
}

// wrapped is a registry of the same actions, each as wrap returns it.
func wrapped(r *registry.Registry, wrap func(action.Action) action.Action) *registry.Registry {
	var all []action.Action
	for _, name := range r.Names() {
		one, _ := r.Lookup(name)
		all = append(all, wrap(one))
	}
	return registry.New(all...)
}

// rules is what checking a runbook needs to know about the world.
func (a *app) rules() check.Deps {
	r := a.actions()
	return check.Deps{
		Spec:     r.Spec,
		Names:    r.Names(),
		Inspects: r.Inspects,
		Undoes:   r.Undoes,
		Callee:   a.callees(),
	}
}

// callees is callee for the steps of one runbook, and of those that it runs: a
// file is read once, however often and in however many ways its path is
// written. It is for one goroutine.
func (a *app) callees() func(name, from string) (*runbook.Runbook, error) {
	type read struct {
		rb  *runbook.Runbook
		err error
	}
	known := map[string]read{}
	return func(name, from string) (*runbook.Runbook, error) {
		key := name
		if isPath(name) {
			key = filepath.Join(filepath.Dir(from), name)
		}
		r, ok := known[key]
		if !ok {
			r.rb, r.err = a.callee(name, from)
			known[key] = r
		}
		return r.rb, r.err
	}
}

// callee finds the runbook that a step of another one runs: by a path beside
// that one's file, or by name.
func (a *app) callee(name, from string) (*runbook.Runbook, error) {
	_, rb, err := a.calleeOf(name, from)
	return rb, err
}

// calleeOf is callee with the file.
func (a *app) calleeOf(name, from string) (*document, *runbook.Runbook, error) {
	d, err := a.calleeFile(name, from)
	if err != nil {
		return nil, nil, err
	}
	rb, ds := runbook.Parse(d.Path, d.Source)
	if ds.HasErrors() {
		p := &problem{exit: ExitInvalid, what: "the runbook " + d.Path + " has errors"}
		return nil, nil, p.with("irctl validate " + d.Path)
	}
	return d, rb, nil
}
