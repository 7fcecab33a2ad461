package event

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Values is data inside an event: inputs, outputs, records. A value is nil,
// bool, int64, uint64, float64, string, [json.Number], []any or map[string]any;
// [Number] says which of them a number is. The journal holds no JSON floats and
// no integer beyond 2^53, because readers disagree about them: a float64 stands
// there as {"$float":"1.5"}, what is beyond as {"$number":"7615917337495251231"}.
// A map that could be taken for one of these has one more $ before its key.
type Values map[string]any

// Missing stands in Values for a value that cannot be had, and says why: whoever
// needs the value must fail with it. On disk it is {"$missing":"why"}.
type Missing string

// Error implements error.
func (m Missing) Error() string { return string(m) }

const (
	floatKey  = "$float"
	numberKey = "$number"
	missing   = "$missing"
)

// maxInt is the largest integer that every JSON reader keeps exactly, 2^53-1
// (RFC 8259 section 6).
const maxInt = 1<<53 - 1

// Number is the number that a text in the form of JSON is: an int64, a uint64 if
// only that holds it, a float64 if it has a point or an exponent, and the text
// itself if it is beyond all of these.
func Number(text string) any {
	if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		return i
	}
	if u, err := strconv.ParseUint(text, 10, 64); err == nil {
		return u
	}
	if strings.ContainsAny(text, ".eE") {
		if f, err := strconv.ParseFloat(text, 64); err == nil {
			return f
		}
	}
	return json.Number(text)
}

// MarshalJSON writes the values with sorted keys and no floats.
func (v Values) MarshalJSON() ([]byte, error) {
	if v == nil {
		return []byte("{}"), nil
	}
	return marshalPlain(storedMap(v))
}

// UnmarshalJSON is the inverse of MarshalJSON.
func (v *Values) UnmarshalJSON(b []byte) error {
	s := &scanner{text: b}
	m, err := s.object()
	if err == nil {
		err = s.over()
	}
	if err != nil {
		return err
	}
	*v = m
	return nil
}

// List is a list of what Values may hold, stored as they are.
type List []any

// MarshalJSON writes the list without floats.
func (l List) MarshalJSON() ([]byte, error) { return marshalPlain(stored([]any(l))) }

// UnmarshalJSON is the inverse of MarshalJSON.
func (l *List) UnmarshalJSON(b []byte) error {
	s := &scanner{text: b}
	v, err := s.value()
	if err == nil {
		err = s.over()
	}
	if err != nil {
		return err
	}
	items, ok := v.([]any)
	if !ok && v != nil {
		return errSyntax
	}
	*l = items
	return nil
}

// stored is data as the journal holds it.
func stored(v any) any {
	switch v := v.(type) {
	case nil, bool, string:
		return v
	case int, int64, uint64:
		if text := fmt.Sprint(v); len(strings.TrimPrefix(text, "-")) > 15 && !small(text) {
			return map[string]any{numberKey: text}
		}
		return v
	case json.Number:
		return map[string]any{numberKey: string(v)}
	case Missing:
		return map[string]any{missing: string(v)}
	case float64:
		return map[string]any{floatKey: strconv.FormatFloat(v, 'g', -1, 64)}
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = stored(e)
		}
		return out
	case map[string]any:
		if key := tag(v); key != "" {
			return map[string]any{"$" + key: stored(v[key])}
		}
		return storedMap(v)
	}
	return fmt.Sprint(v)
}

// small reports whether every JSON reader keeps an integer exactly.
func small(text string) bool {
	i, err := strconv.ParseInt(text, 10, 64)
	return err == nil && i <= maxInt && i >= -maxInt
}

func storedMap(v map[string]any) map[string]any {
	out := make(map[string]any, len(v))
	for k, e := range v {
		out[k] = stored(e)
	}
	return out
}

// tag is the key of a map that stands for a value, or looks as if; "" for others.
func tag(m map[string]any) string {
	for k := range m {
		if name := strings.TrimLeft(k, "$"); len(m) == 1 && name != k && slices.Contains([]string{floatKey, numberKey, missing}, "$"+name) {
			return k
		}
	}
	return ""
}

// marshalPlain is json.Marshal without the escaping of <, > and &, which only
// makes journals harder to read.
func marshalPlain(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return escaped(bytes.TrimRight(b.Bytes(), "\n")), nil
}

// unseen are characters that show nothing, or change how others are shown
// (Unicode 15, Default_Ignorable_Code_Point).
var unseen = []*unicode.RangeTable{unicode.C, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector, unicode.Zl, unicode.Zp}

// escaped is JSON in which such characters stand as escapes, which changes no
// value (RFC 8259 section 7): a journal is also read on terminals.
func escaped(text []byte) []byte {
	hidden := func(r rune) bool { return r >= 0x7F && r != utf8.RuneError && unicode.In(r, unseen...) }
	if bytes.IndexFunc(text, hidden) < 0 {
		return text
	}
	var out []byte
	for _, r := range string(text) {
		if !hidden(r) {
			out = utf8.AppendRune(out, r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			out = fmt.Appendf(out, `\u%04x`, unit)
		}
	}
	return out
}
