package drive

import (
	"github.com/irctl/irctl/internal/coerce"
	"github.com/irctl/irctl/internal/expr"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
)

// This file works out what a plan that does not run would call.

// call is a use of an action as far as it is known before a run.
func (w *previewer) call(use *plan.Use, pl *place) Call {
	c := Call{Use: use, Target: use.Target, Shown: event.Values{}, Known: true}
	if use.TargetExpr.Given {
		name, known := w.known(use.TargetExpr.Raw, pl)
		c.Known = known
		if known {
			c.Target = expr.Text(name)
		}
	}
	given := map[string]any{}
	for _, a := range use.With {
		v, known := w.known(a.Value.Raw, pl)
		c.Shown[a.Name] = w.d.redact.Data(w.asWritten(a.Value.Raw, pl))
		c.Known = c.Known && known
		if v != nil {
			given[a.Name] = v
		}
	}
	act, ok := w.d.cfg.Action(use.Action)
	if !ok {
		return c
	}
	spec := act.Spec()
	c.With, _ = coerce.Fields(spec.Inputs, given)
	for _, f := range spec.Inputs { // what is done by default is part of what is done
		if v := c.With[f.Name]; f.Type == action.Enum && v != nil && c.Shown[f.Name] == nil {
			c.Shown[f.Name] = v
		}
	}
	return c
}

// known works out a value, and whether all of it is known. Of a list it returns
// what comes before the first element that is not, of anything else nothing.
func (w *previewer) known(raw any, pl *place) (any, bool) {
	v, err := w.raw(raw, pl)
	if err == nil {
		return v, true
	}
	list, _ := raw.([]any)
	var begin []any
	for _, e := range list {
		v, known := w.known(e, pl)
		if !known {
			break
		}
		begin = append(begin, v)
	}
	if len(begin) == 0 {
		return nil, false
	}
	return begin, false
}

// asWritten works out a value, with what is not known as the plan has it.
func (w *previewer) asWritten(raw any, pl *place) any {
	if v, err := w.raw(raw, pl); err == nil {
		return v
	}
	switch raw := raw.(type) {
	case []any:
		out := make([]any, len(raw))
		for i, e := range raw {
			out[i] = w.asWritten(e, pl)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(raw))
		for k, e := range raw {
			out[k] = w.asWritten(e, pl)
		}
		return out
	}
	return raw
}

// raw works out a value with its secrets, which the redactor then knows.
func (w *previewer) raw(raw any, pl *place) (out any, err error) {
	err = w.evaluate(pl, func(resolve func(string) (any, bool)) error {
		v, tainted, err := w.d.eval.Value(raw, resolve)
		if tainted {
			w.d.redact.Learn(v)
		}
		out = v
		return err
	})
	return out, err
}
