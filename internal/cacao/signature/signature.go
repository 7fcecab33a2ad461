// Package signature checks who has signed a CACAO 2.0 playbook.
//
// [Verify] reads a playbook's bytes and says of every signature in it whether
// it is good, by which of the keys that the caller trusts, or why not. A
// playbook is signed if [Report.Signed] names somebody. [ParseKeys] reads
// trusted keys and certificates.
//
// What is signed (CACAO 2.0 section 9 and appendix A): the playbook without its
// other signatures, with this one but without its value, in the canonical form
// of RFC 8785; of that the hash, as a lower-case hex string; and the signature
// is over the ASCII bytes of that string. A countersignature lies inside the
// signature that it is about, and covers that signature with its value.
//
// Nothing is ever fetched: a signature that only says where its certificate
// lies is held against the trusted keys.
//
// Files, in reading order: signature.go (verify), canonical.go (what is
// signed), algorithm.go, key.go (whom to trust).
package signature

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/irctl/irctl/pkg/action"
)

// Verdict is what became of checking one signature. The zero value is invalid.
type Verdict string

// The verdicts.
const (
	Valid   Verdict = "valid"       // good, in time, and by a trusted key
	Invalid Verdict = "invalid"     // not good: altered, expired, revoked, malformed
	Unknown Verdict = "unknown key" // nobody who is trusted has signed so
)

// Report is what Verify found. The zero Report is that of a playbook without
// signatures.
type Report struct {
	Signatures []Finding // in the playbook's order
}

// Finding is about one signature.
type Finding struct {
	ID        string
	Signee    string // who says to have signed: a claim
	Algorithm string
	Verdict   Verdict
	Key       string // the name of the trusted key; "" unless Valid
	Print     string // SHA-256 of that key in DER (RFC 5280 section 4.1.2.7), hex; "" unless Valid
	Why       string // for people; "" if Valid
	// Counter is about the signature's own signature, nil if it has none.
	Counter *Finding
}

// Signed returns the name of the trusted key of the first signature that is
// good.
func (r Report) Signed() (key string, ok bool) {
	for _, f := range r.Signatures {
		if f.Verdict == Valid {
			return f.Key, true
		}
	}
	return "", false
}

// Verify checks every signature of a playbook at a time. An error means that
// the bytes are not JSON that can be signed, and that nothing was checked; what
// is wrong with one signature is in its Finding. Text from the playbook in a
// Finding is clean.
func Verify(src []byte, trusted []Key, now time.Time) (Report, error) {
	doc, err := read(src)
	if err != nil {
		return Report{}, err
	}
	var out Report
	for _, raw := range doc.signatures {
		out.Signatures = append(out.Signatures, verifyOne(doc, raw, nil, trusted, now))
	}
	return out, nil
}

// statement is a signature as the playbook holds it.
type statement struct {
	Type       string   `json:"type"`
	ID         string   `json:"id"`
	Signee     string   `json:"signee"`
	Revoked    bool     `json:"revoked"`
	ValidFrom  string   `json:"valid_from"`
	ValidUntil string   `json:"valid_until"`
	RelatedTo  string   `json:"related_to"`
	Version    string   `json:"related_version"`
	Hash       string   `json:"hash_algorithm"`
	Algorithm  string   `json:"algorithm"`
	PublicKey  string   `json:"public_key"`
	Chain      []string `json:"public_cert_chain"`
	CertURL    string   `json:"cert_url"`
	Thumbprint string   `json:"thumbprint"`
	Value      string   `json:"value"`

	members map[string]any // all of it
}

// verifyOne checks one signature. outer are the signatures that it lies in, the
// outermost first.
func verifyOne(doc *document, raw any, outer []statement, trusted []Key, now time.Time) Finding {
	s, err := statementOf(raw)
	if err != nil {
		return Finding{Verdict: Invalid, Why: "it is not a signature as CACAO describes it"}
	}
	f := Finding{ID: action.CleanLine(s.ID, 80), Signee: action.CleanLine(s.Signee, 120), Algorithm: action.CleanLine(s.Algorithm, 40)}
	var by Key
	f.Verdict, by, f.Why = judge(doc, s, outer, trusted, now)
	if f.Verdict == Valid {
		f.Key, f.Print = by.Name, by.print()
	}
	if counter, ok := s.members["signature"]; ok && len(outer) < maxCounter {
		inner := verifyOne(doc, counter, append(outer[:len(outer):len(outer)], s), trusted, now)
		f.Counter = &inner
	}
	return f
}

