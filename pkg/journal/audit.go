package journal

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
)

// Given is what somebody holds against a journal: it was noted down outside the
// folder in which the journal lies, by people or by other machines.
type Given struct {
	// Keys are public keys, each of which has signed a checkpoint.
	Keys []string
	// Fingerprints are those of the journal as it was at some time.
	Fingerprints []Fingerprint
	// Hints are fingerprints that were noted in the same folder: they can show
	// that something is wrong, and vouch for nothing.
	Hints []Fingerprint
}

func (g Given) fingerprints() []Fingerprint { return slices.Concat(g.Fingerprints, g.Hints) }

// Seals is what the checkpoints of a journal say, as far as they are good.
type Seals struct {
	// Origin names the log; it is empty if the journal announces no keys.
	Origin string
	// Key is the public key that signs the first checkpoint.
	Key string
	// Checkpoints is how many there are.
	Checkpoints int64
	// Last is the last of them: it covers as many entries as its size.
	Last Checkpoint
	// Whole is what a checkpoint after the last entry that verifies would say.
	Whole Checkpoint
	// Restarted are the entries after which other keys sign, which nothing but
	// the entry itself vouches for.
	Restarted []int64
	// Vouched is how many entries, from the first on, are what they were
	// according to what was given; 0 if nothing was.
	Vouched int64
}

// NewAuditor is [NewScanner] for somebody who looks at the checkpoints, too.
func NewAuditor(r io.Reader, acknowledged *Head, given Given) *Scanner {
	s := NewScanner(r, acknowledged)
	s.v.log = &log{given: given, prints: given.fingerprints(), good: point{head: Genesis()}, proven: point{head: Genesis()}}
	return s
}

// Audit is [Verify] with a look at the checkpoints, and at what is given. each is
// told of every entry that verifies so far, and may be nil.
func Audit(r io.Reader, acknowledged *Head, given Given, each func(Entry)) (Report, Seals, error) {
	s := NewAuditor(r, acknowledged, given)
	report, err := s.All(each)
	return report, s.Seals(), err
}

// Seals is what a scanner that [NewAuditor] returned found. It comes after
// [Scanner.Report].
func (s *Scanner) Seals() Seals { return s.v.log.seals }

// log follows the tree and the checkpoints of a journal while it is read.
type log struct {
	given   Given
	prints  []Fingerprint // all that are given
	seals   Seals
	tree    Tree
	keys    []string // that sign the next checkpoints; nil if none are announced
	signed  int64    // checkpoints since the keys were announced
	signer  string   // the key of the last checkpoint
	pending int64    // entries since the last checkpoint
	last    point    // the last entry
	good    point    // the last one that a good checkpoint covers
	proven  point    // the last one that a fingerprint covers
	parts   []part

	waiting []signature
	checks  sync.WaitGroup
	mu      sync.Mutex
	forged  *signature // the first one that is not good
}

// point is a place between two entries.
type point struct {
	head Head
	end  int64      // in bytes from the start
	tree Checkpoint // of what lies before; not set in log.last
}

// part is the entries whose checkpoints are signed by one ratchet.
type part struct {
	begins  int64 // the entry that announces its keys
	offset  int64 // where that begins, in bytes from the start
	vouched int64 // the first checkpoint in it that one of the given keys has signed, 0 if none has
	through int64 // how many entries its last checkpoint covers
}

// signature is one to be checked, and how things stood before it.
type signature struct {
	seq       int64
	key, note string
	before    point
	seals     Seals
	parts     int // whose part it is in
}

