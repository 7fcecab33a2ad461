package runbook_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/pkg/runbook"
)

// place is where a mapping with a table's keys may stand: a runbook around its
// lines, which are indented by it.
type place struct {
	table runbook.Table
	wrap  func(lines []string) string
}

// places finds a place for every table of the language, by following the forms
// from the runbook down.
func places() map[string]place {
	out := map[string]place{"runbook": {runbook.RunbookTable(), func(lines []string) string { return strings.Join(lines, "\n") + "\n" }}}
	nested(out, "runbook", out["runbook"])
	for _, kind := range runbook.Kinds() {
		name := "step:" + string(kind)
		out[name] = place{runbook.StepTable(kind), func(lines []string) string {
			return head + "  - " + strings.Join(lines, "\n    ") + "\n"
		}}
		nested(out, name, out[name])
	}
	return out
}

func nested(out map[string]place, at string, p place) {
	var follow func(key string, form runbook.Form, prefix []string)
	follow = func(key string, form runbook.Form, prefix []string) {
		switch form.Shape {
		case runbook.FieldsShape:
			indent := strings.Repeat(" ", len(prefix))
			name := at + "/" + key
			if _, seen := out[name]; seen {
				return
			}
			out[name] = place{*form.Keys, func(lines []string) string {
				all := slices.Clone(neededFor(p.table, key))
				all = append(all, prefix...)
				for _, l := range lines {
					all = append(all, indent+l)
				}
				return p.wrap(all)
			}}
			nested(out, name, out[name])
		case runbook.EntriesShape:
			for _, of := range form.Of {
				follow(key, of, append(slices.Clone(prefix), strings.Repeat(" ", len(prefix))+"entry:"))
			}
		}
	}
	for _, k := range p.table.Keys {
		for _, form := range k.Forms {
			follow(k.Name, form, []string{k.Name + ":"})
		}
	}
}

// neededFor writes the keys that a table requires besides one.
func neededFor(t runbook.Table, but ...string) []string {
	var lines []string
	for _, k := range t.Keys {
		if k.Required && !slices.Contains(but, k.Name) {
			lines = append(lines, k.Name+": "+k.Example)
		}
	}
	for _, group := range [][]string{t.OneOf, t.AnyOf} {
		if len(group) > 0 && !slices.ContainsFunc(group, func(k string) bool { return slices.Contains(but, k) }) {
			one, _ := t.Key(group[len(group)-1])
			lines = append(lines, one.Name+": "+one.Example)
		}
	}
	return lines
}

// beside is what a key's example needs to be right, on top of what the table
// requires.
func beside(at, key string) (add, drop []string) {
	switch {
	case key == "items":
		return []string{"type: list"}, nil
	case key == "values":
		return []string{"type: enum"}, nil
	case key == "min" || key == "max":
		return []string{"type: int"}, nil
	case key == "every":
		return []string{"until: ${{ 1 < 2 }}"}, []string{"until"}
	}
	return nil, nil
}

func TestEveryKeyOfTheTablesIsAccepted(t *testing.T) {
	tried := 0
	for at, p := range places() {
		for _, k := range p.table.Keys {
			add, drop := beside(at, k.Name)
			lines := append(neededFor(p.table, append(drop, k.Name)...), add...)
			src := p.wrap(append(lines, k.Name+": "+k.Example))
			if at == "runbook" && k.Name == "irctl" {
				src = p.wrap(append([]string{"irctl: v1"}, neededFor(p.table, "irctl")...))
			}
			_, ds := runbook.Parse("x.yaml", []byte(src))
			require.Empty(t, ds, "%s: %s\n%s", at, k.Name, src)
			require.Regexp(t, `^[A-Z].*[.]$`, k.Description)
			tried++
		}
	}
	require.Greater(t, tried, 250)
}

// TestNoOtherKeyIsAccepted: a key that is in one table is an error in every
// table that has it not.
func TestNoOtherKeyIsAccepted(t *testing.T) {
	all := map[string]string{}
	for _, p := range places() {
		for _, k := range p.table.Keys {
			all[k.Name] = k.Example
		}
	}
	all["no_such_key"] = "1"
	for at, p := range places() {
		for name, example := range all {
			if slices.Contains(p.table.Names(), name) {
				continue
			}
			src := p.wrap(append(neededFor(p.table), name+": "+example))
			_, ds := runbook.Parse("x.yaml", []byte(src))
			refused := slices.ContainsFunc(ds, func(d runbook.Diagnostic) bool {
				return slices.Contains([]string{"IR0104", "IR0121", "IR0122"}, d.Code)
			})
			require.True(t, refused, "%s accepts %s:\n%s", at, name, src)
		}
	}
}

func TestEveryRequiredKeyIsMissed(t *testing.T) {
	for at, p := range places() {
		for _, key := range p.table.Required() {
			if strings.HasPrefix(at, "step:") && at == "step:"+key {
				continue // without it, the step is of no kind
			}
			src := p.wrap(append(neededFor(p.table, key), optional(p.table, at)))
			_, ds := runbook.Parse("x.yaml", []byte(src))
			missed := slices.ContainsFunc(ds, func(d runbook.Diagnostic) bool {
				return (d.Code == "IR0111" || d.Code == "IR0112") && strings.Contains(d.Summary+d.Detail, "`"+key)
			})
			require.True(t, missed, "%s does without %s:\n%s", at, key, src)
		}
	}
}

// optional is a key that may be left out, so that a mapping is never empty.
func optional(t runbook.Table, at string) string {
	for _, k := range t.Keys {
		add, _ := beside(at, k.Name)
		if !k.Required && add == nil && !slices.Contains(t.OneOf, k.Name) {
			return k.Name + ": " + k.Example
		}
	}
	return "{}"
}

func TestWordsAndBoundsOfTheTablesAreThoseOfTheParser(t *testing.T) {
	for at, p := range places() {
		for _, k := range p.table.Keys {
			if k.Name == "irctl" || k.Name == "kind" {
				continue // the header has findings of its own
			}
			add, _ := beside(at, k.Name)
			try := func(value string) runbook.Diagnostics {
				_, ds := runbook.Parse("x.yaml", []byte(p.wrap(append(append(neededFor(p.table, k.Name), add...), k.Name+": "+value))))
				return ds
			}
			for _, f := range k.Forms {
				if len(f.Words) > 0 {
					require.NotEmpty(t, try("no_such_word"), "%s: %s", at, k.Name)
				}
				if f.Shape == runbook.WholeShape {
					require.Empty(t, try(fmt.Sprint(int(f.Least))))
					require.Empty(t, try(fmt.Sprint(int(f.Most))))
					require.NotEmpty(t, try(fmt.Sprint(int(f.Least)-1)), "%s: %s", at, k.Name)
					require.NotEmpty(t, try(fmt.Sprint(int(f.Most)+1)), "%s: %s", at, k.Name)
				}
			}
		}
	}
}

func TestEveryStepKeyKnowsItsKinds(t *testing.T) {
	require.Equal(t, []runbook.Kind{runbook.KindUses}, runbook.KindsWith("retry"))
	require.Equal(t, runbook.Kinds(), runbook.KindsWith("when"))
	for _, key := range runbook.StepKeys() {
		require.NotEmpty(t, runbook.KindsWith(key), key)
	}
}
