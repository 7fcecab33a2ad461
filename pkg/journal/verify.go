package journal

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"strconv"
)

// Verdict is the outcome of a verification. The zero value is invalid.
type Verdict string

// The verdicts; the package documentation says what each means.
const (
	Intact    Verdict = "intact"
	Torn      Verdict = "torn"
	Altered   Verdict = "altered"
	Truncated Verdict = "truncated"
)

// maxFindings is how many findings a report holds; the first ones matter.
const maxFindings = 100

// Finding is one thing that is wrong with a journal.
type Finding struct {
	// Seq is the number of the entry that should be at this place.
	Seq int64 `json:"seq"`
	// Offset is where it begins, or should, in bytes from the start.
	Offset int64 `json:"offset"`
	// Last is the number of the last entry that may be the wrong one, if it
	// cannot be told which of several it is.
	Last int64 `json:"last,omitempty"`
	// Kind is what was done, as far as it can be told.
	Kind Kind `json:"kind,omitempty"`
	// Problem says what is wrong, in words.
	Problem string `json:"problem"`
}

// Kind is what became of a journal: its verdict, or more exactly how that came
// about.
type Kind string

// The kinds of findings beside the verdicts.
const (
	// Older is an older copy, put in the place of the journal.
	Older Kind = "older"
	// Spliced is a piece of another journal.
	Spliced Kind = "spliced"
	// Resealed was signed by keys that are not those of this journal.
	Resealed Kind = "resealed"
	// Stripped lacks checkpoints that were there.
	Stripped Kind = "stripped"
	// Copied is the journal of another run, or in another place.
	Copied Kind = "copied"
)

// Report is what Verify found out.
type Report struct {
	Verdict Verdict
	// Entries is how many entries verify, from the first on without a gap.
	Entries int64
	// Head is the last of them.
	Head Head
	// Closed is what the function given to Verify made of them.
	Closed bool
	// Findings are in the order of the file: the first bad entry is first.
	// It is empty for an intact journal and for no other, and ends with the
	// hundredth.
	Findings []Finding
	// Misplaced says that some line is no entry, or not in its place: otherwise
	// what is wrong is what the lines say.
	Misplaced bool
	// Tail is what follows the last whole line, or, if the verdict is Torn,
	// everything after the entries that verify.
	Tail Tail
}

// Verify reads a journal to its end and judges it. acknowledged is the last
// entry that anyone was told is durable, from the head file; nil means that
// there is no readable record of it, and then the end cannot be trusted. The
// error is for a reader that failed; the report then covers what was read.
//
// closed is told of each entry that verifies, in order: its line without the
// newline, not to be kept, and what closed returned for the entry before. What
// it returns for the last becomes [Report.Closed]: whether a run has come to
// its end is what only a reader of entries knows. It may be nil.
func Verify(r io.Reader, acknowledged *Head, closed func(before bool, line []byte) bool) (Report, error) {
	var over bool
	report, err := NewScanner(r, acknowledged).All(func(e Entry) {
		if closed != nil {
			over = closed(over, e.Line)
		}
	})
	report.Closed = over
	return report, err
}

// Scanner reads the entries of a journal that verify, one by one, and then
// says what it thinks of the whole: every reader ends at the same entry.
type Scanner struct {
	v     verifier
	entry Entry
	ended bool
	err   error
}

// NewScanner returns a scanner over a journal. acknowledged is as for Verify.
func NewScanner(r io.Reader, acknowledged *Head) *Scanner {
	return Genesis().NewScanner(r, 0, acknowledged)
}

// NewScanner returns a scanner over the rest of a journal, from where an earlier
// one stopped: h is the last entry that it read, and offset, in bytes from the
// start, is where r stands.
func (h Head) NewScanner(r io.Reader, offset int64, acknowledged *Head) *Scanner {
	s := &Scanner{v: verifier{
		lines:  lines{r: bufio.NewReaderSize(r, 256<<10), offset: offset},
		ack:    acknowledged,
		hash:   sha256.New(),
		report: Report{Verdict: Intact, Entries: h.Seq, Head: h},
		seqs:   [2]int64{h.Seq + 1, h.Seq + 1},
	}}
	for i := range s.v.prevs {
		copy(s.v.prevs[i][:], h.Hash)
	}
	return s
}

// Scan goes to the next entry. It returns false after the last one that
// verifies.
func (s *Scanner) Scan() bool {
	for !s.ended && !s.v.torn && s.v.report.Verdict == Intact {
		before := s.v.report.Entries
		l := s.next()
		if s.v.report.Entries > before {
			s.entry = Entry{s.v.report.Entries, l.offset, l.bytes}
			return true
		}
	}
	return false
}

// Entry returns the entry that Scan went to.
func (s *Scanner) Entry() Entry { return s.entry }

