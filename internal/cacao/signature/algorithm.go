package signature

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"fmt"
	"math/big"

	"github.com/irctl/irctl/pkg/action"
)

// algorithm is one of those of RFC 7518 section 3.1, or Ed25519 of RFC 8037.
type algorithm struct {
	hash  crypto.Hash    // 0: the algorithm has its own
	pss   bool           // for RSA
	curve elliptic.Curve // nil: not ECDSA
}

var algorithms = map[string]algorithm{
	"RS256": {hash: crypto.SHA256}, "RS384": {hash: crypto.SHA384}, "RS512": {hash: crypto.SHA512},
	"PS256": {hash: crypto.SHA256, pss: true}, "PS384": {hash: crypto.SHA384, pss: true}, "PS512": {hash: crypto.SHA512, pss: true},
	"ES256": {hash: crypto.SHA256, curve: elliptic.P256()}, "ES384": {hash: crypto.SHA384, curve: elliptic.P384()}, "ES512": {hash: crypto.SHA512, curve: elliptic.P521()},
	"Ed25519": {},
}

// leastRSA is the smallest RSA key that counts, in bits (RFC 7518 section 3.3).
const leastRSA = 2048

// pssOptions say that the salt is as long as the hash (RFC 7518 section 3.5).
var pssOptions = &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}

// check reports whether a value is the signature over a message by a key. An
// error says that the key and the algorithm do not go together, or that irctl
// does not know the algorithm.
func check(name string, public crypto.PublicKey, message, value []byte) (bool, error) {
	alg, ok := algorithms[name]
	if !ok {
		return false, fmt.Errorf("irctl does not know its algorithm %q", action.CleanLine(name, 40))
	}
	digest := alg.digest(message)
	switch key := public.(type) {
	case ed25519.PublicKey:
		if alg.hash == 0 {
			return ed25519.Verify(key, message, value), nil
		}
	case *ecdsa.PublicKey:
		if alg.curve != nil && key.Curve == alg.curve {
			size := (key.Curve.Params().BitSize + 7) / 8
			return len(value) == 2*size && ecdsa.Verify(key, digest, new(big.Int).SetBytes(value[:size]), new(big.Int).SetBytes(value[size:])), nil
		}
	case *rsa.PublicKey:
		switch {
		case alg.hash == 0 || alg.curve != nil:
		case key.N.BitLen() < leastRSA:
			return false, fmt.Errorf("its RSA key has %d bits, and less than %d do not count", key.N.BitLen(), leastRSA)
		case alg.pss:
			return rsa.VerifyPSS(key, alg.hash, digest, value, pssOptions) == nil, nil
		default:
			return rsa.VerifyPKCS1v15(key, alg.hash, digest, value) == nil, nil
		}
	}
	return false, fmt.Errorf("its key is not one for %s", name)
}

func (a algorithm) digest(message []byte) []byte {
	if a.hash == 0 {
		return nil
	}
	h := a.hash.New()
	h.Write(message)
	return h.Sum(nil)
}
