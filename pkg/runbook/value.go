package runbook

import (
	"encoding/json"
	"iter"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ValueKind is the shape of a Value. The zero value is what could not be read
// and has been reported; decoding takes it for absent.
type ValueKind int

// The shapes of values.
const (
	Null ValueKind = iota + 1
	BoolValue
	IntValue
	FloatValue
	StringValue
	ListValue
	MapValue
)

// Value is any piece of YAML with its place: the tree that everything else is
// decoded from. Only the forms of YAML's core schema that mean one thing to
// every reader become bool, int or float; the rest is text.
type Value struct {
	Kind  ValueKind
	Span  Span
	Text  string // of a scalar: StringValue's content; for others what the file says
	Bool  bool
	Int   int64 // of an IntValue; the nearest there is, if Text is beyond
	Float float64
	Items []*Value // ListValue
	Pairs []Pair   // MapValue, in the file's order, keys unique
	// TextStart is where the content of a StringValue begins in the file:
	// after the quote, or on the line after a block scalar's header. Plain
	// says that content and file agree character by character from there on,
	// so that a place inside the text can be given exactly; otherwise places
	// fall back to Span.
	TextStart Position
	Plain     bool

	// Literal says of a block scalar (|) that its content begins on its first
	// line, and Indent how deep the content is indented, in characters: with
	// them [Value.Place] finds pieces of a text of several lines.
	Literal bool
	Indent  int
}

// Place returns where the bytes [from, to) of a StringValue's Text stand in
// the file, or the whole value's Span if that cannot be told: in a folded text,
// or one with escapes.
func (v *Value) Place(from, to int) Span {
	if from < 0 || to < from || to > len(v.Text) || !v.Plain && !v.Literal {
		return v.Span
	}
	return Span{File: v.Span.File, Start: v.placeOf(from), End: v.placeOf(to)}
}

func (v *Value) placeOf(offset int) Position {
	p, before := v.TextStart, v.Text[:offset]
	lines := strings.Count(before, "\n")
	if lines == 0 {
		p.Column += utf8.RuneCountInString(before)
		p.Offset += offset
		return p
	}
	last := before[strings.LastIndexByte(before, '\n')+1:]
	p.Line += lines
	p.Column = v.Indent + 1 + utf8.RuneCountInString(last)
	// Empty lines have no indentation.
	indented := lines - strings.Count(before, "\n\n")
	if offset < len(v.Text) && v.Text[offset] == '\n' && last == "" {
		indented--
	}
	p.Offset = min(p.Offset+offset+indented*v.Indent, v.Span.End.Offset)
	return p
}

// Data returns the value as nil, bool, int64, float64, string, []any or
// map[string]any; a whole number beyond int64 as [json.Number].
func (v *Value) Data() any {
	if v == nil {
		return nil
	}
	switch v.Kind {
	case BoolValue:
		return v.Bool
	case IntValue:
		if (v.Int == math.MaxInt64 || v.Int == math.MinInt64) && v.Text != strconv.FormatInt(v.Int, 10) {
			return json.Number(v.Text)
		}
		return v.Int
	case FloatValue:
		return v.Float
	case StringValue:
		return v.Text
	case ListValue:
		out := make([]any, len(v.Items))
		for i, e := range v.Items {
			out[i] = e.Data()
		}
		return out
	case MapValue:
		out := make(map[string]any, len(v.Pairs))
		for _, p := range v.Pairs {
			out[p.Key.Value] = p.Value.Data()
		}
		return out
	}
	return nil
}

// Get returns the value of a key of a MapValue, or nil.
func (v *Value) Get(key string) *Value {
	if v == nil {
		return nil
	}
	for _, p := range v.Pairs {
		if p.Key.Value == key {
			return p.Value
		}
	}
	return nil
}

// All yields the value and every one inside it, in the file's order. A nil value
// has none.
func (v *Value) All() iter.Seq[*Value] {
	return func(yield func(*Value) bool) { v.each(yield) }
}

func (v *Value) each(yield func(*Value) bool) bool {
	if v == nil {
		return true
	}
	if !yield(v) {
		return false
	}
	for _, item := range v.Items {
		if !item.each(yield) {
			return false
		}
	}
	for _, p := range v.Pairs {
		if !p.Value.each(yield) {
			return false
		}
	}
	return true
}

// HasExpr reports whether the value is a text that holds a ${{ }} expression.
func (v *Value) HasExpr() bool {
	return v != nil && v.Kind == StringValue && strings.Contains(strings.ReplaceAll(v.Text, "$${{", ""), "${{")
}
