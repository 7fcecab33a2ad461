// Package keystest holds a parser against the table of keys that it is said to
// follow: [Find] finds every mapping that a table leads to, and [Places.Check]
// writes files with every key in every one of them and looks at what the
// parser says.
package keystest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/pkg/runbook"
)

// Place is where a mapping with a table's keys may stand: Wrap returns a file
// around the mapping's lines.
type Place struct {
	Table language.Table
	Wrap  func(lines []string) string
}

// Places are all places of a kind of file, by the way that leads to them.
type Places map[string]Place

// Find adds a place and every place that its table leads to.
func (ps Places) Find(at string, p Place) {
	ps[at] = p
	for _, k := range p.Table.Keys {
		for _, form := range k.Forms {
			ps.follow(at, p, k.Name, form, k.Name+":")
		}
	}
}

// follow looks for mappings in a form of a key's value. above holds the lines
// over them, each indented by one space more than the one before.
func (ps Places) follow(at string, p Place, key string, form language.Form, above ...string) {
	indent := strings.Repeat(" ", len(above))
	switch form.Shape {
	case language.FieldsShape:
		name := at + "/" + key
		if _, seen := ps[name]; seen {
			return
		}
		ps.Find(name, Place{*form.Keys, func(lines []string) string {
			all := append(needed(p.Table, key), above...)
			for _, l := range lines {
				all = append(all, indent+l)
			}
			return p.Wrap(all)
		}})
	case language.EntriesShape, language.ListShape:
		for _, of := range form.Of {
			mark := "entry:"
			if form.Shape == language.ListShape {
				mark = "-"
			}
			ps.follow(at, p, key, of, append(slices.Clone(above), indent+mark)...)
		}
	}
}

// needed writes the keys that a table requires besides some.
func needed(t language.Table, but ...string) []string {
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

// Beside is what a key needs besides what its table requires: lines to add,
// and keys to leave out. Tests give one for keys that depend on others.
type Beside struct{ Add, Drop []string }

// Check fails unless the parser accepts every key with its example, its words
// and its bounds, misses every key that is required, and refuses in each place
// all keys that stand in other tables only.
func (ps Places) Check(t *testing.T, parse func(src []byte) runbook.Diagnostics, beside map[string]Beside) {
	t.Helper()
	for at, p := range ps {
		for _, k := range p.Table.Keys {
			require.Regexp(t, `^[A-Z].*[.]$`, k.Description, "%s: %s", at, k.Name)
			c := checked{t, at, p, k, parse, beside[k.Name]}
			c.accepted()
			c.missed()
			if k.Name != "irctl" && k.Name != "kind" { // the header has findings of its own
				c.bounded()
			}
		}
	}
	ps.refused(t, parse)
}

// checked is one key in one place.
type checked struct {
	t      *testing.T
	at     string
	place  Place
	key    language.Key
	parse  func(src []byte) runbook.Diagnostics
	beside Beside
}

// with writes a file in which the key has a value, and returns what the
// language has against it.
func (c checked) with(value string) (src string, ds runbook.Diagnostics) {
	lines := needed(c.place.Table, append(slices.Clone(c.beside.Drop), c.key.Name)...)
	line := c.key.Name + ": " + value
	if c.key.Name == "irctl" {
		lines = append([]string{line}, lines...)
	} else {
		lines = append(append(lines, c.beside.Add...), line)
	}
	src = c.place.Wrap(lines)
	return src, ofLanguage(c.parse([]byte(src)))
}

// language keeps what the language itself has to say; whether names stand for
// something is another matter.
func ofLanguage(ds runbook.Diagnostics) runbook.Diagnostics {
	return slices.DeleteFunc(slices.Clone(ds), func(d runbook.Diagnostic) bool { return !strings.HasPrefix(d.Code, "IR01") })
}

func (c checked) accepted() {
	src, ds := c.with(c.key.Example)
	require.Empty(c.t, ds, "%s: %s\n%s", c.at, c.key.Name, src)
}

func (c checked) missed() {
	if !c.key.Required || strings.HasSuffix(c.at, ":"+c.key.Name) {
		return // a step without the key of its kind is of no kind
	}
	lines := needed(c.place.Table, c.key.Name)
	if len(lines) == 0 {
		lines = []string{c.optional()}
	}
	src := c.place.Wrap(lines)
	require.True(c.t, slices.ContainsFunc(c.parse([]byte(src)), func(d runbook.Diagnostic) bool {
		missing := d.Code == "IR0111" || d.Code == "IR0112" || d.Code == "IR0114"
		return missing && strings.Contains(d.Summary+d.Detail, "`"+c.key.Name)
	}), "%s does without %s:\n%s", c.at, c.key.Name, src)
}

// optional is a key that may stand alone, so that a mapping is not empty.
func (c checked) optional() string {
	for _, k := range c.place.Table.Keys {
		if !k.Required {
			return k.Name + ": " + k.Example
		}
	}
	return "{}"
}

func (c checked) bounded() {
	for _, f := range c.key.Forms {
		if len(f.Words) > 0 {
			src, _ := c.with("no-such-word")
			require.NotEmpty(c.t, c.parse([]byte(src)), "%s: %s takes any word:\n%s", c.at, c.key.Name, src)
		}
		if f.Shape != language.WholeShape {
			continue
		}
		for n, good := range map[int]bool{int(f.Least) - 1: false, int(f.Least): true, int(f.Most): true, int(f.Most) + 1: false} {
			_, ds := c.with(fmt.Sprint(n))
			require.Equal(c.t, good, len(ds) == 0, "%s: %s: %d: %v", c.at, c.key.Name, n, ds)
		}
	}
}

// refused puts the keys of all tables into every place.
func (ps Places) refused(t *testing.T, parse func(src []byte) runbook.Diagnostics) {
	t.Helper()
	all := map[string]string{"no_such_key": "1"}
	for _, p := range ps {
		for _, k := range p.Table.Keys {
			all[k.Name] = k.Example
		}
	}
	for at, p := range ps {
		for name, example := range all {
			if slices.Contains(p.Table.Names(), name) {
				continue
			}
			src := p.Wrap(append(needed(p.Table), name+": "+example))
			require.True(t, slices.ContainsFunc(parse([]byte(src)), func(d runbook.Diagnostic) bool {
				return slices.Contains([]string{"IR0104", "IR0121", "IR0122"}, d.Code)
			}), "%s accepts %s:\n%s", at, name, src)
		}
	}
}
