package lab

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// Effect is what the lab saw happen to it. The zero value is invalid.
type Effect string

// The effects.
const (
	MailSuspended     Effect = "mail_suspended"
	MailRestored      Effect = "mail_restored"
	MessageDelivered  Effect = "message_delivered"
	WebhookReceived   Effect = "webhook_received"
	PortalOffline     Effect = "portal_offline"
	PortalOnline      Effect = "portal_online"
	PaymentsPublished Effect = "payments_published"
	PaymentsWithdrawn Effect = "payments_withdrawn"
	PasswordChanged   Effect = "password_changed"
	AccountLocked     Effect = "account_locked"
	AccountUnlocked   Effect = "account_unlocked"
	SessionsRevoked   Effect = "sessions_revoked"
)

// Entry is one line of the ledger.
type Entry struct {
	Time   time.Time `json:"time"`
	System string    `json:"system"` // the target's name in the lab's environment
	Effect Effect    `json:"effect"`
	// Key is what the client sent to make repetitions recognisable: the
	// header Idempotency-Key or X-Irctl-Key, or a message's Message-ID.
	Key    string `json:"key,omitempty"`
	Detail string `json:"detail,omitempty"`
	// Duplicate is true for a repetition: the same message or post again, or
	// a request for a state that the system was in already.
	Duplicate bool `json:"duplicate,omitempty"`
}

// repeats reports whether two entries are of the same effect with the same key.
func (e Entry) repeats(other Entry) bool {
	return e.Key != "" && e.Key == other.Key && e.System == other.System && e.Effect == other.Effect
}

// decodeLines decodes a file of JSON lines, without a last line that was cut off.
func decodeLines[T any](path string, b []byte) ([]T, error) {
	b = b[:bytes.LastIndexByte(b, '\n')+1]
	var out []T
	sc := bufio.NewScanner(bytes.NewReader(b))
	sc.Buffer(nil, len(b)+1)
	for n := 1; sc.Scan(); n++ {
		var v T
		if err := json.Unmarshal(sc.Bytes(), &v); err != nil {
			return nil, fmt.Errorf("read %s, line %d: %w", path, n, err)
		}
		out = append(out, v)
	}
	return out, sc.Err()
}
