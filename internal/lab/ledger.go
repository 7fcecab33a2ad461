package lab

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
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

// ledger appends entries to a file that only ever grows. An entry is in the
// file when add returns nil. It is safe for concurrent use.
type ledger struct {
	mu   sync.Mutex
	path string
	file *os.File
	seen map[string]bool // system, effect and key of every entry with a key
}

func openLedger(path string) (*ledger, error) {
	entries, err := readLedger(path)
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the lab's ledger: %w", err)
	}
	l := &ledger{path: path, file: f, seen: map[string]bool{}}
	for _, e := range entries {
		l.seen[e.identity()] = true
	}
	return l, nil
}

func (e Entry) identity() string { return e.System + "\n" + string(e.Effect) + "\n" + e.Key }

// known reports whether the same effect with the same key was seen before.
func (l *ledger) known(e Entry) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return e.Key != "" && l.seen[e.identity()]
}

func (l *ledger) add(e Entry) error {
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("write the lab's ledger: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, err := l.file.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("write the lab's ledger: %w", err)
	}
	l.seen[e.identity()] = true
	return nil
}

func (l *ledger) entries() ([]Entry, error) { return readLedger(l.path) }

func (l *ledger) clear() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.file.Truncate(0); err != nil {
		return fmt.Errorf("clear the lab's ledger: %w", err)
	}
	l.seen = map[string]bool{}
	return nil
}

func (l *ledger) close() error { return l.file.Close() }

// readLedger returns what a ledger file holds; nothing for a missing file. A
// last line without its end was never acknowledged to anyone and is left out.
func readLedger(path string) ([]Entry, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the lab's ledger: %w", err)
	}
	return decodeLines[Entry](path, b)
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