// statementOf reads a signature. Go would take "VALUE" for value, too: a name
// counts here only as it is written.
func statementOf(raw any) (s statement, err error) {
	var ok bool
	if s.members, ok = raw.(map[string]any); !ok {
		return s, errors.New("it is not a JSON object")
	}
	known := maps.Clone(s.members)
	maps.DeleteFunc(known, func(name string, _ any) bool { return name != strings.ToLower(name) })
	text, err := json.Marshal(known)
	if err != nil {
		return s, err
	}
	return s, json.Unmarshal(text, &s)
}

// maxCounter is how deep countersignatures are followed.
const maxCounter = 8

func judge(doc *document, s statement, outer []statement, trusted []Key, now time.Time) (Verdict, Key, string) {
	if why := s.malformed(doc); why != "" {
		return Invalid, Key{}, why
	}
	hashed, err := doc.hashed(s, outer)
	if err != nil {
		return Invalid, Key{}, err.Error()
	}
	if _, known := algorithms[s.Algorithm]; !known {
		return Unknown, Key{}, fmt.Sprintf("irctl does not know its algorithm %q and cannot check it", action.CleanLine(s.Algorithm, 40))
	}
	candidates, err := s.keys(trusted, now)
	if err != nil {
		return Invalid, Key{}, err.Error()
	}
	key, good, err := s.signedBy(hashed, candidates)
	switch {
	case err != nil:
		return Invalid, Key{}, err.Error()
	case !good && s.bringsKey():
		return Invalid, Key{}, "it does not fit the playbook: the playbook or the signature was altered"
	case !good:
		return Unknown, Key{}, "no trusted key fits, and irctl fetches none"
	case key.Name == "":
		return Unknown, Key{}, "it fits the playbook, but nobody trusts its key"
	}
	if why := s.outOfTime(now); why != "" {
		return Invalid, Key{}, why
	}
	return Valid, key, ""
}

// signedBy tries keys in turn. The one that fits has no name if it is not
// trusted.
func (s statement) signedBy(hashed []byte, candidates []Key) (by Key, good bool, err error) {
	value, err := decodeURL(s.Value)
	if err != nil {
		return by, false, errors.New("its value is not base64url")
	}
	for _, c := range candidates {
		ok, err := check(s.Algorithm, c.public, hashed, value)
		if err != nil && s.bringsKey() {
			return by, false, err
		}
		if ok {
			return c, true, nil
		}
	}
	return by, false, nil
}

func (s statement) malformed(doc *document) string {
	ways := 0
	for _, given := range []bool{s.PublicKey != "", len(s.Chain) > 0, s.CertURL != "", s.Thumbprint != ""} {
		if given {
			ways++
		}
	}
	switch {
	case s.Type != "jss":
		return "its type is not jss"
	case s.Value == "":
		return "it has no value"
	case ways != 1:
		return fmt.Sprintf("it must name its key in one way, and does in %d", ways)
	case s.RelatedTo != doc.id:
		return "it belongs to another playbook"
	case s.Version != doc.modified:
		return "it belongs to another version of the playbook"
	case s.Revoked:
		return "whoever made it has revoked it"
	}
	return ""
}

// outOfTime says why a signature does not count at a time.
func (s statement) outOfTime(now time.Time) string {
	for _, bound := range []struct {
		text   string
		broken func(time.Time) bool
		why    string
	}{
		{s.ValidFrom, now.Before, "it counts only from %s"},
		{s.ValidUntil, func(t time.Time) bool { return !now.Before(t) }, "it counted only until %s"},
	} {
		if bound.text == "" {
			continue
		}
		t, err := time.Parse(time.RFC3339Nano, bound.text)
		switch {
		case err != nil:
			return "a time in it is not written as in RFC 3339"
		case bound.broken(t):
			return fmt.Sprintf(bound.why, t.UTC().Format(time.RFC3339))
		}
	}
	return ""
}
