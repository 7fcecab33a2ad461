package journal

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// proofFormat is the first line of a proof: c2sp.org/tlog-proof.
const proofFormat = "c2sp.org/tlog-proof@v1"

// Proof shows that a line stands in a journal, to somebody who has nothing of the
// journal but a key or a fingerprint.
type Proof struct {
	Line       []byte // without its newline
	Seq        int64  // its number, from 1
	Checkpoint Checkpoint
	Signed     string // the checkpoint as a signed note
	Path       tlog.RecordProof
	Key        string // that the checkpoint is signed with; not part of the text
}

// Prove reads a journal and proves that one of its entries stands in it, by the
// last checkpoint. The journal must verify.
func Prove(r io.Reader, acknowledged *Head, seq int64) (*Proof, error) {
	s := NewAuditor(r, acknowledged, Given{})
	p := &Proof{Seq: seq}
	var hashes []tlog.Hash
	read := tlog.HashReaderFunc(func(at []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(at))
		for i, n := range at {
			out[i] = hashes[n]
		}
		return out, nil
	})
	for s.Scan() {
		e := s.Entry()
		if e.Seq == seq {
			p.Line = bytes.Clone(e.Line)
		}
		if kind, body, err := sealingOf(e.Line); err == nil && kind == signedType {
			p.Signed, p.Key = body.Note, s.v.log.signer
		}
		more, err := tlog.StoredHashes(e.Seq-1, e.Line, read)
		if err != nil {
			return nil, err
		}
		hashes = append(hashes, more...)
	}
	report, err := s.Report()
	switch {
	case err != nil:
		return nil, err
	case report.Verdict != Intact && report.Verdict != Torn:
		return nil, fmt.Errorf("the journal does not verify: %s", report.Findings[0].Problem)
	case p.Line == nil:
		return nil, fmt.Errorf("the journal has %d entries, and none with the number %d", report.Entries, seq)
	case s.Seals().Last.Size < seq:
		return nil, fmt.Errorf("no checkpoint covers entry %d: the last one covers %d", seq, s.Seals().Last.Size)
	}
	p.Checkpoint = s.Seals().Last
	p.Path, err = tlog.ProveRecord(p.Checkpoint.Size, seq-1, read)
	return p, err
}

// String is the proof as a file: c2sp.org/tlog-proof, with the line as the extra
// data, if there is one.
func (p *Proof) String() string {
	var b strings.Builder
	b.WriteString(proofFormat + "\n")
	if p.Line != nil {
		fmt.Fprintf(&b, "extra %s\n", base64.StdEncoding.EncodeToString(p.Line))
	}
	fmt.Fprintf(&b, "index %d\n", p.Seq-1)
	for _, h := range p.Path {
		fmt.Fprintf(&b, "%s\n", h)
	}
	return b.String() + "\n" + p.Signed
}

// ReadProof reads a proof of any log, and verifies nothing. The line is nil if it
// has no extra data.
func ReadProof(text string) (*Proof, error) {
	top, signed, _ := strings.Cut(text, "\n\n")
	lines := strings.Split(top, "\n")
	bad := errors.New("this is not a proof that an entry of a log was logged: " + proofFormat)
	if lines[0] != proofFormat {
		return nil, bad
	}
	lines = lines[1:]
	p := &Proof{Signed: signed}
	if len(lines) > 0 && strings.HasPrefix(lines[0], "extra ") {
		var err error
		if p.Line, err = base64.StdEncoding.DecodeString(lines[0][len("extra "):]); err != nil {
			return nil, bad
		}
		lines = lines[1:]
	}
	if len(lines) == 0 {
		return nil, bad
	}
	number, found := strings.CutPrefix(lines[0], "index ")
	index, err := strconv.ParseInt(number, 10, 64)
	if !found || err != nil || index < 0 || index == math.MaxInt64 || strconv.FormatInt(index, 10) != number {
		return nil, bad
	}
	p.Seq = index + 1
	for _, text := range lines[1:] {
		h, err := tlog.ParseHash(text)
		if err != nil {
			return nil, bad
		}
		p.Path = append(p.Path, h)
	}
	p.Checkpoint, err = ReadCheckpoint(signed)
	return p, err
}

// ParseProof reads what [Proof.String] wrote, and verifies that the line stands
// in the tree of the checkpoint. Whose checkpoint that is, [Proof.Vouched] says.
func ParseProof(text string) (*Proof, error) {
	p, err := ReadProof(text)
	switch {
	case err != nil:
		return nil, err
	case p.Line == nil:
		return nil, errors.New("the proof is of an entry that is not in it, so it is none of a journal of irctl")
	case p.Seq > p.Checkpoint.Size || tlog.CheckRecord(p.Path, p.Checkpoint.Size, p.Checkpoint.Root, p.Seq-1, tlog.RecordHash(p.Line)) != nil:
		return nil, errors.New("the entry is not in the tree of the checkpoint: the proof was altered, or is of another entry")
	}
	return p, nil
}

// Vouched reports whether the checkpoint is one of those that are given: signed
// with one of the keys, or of one of the fingerprints.
func (p *Proof) Vouched(given Given) bool {
	for _, key := range given.Keys {
		if _, err := OpenCheckpoint(p.Signed, key); err == nil {
			return true
		}
	}
	for _, f := range given.Fingerprints {
		if f == p.Checkpoint.Fingerprint() {
			return true
		}
	}
	return false
}
