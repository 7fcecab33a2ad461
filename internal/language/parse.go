package language

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/irctl/irctl/pkg/runbook"
)

// Version is the version of the language, the value of the header `irctl`.
const Version = "v1"

// fileKinds are the values of `kind`, and how to use such a file.
var fileKinds = map[string]string{
	"runbook":     "run it with `irctl run FILE`",
	"environment": "give it with `--env FILE`, and the runbook's file here",
	"test":        "run it with `irctl test FILE`",
	"scenario":    "play it with `irctl exercise FILE --auto`",
	"connector":   "put it into a folder `connectors` beside your runbooks; `irctl help connectors` is its manual",
	"redaction":   "give it to `irctl report` with `--redact FILE`",
	"policy":      "put it into the machine's irctl folder as policy.yaml: /etc/irctl/policy.yaml",
}

// Parse reads a runbook. It reports every problem at once and returns what it
// could read; the runbook is nil if nothing could be, and then there is at
// least one error.
func Parse(file string, src []byte) (*runbook.Runbook, runbook.Diagnostics) {
	if d := otherTool(file, src); d != nil {
		return nil, runbook.Diagnostics{*d}
	}
	tree, ds := ParseTree(file, src)
	if tree == nil {
		return nil, ds
	}
	return fromTree(file, src, tree, ds)
}

// FromTree is Parse for a tree that was made of a file in another language. Its
// places are those of that file, which src holds.
func FromTree(file string, src []byte, tree *runbook.Value) (*runbook.Runbook, runbook.Diagnostics) {
	return fromTree(file, src, tree, nil)
}

func fromTree(file string, src []byte, tree *runbook.Value, found runbook.Diagnostics) (*runbook.Runbook, runbook.Diagnostics) {
	p := &parser{ids: map[string]bool{}, count: map[string]int{}}
	p.Include(found)
	rb := p.runbook(tree)
	if rb != nil {
		rb.File, rb.Source = file, src
		for s := range runbook.All(rb.Steps) {
			if !s.ID.Given() {
				s.ID.Value = p.freeID(s)
			}
		}
	}
	return rb, p.Diagnostics()
}

// parser lowers a tree to a Runbook.
type parser struct {
	Decoder
	ids   map[string]bool // given ids
	count map[string]int  // of derived ids by their beginning

	stepCount int // so far
}

var MissingHeader = codes.Error("IR0112", "missing header",
	"Every file begins with `irctl: v1`, so that a later irctl knows how to read it, and other YAML is not taken for a runbook.")

var UnknownVersion = codes.Error("IR0113", "unknown version",
	"The file is written in a version of the language that this irctl does not know.")

var WrongFileKind = codes.Error("IR0114", "wrong kind of file",
	"`kind` says what a file is: a runbook (the default), an environment, a test or a scenario.")

// Header checks the head of a file: `irctl: v1` first, and `kind`. It returns
// false if the file is of another kind, so that nothing else in it can be
// judged.
func (m *Mapping) Header(kind string) bool {
	version := m.lookup("irctl")
	switch {
	case version == nil:
		m.d.Report(MissingHeader, m.begin(), "begin the file with `irctl: "+Version+"`", "the header `irctl: %s` is missing", Version)
	case version.Value.Text != Version:
		r := m.d.Report(UnknownVersion, version.Value.Span, "this irctl reads `irctl: "+Version+"`; a newer file needs a newer irctl", "the version %q is not known", short(version.Value.Text))
		if !strings.EqualFold("v"+strings.TrimPrefix(strings.TrimSuffix(version.Value.Text, ".0"), "v"), Version) {
			return false
		}
		r.Fix = &runbook.Edit{Span: version.Value.Span, Text: Version}
	case m.value.Pairs[0].Key.Value != "irctl":
		m.d.Report(MissingHeader, version.Key.Span, "move it to the top of the file", "the header `irctl: %s` must come first", Version)
	}
	given := m.lookup("kind")
	switch {
	case given == nil && kind == "runbook":
		return true
	case given == nil:
		m.d.Report(WrongFileKind, m.begin(), "add `kind: "+kind+"` below `irctl: "+Version+"`", "the file does not say that it is %s", article(kind))
		return !m.Has("steps")
	case given.Value.Text == kind && given.Value.Kind == runbook.StringValue:
		return true
	}
	if use, known := fileKinds[given.Value.Text]; known {
		m.d.Report(WrongFileKind, given.Value.Span, use, "this file is %s, not %s", article(given.Value.Text), article(kind))
		return false
	}
	m.d.Report(WrongFileKind, given.Value.Span, didYouMean(given.Value.Text, slices.Sorted(maps.Keys(fileKinds))), "the kind %q is not known", short(given.Value.Text))
	return true
}

