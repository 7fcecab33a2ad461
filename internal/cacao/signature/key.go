package signature

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Key is a key that may have signed: one that is trusted, if it has a name.
type Key struct {
	Name string // for people: "soc"; "" if nobody trusts it

	public crypto.PublicKey
	spki   []byte            // the key in DER (RFC 5280 section 4.1.2.7)
	cert   *x509.Certificate // nil for a bare key
}

// ParseKeys reads trusted keys in PEM: public keys, and certificates. A
// certificate trusts its own key and, if it is an authority's, those whom it
// has certified.
func ParseKeys(name string, text []byte) ([]Key, error) {
	var out []Key
	for rest := text; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		key := Key{Name: name}
		var err error
		switch block.Type {
		case "PUBLIC KEY":
			key.public, err = x509.ParsePKIXPublicKey(block.Bytes)
		case "RSA PUBLIC KEY":
			key.public, err = x509.ParsePKCS1PublicKey(block.Bytes)
		case "CERTIFICATE":
			if key.cert, err = x509.ParseCertificate(block.Bytes); err == nil {
				key.public = key.cert.PublicKey
			}
		default:
			err = errors.New("it is neither a public key nor a certificate")
		}
		if err == nil {
			key.spki, err = x509.MarshalPKIXPublicKey(key.public)
		}
		if err != nil {
			return nil, fmt.Errorf("the key of %s (%s) cannot be used: %w", name, block.Type, err)
		}
		out = append(out, key)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("the key of %s is not PEM: it must begin with -----BEGIN PUBLIC KEY----- or -----BEGIN CERTIFICATE-----", name)
	}
	return out, nil
}

// bringsKey reports whether a signature holds its key itself.
func (s statement) bringsKey() bool { return s.PublicKey != "" || len(s.Chain) > 0 }

// keys are the keys that a signature may have been made with.
func (s statement) keys(trusted []Key, now time.Time) ([]Key, error) {
	switch {
	case s.PublicKey != "":
		return s.bareKey(trusted)
	case len(s.Chain) > 0:
		return s.chainKey(trusted, now)
	}
	var out []Key
	for _, k := range trusted {
		if s.CertURL != "" || s.hasPrint(k) {
			out = append(out, k)
		}
	}
	return out, nil
}

func (s statement) bareKey(trusted []Key) ([]Key, error) {
	der, err := decodeStd(s.PublicKey)
	if err != nil {
		return nil, errors.New("its public key is not base64")
	}
	public, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, errors.New("its public key cannot be read")
	}
	return []Key{among(trusted, public)}, nil
}

// chainKey is the key of the first certificate: trusted if it is a trusted key,
// or if the chain leads to an authority that is trusted.
func (s statement) chainKey(trusted []Key, now time.Time) ([]Key, error) {
	var chain []*x509.Certificate
	for _, text := range s.Chain {
		der, err := decodeStd(text)
		if err != nil {
			return nil, errors.New("its certificates are not base64")
		}
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, errors.New("its certificates cannot be read")
		}
		chain = append(chain, cert)
	}
	leaf := chain[0]
	key := among(trusted, leaf.PublicKey)
	if key.Name != "" {
		return []Key{key}, nil
	}
	between := x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	for _, k := range trusted {
		if k.cert == nil || !k.cert.IsCA {
			continue
		}
		roots := x509.NewCertPool()
		roots.AddCert(k.cert)
		options := x509.VerifyOptions{Roots: roots, Intermediates: between, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}
		if _, err := leaf.Verify(options); err == nil {
			key.Name = k.Name
			break
		}
	}
	return []Key{key}, nil
}

// among is a public key as the one that is trusted, else without a name.
func among(trusted []Key, public crypto.PublicKey) Key {
	spki, err := x509.MarshalPKIXPublicKey(public)
	for _, k := range trusted {
		if err == nil && bytes.Equal(k.spki, spki) {
			return k
		}
	}
	return Key{public: public, spki: spki}
}

// print is the key's fingerprint; "" if it has no form in DER.
func (k Key) print() string {
	if k.spki == nil {
		return ""
	}
	sum := sha256.Sum256(k.spki)
	return hex.EncodeToString(sum[:])
}

// hasPrint reports whether the thumbprint is that of a trusted certificate or
// key.
func (s statement) hasPrint(k Key) bool {
	print, err := decodeURL(strings.TrimRight(s.Thumbprint, "="))
	if err != nil {
		return false
	}
	sum := sha256.Sum256(k.spki)
	if bytes.Equal(print, sum[:]) {
		return true
	}
	if k.cert == nil {
		return false
	}
	sum = sha256.Sum256(k.cert.Raw)
	return bytes.Equal(print, sum[:])
}

// decodeURL decodes base64url (RFC 4648 section 5) without padding.
func decodeURL(s string) ([]byte, error) { return base64.RawURLEncoding.Strict().DecodeString(s) }

// decodeStd decodes base64 (RFC 4648 section 4), with line ends as PEM has
// them.
func decodeStd(text string) ([]byte, error) {
	return base64.StdEncoding.Strict().DecodeString(strings.NewReplacer("\n", "", "\r", "").Replace(text))
}