// End is where that entry ends, in bytes from the start of the journal.
func (s *Scanner) End() int64 {
	if s.entry.Line == nil {
		return 0
	}
	return s.entry.Offset + int64(len(s.entry.Line)) + 1
}

// Head returns the head of the entry that Scan went to last.
func (s *Scanner) Head() Head { return s.v.report.Head }

// All goes to every entry that verifies, and then judges the whole as Report does.
// each is told of them; it may be nil.
func (s *Scanner) All(each func(Entry)) (Report, error) {
	for s.Scan() {
		if each != nil {
			each(s.entry)
		}
	}
	return s.Report()
}

// Report reads the rest of the journal and judges the whole. The error is for a
// reader that failed; the report then covers what was read.
func (s *Scanner) Report() (Report, error) {
	for !s.ended {
		s.next()
	}
	return s.v.report, s.err
}

// next judges one line.
func (s *Scanner) next() line {
	l, err := s.v.lines.next()
	switch {
	case err == io.EOF:
		s.ended = true
		s.v.end()
	case err != nil:
		s.ended, s.err = true, fmt.Errorf("read the journal at byte %d: %w", s.v.lines.offset, err)
	case s.v.torn:
		s.v.report.Tail.Bytes += l.size
	case l.whole:
		s.v.line(l)
	default:
		s.v.tail(l)
	}
	return l
}

// verifier is the state between two lines. After a bad line it goes on with
// both readings of it, that what it says is right and that what it should say
// is, so that one change gives one finding and not one for every later line.
type verifier struct {
	lines    lines
	ack      *Head
	hash     hash.Hash
	sum      [sha256.Size]byte
	computed [hashText]byte // of the line under test, after prevs[0]
	seqs     [2]int64       // numbers that the next line may have
	prevs    [2][hashText]byte
	report   Report
	torn     bool
	broken   bool // the last finding is a line that what came since is chained to
	log      *log // nil if checkpoints are not looked at
}

func (v *verifier) line(l line) {
	problem, placed := v.check(l)
	switch {
	case problem == "":
		v.accept(l)
		return
	case v.report.Verdict == Intact && v.neverSynced(l):
		v.torn = true
		v.report.Tail = Tail{l.offset, l.size}
		return
	}
	v.report.Misplaced = v.report.Misplaced || !placed
	v.find(Altered, v.seqs[0], l.offset, problem)
	v.broken = v.report.Entries > 0 && len(v.report.Findings) < maxFindings
	v.resume(l)
}

// neverSynced recognises a hole: blocks that the file system had given to the
// file, but not yet filled, when the machine lost power. They read as zeros,
// no entry holds a zero byte, and only a write that was never acknowledged can
// leave them.
func (v *verifier) neverSynced(l line) bool {
	return v.ack != nil && v.ack.Seq < v.seqs[0] && bytes.IndexByte(l.bytes, 0) >= 0
}

// check says what is wrong with a line, or "", and whether it is an entry in its
// place.
func (v *verifier) check(l line) (problem string, placed bool) {
	seq, sealed := anatomy(l.bytes)
	switch {
	case l.long:
		problem = fmt.Sprintf("the line in the place of entry %d is longer than any entry", v.seqs[0])
	case !sealed:
		problem = fmt.Sprintf("the line in the place of entry %d is not an entry: it does not end with a hash", v.seqs[0])
	case seq < 1:
		problem = fmt.Sprintf("the line in the place of entry %d is not an entry: it does not begin with a number", v.seqs[0])
	case seq != v.seqs[0] && seq != v.seqs[1]:
		problem = fmt.Sprintf("entry %d is not in its place: the line there says that it is entry %d", v.seqs[0], seq)
	case !v.follows(l.bytes, 1) && !v.follows(l.bytes, 0):
		return fmt.Sprintf("entry %d was changed: its bytes and the entry before it do not give its hash", seq), true
	}
	return problem, problem == ""
}

// follows computes the hash of a sealed line after prevs[i], and compares.
func (v *verifier) follows(b []byte, i int) bool {
	v.hash.Reset()
	v.hash.Write(v.prevs[i][:])
	v.hash.Write(b[:len(b)-sealText])
	hex.Encode(v.computed[:], v.hash.Sum(v.sum[:0]))
	return bytes.Equal(v.computed[:], stated(b))
}

func (v *verifier) accept(l line) {
	seq, _ := anatomy(l.bytes)
	copy(v.prevs[0][:], stated(l.bytes))
	v.prevs[1] = v.prevs[0]
	v.seqs = [2]int64{seq + 1, seq + 1}
	if v.report.Verdict != Intact {
		if v.log != nil && v.broken {
			v.log.piece(l, v)
		}
		return
	}
	if v.ack != nil && v.ack.Seq == seq && v.ack.Hash != string(v.prevs[0][:]) {
		v.find(Altered, seq, l.offset, fmt.Sprintf("entry %d is not the one that was acknowledged: it, or entries before it, were written anew", seq))
		return
	}
	v.report.Entries = seq
	v.report.Head = Head{seq, string(v.prevs[0][:])}
	if v.log != nil {
		v.log.entry(l, v)
	}
}

