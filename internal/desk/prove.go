package desk

import (
	"errors"
	"io"
	"os"
	"strings"

	"github.com/irctl/irctl/pkg/journal"
)

// Prove proves one entry of a run to somebody who has nothing else of it.
func (d *Desk) Prove(prefix string, seq int64) (*journal.Proof, error) {
	r, err := d.Journal(prefix)
	if err != nil {
		return nil, err
	}
	p, err := r.Prove(seq)
	if err != nil {
		return nil, &UnreadableError{What: "entry cannot be proven", Means: "Nothing was written.", Err: err, Next: "irctl audit verify " + r.ID()}
	}
	return p, nil
}

// maxProof bounds in bytes what is read of a file that may be a proof.
const maxProof = 2 * journal.MaxLine

// ProofAt reads the file of a proof, nil if it is none. Whether the checkpoint in
// it is anybody's is not asked.
func (d *Desk) ProofAt(path string) (*journal.Proof, error) {
	if !strings.HasSuffix(path, ".tlog-proof") {
		return nil, nil
	}
	f, err := os.Open(d.abs(path))
	if err != nil {
		return nil, &UnreadableError{What: "the proof cannot be read", Means: "Nothing was verified.", Err: err}
	}
	text, err := io.ReadAll(io.LimitReader(f, maxProof))
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, &UnreadableError{What: "the proof cannot be read", Means: "Nothing was verified.", Err: err}
	}
	p, err := journal.ParseProof(string(text))
	if err != nil {
		return nil, &AlteredError{What: path + " proves nothing", Means: "Do not trust what it says.", Err: err}
	}
	return p, nil
}
