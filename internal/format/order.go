package format

import (
	"slices"

	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/pkg/runbook"
)

// stepShape is the shape of one step, inside this package.
const stepShape language.Shape = "step"

// layout is what the language knows of a mapping or a list: the order of its
// keys, nil if it is the author's, and the forms of what is inside.
type layout struct {
	order []string
	inner func(key string) []language.Form
}

func nothing(string) []language.Form { return nil }

// layoutOf chooses the form that a value is written in.
func layoutOf(v *runbook.Value, forms []language.Form) layout {
	for _, f := range forms {
		of := func(string) []language.Form { return f.Of }
		switch {
		case f.Shape == language.FieldsShape && v.Kind == runbook.MapValue:
			return fieldsLayout(v, *f.Keys)
		case f.Shape == stepShape && v.Kind == runbook.MapValue:
			return tableLayout(language.StepTable(kindOf(v)))
		case f.Shape == language.StepsShape && v.Kind == runbook.ListValue:
			return layout{nil, func(string) []language.Form { return []language.Form{{Shape: stepShape}} }}
		case f.Shape == language.EntriesShape && v.Kind == runbook.MapValue, f.Shape == language.ListShape && v.Kind == runbook.ListValue:
			return layout{nil, of}
		}
	}
	return layout{nil, nothing}
}

func fieldsLayout(v *runbook.Value, t language.Table) layout {
	l := tableLayout(t)
	if _, isFile := t.Key("irctl"); isFile && (len(v.Pairs) == 0 || v.Pairs[0].Key.Value != "irctl") {
		l.order = nil // that is a mistake, for the author to see
	}
	return l
}

func tableLayout(t language.Table) layout {
	return layout{t.Names(), func(key string) []language.Form {
		k, _ := t.Key(key)
		return k.Forms
	}}
}

// kindOf is the kind of the step that a mapping is, by the first key that
// gives one.
func kindOf(v *runbook.Value) runbook.Kind {
	for _, p := range v.Pairs {
		if k := runbook.Kind(p.Key.Value); slices.Contains(language.Kinds(), k) {
			return k
		}
	}
	return ""
}

// rank is the place of a key; keys that are not known come last.
func (l layout) rank(key string) int {
	if i := slices.Index(l.order, key); i >= 0 {
		return i
	}
	return len(l.order)
}

// arrange puts the keys of a block, and of everything inside, into their order.
func arrange(b *block, forms []language.Form) {
	if b.piece != nil {
		if b.piece.flow {
			b.value = arranged(b.value, forms)
		}
		return
	}
	l := layoutOf(b.value, forms)
	for _, e := range b.entries {
		if e.value != nil {
			arrange(e.value, l.inner(e.name))
		}
	}
	if l.order != nil {
		slices.SortStableFunc(b.entries, func(x, y *entry) int { return l.rank(x.name) - l.rank(y.name) })
	}
}

// arranged is arrange for a value in brackets, which it does not change.
func arranged(v *runbook.Value, forms []language.Form) *runbook.Value {
	l := layoutOf(v, forms)
	out := *v
	out.Items, out.Pairs = slices.Clone(v.Items), slices.Clone(v.Pairs)
	for i, item := range out.Items {
		out.Items[i] = arranged(item, l.inner(""))
	}
	for i, p := range out.Pairs {
		out.Pairs[i].Value = arranged(p.Value, l.inner(p.Key.Value))
	}
	if l.order != nil {
		slices.SortStableFunc(out.Pairs, func(x, y runbook.Pair) int { return l.rank(x.Key.Value) - l.rank(y.Key.Value) })
	}
	return &out
}
