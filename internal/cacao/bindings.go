package cacao

import (
	"regexp"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/internal/suggest"
	"github.com/irctl/irctl/pkg/runbook"
)

// Bindings say how the results of commands become the values of out_args,
// which the standard leaves open. They stand in a YAML file beside the
// playbook:
//
//	irctl: v1
//	kind: bindings
//	bindings:
//	  action--<uuid>:               # a step, or a type of command
//	    __verdict__: {from: json, path: $.verdict}
//	    __code__: {from: exit, command: 1}
type Bindings struct {
	File    string
	Source  []byte
	entries map[string]map[string]Source // step id or type of command -> variable
	keys    []runbook.Text
	names   map[string][]runbook.Text
}

// Source is where the value of an out_arg comes from.
type Source struct {
	From    string // one of sources
	Name    string // header
	Path    string // json: a JSONPath
	Pattern string // regex: RE2; the first group, or the whole match
	Command int    // which command of the step, from 1; 0 is the last
}

// sources are the places that a value can come from.
var sources = []string{"stdout", "stderr", "exit", "status", "header", "body", "json", "regex"}

// BindingsKind is what a binding file says it is.
const BindingsKind = "bindings"

var BadBinding = codes.Error("IR0730", "malformed binding file",
	"A binding file is YAML with `irctl: v1`, `kind: bindings` and, under `bindings`, for a step's id or a command's type, where each out_arg comes from: `{from: stdout | stderr | exit | status | header | body | json | regex}` with `name`, `path` or `pattern`.")

// BindingsTable is the keys of a binding file.
func BindingsTable() language.Table { return bindingsTable }

var bindingsTable = language.NewTable(append(language.Header(BindingsKind),
	language.Key{Name: "bindings", Required: true, Example: "{bash: {__code__: {from: exit}}}",
		Forms:       language.Entries(language.AnyName, language.Entries(language.AnyName, language.AMapping(sourceTable)...)...),
		Description: "For a step, by its id, or for a type of command: where the values of its out_args come from."},
)...)

var sourceTable = language.NewTable(
	language.Key{Name: "from", Required: true, Forms: language.AWord(sources...), Example: "stdout",
		Description: "Which part of the result holds the value."},
	language.Key{Name: "name", Forms: language.AText(), Example: "X-Case",
		Description: "With header: the header's name."},
	language.Key{Name: "path", Forms: language.AText(), Example: "$.verdict",
		Description: "With json: where the value stands, as a JSONPath (RFC 9535)."},
	language.Key{Name: "pattern", Forms: []language.Form{{Shape: language.PatternShape}}, Example: "'id=([0-9]+)'",
		Description: "With regex: what is looked for, in RE2; the first group is the value, or the whole match."},
	language.Key{Name: "command", Forms: []language.Form{{Shape: language.WholeShape, Least: 1, Most: 1000}}, Default: "the last", Example: "1",
		Description: "Which of the step's commands gives the value, counted from 1."},
)

// ParseBindings reads a binding file. The bindings are nil if it is not YAML.
func ParseBindings(file string, src []byte) (*Bindings, runbook.Diagnostics) {
	tree, found := language.ParseTree(file, src)
	if tree == nil {
		return nil, found
	}
	d := &language.Decoder{}
	d.Include(found)
	m := d.Fields(tree, "a binding file", bindingsTable)
	if v := m.Text("irctl"); v.Given() && v.Value != "v1" {
		d.Report(BadBinding, v.Span, "write `irctl: v1`", "this irctl does not know the version %q", v.Value)
	}
	if v := m.Text("kind"); v.Given() && v.Value != BindingsKind {
		d.Report(BadBinding, v.Span, "write `kind: bindings`", "this is not a binding file")
	}
	b := &Bindings{File: file, Source: src, entries: map[string]map[string]Source{}, names: map[string][]runbook.Text{}}
	for _, p := range m.Entries("bindings", language.AnyName) {
		b.keys = append(b.keys, p.Key)
		b.entries[p.Key.Value] = map[string]Source{}
		for _, one := range d.Mapping(p.Value, "the bindings of `"+p.Key.Value+"`").Pairs() {
			b.names[p.Key.Value] = append(b.names[p.Key.Value], one.Key)
			b.entries[p.Key.Value][one.Key.Value] = source(d, one)
		}
	}
	return b, d.Diagnostics()
}

func source(d *language.Decoder, p runbook.Pair) Source {
	m := d.Fields(p.Value, "a binding", sourceTable)
	from := m.Text("from")
	s := Source{From: from.Value, Name: m.Text("name").Value, Path: m.Text("path").Value, Pattern: m.Text("pattern").Value, Command: int(m.Int("command"))}
	need := map[string]string{"header": "name", "json": "path", "regex": "pattern"}
	switch {
	case !from.Given():
	case !slices.Contains(sources, s.From):
		d.Report(BadBinding, from.Span, meantOneOf(s.From, sources), "a value cannot come from %q", s.From)
	default:
		for _, key := range []string{"name", "path", "pattern"} {
			if key == need[s.From] {
				m.Require(key)
			} else if m.Has(key) {
				d.Report(BadBinding, m.Key(key).Span, "remove it", "`%s` means nothing for a value that comes from %s", key, s.From)
			}
		}
	}
	if s.Pattern != "" {
		if _, err := regexp.Compile(s.Pattern); err != nil {
			d.Report(BadBinding, m.Value("pattern").Span, "", "the pattern is not a regular expression (RE2)")
		}
	}
	return s
}

// Of returns the binding of a step's out_arg, and whether there is one.
func (b *Bindings) Of(s *Step, name string) (Source, bool) {
	if b == nil {
		return Source{}, false
	}
	if one, ok := b.entries[s.ID.Value][name]; ok {
		return one, true
	}
	for i := len(s.Commands); i > 0; i-- {
		if one, ok := b.entries[s.Commands[i-1].Type.Value][name]; ok {
			one.Command = i
			return one, true
		}
	}
	return Source{}, false
}

// Unused reports what a binding file says about steps and variables that the
// playbook does not have.
func (b *Bindings) Unused(pb *Playbook) runbook.Diagnostics {
	r := &reader{}
	if b == nil {
		return nil
	}
	types := map[string]bool{}
	var ids []string
	for _, s := range pb.Steps {
		ids = append(ids, s.ID.Value)
		for _, c := range s.Commands {
			types[c.Type.Value] = true
		}
	}
	for _, key := range b.keys {
		step := pb.Step(key.Value)
		if step == nil && !types[key.Value] {
			if strings.Contains(key.Value, "--") {
				r.report(BadBinding, key.Span, suggest.DidYouMean(key.Value, ids), "the playbook has no step %s", short(key.Value))
			} else {
				r.report(BadBinding, key.Span, "", "the playbook has no command of type %s", short(key.Value))
			}
			continue
		}
		for _, name := range b.names[key.Value] {
			if step != nil && !slices.ContainsFunc(step.Out, func(t runbook.Text) bool { return t.Value == name.Value }) {
				r.report(BadBinding, name.Span, "add it to the step's out_args", "%s is no out_arg of %s", short(name.Value), step.Label())
			}
			if c := b.entries[key.Value][name.Value].Command; step != nil && c > len(step.Commands) {
				r.report(BadBinding, name.Span, "", "%s has %d commands, and this names command %d", step.Label(), len(step.Commands), c)
			}
		}
	}
	return r.found
}

// BindingsFile is where the bindings of a playbook stand: beside it.
func BindingsFile(playbook string) string {
	return strings.TrimSuffix(playbook, ".json") + ".bindings.yaml"
}
