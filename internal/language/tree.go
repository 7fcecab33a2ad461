package language

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/irctl/irctl/internal/finding"
	"github.com/irctl/irctl/pkg/runbook"
)

// ParseTree reads a file as a tree of positioned values, whatever it is about.
// The value is nil if the file is no single YAML document; then there is at
// least one error.
func ParseTree(file string, src []byte) (*runbook.Value, runbook.Diagnostics) {
	s := newSource(file, src[:min(len(src), maxBytes+1)])
	if len(src) > maxBytes {
		s.text = src // for the number in the message; nothing else is looked at
	}
	found, ok := guard(s)
	if !ok {
		return nil, found
	}
	doc, ds := s.yaml()
	if ds = append(found, ds...); doc == nil {
		return nil, ds
	}
	t := &tree{source: s, diags: ds}
	v := t.value(doc, 1)
	if t.full {
		return nil, t.diags
	}
	return v, t.diags
}

var SeveralDocuments = codes.Error("IR0108", "more than one document",
	"A file holds one document. A line with `---` in the middle begins another; give it a file of its own.")

// Unread counts the pieces of a file that were not read because of what was
// found in it.
func Unread(found runbook.Diagnostics) (n int) {
	for _, d := range found {
		switch d.Code {
		case SeveralDocuments.ID:
			n++
		case NotYAML.ID:
			n += len(d.Related)
		}
	}
	return n
}

// yaml hands the text to yaml.v3 and returns the content of its only document.
func (s *source) yaml() (*yaml.Node, runbook.Diagnostics) {
	dec := yaml.NewDecoder(bytes.NewReader(s.handed))
	first, err := decode(dec)
	switch {
	case errors.Is(err, io.EOF), err == nil && len(first.Content) == 0:
		return nil, runbook.Diagnostics{NotYAML.At(s.span(s.at(0), s.at(0)), "the file is empty", "a file begins with `irctl: v1`")}
	case err != nil:
		return s.resume(err)
	}
	second, err := decode(dec)
	if errors.Is(err, io.EOF) {
		return first.Content[0], nil
	}
	if err != nil {
		return s.resume(err)
	}
	d := SeveralDocuments.At(s.lineSpan(second.Line), "the file holds more than one document", "put each document into a file of its own")
	return first.Content[0], runbook.Diagnostics{d}
}

// decode reads one document. What yaml.v3 panics with is an error to us.
func decode(dec *yaml.Decoder) (n yaml.Node, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("yaml: %v", r)
		}
	}()
	err = dec.Decode(&n)
	return n, err
}

// tree turns YAML nodes into Values.
type tree struct {
	*source
	diags runbook.Diagnostics
	nodes int
	full  bool // a bound is exceeded, nothing more is read

	word   runbook.Value // the key that was read last
	judged int           // anchors, aliases and tags before this offset are reported
}

func (t *tree) report(code *finding.Code, at runbook.Span, detail, format string, args ...any) {
	if len(t.diags) < maxFindings {
		t.diags = append(t.diags, code.At(at, fmt.Sprintf(format, args...), detail))
	}
}

func (t *tree) value(n *yaml.Node, depth int) *runbook.Value { return t.valueIn(n, depth, nil) }

// valueIn is value with a place for a scalar, nil for a new one.
func (t *tree) valueIn(n *yaml.Node, depth int, in *runbook.Value) *runbook.Value {
	start := t.place(n.Line, n.Column)
	here := t.span(start, start)
	t.nodes++
	switch {
	case t.full:
		return &runbook.Value{Span: here}
	case t.nodes > maxNodes:
		t.full, t.diags = true, append(t.diags, tooMany(here))
		return &runbook.Value{Span: here}
	case depth > maxDepth:
		t.full = true
		t.report(TooMany, here, "move inner steps into a runbook of their own and call it with `run`", "values are nested more than %d deep", maxDepth)
		return &runbook.Value{Span: here}
	}
	if n.Value != "" || n.Kind != yaml.ScalarNode || n.Anchor != "" || n.Style != 0 {
		start = t.properties(start)
	}
	switch n.Kind {
	case yaml.ScalarNode:
		return t.scalar(n, start, in)
	case yaml.SequenceNode:
		return t.list(n, start, depth)
	case yaml.MappingNode:
		return t.mapping(n, start, depth)
	}
	// What remains is an alias; properties has reported it, so that a Value
	// without a Kind is taken for one that is absent.
	return &runbook.Value{Span: t.span(start, t.advance(start, t.wordEnd(start.Offset)))}
}

