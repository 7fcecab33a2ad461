package signature

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
)

// Draft is a signature to be made. Members holds the members of the signature
// that a person chooses, such as id, created, signee and valid_until; type,
// related_to, related_version, hash_algorithm, algorithm, value and the key are
// filled in, except where Members names them.
type Draft struct {
	Algorithm string // "Ed25519", "ES256", "RS256", ...
	Key       crypto.Signer
	Members   map[string]any
	// Counter signs the playbook's last signature instead of the playbook.
	Counter bool
}

// Sign returns the playbook with one more signature, as indented JSON.
func Sign(src []byte, draft Draft) ([]byte, error) {
	doc, err := read(src)
	if err != nil {
		return nil, err
	}
	spki, err := x509.MarshalPKIXPublicKey(draft.Key.Public())
	if err != nil {
		return nil, fmt.Errorf("the key cannot be used: %w", err)
	}
	members := map[string]any{
		"type": "jss", "related_to": doc.id, "related_version": doc.modified, "hash_algorithm": "sha-256", "algorithm": draft.Algorithm,
		"public_key": base64.StdEncoding.EncodeToString(spki),
	}
	for _, other := range []string{"public_cert_chain", "cert_url", "thumbprint"} {
		if _, given := draft.Members[other]; given {
			delete(members, "public_key")
		}
	}
	for k, v := range draft.Members {
		members[k] = v
	}
	var outer []statement
	if draft.Counter {
		if len(doc.signatures) == 0 {
			return nil, errors.New("the playbook has no signature that could be countersigned")
		}
		last, err := statementOf(doc.signatures[len(doc.signatures)-1])
		if err != nil {
			return nil, err
		}
		outer = []statement{last}
	}
	if members["value"], err = draft.value(doc, members, outer); err != nil {
		return nil, err
	}
	return doc.signed(members, outer)
}

// value makes the signature itself.
func (d Draft) value(doc *document, members map[string]any, outer []statement) (string, error) {
	s, err := statementOf(members)
	if err != nil {
		return "", errors.New("the signature's members are not what CACAO describes")
	}
	hashed, err := doc.hashed(s, outer)
	if err != nil {
		return "", err
	}
	alg, ok := algorithms[s.Algorithm]
	if !ok {
		return "", fmt.Errorf("irctl does not know the algorithm %q", s.Algorithm)
	}
	if _, err := check(s.Algorithm, d.Key.Public(), hashed, nil); err != nil {
		return "", err
	}
	var value []byte
	switch key := d.Key.(type) {
	case ed25519.PrivateKey:
		value = ed25519.Sign(key, hashed)
	case *ecdsa.PrivateKey:
		var r, t *big.Int
		if r, t, err = ecdsa.Sign(rand.Reader, key, alg.digest(hashed)); err == nil {
			size := (key.Curve.Params().BitSize + 7) / 8
			value = append(r.FillBytes(make([]byte, size)), t.FillBytes(make([]byte, size))...)
		}
	case *rsa.PrivateKey:
		if alg.pss {
			value, err = rsa.SignPSS(rand.Reader, key, alg.hash, alg.digest(hashed), pssOptions)
		} else {
			value, err = rsa.SignPKCS1v15(rand.Reader, key, alg.hash, alg.digest(hashed))
		}
	default:
		err = errors.New("irctl cannot sign with this kind of key")
	}
	return base64.RawURLEncoding.EncodeToString(value), err
}

// signed is the document with a signature added.
func (d *document) signed(one map[string]any, outer []statement) ([]byte, error) {
	if len(outer) > 0 {
		outer[0].members["signature"] = one
	} else {
		d.members["signatures"] = append(d.signatures, one)
	}
	return json.MarshalIndent(d.members, "", "  ")
}
