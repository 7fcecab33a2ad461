package action

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// redacted is what a secret looks like everywhere but at its target.
const redacted = "[redacted]"

// Secret is a text, or a number or truth value that tells about one, that never
// prints. Every way of formatting or encoding it gives "[redacted]"; only Reveal
// and Value return it. The zero value is an empty secret.
type Secret struct {
	text  string
	value any // what the text says, if it is no text
}

// NewSecret wraps a string, or a value of another type that [Values] may hold.
func NewSecret(v any) Secret {
	switch v := v.(type) {
	case string:
		return Secret{text: v}
	case Secret:
		return v
	case float64:
		return Secret{strconv.FormatFloat(v, 'f', -1, 64), v}
	case time.Time:
		return Secret{v.UTC().Format(time.RFC3339Nano), v}
	}
	return Secret{fmt.Sprint(v), v}
}

// Reveal returns the secret as text. Hand it to the target and to nothing else.
func (s Secret) Reveal() string { return s.text }

// Value returns the secret itself with its type.
func (s Secret) Value() any {
	if s.value == nil {
		return s.text
	}
	return s.value
}

// IsZero reports whether there is no secret.
func (s Secret) IsZero() bool { return s.text == "" }

// String implements fmt.Stringer.
func (Secret) String() string { return redacted }

// GoString implements fmt.GoStringer.
func (Secret) GoString() string { return redacted }

// Format implements fmt.Formatter, so that no verb shows the text.
func (Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// MarshalJSON implements json.Marshaler.
func (Secret) MarshalJSON() ([]byte, error) { return json.Marshal(redacted) }

// MarshalText implements encoding.TextMarshaler.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