var Anchor = codes.Error("IR0106", "anchor, alias or merge key",
	"A runbook reads from top to bottom: what a step does stands at the step. Steps that are needed twice go into a runbook of their own that both places `run`.")

var Tag = codes.Error("IR0107", "tag",
	"Types come from the language, never from YAML tags such as !!str. Quotes make a text of anything.")

// properties reports anchors, aliases and tags at a place and returns where
// the value itself begins. No plain text begins with &, * or !.
func (t *tree) properties(p runbook.Position) runbook.Position {
	for {
		first := t.byteAt(p.Offset)
		if first != '&' && first != '*' && first != '!' {
			return p
		}
		end := t.advance(p, t.wordEnd(p.Offset))
		word := t.span(p, end)
		if p.Offset < t.judged { // a mapping and its first key begin at the same place
			first += 0x80
		}
		t.judged = max(t.judged, end.Offset)
		switch first {
		case '&':
			t.report(Anchor, word, "write the value out where it is needed; repeated steps can go into a runbook that is called with `run`", "anchors (&) are not allowed")
		case '*' + 0x80:
			return p
		case '*':
			t.report(Anchor, word, "write the value out; a text that begins with * must be in quotes", "aliases (*) are not allowed")
			return p
		case '!':
			t.report(Tag, word, "remove it; a text that begins with ! must be in quotes", "tags (!) are not allowed")
		}
		for isBlank(t.byteAt(end.Offset)) || t.byteAt(end.Offset) == '\n' {
			end = t.advance(end, end.Offset+1)
		}
		p = end
	}
}

func (s *source) wordEnd(i int) int {
	for i < len(s.text) && strings.IndexByte(" \t\r\n,[]{}", s.text[i]) < 0 {
		i++
	}
	return i
}

func (t *tree) list(n *yaml.Node, start runbook.Position, depth int) *runbook.Value {
	v := t.next()
	v.Kind, v.Items = runbook.ListValue, room(&t.items, len(n.Content))
	end := t.advance(start, start.Offset+1)
	for _, c := range n.Content {
		item := t.value(c, depth+1)
		v.Items = append(v.Items, item)
		end = later(end, item.Span.End)
	}
	v.Span = t.span(start, t.closing(start, end, '[', ']'))
	return v
}

var KeyTwice = codes.Error("IR0105", "key given twice",
	"A mapping holds every key once. Readers of YAML differ in which of the two they would take.")

func (t *tree) mapping(n *yaml.Node, start runbook.Position, depth int) *runbook.Value {
	end := t.advance(start, start.Offset+min(1, len(t.text)-start.Offset))
	if len(n.Content)/2 > maxKeys {
		t.full = true
		t.report(TooMany, t.span(start, end), "split it", "a mapping has %d keys, the most is %d", len(n.Content)/2, maxKeys)
		return &runbook.Value{Span: t.span(start, end)}
	}
	v := t.next()
	v.Kind, v.Pairs = runbook.MapValue, room(&t.pairs, len(n.Content)/2)
	var lines map[string]int // of the keys; nil while there are few
	if len(n.Content)/2 > fewKeys {
		lines = make(map[string]int, len(n.Content)/2)
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, ok := t.key(n.Content[i], depth)
		value := t.value(n.Content[i+1], depth+1)
		end = later(later(end, key.Span.End), value.Span.End)
		if !ok {
			continue
		}
		if line := lineOf(key.Value, v.Pairs, lines); line > 0 {
			t.report(KeyTwice, key.Span, fmt.Sprintf("it stands on line %d already; remove one of them", line), "the key %q is given twice", short(key.Value))
			i := slices.IndexFunc(v.Pairs, func(p runbook.Pair) bool { return p.Key.Value == key.Value })
			if n := len(t.diags); n < maxFindings {
				t.diags[n-1].Related = []runbook.Related{{Span: v.Pairs[i].Key.Span, Message: "the first one"}}
			}
			both(v.Pairs[i].Value, value)
			continue
		}
		if lines != nil {
			lines[key.Value] = key.Span.Start.Line
		}
		v.Pairs = append(v.Pairs, runbook.Pair{Key: key, Value: value})
	}
	v.Span = t.span(start, t.closing(start, end, '{', '}'))
	return v
}

