package language

import (
	"fmt"
	"slices"

	"github.com/irctl/irctl/internal/finding"
	"github.com/irctl/irctl/pkg/runbook"
)

// Mapping is a mapping whose keys are read by name.
type Mapping struct {
	d     *Decoder
	what  string // "a retry", for messages
	value *runbook.Value
	table Table          // of its keys, as far as it has one
	at    map[string]int // where the keys are; nil until one of many is asked for
}

var UnknownKey = codes.Error("IR0104", "unknown key",
	"The key is not part of the language at this place. Nothing is ignored: a misspelt `on_failure` would otherwise be found out in the middle of an incident.")

// Mapping reads a value as a mapping with certain keys and reports those that
// are not known. Without known keys every key is accepted. The mapping is nil
// if the value is no mapping; that is reported unless the value is nil.
func (d *Decoder) Mapping(v *runbook.Value, what string, known ...string) *Mapping {
	if v == nil || v.Kind == 0 {
		return nil
	}
	if v.Kind != runbook.MapValue {
		detail := ""
		if len(known) > 0 {
			detail = "write it as a mapping with " + list(known, "and")
		}
		d.Report(WrongShape, v.Span, detail, "%s must be a mapping, not %s", what, kindWords(v))
		return nil
	}
	m := &Mapping{d: d, what: what, value: v}
	if len(known) == 0 {
		return m
	}
	for i, p := range v.Pairs {
		if !slices.Contains(known, p.Key.Value) {
			m.unknownKey(i, didYouMean(p.Key.Value, known), Misspelt(p.Key, known, v.Pairs))
		}
	}
	return m
}

// unknownKey reports a key, and reads it as the one that was meant where that is
// certain: so its value is checked, too, and nothing seems to be missing.
func (m *Mapping) unknownKey(i int, detail string, fix *runbook.Edit) {
	k := m.value.Pairs[i].Key
	m.d.Report(UnknownKey, k.Span, detail, "%s has no key `%s`", m.what, short(k.Value)).Fix = fix
	if fix != nil {
		meant := *m.value
		meant.Pairs = slices.Clone(meant.Pairs)
		meant.Pairs[i].Key.Value = fix.Text
		m.value = &meant
	}
}

// A nil Mapping is empty.
func (m *Mapping) decoder() *Decoder {
	if m == nil {
		return &Decoder{}
	}
	return m.d
}

// Span is where the mapping stands.
func (m *Mapping) Span() runbook.Span {
	if m == nil {
		return runbook.Span{}
	}
	return m.value.Span
}

// Pairs returns all entries in the file's order.
func (m *Mapping) Pairs() []runbook.Pair {
	if m == nil {
		return nil
	}
	return m.value.Pairs
}

// Has reports whether a key is there, even with an empty value.
func (m *Mapping) Has(key string) bool { return m.lookup(key) != nil }

// Key returns the key itself, for its place.
func (m *Mapping) Key(key string) runbook.Text {
	if p := m.lookup(key); p != nil {
		return p.Key
	}
	return runbook.Text{}
}

// lookup returns the entry of a key, nil if it is not there.
func (m *Mapping) lookup(key string) *runbook.Pair {
	if m == nil {
		return nil
	}
	if len(m.value.Pairs) > fewKeys {
		return m.lookupMany(key)
	}
	for i := range m.value.Pairs {
		if p := &m.value.Pairs[i]; p.Key.Value == key {
			return p
		}
	}
	return nil
}

// lookupMany is lookup in a mapping with many keys, each of which may be asked
// for.
func (m *Mapping) lookupMany(key string) *runbook.Pair {
	if m.at == nil {
		m.at = make(map[string]int, len(m.value.Pairs))
		for i, p := range m.value.Pairs {
			m.at[p.Key.Value] = i
		}
	}
	if i, ok := m.at[key]; ok {
		return &m.value.Pairs[i]
	}
	return nil
}

// Require reports the keys that are missing.
func (m *Mapping) Require(keys ...string) {
	for _, k := range keys {
		if m != nil && !m.Has(k) {
			m.lacks(MissingKey, fmt.Sprintf("add `%s:`", k), "%s lacks `%s`", m.what, k)
		}
	}
}

// lacks reports what is missing in the mapping, unless it may stand in lines of
// it that were left out.
func (m *Mapping) lacks(code *finding.Code, detail, format string, args ...any) {
	at := m.begin()
	for _, u := range m.d.unread {
		if u.Start.Line >= at.Start.Line && u.Start.Line <= m.value.Span.End.Line+1 && abs(u.Start.Column-at.Start.Column) < 2 {
			return
		}
	}
	m.d.Report(code, at, detail, format, args...)
}

func abs(n int) int { return max(n, -n) }

// lookupValue returns a key's value as it is, without complaint.
func (m *Mapping) lookupValue(key string) *runbook.Value {
	if p := m.lookup(key); p != nil {
		return p.Value
	}
	return nil
}

// begin is the mapping's first key, the place for what is missing in it.
func (m *Mapping) begin() runbook.Span {
	if len(m.value.Pairs) > 0 && m.value.Pairs[0].Key.Span.Start == m.value.Span.Start {
		return m.value.Pairs[0].Key.Span
	}
	at := m.value.Span
	if at.End.Offset > at.Start.Offset {
		at.End = at.Start
		at.End.Column++
		at.End.Offset++
	}
	return at
}
