// Package data is the plain data that files, expressions, actions and the
// journal hand to each other: nil, bool, int64, uint64, float64, string,
// [encoding/json.Number], []any and map[string]any; and
// [event.Missing] where there should be one.
//
// A number keeps its type and its digits on every way. A whole one is an int64,
// a uint64 if only that holds it, and a json.Number if neither does; one with a
// point or an exponent is a float64, also if its value is whole: [Number] in
// package event says so for all. [Decode] and [Encode] are JSON, [DecodeXML] reads XML, [Of] makes data
// of what Go programs hold, [Wire] what a target is sent, [Same] compares,
// [Clean] makes its texts harmless to show, [Each] and [Any] look at each value in
// it.
package data

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/big"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/irctl/irctl/pkg/event"
)

// Of makes data of a Go value: durations and times become texts, as does what
// it does not know.
func Of(v any) any {
	switch v := v.(type) {
	case nil, bool, string, int64, float64, event.Missing:
		return v
	case int:
		return int64(v)
	case int32:
		return int64(v)
	case uint64:
		return event.Number(strconv.FormatUint(v, 10))
	case json.Number:
		return event.Number(string(v))
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano)
	case []any:
		return list(v, Of)
	case event.List:
		return list(v, Of)
	case []string:
		return list(v, Of)
	case map[string]any:
		return entries(v, Of)
	case event.Values:
		return entries(v, Of)
	case map[string]string:
		return entries(v, Of)
	}
	return fmt.Sprint(v)
}

func list[E any](v []E, of func(any) any) any {
	out := make([]any, len(v))
	for i, e := range v {
		out[i] = of(e)
	}
	return out
}

func entries[E any](v map[string]E, of func(any) any) any {
	out := make(map[string]any, len(v))
	for k, e := range v {
		out[k] = of(e)
	}
	return out
}

// secret is what [action.Secret] is to those who must not know actions.
type secret interface {
	Reveal() string
	Value() any
}

// Reveal returns data with what stands in secrets in their place, and whether
// there were any.
func Reveal(v any) (revealed any, were bool) {
	if !Any(v, func(v any) bool { _, is := v.(secret); return is }) {
		return v, false
	}
	return Each(v, func(v any) any {
		if s, is := v.(secret); is {
			return s.Value()
		}
		return v
	}), true
}

// Each returns data with what give makes of everything in it that is neither a
// list nor a map, in the order of the keys: what give meets first is always the
// same.
func Each(v any, give func(any) any) any {
	inside := func(v any) any { return Each(v, give) }
	switch v := v.(type) {
	case []any:
		return list(v, inside)
	case map[string]any:
		out := make(map[string]any, len(v))
		for _, k := range slices.Sorted(maps.Keys(v)) {
			out[k] = inside(v[k])
		}
		return out
	}
	return give(v)
}

// Any reports whether something in data that is neither a list nor a map is so.
func Any(v any, is func(any) bool) bool {
	inside := func(v any) bool { return Any(v, is) }
	switch v := v.(type) {
	case []any:
		return slices.ContainsFunc(v, inside)
	case map[string]any:
		for _, e := range v {
			if inside(e) {
				return true
			}
		}
		return false
	}
	return is(v)
}

// Wire is data as a target is sent it, and nobody else: secrets are revealed.
func Wire(v any) any {
	v, _ = Reveal(v)
	return Of(v)
}

// Decode reads exactly one JSON value.
func Decode(b []byte) (any, error) {
	if len(b) > 0 && b[0] == '"' { // most of what plans hold
		var text string
		err := json.Unmarshal(b, &text)
		return text, err
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, errors.New("not JSON")
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("more than one JSON value")
	}
	return Of(v), nil
}

// Encode writes data as JSON on one line, keys sorted. Secrets are written as
// they print.
func Encode(v any) ([]byte, error) {
	return json.Marshal(written(v))
}

// Map is data that its readers get in JSON as [Encode] writes it: the journal
// alone writes numbers in another way.
type Map map[string]any

// MarshalJSON implements [json.Marshaler].
func (m Map) MarshalJSON() ([]byte, error) {
	if len(m) == 0 { // as of most steps
		return []byte("{}"), nil
	}
	return Encode(map[string]any(m))
}

// Text is data for a person: a text as it is, the rest as JSON.
func Text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case event.Missing:
		return string(v)
	case event.Values:
		return Text(map[string]any(v))
	}
	b, err := Encode(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

// Duration is a duration as people write it: 2h, not 2h0m0s.
func Duration(d time.Duration) string {
	s := d.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(s, zero) {
			s = s[:len(s)-2]
		}
	}
	return s
}

// written gives whole floats a point, without which they would come back as
// integers.
func written(v any) any {
	switch v := v.(type) {
	case float64:
		if text := strconv.FormatFloat(v, 'f', -1, 64); !strings.ContainsAny(text, ".IN") {
			return json.Number(text + ".0")
		}
		return v
	case []any:
		return list(v, written)
	case map[string]any:
		return entries(v, written)
	case json.Marshaler:
		return v
	}
	return Of(v)
}

// Same reports whether two values are the same; numbers are if they are equal,
// whatever their types: 1 and 1.0 are.
func Same(a, b any) bool {
	if x, ok := rational(a); ok {
		y, ok := rational(b)
		return ok && x.Cmp(y) == 0
	}
	switch a := a.(type) {
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, Same)
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for k, e := range a {
			if other, has := b[k]; !has || !Same(e, other) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(a, b)
}

// rational is the exact value of a number.
func rational(v any) (*big.Rat, bool) {
	switch v := v.(type) {
	case int, int64, uint64:
		return new(big.Rat).SetString(fmt.Sprint(v))
	case json.Number:
		if len(v) > 1000 || strings.ContainsAny(string(v), "eE") {
			return nil, false // its digits would fill the memory
		}
		return new(big.Rat).SetString(string(v))
	case float64:
		r := new(big.Rat).SetFloat64(v)
		return r, r != nil
	}
	return nil, false
}
