package format

import (
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/pkg/runbook"
)

// same returns an error unless two texts mean the same: the same values in the
// same order, but for keys whose order the language gives.
func same(name string, before, after []byte, kinds []Kind) error {
	old, ds := language.ParseTree(name, before)
	if old == nil || ds.HasErrors() {
		return &SyntaxError{ds}
	}
	fresh, ds := language.ParseTree(name, after)
	if fresh == nil || ds.HasErrors() {
		return refusal(name, "what would be written could not be read: "+ds[0].Summary)
	}
	var forms []language.Form
	if t, ok := tableOf(old, kinds); ok {
		forms = fileForms(t)
	}
	if at := differ(old, fresh, forms); at != nil {
		return &RefusedError{Span: at.Span, Why: "this would not mean the same any more"}
	}
	return nil
}

func fileForms(t language.Table) []language.Form {
	return []language.Form{{Shape: language.FieldsShape, Keys: &t}}
}

// differ returns the first value that is not the same in both trees, nil if
// there is none.
func differ(a, b *runbook.Value, forms []language.Form) *runbook.Value {
	if a.Kind != b.Kind || len(a.Items) != len(b.Items) || len(a.Pairs) != len(b.Pairs) {
		return a
	}
	if a.Kind != runbook.ListValue && a.Kind != runbook.MapValue && a.Text != b.Text {
		return a
	}
	l := layoutOf(a, forms)
	for i := range a.Items {
		if at := differ(a.Items[i], b.Items[i], l.inner("")); at != nil {
			return at
		}
	}
	for i, p := range a.Pairs {
		other := b.Pairs[i].Value
		if l.order != nil {
			other = b.Get(p.Key.Value)
		} else if b.Pairs[i].Key.Value != p.Key.Value {
			return p.Value
		}
		if other == nil {
			return a
		}
		if at := differ(p.Value, other, l.inner(p.Key.Value)); at != nil {
			return at
		}
	}
	return nil
}
