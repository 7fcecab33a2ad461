// Package registry opens with [Builtin], the one visible list of irctl's own
// actions. [New] makes a registry of any actions, for tests and plugins.
//
// Files, in reading order: builtin.go (the list), registry.go.
package registry

import (
	"fmt"
	"maps"
	"slices"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/pkg/action"
)

// Registry finds actions by name. It never changes after New, so it may be
// used from several goroutines.
type Registry struct {
	actions map[string]action.Action
	specs   map[string]action.Spec
}

// New returns a registry of the given actions. Two of the same name are a
// mistake in the program that calls it, and panic.
func New(actions ...action.Action) *Registry {
	r := &Registry{make(map[string]action.Action, len(actions)), make(map[string]action.Spec, len(actions))}
	for _, a := range actions {
		spec := a.Spec().Compiled()
		if _, twice := r.actions[spec.Name]; twice {
			panic(fmt.Sprintf("registry: two actions are named %q", spec.Name))
		}
		r.actions[spec.Name], r.specs[spec.Name] = a, spec
	}
	return r
}

// Lookup returns the action of a name.
func (r *Registry) Lookup(name string) (action.Action, bool) {
	a, ok := r.actions[name]
	return a, ok
}

// Spec returns the description of the action of a name.
func (r *Registry) Spec(name string) (action.Spec, bool) {
	s, ok := r.specs[name]
	return s, ok
}

// Specs returns every action's description, by name in alphabetical order.
func (r *Registry) Specs() []action.Spec {
	out := make([]action.Spec, 0, len(r.specs))
	for _, name := range r.Names() {
		out = append(out, r.specs[name])
	}
	return out
}

// Names returns every action's name, in alphabetical order.
func (r *Registry) Names() []string { return slices.Sorted(maps.Keys(r.actions)) }

// Inspects reports whether an action can look at its target.
func (r *Registry) Inspects(name string) bool {
	_, ok := r.actions[name].(action.Inspector)
	return ok
}

// Undoes reports whether an action can put back what it recorded.
func (r *Registry) Undoes(name string) bool {
	_, ok := r.actions[name].(action.Undoer)
	return ok
}

// Wrapped returns a registry of the same actions, each as wrap returns it.
func (r *Registry) Wrapped(wrap func(action.Action) action.Action) *Registry {
	all := each.Of(r.Names(), func(name string) action.Action { return wrap(r.actions[name]) })
	return New(all...)
}