// both adds what the second value of a key holds to the first, so that all of it
// is checked, and what it declares is known.
func both(first, second *runbook.Value) {
	if first.Kind != second.Kind {
		return
	}
	first.Items = append(first.Items, second.Items...)
	for _, p := range second.Pairs {
		if lineOf(p.Key.Value, first.Pairs, nil) == 0 && len(first.Pairs) < fewKeys {
			first.Pairs = append(first.Pairs, p)
		}
	}
}

// fewKeys are found faster one by one than through a map.
const fewKeys = 16

// lineOf is where a mapping has a key already, or 0.
func lineOf(key string, pairs []runbook.Pair, lines map[string]int) int {
	if lines != nil {
		return lines[key]
	}
	for _, p := range pairs {
		if p.Key.Value == key {
			return p.Key.Span.Start.Line
		}
	}
	return 0
}

var KeyNotText = codes.Error("IR0115", "key that is not a text",
	"A key is a word before a colon. An unquoted ${{ }} inside { } looks like a key to YAML; put it in quotes.")

// key reads a mapping's key, which must be a text or a number.
func (t *tree) key(n *yaml.Node, depth int) (runbook.Text, bool) {
	v := t.valueIn(n, depth+1, &t.word)
	t.nodes-- // keys are not counted
	text := runbook.Text{Value: v.Text, Span: v.Span}
	switch {
	case t.full || n.Kind == yaml.AliasNode:
		return text, false
	case v.Kind == runbook.MapValue || v.Kind == runbook.ListValue:
		detail := "write the key as a word"
		if strings.HasPrefix(string(t.text[v.Span.Start.Offset:]), "{") {
			detail = "put ${{ }} and {{ }} in quotes"
		}
		t.report(KeyNotText, v.Span, detail, "a key must be a text")
		return text, false
	case v.Kind == runbook.Null:
		t.report(KeyNotText, v.Span, "write the key before the colon", "a key must be a text, not empty")
		return text, false
	case v.Kind == runbook.StringValue && v.Text == "<<" && t.byteAt(v.Span.Start.Offset) == '<':
		t.report(Anchor, v.Span, "write the values out where they are needed", "merge keys (<<) are not allowed")
		return text, false
	}
	return text, true
}

// closing finds the end of a list or mapping: its bracket, or the end of its
// last child.
func (t *tree) closing(start, end runbook.Position, open, bracket byte) runbook.Position {
	if t.byteAt(start.Offset) != open {
		return end
	}
	for i := end.Offset; i < len(t.text); i++ {
		switch c := t.text[i]; {
		case c == bracket:
			return t.advance(end, i+1)
		case c == '#':
			i = t.lineEnd(i)
		case c != '\n' && c != ',' && c != ':' && !isBlank(c):
			return end
		}
	}
	return end
}

func later(a, b runbook.Position) runbook.Position {
	if b.Offset > a.Offset {
		return b
	}
	return a
}

// short is a text as a message may quote it.
func short(s string) string {
	if r := []rune(s[:min(len(s), 256)]); len(r) > 40 || len(s) > 256 {
		return string(r[:min(len(r), 40)]) + "…"
	}
	return s
}
