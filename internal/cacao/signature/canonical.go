package signature

import (
	"bytes"
	"crypto"
	_ "crypto/sha256" // the hashes that a signature may name
	_ "crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gowebpki/jcs"

	"github.com/irctl/irctl/pkg/action"
)

// document is a playbook, with its numbers as the canonical form has them.
type document struct {
	members      map[string]any
	signatures   []any
	id, modified string // anything else than a text fits no signature
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
	dec := json.NewDecoder(bytes.NewReader(canonical))
	dec.UseNumber()
	if err := dec.Decode(&d.members); err != nil || d.members == nil {
		return nil, errors.New("the playbook is not a JSON object")
	}
	d.id, _ = d.members["id"].(string)
	d.modified, _ = d.members["modified"].(string)
	if all := d.members["signatures"]; all != nil {
		var ok bool
		if d.signatures, ok = all.([]any); !ok {
			return nil, errors.New("the playbook's signatures are not a list")
		}
	}
	return d, nil
}

// hashes are the hash algorithms, by their IANA names.
var hashes = map[string]crypto.Hash{"sha-256": crypto.SHA256, "sha-384": crypto.SHA384, "sha-512": crypto.SHA512}

// hashed is what a signature is over: the hash of the playbook with this
// signature alone, inside those that it lies in, as hex.
func (d *document) hashed(s statement, outer []statement) ([]byte, error) {
	hash, ok := hashes[strings.ToLower(s.Hash)]
	if !ok {
		return nil, fmt.Errorf("its hash algorithm %q is not sha-256, sha-384 or sha-512", action.CleanLine(s.Hash, 40))
	}
	one := maps.Clone(s.members)
	delete(one, "value")
	delete(one, "signature")
	for _, o := range slices.Backward(outer) {
		around := maps.Clone(o.members)
		around["signature"] = one
		one = around
	}
	whole := maps.Clone(d.members)
	whole["signatures"] = []any{one}
	text, err := json.Marshal(whole)
	if err == nil {
		text, err = jcs.Transform(text)
	}
	if err != nil {
		return nil, fmt.Errorf("it has no canonical form: %s", action.CleanLine(err.Error(), 120))
	}
	h := hash.New()
	h.Write(text)
	return []byte(hex.EncodeToString(h.Sum(nil))), nil
}