// resume prepares for the line after a bad one.
func (v *verifier) resume(l line) {
	expected := v.seqs[0] + 1
	v.seqs = [2]int64{expected, expected}
	seq, sealed := anatomy(l.bytes)
	if l.long || !sealed {
		return
	}
	if seq > 0 {
		v.seqs[0] = seq + 1
	}
	v.follows(l.bytes, 0)
	v.prevs[0] = v.computed
	copy(v.prevs[1][:], stated(l.bytes))
}

// tail judges bytes at the end that have no newline.
func (v *verifier) tail(l line) {
	seq := v.seqs[0]
	acked := v.ack != nil && v.ack.Seq >= seq
	v.report.Tail = Tail{l.offset, l.size}
	switch {
	case v.report.Verdict != Intact:
		v.find(v.report.Verdict, seq, l.offset, fmt.Sprintf("%d bytes follow the last whole line", l.size))
	case v.entryAndMore(l) && (acked || !v.neverSynced(l)):
		v.find(Altered, seq, l.offset, fmt.Sprintf("the line end after entry %d was changed", seq))
	case acked:
		v.find(Truncated, seq, l.offset, fmt.Sprintf("entry %d was cut off: %d bytes of it are left", seq, l.size))
	default:
		v.torn = true
	}
}

// entryAndMore reports whether a whole good entry is followed by something
// other than a newline, which no interrupted write leaves behind.
func (v *verifier) entryAndMore(l line) bool {
	end := bytes.LastIndex(l.bytes, []byte(hashField)) + sealText
	if end < sealText || end >= len(l.bytes) {
		return false
	}
	problem, _ := v.check(line{bytes: l.bytes[:end], whole: true})
	return problem == ""
}

// end judges what can only be known at the end of the file.
func (v *verifier) end() {
	if v.log != nil {
		defer v.log.end(v)
	}
	next, at := v.report.Head.Seq+1, v.lines.offset
	if v.report.Tail.Bytes > 0 {
		at = v.report.Tail.Offset
	}
	switch {
	case v.report.Verdict == Altered:
		return
	case v.ack == nil:
		v.find(Truncated, next, at, fmt.Sprintf("it cannot be shown that nothing was cut off after entry %d: the record of the last acknowledged entry is missing or unreadable", next-1))
	case v.ack.Seq >= next && v.report.Verdict == Intact:
		v.find(Truncated, next, at, missing(next, v.ack.Seq))
	case v.ack.Seq > next: // the tail was the beginning of entry next
		v.find(Truncated, next+1, at+v.report.Tail.Bytes, missing(next+1, v.ack.Seq))
	case v.torn:
		v.find(Torn, next, at, fmt.Sprintf("%d bytes follow entry %d that are no entry and were never acknowledged: a write was interrupted", v.report.Tail.Bytes, next-1))
	}
}

func missing(first, last int64) string {
	if first == last {
		return fmt.Sprintf("entry %d is missing: it was acknowledged, and the journal ends before it", first)
	}
	return fmt.Sprintf("entries %d to %d are missing: they were acknowledged, and the journal ends before them", first, last)
}

func (v *verifier) find(verdict Verdict, seq, offset int64, problem string) {
	v.report.Verdict = verdict
	if len(v.report.Findings) < maxFindings {
		v.report.Findings = append(v.report.Findings, Finding{Seq: seq, Offset: offset, Kind: Kind(verdict), Problem: problem})
	}
}

// anatomy returns the number that a line states, 0 if it states none in the
// one way that Seal writes it, and whether the line has a hash at its end.
func anatomy(b []byte) (seq int64, sealed bool) {
	sealed = len(b) > len(seqOpening)+sealText &&
		string(b[len(b)-sealText:len(b)-sealText+len(hashField)]) == hashField &&
		string(b[len(b)-len(closing):]) == closing
	rest, found := bytes.CutPrefix(b, []byte(seqOpening))
	digits := bytes.IndexByte(rest[:min(len(rest), 20)], ',')
	if !found || digits < 1 || rest[0] == '0' {
		return 0, sealed
	}
	for _, c := range rest[:digits] {
		if c < '0' || c > '9' {
			return 0, sealed
		}
	}
	seq, err := strconv.ParseInt(string(rest[:digits]), 10, 64)
	if err != nil {
		return 0, sealed
	}
	return seq, sealed
}

// stated is the text of the hash in a sealed line.
func stated(b []byte) []byte {
	return b[len(b)-len(closing)-hashText : len(b)-len(closing)]
}
