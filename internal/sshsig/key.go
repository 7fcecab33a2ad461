package sshsig

import (
	"bytes"
	"crypto/rsa"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

// Key is an SSH public key as one line of OpenSSH, its type and the key in
// base64, without options and comment: two keys are the same if their texts
// are.
type Key string

// ErrNoKey says that a text is not an SSH public key that can sign.
var ErrNoKey = errors.New("not an SSH public key")

// leastRSA is the least size of an RSA key in bits; OpenSSH asks for as much
// where it is told to be careful (RequiredRSASize, ssh_config(5)).
const leastRSA = 2048

// ParseKey reads a public key from a line as in the file that ends with .pub.
// A certificate, DSA, and RSA below 2048 bits are refused.
func ParseKey(line string) (Key, error) {
	key, limits, err := ParseLimited(line)
	if err == nil && !limits.none() {
		return "", fmt.Errorf("%w: it has options", ErrNoKey)
	}
	return key, err
}

// keyOf is the text of a key that counts.
func keyOf(k ssh.PublicKey) (Key, error) {
	pub, err := ssh.ParsePublicKey(k.Marshal()) // one of an agent knows its bytes only
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrNoKey, err)
	}
	switch pub.Type() {
	case ssh.KeyAlgoED25519, ssh.KeyAlgoSKED25519, ssh.KeyAlgoSKECDSA256, ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521:
	case ssh.KeyAlgoRSA:
		if k, ok := pub.(ssh.CryptoPublicKey).CryptoPublicKey().(*rsa.PublicKey); !ok || k.N.BitLen() < leastRSA {
			return "", fmt.Errorf("%w that counts: RSA keys have %d bits at least", ErrNoKey, leastRSA)
		}
	default:
		return "", fmt.Errorf("%w that counts: %s", ErrNoKey, pub.Type())
	}
	return Key(strings.TrimSpace(string(ssh.MarshalAuthorizedKey(pub)))), nil
}

// Fingerprint is the key as ssh-keygen -l tells it: SHA256: and base64. A text
// that is no key has none.
func (k Key) Fingerprint() string {
	pub, _, _, _, err := ssh.ParseAuthorizedKey([]byte(k))
	if err != nil {
		return ""
	}
	return ssh.FingerprintSHA256(pub)
}

// Limits are what the options before a key in a file of allowed signers say
// (ssh-keygen(1), ALLOWED SIGNERS). The zero value limits nothing.
type Limits struct {
	Namespaces    []string  // patterns; none is every namespace
	After, Before time.Time // the key counts from and until; zero is no limit
}

func (l Limits) none() bool {
	return len(l.Namespaces) == 0 && l.After.IsZero() && l.Before.IsZero()
}

// OutsideError says that a key does not count for a signature.
type OutsideError struct {
	Namespace     string // for which it does not count; "" if the time is the reason
	After, Before time.Time
}

// Error implements error.
func (e *OutsideError) Error() string {
	switch {
	case e.Namespace != "":
		return "the key does not count for " + e.Namespace
	case !e.After.IsZero():
		return "the key counts only from " + e.After.UTC().Format(time.RFC3339) + " on"
	}
	return "the key has not counted since " + e.Before.UTC().Format(time.RFC3339)
}

// Permit returns nil if the key counts for a signature that is made in a
// namespace at a time, and otherwise an *[OutsideError].
func (l Limits) Permit(namespace string, at time.Time) error {
	switch {
	case len(l.Namespaces) > 0 && !matches(l.Namespaces, namespace):
		return &OutsideError{Namespace: namespace}
	case !l.After.IsZero() && at.Before(l.After):
		return &OutsideError{After: l.After}
	case !l.Before.IsZero() && at.After(l.Before):
		return &OutsideError{Before: l.Before}
	}
	return nil
}

// ParseLimited reads a public key with the options that may stand before it in
// a file of allowed signers: namespaces, valid-after, valid-before. Those of
// authorized_keys and cert-authority are refused, with an error that says so.
func ParseLimited(line string) (Key, Limits, error) {
	pub, _, options, rest, err := ssh.ParseAuthorizedKey([]byte(line))
	if err != nil || len(bytes.TrimSpace(rest)) > 0 || strings.ContainsAny(strings.TrimSpace(line), "\r\n") {
		return "", Limits{}, ErrNoKey
	}
	var l Limits
	for _, option := range options {
		name, value, _ := strings.Cut(option, "=")
		value = strings.Trim(value, `"`)
		switch strings.ToLower(name) {
		case "namespaces":
			l.Namespaces = strings.Split(value, ",")
		case "valid-after":
			l.After, err = parseTime(value)
		case "valid-before":
			l.Before, err = parseTime(value)
		case "cert-authority":
			err = errors.New("keys of certificate authorities are not taken: name the key that signs")
		default:
			err = fmt.Errorf("%q is not an option of a key that signs: namespaces, valid-after and valid-before are", name)
		}
		if err != nil {
			return "", Limits{}, err
		}
	}
	key, err := keyOf(pub)
	return key, l, err
}

// TimeError says that a time of an option cannot be read.
type TimeError struct{ Text string }

// Error implements error.
func (e *TimeError) Error() string {
	return fmt.Sprintf("%q is not a time: write YYYYMMDDZ or YYYYMMDDHHMMSSZ, in UTC", e.Text)
}

// parseTime reads a time as OpenSSH writes it. It must say with a Z that it is
// in UTC: without, it would be another time on another machine.
func parseTime(text string) (time.Time, error) {
	for _, layout := range []string{"20060102Z", "200601021504Z", "20060102150405Z"} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	return time.Time{}, &TimeError{text}
}

// matches reports whether a list of patterns takes a text: * is any text, ? any
// one character, and what a pattern behind a ! takes is never taken
// (ssh_config(5), PATTERNS).
func matches(patterns []string, text string) bool {
	taken := false
	for _, p := range patterns {
		p, not := strings.CutPrefix(strings.TrimSpace(p), "!")
		wild := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(p))
		if ok, _ := regexp.MatchString("(?s)^"+wild+"$", text); ok {
			if not {
				return false
			}
			taken = true
		}
	}
	return taken
}