// entry follows one entry, which is chained to those before it.
func (g *log) entry(l line, v *verifier) {
	seq := v.report.Entries
	kind, s, err := sealingOf(l.bytes)
	switch {
	case err != nil:
		g.fail(v, Kind(Altered), seq, seq, fmt.Sprintf("entry %d is not the JSON that it should be: %v", seq, err))
	case kind == startedType && seq == 1 && len(s.LogKeys) == 2, kind == restartedType && g.keys != nil && len(s.LogKeys) == 2:
		g.announce(seq, l.offset, s)
	case kind == signedType:
		g.checkpoint(seq, s, v)
	default:
		if g.pending++; g.keys != nil && g.pending > MaxUnsigned {
			g.fail(v, Stripped, g.good.head.Seq+1, seq, fmt.Sprintf("no checkpoint covers entries %d to %d, and irctl makes one after %d at most: checkpoints were removed, or this was written by something else", g.good.head.Seq+1, seq, MaxUnsigned))
		}
	}
	if v.report.Verdict != Intact {
		return
	}
	g.tree.Add(l.bytes)
	g.last = point{head: v.report.Head, end: l.offset + l.size}
	for i, f := range g.prints {
		if f.Size != seq {
			continue
		}
		if here := g.tree.Checkpoint(g.seals.Origin); f == here.Fingerprint() {
			g.proven = point{g.last.head, g.last.end, here}
			if i < len(g.given.Fingerprints) {
				g.seals.Vouched = max(g.seals.Vouched, seq)
			}
		} else {
			g.good = g.proven
			g.fail(v, Resealed, g.good.head.Seq+1, seq, fmt.Sprintf("entries %d to %d are not those of the fingerprint %s: one of them or more were changed, and what follows was written anew", g.good.head.Seq+1, seq, f))
		}
	}
}

// announce begins a part of the log.
func (g *log) announce(seq, offset int64, s sealing) {
	if seq == 1 {
		g.seals.Origin, g.seals.Key = Origin(s.Run), s.LogKeys[0]
	} else {
		g.seals.Restarted = append(g.seals.Restarted, seq)
	}
	g.keys, g.signed, g.pending = s.LogKeys, 0, 1
	g.parts = append(g.parts, part{begins: seq, offset: offset})
}

// checkpoint judges an entry that says it signs all entries before it.
func (g *log) checkpoint(seq int64, s sealing, v *verifier) {
	c, err := ReadCheckpoint(s.Note)
	first, last := g.good.head.Seq+1, seq-1
	switch {
	case g.keys == nil:
		g.fail(v, Spliced, seq, seq, fmt.Sprintf("entry %d is a checkpoint, and this journal announces no keys for any: it is of another journal", seq))
		return
	case err != nil:
		g.fail(v, Kind(Altered), seq, seq, fmt.Sprintf("entry %d: %v", seq, err))
		return
	case c.Origin != g.seals.Origin:
		g.fail(v, Spliced, first, seq, fmt.Sprintf("entry %d is a checkpoint of %s, and this is the journal of %s: a piece of that one was put in, with entry %d at the earliest", seq, c.Origin, g.seals.Origin, first))
		return
	case c != g.tree.Checkpoint(c.Origin):
		g.fail(v, Kind(Altered), first, last, fmt.Sprintf("entries %d to %d are not those that the checkpoint in entry %d covers: one of them or more were changed, and what follows was chained anew", first, last, seq))
		return
	}
	g.waiting = append(g.waiting, signature{seq, g.keys[0], s.Note, g.good, g.seals, len(g.parts)})
	if len(g.waiting) == 64 {
		g.dispatch()
	}
	now := &g.parts[len(g.parts)-1]
	if now.through = c.Size; now.vouched == 0 && slices.Contains(g.given.Keys, g.keys[0]) {
		now.vouched = seq
	}
	g.signer, g.keys = g.keys[0], []string{g.keys[1], s.NextKey}
	g.signed, g.pending, g.good = g.signed+1, 0, point{g.last.head, g.last.end, c}
	g.seals.Checkpoints, g.seals.Last = g.seals.Checkpoints+1, c
}

// piece looks, behind a line that is not chained to what precedes it, for a
// checkpoint of another journal, chained to that line: then it came from there.
func (g *log) piece(l line, v *verifier) {
	kind, s, err := sealingOf(l.bytes)
	if kind != signedType || err != nil {
		return
	}
	if c, err := ReadCheckpoint(s.Note); err == nil && c.Origin != g.seals.Origin {
		last := &v.report.Findings[len(v.report.Findings)-1]
		last.Kind, v.broken = Spliced, false
		last.Problem += fmt.Sprintf(". It and what follows it are of another journal: the checkpoint that is chained to it is one of %s", c.Origin)
	}
}

