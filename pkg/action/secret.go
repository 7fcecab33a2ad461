package action

import (
	"encoding/json"
	"fmt"
	"time"
)

// redacted is what a secret looks like everywhere but at its target.
const redacted = "[redacted]"

// Secret is a text that never prints. Every way of formatting or encoding it
// gives "[redacted]"; only Reveal returns the text. The zero value is an empty
// secret.
type Secret struct{ text string }

// NewSecret wraps text.
func NewSecret(text string) Secret { return Secret{text} }

// Reveal returns the secret itself. Hand it to the target and to nothing else.
func (s Secret) Reveal() string { return s.text }

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

// Wire turns typed data into what JSON can hold, for a request to a target and
// for nothing else: secrets in it are revealed. Durations are written as Go
// writes them, times as in RFC 3339.
func Wire(v any) any {
	switch v := v.(type) {
	case Secret:
		return v.Reveal()
	case time.Duration:
		return v.String()
	case time.Time:
		return v.UTC().Format(time.RFC3339)
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = Wire(e)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = Wire(e)
		}
		return out
	}
	return v
}
