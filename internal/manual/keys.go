package manual

import (
	"fmt"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/pkg/runbook"
)

// stepKeys lists what steps may carry besides the key of their kind, from
// the parser's own table.
func stepKeys() string {
	var b strings.Builder
	for _, name := range language.StepKeys() {
		kinds := language.KindsWith(name)
		if slices.Contains(language.Kinds(), runbook.Kind(name)) {
			continue
		}
		for len(kinds) > 0 { // a key may mean another thing on another kind
			key, _ := language.StepTable(kinds[0]).Key(name)
			same := func(k runbook.Kind) bool {
				other, _ := language.StepTable(k).Key(name)
				return other.Description == key.Description
			}
			var these []runbook.Kind
			for _, k := range kinds {
				if same(k) {
					these = append(these, k)
				}
			}
			kinds = slices.DeleteFunc(kinds, same)
			keyHelp(&b, key, onKinds(these))
		}
	}
	return b.String() + "\n"
}

// onKinds says on which kinds of steps a key may stand, if not on all.
func onKinds(kinds []runbook.Kind) string {
	all := language.Kinds()
	if len(kinds) == len(all) {
		return ""
	}
	var without []string
	for _, k := range all {
		if !slices.Contains(kinds, k) {
			without = append(without, string(k))
		}
	}
	if len(without) <= len(all)/2 {
		return " Not on: " + strings.Join(without, ", ") + "."
	}
	on := each.Of(kinds, func(k runbook.Kind) string { return string(k) })
	return " On: " + strings.Join(on, ", ") + "."
}

// insideKeys lists the keys of the mappings that stand in steps and inputs.
func insideKeys() string {
	var b strings.Builder
	mappings := []struct {
		title string
		table language.Table
	}{{"An input (inputs:) or an answer of a manual step (outputs:)", language.InputTable()}}
	for _, at := range []struct {
		kind       runbook.Kind
		key, title string
	}{
		{runbook.KindUses, "retry", "retry"}, {runbook.KindUses, "approval", "approval, and approve"},
		{runbook.KindWait, "wait", "wait"}, {runbook.KindManual, "evidence", "A file of evidence"},
	} {
		key, _ := language.StepTable(at.kind).Key(at.key)
		mappings = append(mappings, struct {
			title string
			table language.Table
		}{at.title, fieldsOf(key)})
	}
	for i, m := range mappings {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(m.title + ":\n\n")
		for _, k := range m.table.Keys {
			keyHelp(&b, k, "")
		}
	}
	return b.String() + "\n"
}

// fieldsOf is the table of the mapping that a key takes, however deep.
func fieldsOf(k language.Key) language.Table {
	for forms := k.Forms; len(forms) > 0; {
		var inner []language.Form
		for _, f := range forms {
			if f.Keys != nil {
				return *f.Keys
			}
			inner = append(inner, f.Of...)
		}
		forms = inner
	}
	return language.Table{}
}

// keyHelp adds a key with its sentence, folded beside it.
func keyHelp(b *strings.Builder, k language.Key, more string) {
	text := strings.ReplaceAll(k.Description, "`", "") + more
	if k.Required {
		text += " Required."
	} else if k.Default != "" {
		text += " Default: " + k.Default + "."
	}
	name := k.Name
	for line := range strings.Lines(foldTo(text, Width-18)) {
		fmt.Fprintf(b, "  %-15s %s", name, line)
		name = ""
	}
	b.WriteByte('\n')
}
