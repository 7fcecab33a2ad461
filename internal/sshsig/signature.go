package sshsig

import (
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"
)

// The namespaces of irctl.
const (
	Approval = "irctl-approval@v1" // what somebody decided
	Runbook  = "irctl-runbook@v1"  // a file that runs
	Evidence = "irctl-evidence@v1" // what was handed over
)

// Signer is a key that can sign.
type Signer interface {
	// Key is the public key.
	Key() Key
	// Sign returns the signature of a message in a namespace, as the lines that
	// ssh-keygen writes. It may wait for a person to touch a device.
	Sign(ctx context.Context, namespace string, message []byte) (string, error)
}

// ErrSignature says that a signature is none, or not of this message in this
// namespace.
var ErrSignature = errors.New("the signature is not good")

// Verify returns the key that signed a message in a namespace, if the signature
// is good; the error wraps [ErrSignature]. It takes only the one way of writing
// a signature that ssh-keygen has, and of a device only a signature for which
// somebody touched it.
func Verify(namespace string, message []byte, armored string) (Key, error) {
	bad := func(why string) (Key, error) { return "", fmt.Errorf("%w: %s", ErrSignature, why) }
	text := bytes.TrimSpace([]byte(armored))
	block, rest := pem.Decode(text)
	if block == nil || block.Type != sshsig.PEMType || len(block.Headers) > 0 || len(rest) > 0 || !bytes.HasPrefix(text, []byte("-----BEGIN")) {
		return bad("it is not an SSH signature")
	}
	sig, err := sshsig.ParseSignature(block.Bytes)
	if err != nil {
		return bad(err.Error())
	}
	if !bytes.Equal(sig.Marshal(), block.Bytes) {
		return bad("it is not written as OpenSSH writes it")
	}
	if sig.Namespace != namespace {
		return bad(fmt.Sprintf("it is for %q, not for %q", sig.Namespace, namespace))
	}
	key, err := keyOf(sig.PublicKey)
	if err != nil {
		return bad(err.Error())
	}
	if err := sshsig.Verify(bytes.NewReader(message), sig, sig.PublicKey, sig.HashAlgorithm, namespace); err != nil {
		return bad("it is not of this text")
	}
	return key, nil
}

// held is a key that this process can use, from a file or through an agent.
type held struct {
	key    Key
	signer ssh.Signer
}

func newHeld(s ssh.Signer) (Signer, error) {
	key, err := keyOf(s.PublicKey())
	if err != nil {
		return nil, err
	}
	return held{key, s}, nil
}

// Key implements Signer.
func (h held) Key() Key { return h.key }

// Sign implements Signer.
func (h held) Sign(_ context.Context, namespace string, message []byte) (string, error) {
	sig, err := sshsig.Sign(bytes.NewReader(message), h.signer, sshsig.HashSHA512, namespace)
	if err != nil {
		return "", fmt.Errorf("the key %s does not sign: %w", h.key.Fingerprint(), err)
	}
	return string(sshsig.Armor(sig)), nil
}

// Bare is what cannot be said without the key of a signature: all else follows
// from the key and the namespace.
func Bare(armored string) ([]byte, error) {
	sig, err := sshsig.Unarmor([]byte(armored))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSignature, err)
	}
	return ssh.Marshal(sig.Signature), nil
}

// Whole is the signature of which Bare gave a part, by a key in a namespace.
// Whether it is good, Verify says.
func Whole(namespace string, key Key, bare []byte) (string, error) {
	pub, _, _, _, err := ssh.ParseAuthorizedKey([]byte(key))
	if err != nil {
		return "", ErrNoKey
	}
	var sig ssh.Signature
	if err := ssh.Unmarshal(bare, &sig); err != nil {
		return "", fmt.Errorf("%w: %w", ErrSignature, err)
	}
	return string(sshsig.Armor(&sshsig.Signature{Version: 1, PublicKey: pub, Namespace: namespace, HashAlgorithm: sshsig.HashSHA512, Signature: &sig})), nil
}
