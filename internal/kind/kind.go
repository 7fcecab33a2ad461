package kind

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/irctl/irctl/pkg/action"
)

// Kind is an action for one kind of system. It may also implement
// action.Inspector, action.Undoer, action.Preflighter and action.Validator.
type Kind interface {
	// Target describes the kind; its Undo says whether Kind is an Undoer.
	Target() action.TargetType
	Run(ctx context.Context, req action.Request, out action.Sink) (action.Result, error)
}

// New returns the action that spec describes. Spec.Targets is filled from the
// kinds. The action is an Undoer if one of them says that it can undo.
func New(spec action.Spec, kinds ...Kind) action.Action {
	d := dispatch{spec: spec, kinds: kinds}
	undoes := false
	for _, k := range kinds {
		t := k.Target()
		d.spec.Targets = append(d.spec.Targets, t)
		undoes = undoes || t.Undo
	}
	if undoes {
		return undoable{d}
	}
	return d
}

// Taker is a Kind that sets a new secret, which its action makes and stores.
type Taker interface {
	Kind
	// Given is the change with the secret; a zero one only looks whether it could
	// be made.
	Given(secret action.Secret) Change
}

// Adapting has the kinds that [With] adds to an action be what adapt makes of them.
func Adapting(a action.Action, adapt func(Kind) Kind) action.Action {
	switch d := a.(type) {
	case undoable:
		d.adapt = adapt
		return d
	case dispatch:
		d.adapt = adapt
		return d
	}
	panic("kind: an action that New did not make adapts no kinds")
}

// With returns an action with more kinds, false if New did not make it.
func With(a action.Action, more ...Kind) (action.Action, bool) {
	d, ok := a.(dispatch)
	if u, undoes := a.(undoable); undoes {
		d, ok = u.dispatch, true
	}
	if !ok {
		return nil, false
	}
	if d.adapt != nil {
		more = slices.Clone(more)
		for i, k := range more {
			more[i] = d.adapt(k)
		}
		d.spec.Targets = nil
		return Adapting(New(d.spec, slices.Concat(d.kinds, more)...), d.adapt), true
	}
	d.spec.Targets = nil
	return New(d.spec, slices.Concat(d.kinds, more)...), true
}

type dispatch struct {
	spec  action.Spec
	kinds []Kind
	adapt func(Kind) Kind
}

type undoable struct{ dispatch }

func (d dispatch) Spec() action.Spec { return d.spec }

func (d dispatch) Run(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	k, err := d.of(req.Target.Type)
	if err != nil {
		return action.Result{}, err
	}
	return k.Run(ctx, req, out)
}

// Inspect implements action.Inspector. A kind that cannot look says that
// nothing is known.
func (d dispatch) Inspect(ctx context.Context, req action.Request) (action.Inspection, error) {
	k, err := d.of(req.Target.Type)
	if err != nil {
		return action.Inspection{}, err
	}
	if i, ok := k.(action.Inspector); ok {
		return i.Inspect(ctx, req)
	}
	return action.Inspection{Repeatable: d.spec.Idempotent}, nil
}

// Preflight implements action.Preflighter.
func (d dispatch) Preflight(ctx context.Context, req action.Request) []error {
	k, err := d.of(req.Target.Type)
	if err != nil {
		return []error{err}
	}
	if p, ok := k.(action.Preflighter); ok {
		return p.Preflight(ctx, req)
	}
	return []error{&action.Error{Message: "whether " + d.spec.Name + " would work there: it cannot be asked beforehand", Unchecked: true}}
}

// Validate implements action.Validator. Without a target type every kind that
// has an opinion would have to agree, so then nobody is asked.
func (d dispatch) Validate(with action.Values, targetType string) []action.Problem {
	k, err := d.of(targetType)
	if err != nil {
		return nil
	}
	if v, ok := k.(action.Validator); ok {
		return v.Validate(with, targetType)
	}
	return nil
}

// Undo implements action.Undoer.
func (u undoable) Undo(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	k, err := u.of(req.Target.Type)
	if err != nil {
		return action.Result{}, err
	}
	if w, ok := k.(action.Undoer); ok && k.Target().Undo {
		return w.Undo(ctx, req, out)
	}
	hint := "undo it by hand"
	if u.spec.Counterpart != "" {
		hint = "use " + u.spec.Counterpart + ", or undo it by hand"
	}
	return action.Result{}, &action.Error{
		Message:   fmt.Sprintf("%s cannot undo what it did to a target of type %s", u.spec.Name, req.Target.Type),
		Hint:      hint,
		Permanent: true,
	}
}

func (d dispatch) of(targetType string) (Kind, error) {
	var names []string
	for i, t := range d.spec.Targets {
		if t.Name == targetType {
			return d.kinds[i], nil
		}
		names = append(names, t.Name)
	}
	return nil, &action.Error{
		Message:   fmt.Sprintf("%s cannot act on a target of type %q", d.spec.Name, targetType),
		Hint:      "name a target of one of these types: " + strings.Join(names, ", "),
		Permanent: true,
	}
}
