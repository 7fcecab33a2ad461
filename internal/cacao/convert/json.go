package convert

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf16"

	"github.com/irctl/irctl/pkg/runbook"
)

// object is a JSON object whose members keep their order, so that the same
// runbook always gives the same bytes and a person finds things where they
// expect them.
type object []member

type member struct {
	key   string
	value any // object, []any, []string, string, int64, bool or nil
}

// put adds a member, unless there is nothing to say.
func (o *object) put(key string, value any) {
	switch v := value.(type) {
	case string:
		if strings.TrimSpace(v) == "" {
			return
		}
	case *runbook.Value:
		if v == nil || v.Kind == runbook.StringValue && strings.TrimSpace(v.Text) == "" {
			return
		}
	case object:
		if len(v) == 0 {
			return
		}
	case []*draft:
		if len(v) == 0 {
			return
		}
	case []any:
		if len(v) == 0 {
			return
		}
	case []string:
		if len(v) == 0 {
			return
		}
	case int64:
		if v == 0 {
			return
		}
	}
	*o = append(*o, member{key, value})
}

// get returns a member's value, nil if there is none.
func (o object) get(key string) any {
	for _, m := range o {
		if m.key == key {
			return m.value
		}
	}
	return nil
}

// encode writes a value as indented JSON with a final line end.
func encode(v any) []byte {
	var out bytes.Buffer
	_ = json.Indent(&out, compact(v), "", "  ") // what write wrote is JSON
	out.WriteByte('\n')
	return out.Bytes()
}

// compact writes a value as JSON on one line, with nothing in it that is hidden
// from a reader: only texts can hold such characters, as escapes.
func compact(v any) []byte {
	var raw bytes.Buffer
	enc := json.NewEncoder(&raw)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v) // values of documents can always be encoded
	var b bytes.Buffer
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
	return b.Bytes()
}

// treeOf turns a value of a runbook into one that can be written.
func treeOf(v *runbook.Value) any {
	switch v.Kind {
	case runbook.ListValue:
		out := make([]any, len(v.Items))
		for i, e := range v.Items {
			out[i] = treeOf(e)
		}
		return out
	case runbook.MapValue:
		out := make(object, len(v.Pairs))
		for i, p := range v.Pairs {
			out[i] = member{p.Key.Value, treeOf(p.Value)}
		}
		return out
	case runbook.FloatValue: // as the author wrote it
		return json.RawMessage(v.Text)
	}
	return v.Data()
}

// MarshalJSON implements json.Marshaler: the members in their order.
func (o object) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, m := range o {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, compact(m.key)...), ':'), compact(m.value)...)
	}
	return append(b, '}'), nil
}

// set replaces a member's value.
func (o object) set(key string, value any) {
	for i := range o {
		if o[i].key == key {
			o[i].value = value
		}
	}
}
