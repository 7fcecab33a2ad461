package journal

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"

	"golang.org/x/mod/sumdb/note"
)

// Ratchet is the secret from which the keys of one log follow. Each checkpoint
// is signed with a key of its own; after it, [Ratchet.Step] replaces the secret
// by its hash, so that whoever reads it later can sign what follows and nothing
// that went before. It is not safe for use from several goroutines.
type Ratchet struct {
	origin string
	n      int64 // the number of the key that signs next, from 1
	seed   [ed25519.SeedSize]byte
	keys   []signer // of the seed and those after it, as far as they were asked for
}

// RatchetSize is the size in bytes of a ratchet's file: one sector of a disk.
const RatchetSize = headSlot

// NewRatchet makes the secret of a new log.
func NewRatchet(origin string) *Ratchet {
	r := &Ratchet{origin: origin, n: 1}
	_, _ = rand.Read(r.seed[:]) // never fails
	return r
}

// DecodeRatchet reads the file of a ratchet. It reports false if it is none.
func DecodeRatchet(file []byte, origin string) (*Ratchet, bool) {
	record, ok := decodeRecord(file, 0)
	if !ok || record.Seq < 1 {
		return nil, false
	}
	r := &Ratchet{origin: origin, n: record.Seq}
	_, _ = hex.Decode(r.seed[:], []byte(record.Hash)) // a record holds 64 digits
	return r, true
}

// Encode returns the file of the ratchet: the record of a head file, with the
// number of the key that signs next, and the seed in place of a hash. It has
// one place only, so that what is written over is gone.
func (r *Ratchet) Encode() []byte {
	file := bytes.Repeat([]byte{' '}, RatchetSize)
	copy(file, EncodeHead(Head{r.n, hex.EncodeToString(r.seed[:])}))
	file[RatchetSize-1] = '\n'
	return file
}

// Number is that of the key that signs next, from 1.
func (r *Ratchet) Number() int64 { return r.n }

// Keys are the public keys of the next two checkpoints, in the form of
// c2sp.org/signed-note.
func (r *Ratchet) Keys() []string { return []string{r.key(0).public, r.key(1).public} }

// key is the key that signs so many checkpoints after the next one.
func (r *Ratchet) key(after int) signer {
	seed := r.seed
	for i := 0; i <= after; i++ {
		if i >= len(r.keys) {
			r.keys = append(r.keys, newSigner(r.origin, seed))
		}
		seed = following(seed)
	}
	return r.keys[after]
}

// following is the seed after one.
func following(seed [ed25519.SeedSize]byte) [ed25519.SeedSize]byte {
	return sha256.Sum256(append([]byte("irctl: the next seed of a log\n"), seed[:]...))
}

// Sign signs what the log says of itself, and returns the signed note and the
// public key to be announced beside it: that of the checkpoint after the next.
func (r *Ratchet) Sign(c Checkpoint) (signed, announced string, err error) {
	text, err := note.Sign(&note.Note{Text: c.text()}, r.key(0))
	return string(text), r.key(2).public, err
}

// Step forgets the secret of the checkpoint that was signed last.
func (r *Ratchet) Step() {
	r.key(0)
	r.seed, r.n, r.keys = following(r.seed), r.n+1, r.keys[1:]
}

// signer is a note.Signer.
type signer struct {
	note.Verifier
	key    ed25519.PrivateKey
	public string // in the form of c2sp.org/signed-note
}

func newSigner(origin string, seed [ed25519.SeedSize]byte) signer {
	s := signer{key: ed25519.NewKeyFromSeed(seed[:])}
	var err error
	if s.public, err = note.NewEd25519VerifierKey(origin, s.key.Public().(ed25519.PublicKey)); err == nil {
		s.Verifier, err = note.NewVerifier(s.public)
	}
	if err != nil {
		panic("the origin of a log is no name of a key: " + err.Error())
	}
	return s
}

// Sign implements note.Signer.
func (s signer) Sign(msg []byte) ([]byte, error) { return ed25519.Sign(s.key, msg), nil }