// dispatch has signatures checked beside the reading.
func (g *log) dispatch() {
	batch := g.waiting
	g.waiting = nil
	g.checks.Go(func() {
		for _, s := range batch {
			if _, err := OpenCheckpoint(s.note, s.key); err != nil {
				g.mu.Lock()
				if g.forged == nil || s.seq < g.forged.seq {
					g.forged = &s
				}
				g.mu.Unlock()
				return
			}
		}
	})
}

// fail notes what is wrong, with the entries among which it is.
func (g *log) fail(v *verifier, kind Kind, first, last int64, problem string) {
	v.report.Entries, v.report.Head, g.seals.Whole = g.good.head.Seq, g.good.head, g.good.tree
	found := Finding{Seq: first, Offset: g.good.end, Kind: kind, Problem: problem}
	if last > first {
		found.Last = last
	}
	v.report.Verdict = Altered
	v.report.Findings = append([]Finding{found}, v.report.Findings...)
	g.seals.Vouched = min(g.seals.Vouched, first-1)
}

// end judges what can only be known when all was read.
func (g *log) end(v *verifier) {
	g.dispatch()
	g.checks.Wait()
	if v.report.Entries == g.tree.size {
		g.seals.Whole = g.tree.Checkpoint(g.seals.Origin)
	}
	if f := g.forged; f != nil {
		vouched := g.seals.Vouched
		g.good, g.seals, g.parts = f.before, f.seals, g.parts[:f.parts]
		g.seals.Vouched = vouched
		if now := &g.parts[f.parts-1]; now.vouched >= f.seq {
			now.vouched = 0
		} else {
			now.through = f.before.head.Seq
		}
		g.fail(v, Resealed, g.good.head.Seq+1, f.seq, fmt.Sprintf("the checkpoint in entry %d is not signed with the key that the journal announced for it: entries from %d on were sealed anew with another key, or are not of this journal", f.seq, g.good.head.Seq+1))
	}
	g.hold(v)
}

// hold holds the journal against what is given.
func (g *log) hold(v *verifier) {
	for i, p := range slices.Backward(g.parts) {
		if p.vouched > 0 {
			g.seals.Vouched = max(g.seals.Vouched, p.through)
			g.unvouched(v, g.parts[i+1:])
			break
		}
		if i == 0 {
			g.foreign(v)
		}
	}
	if len(g.parts) == 0 {
		g.foreign(v)
	}
	for _, f := range g.prints {
		if entries := v.report.Head.Seq; f.Size > entries && v.report.Verdict != Altered {
			v.find(Truncated, entries+1, g.last.end, fmt.Sprintf("entries %d to %d are missing: the fingerprint %s was made when they were there", entries+1, f.Size, f))
			if v.ack != nil && v.ack.Seq == entries {
				found := &v.report.Findings[len(v.report.Findings)-1]
				found.Kind = Older
				found.Problem += ". The record of the end agrees with the journal, so an older copy of both was put back, or both were cut"
			}
		}
	}
}

// unvouched says that the given key does not reach to the end.
func (g *log) unvouched(v *verifier, rest []part) {
	if len(rest) == 0 || v.report.Verdict != Intact || g.seals.Vouched >= rest[0].begins {
		return
	}
	v.find(Altered, rest[0].begins, rest[0].offset, fmt.Sprintf("from entry %d on other keys sign, which the given one does not vouch for: the run was taken over there or its secret was lost, or somebody cut the journal and went on. Give the key that was noted after that, too", rest[0].begins))
	v.report.Findings[len(v.report.Findings)-1].Kind = Resealed
}

// foreign says that none of the given keys has signed anything.
func (g *log) foreign(v *verifier) {
	if len(g.given.Keys) == 0 || v.report.Verdict == Altered {
		return
	}
	kind, problem := Resealed, "no checkpoint is signed with the given key: all of this was written anew, or it is not the journal that the key is of"
	if name, _, _ := strings.Cut(g.given.Keys[0], "+"); g.seals.Origin != "" && name != g.seals.Origin {
		kind, problem = Copied, fmt.Sprintf("the given key is of %s, and this is the journal of %s", name, g.seals.Origin)
	} else if g.seals.Origin == "" {
		kind, problem = Stripped, "there are no checkpoints, and the journal that the given key is of has some: they were removed, or this is not that journal"
	}
	g.good, g.seals.Vouched = g.proven, 0
	g.fail(v, kind, 1, v.report.Entries, problem)
}
