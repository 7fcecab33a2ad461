package drive

import (
	"github.com/irctl/irctl/internal/compile"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/action"
)

// This file walks the blocks of a plan that does not run.

// inside walks the blocks of a step.
func (w *previewer) inside(n *plan.Node, pl *place, path string, depth int) {
	prefix := path + "/"
	switch n.Kind {
	case plan.Group, plan.Parallel:
		for _, b := range n.Blocks {
			if !b.Always {
				w.block(b.Entry, pl, prefix, depth)
			}
		}
	case plan.If:
		w.choose(n, pl, prefix, depth)
	case plan.Switch:
		w.choose(n, pl, prefix, depth)
	case plan.While:
		w.label(depth, "while `%s`, each time", n.Condition)
		w.block(n.Blocks[0].Entry, pl.in(nil, true), path+"[1]/", depth+1)
	case plan.ForEach:
		w.loop(n, pl, path, depth)
	case plan.Call:
		inner := w.callee(n, pl)
		w.block(n.Blocks[0].Entry, inner, prefix, depth)
		for _, r := range n.Results {
			if v, err := w.value(r.Value, inner); err == nil && !pl.perhaps {
				pl.results[n.Name+".outputs."+r.Name] = v
			}
		}
	}
	if always, ok := n.Always(); ok {
		w.label(depth, "in any case, at the end")
		w.block(n.Blocks[always].Entry, pl, prefix, depth+1)
	}
}

// choose shows the branch that would be taken, or all of them if only the run
// can tell.
func (w *previewer) choose(n *plan.Node, pl *place, prefix string, depth int) {
	taken, decided := "", false
	if n.Kind == plan.If {
		if holds, err := w.holds(n.Condition, pl); err == nil {
			taken, decided = ifBranch(n, holds), true
		}
	} else if raw, err := w.raw(n.Subject.Raw, pl); err == nil {
		taken, decided = switchBranchOf(n, raw), true
	}
	for _, b := range n.Blocks {
		switch {
		case decided && b.Label == taken:
			w.label(depth, "%s: applies", branchName(n, b))
			w.block(b.Entry, pl, prefix, depth+1)
		case !decided:
			w.label(depth, "%s", branchName(n, b))
			w.block(b.Entry, pl.in(nil, true), prefix, depth+1)
		}
	}
}

func branchName(n *plan.Node, b plan.Block) string {
	switch {
	case n.Kind == plan.If && b.Label == n.Blocks[0].Label:
		return "if `" + string(n.Condition) + "`"
	case n.Kind == plan.If:
		return "otherwise"
	case b.Label == "":
		return "in any other case"
	}
	return "in case " + b.Label
}

func (w *previewer) loop(n *plan.Node, pl *place, path string, depth int) {
	var items []any
	var keys []string
	err := w.evaluate(pl, func(resolve func(string) (any, bool)) (err error) {
		items, keys, err = w.d.items(n, resolve)
		return err
	})
	if err != nil {
		w.label(depth, "for each %s, which only the run will know", n.As)
		w.block(n.Blocks[0].Entry, pl.in(nil, true), path+"[…]/", depth+1)
		return
	}
	if len(items) == 0 {
		w.label(depth, "there is nothing to go through")
	}
	for i, item := range items {
		w.label(depth, "for %s", keys[i])
		loops := map[string]any{n.As: item, n.As + "_key": keys[i], n.As + "_index": int64(i)}
		w.block(n.Blocks[0].Entry, pl.in(loops, false), path+"["+keys[i]+"]/", depth+1)
	}
}

// callee is the place inside a called runbook.
func (w *previewer) callee(n *plan.Node, pl *place) *place {
	inner := &place{
		fields: n.CalleeInputs, vars: map[string]any{}, results: map[string]any{}, perhaps: pl.perhaps,
		unknown: map[string]bool{}, secrets: map[string]action.Secret{},
	}
	given := map[string]any{}
	for _, a := range n.With {
		v, err := w.raw(a.Value.Raw, pl)
		if err != nil {
			inner.unknown[a.Name] = true
			continue
		}
		if s, secret := v.(action.Secret); secret {
			inner.secrets[a.Name] = s
		}
		given[a.Name] = w.d.redact.Data(v)
	}
	values, err := compile.CallInputs(n.CalleeInputs, given)
	if err != nil { // what is missing is unknown, the rest is as it was given
		values = given
		for _, f := range n.CalleeInputs {
			if _, ok := given[f.Name]; !ok {
				inner.unknown[f.Name] = f.Default == nil
			}
		}
	}
	inner.inputs = values
	return inner
}
