package anchor

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"time"

	"filippo.io/mldsa"
	"golang.org/x/mod/sumdb/note"

	"github.com/irctl/irctl/pkg/journal"
)

// The signature types of keys (C2SP signed-note and tlog-cosignature).
const (
	typeNote    = 0x01 // Ed25519, as logs sign
	typeEd25519 = 0x04 // Ed25519, as witnesses cosign
	typeMLDSA44 = 0x06 // ML-DSA-44 (FIPS 204), as witnesses cosign
)

// Key is a public key as C2SP signed-note writes it (a "vkey"): that of a log,
// or that of a witness. The zero value verifies nothing.
type Key struct {
	text string
	name string
	id   uint32
	kind byte
	ed   ed25519.PublicKey
	ml   *mldsa.PublicKey
}

// ParseKey reads a key.
func ParseKey(text string) (Key, error) {
	wrong := func(why string) (Key, error) {
		return Key{}, fmt.Errorf("%q is no key of a log or witness: %s", text, why)
	}
	name, rest, _ := strings.Cut(text, "+")
	id, encoded, ok := strings.Cut(rest, "+")
	data, err := base64.StdEncoding.DecodeString(encoded)
	if !ok || name == "" || err != nil || len(data) < 1 {
		return wrong("it has the form NAME+ID+KEY")
	}
	k := Key{text: text, name: name, kind: data[0]}
	switch public := data[1:]; {
	case (k.kind == typeNote || k.kind == typeEd25519) && len(public) == ed25519.PublicKeySize:
		k.ed = public
	case k.kind == typeMLDSA44:
		if k.ml, err = mldsa.NewPublicKey(mldsa.MLDSA44(), public); err != nil {
			return wrong("its ML-DSA-44 key cannot be read")
		}
	default:
		return wrong("its algorithm is neither Ed25519 nor ML-DSA-44")
	}
	sum := sha256.Sum256(append([]byte(name+"\n"), data...))
	k.id = binary.BigEndian.Uint32(sum[:4])
	if want := fmt.Sprintf("%08x", k.id); id != want {
		return wrong("its ID should be " + want)
	}
	return k, nil
}

// String returns the key as it was read.
func (k Key) String() string { return k.text }

// Name implements note.Verifier.
func (k Key) Name() string { return k.name }

// KeyHash implements note.Verifier.
func (k Key) KeyHash() uint32 { return k.id }

// Verify implements note.Verifier, for the text of a checkpoint.
func (k Key) Verify(text, sig []byte) bool {
	if k.kind == typeNote {
		return ed25519.Verify(k.ed, text, sig)
	}
	at, sig, ok := stamped(sig)
	switch {
	case !ok:
		return false
	case k.kind == typeEd25519:
		return ed25519.Verify(k.ed, cosigned(at, text), sig)
	case k.kind == typeMLDSA44:
		message, err := cosignedTree(k.name, at, text)
		return err == nil && mldsa.Verify(k.ml, message, sig, nil) == nil
	}
	return false
}

// stamped parts a cosignature into its time and the signature proper.
func stamped(sig []byte) (at uint64, rest []byte, ok bool) {
	if len(sig) < 8 {
		return 0, nil, false
	}
	at = binary.BigEndian.Uint64(sig)
	return at, sig[8:], at <= 1<<63-1
}

// cosigned is what an Ed25519 cosignature signs (tlog-cosignature, "Ed25519
// signed message").
func cosigned(at uint64, text []byte) []byte {
	return append([]byte("cosignature/v1\ntime "+strconv.FormatUint(at, 10)+"\n"), text...)
}

// cosignedTree is what an ML-DSA-44 cosignature signs (tlog-cosignature,
// "ML-DSA-44 signed message").
func cosignedTree(name string, at uint64, text []byte) ([]byte, error) {
	c, err := parseCheckpoint(string(text))
	if err != nil {
		return nil, err
	}
	if len(name) > 255 || len(c.Origin) > 255 {
		return nil, fmt.Errorf("a name is longer than 255 bytes")
	}
	out := append([]byte("subtree/v1\n\x00"), byte(len(name)))
	out = append(out, name...)
	out = binary.BigEndian.AppendUint64(out, at)
	out = append(out, byte(len(c.Origin)))
	out = append(out, c.Origin...)
	out = binary.BigEndian.AppendUint64(out, 0)
	out = binary.BigEndian.AppendUint64(out, uint64(c.Size))
	return append(out, c.Root[:]...), nil
}

// signedAt is when a signature line says that it was made; zero if it does not.
func (k Key) signedAt(s note.Signature) time.Time {
	if k.kind == typeNote {
		return time.Time{}
	}
	data, err := base64.StdEncoding.DecodeString(s.Base64)
	if err != nil || len(data) < 4 {
		return time.Time{}
	}
	at, _, ok := stamped(data[4:])
	if !ok {
		return time.Time{}
	}
	return time.Unix(int64(at), 0).UTC()
}

// parseCheckpoint reads the text of a checkpoint, without signatures.
func parseCheckpoint(text string) (journal.Checkpoint, error) {
	return journal.ReadCheckpoint(text + "\n")
}
