package sshsig

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Allowed is one line of a file of allowed signers (ssh-keygen(1), ALLOWED
// SIGNERS): a key, whose it is, and for what it counts.
type Allowed struct {
	Principals []string // patterns
	Key        Key
	Limits
}

// LineError is a line of a file that cannot be read.
type LineError struct {
	Line int // from 1
	Err  error
}

// Error implements error.
func (e *LineError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }

// Unwrap returns what is wrong with the line.
func (e *LineError) Unwrap() error { return e.Err }

// ParseAllowed reads a file of allowed signers. Its errors are joined, each a
// *[LineError]; it is all or nothing.
func ParseAllowed(text string) ([]Allowed, error) {
	var out []Allowed
	var wrong error
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		principals, rest := "", ""
		if quoted, ok := strings.CutPrefix(line, `"`); ok {
			principals, rest, _ = strings.Cut(quoted, `"`)
		} else if at := strings.IndexAny(line, " \t"); at > 0 {
			principals, rest = line[:at], line[at:]
		}
		key, limits, err := ParseLimited(strings.TrimSpace(rest))
		if err == nil && principals == "" {
			err = errors.New("it does not say whose key it is")
		}
		if err != nil {
			wrong = errors.Join(wrong, &LineError{i + 1, err})
			continue
		}
		out = append(out, Allowed{strings.Split(principals, ","), key, limits})
	}
	if wrong != nil {
		return nil, wrong
	}
	return out, nil
}

// ErrStranger says that a key is not one of those that are allowed.
var ErrStranger = errors.New("nobody who is allowed to sign has this key")

// Whose returns whose key it is, as the file says it, if it counts for a
// signature in a namespace at a time. The error is [ErrStranger], or an
// *[OutsideError] if no line of the key permits it.
func Whose(allowed []Allowed, key Key, namespace string, at time.Time) (string, error) {
	why := ErrStranger
	for _, a := range allowed {
		if a.Key != key {
			continue
		}
		if why = a.Permit(namespace, at); why == nil {
			return strings.Join(a.Principals, ","), nil
		}
	}
	return "", why
}