// File reads a file of a kind as a mapping with the keys of a table; what is "an
// environment", for messages. The mapping is nil if the file cannot be judged;
// then there is at least one error.
func (d *Decoder) File(path string, src []byte, kind, what string, t Table) *Mapping {
	tree, found := ParseTree(path, src)
	d.Include(found)
	if head := d.Mapping(tree, what); head == nil || !head.Header(kind) {
		return nil
	}
	m := d.known(tree, what, t)
	m.Require(slices.DeleteFunc(slices.Clone(t.required), func(key string) bool { return key == "irctl" || key == "kind" })...) // Header has looked at these
	return m
}

func article(word string) string {
	if strings.ContainsRune("aeiou", rune(word[0])) {
		return "an " + word
	}
	return "a " + word
}

func (p *parser) runbook(tree *runbook.Value) *runbook.Runbook {
	m := p.Mapping(tree, "a runbook")
	if m != nil && !m.Has("irctl") && !m.Has("steps") { // in braces, where otherTool does not look
		p.Report(Foreign, m.begin(), "a file of irctl begins with `irctl: "+Version+"`", "nothing says that this file is irctl's")
		return nil
	}
	if m == nil || !m.Header("runbook") {
		return nil
	}
	p.knownOnly(m, runbookTable.names)
	m.Require("name", "steps") // Header has looked at the others
	rb := &runbook.Runbook{
		Span:        tree.Span,
		Name:        m.Name("name", StepName),
		Title:       m.Text("title"),
		Description: m.Text("description"),
		Owner:       m.Text("owner"),
		Objective:   m.Duration("objective"),
		Tags:        m.Texts("tags"),
		Inputs:      p.Inputs(m, "inputs", inputTable),
		Outputs:     m.Entries("outputs", VariableName),
		Steps:       p.steps(m, "steps"),
	}
	return rb
}

// knownOnly reports keys that a runbook does not have.
func (p *parser) knownOnly(m *Mapping, known []string) {
	pairs := m.Pairs()
	for i, pair := range pairs {
		if k := pair.Key.Value; !slices.Contains(known, k) {
			detail := didYouMean(k, known)
			if slices.Contains(stepKeys, k) && !strings.HasPrefix(detail, "did you mean") {
				detail = "it belongs to a step: put it below `steps:`, indented"
			}
			m.unknownKey(i, detail, Misspelt(pair.Key, known, pairs))
		}
	}
}

// steps reads a list of steps, which must not be empty.
func (p *parser) steps(m *Mapping, key string) []*runbook.Step {
	if !m.Has(key) {
		return nil
	}
	items := m.Items(key)
	if v := m.lookupValue(key); v.Kind == runbook.ListValue && len(items) == 0 {
		p.Report(EmptyValue, v.Span, "add a step, or remove the key", "`%s` has no steps", key)
	}
	return p.stepList(items)
}

func (p *parser) stepList(items []*runbook.Value) []*runbook.Step {
	out := make([]*runbook.Step, 0, len(items))
	for _, item := range items {
		if s := p.step(item); s != nil {
			out = append(out, s)
		}
	}
	return out
}

// freeID names a step that has no id; they come in the order of the file.
func (p *parser) freeID(s *runbook.Step) string {
	base := string(s.Kind)
	if s.Uses != nil {
		base = kebab(s.Uses.Action.Value)
	}
	base = cmp.Or(base, "step")
	base = base[:min(len(base), 56)]
	for {
		p.count[base]++
		id := base
		if n := p.count[base]; n > 1 {
			id += "-" + strconv.Itoa(n)
		}
		if !p.ids[id] {
			p.ids[id] = true
			return id
		}
	}
}
