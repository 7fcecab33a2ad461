package signature

import (
	"bytes"
	"crypto"
	_ "crypto/sha256" // the hashes that a signature may name
	_ "crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/gowebpki/jcs"

	"github.com/irctl/irctl/pkg/action"
)

// document is a playbook in canonical form, taken apart.
type document struct {
	members      map[string]json.RawMessage
	signatures   []json.RawMessage
	id, modified string
}

// read takes a playbook apart. Keys that stand twice, text that is no Unicode
// and numbers that lose digits are refused, since readers could differ about
// what was signed.
func read(src []byte) (*document, error) {
	canonical, err := jcs.Transform(src)
	if err != nil {
		return nil, fmt.Errorf("the playbook has no canonical form (RFC 8785), so no signature can be checked: %s", action.CleanLine(err.Error(), 200))
	}
	d := &document{}
	if err := json.Unmarshal(canonical, &d.members); err != nil || d.members == nil {
		return nil, errors.New("the playbook is not a JSON object")
	}
	d.id, d.modified = text(d.members["id"]), text(d.members["modified"])
	if raw, ok := d.members["signatures"]; ok {
		if err := json.Unmarshal(raw, &d.signatures); err != nil {
			return nil, errors.New("the playbook's signatures are not a list")
		}
	}
	return d, nil
}

func text(raw json.RawMessage) string {
	var s string
	_ = json.Unmarshal(raw, &s) // anything else than a text fits no signature
	return s
}

// hashes are the hash algorithms, by their IANA names.
var hashes = map[string]crypto.Hash{"sha-256": crypto.SHA256, "sha-384": crypto.SHA384, "sha-512": crypto.SHA512}

// hashed is what a signature is over: the hash of the playbook with this
// signature alone, as hex.
func (d *document) hashed(s statement, raw json.RawMessage, outer []json.RawMessage) ([]byte, error) {
	hash, ok := hashes[strings.ToLower(s.Hash)]
	if !ok {
		return nil, fmt.Errorf("its hash algorithm %q is not sha-256, sha-384 or sha-512", action.CleanLine(s.Hash, 40))
	}
	one, err := without(raw, "value", "signature")
	if err != nil {
		return nil, err
	}
	for i := len(outer) - 1; i >= 0; i-- {
		if one, err = with(outer[i], "signature", one); err != nil {
			return nil, err
		}
	}
	whole := map[string]json.RawMessage{}
	for k, v := range d.members {
		whole[k] = v
	}
	if whole["signatures"], err = encode([]json.RawMessage{one}); err != nil {
		return nil, err
	}
	plain, err := encode(whole)
	if err != nil {
		return nil, err
	}
	canonical, err := jcs.Transform(plain)
	if err != nil {
		return nil, fmt.Errorf("it has no canonical form: %s", action.CleanLine(err.Error(), 120))
	}
	h := hash.New()
	h.Write(canonical)
	return []byte(hex.EncodeToString(h.Sum(nil))), nil
}

// without is a JSON object without some members.
func without(raw json.RawMessage, names ...string) (json.RawMessage, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return nil, errors.New("it is not a JSON object")
	}
	for _, name := range names {
		delete(members, name)
	}
	return encode(members)
}

// with is a JSON object with a member set.
func with(raw json.RawMessage, name string, value json.RawMessage) (json.RawMessage, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return nil, errors.New("it is not a JSON object")
	}
	members[name] = value
	return encode(members)
}

// encode writes JSON that means what it was read from: the encoder's usual
// escapes for HTML change no text, but they are left out all the same.
func encode(v any) (json.RawMessage, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("it cannot be written as JSON: %w", err)
	}
	return out.Bytes(), nil
}

// decodeURL decodes base64url (RFC 4648 section 5) without padding.
func decodeURL(s string) ([]byte, error) { return base64.RawURLEncoding.Strict().DecodeString(s) }
