package convert

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/pkg/runbook"
)

// Runbooks and playbooks are made as the tree that files are read into. Its
// mappings keep their order, so that the same document always gives the same
// bytes and a person finds things where they expect them.

// dict is a mapping of keys and values in turn; put says what values may be.
func dict(pairs ...any) *runbook.Value {
	m := &runbook.Value{Kind: runbook.MapValue}
	for i := 0; i < len(pairs); i += 2 {
		add(m, pairs[i].(string), pairs[i+1])
	}
	return m
}

// put adds a key to a mapping, unless there is nothing to say. Values are
// texts, int64, float64, bool, nil, lists of them or of trees, and trees.
func put(m *runbook.Value, key string, value any) {
	switch v := valueOf(value); {
	case v.Kind == 0, v.Kind == runbook.StringValue && strings.TrimSpace(v.Text) == "", v.Kind == runbook.IntValue && v.Int == 0:
	case (v.Kind == runbook.MapValue || v.Kind == runbook.ListValue) && len(v.Pairs)+len(v.Items) == 0:
	default:
		add(m, key, v)
	}
}

// add sets a key of a mapping, whatever its value is.
func add(m *runbook.Value, key string, value any) {
	m.Kind = runbook.MapValue
	v := valueOf(value)
	for i := range m.Pairs {
		if m.Pairs[i].Key.Value == key {
			m.Pairs[i].Value = v
			return
		}
	}
	m.Pairs = append(m.Pairs, runbook.Pair{Key: runbook.Text{Value: key}, Value: v})
}

// valueOf is a value as a tree.
func valueOf(v any) *runbook.Value {
	out := &runbook.Value{}
	switch v := v.(type) {
	case *runbook.Value:
		if v != nil {
			return v
		}
	case nil:
		out.Kind = runbook.Null
	case bool:
		out.Kind, out.Bool, out.Text = runbook.BoolValue, v, strconv.FormatBool(v)
	case int64:
		out.Kind, out.Int, out.Float, out.Text = runbook.IntValue, v, float64(v), strconv.FormatInt(v, 10)
	case float64:
		out.Kind, out.Float, out.Text = runbook.FloatValue, v, strconv.FormatFloat(v, 'g', -1, 64)
	case string:
		out.Kind, out.Text = runbook.StringValue, v
	case []*runbook.Value:
		out.Kind, out.Items = runbook.ListValue, v
	case []string:
		return listOf(v)
	case []any:
		return listOf(v)
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			add(out, key, v[key])
		}
	}
	return out
}

func listOf[T any](all []T) *runbook.Value {
	return &runbook.Value{Kind: runbook.ListValue, Items: each.Of(all, func(e T) *runbook.Value { return valueOf(e) })}
}

// placed gives what has no place of its own the one that it is made for.
func placed(v *runbook.Value, at runbook.Span) *runbook.Value {
	if v.Span == (runbook.Span{}) {
		v.Span = at
	}
	for _, e := range v.Items {
		placed(e, v.Span)
	}
	for i := range v.Pairs {
		p := &v.Pairs[i]
		if placed(p.Value, v.Span); p.Key.Span == (runbook.Span{}) {
			p.Key.Span = p.Value.Span
		}
	}
	return v
}

// encode writes a tree as indented JSON with a final line end.
func encode(v *runbook.Value) []byte {
	var out bytes.Buffer
	_ = json.Indent(&out, []byte(compact(v)), "", "  ") // what compact wrote is JSON
	out.WriteByte('\n')
	return out.Bytes()
}

// compact writes a tree as JSON on one line.
func compact(v *runbook.Value) string {
	switch v.Kind {
	case runbook.ListValue:
		parts := each.Of(v.Items, compact)
		return "[" + strings.Join(parts, ",") + "]"
	case runbook.MapValue:
		parts := each.Of(v.Pairs, func(p runbook.Pair) string { return scalar(p.Key.Value) + ":" + compact(p.Value) })
		return "{" + strings.Join(parts, ",") + "}"
	case runbook.FloatValue: // as the author wrote it
		return v.Text
	}
	return scalar(v.Data())
}

// scalar writes one value as JSON, with nothing in it that is hidden from a
// reader: only texts can hold such characters, as escapes.
func scalar(v any) string {
	var raw bytes.Buffer
	enc := json.NewEncoder(&raw)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v) // texts, numbers and truth values can always be encoded
	var b strings.Builder
	for _, r := range strings.TrimSuffix(raw.String(), "\n") {
		switch {
		case !unprintable(r):
			b.WriteRune(r)
		case r > 0xFFFF:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// unprintable is what a reader of YAML may refuse or a person would not see.
func unprintable(r rune) bool {
	return r != ' ' && !unicode.IsGraphic(r) || r == '\uFEFF' || r == unicode.ReplacementChar || r != ' ' && unicode.IsSpace(r) || r >= 0xFFFE && r&0xFFFE == 0xFFFE
}
