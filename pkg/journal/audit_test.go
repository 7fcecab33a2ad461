package journal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

const run = "01KDYAK348HDZZ99P7HHSZWCGS"

// book is a journal with checkpoints, kept as an attacker would know it.
type book struct {
	run     string
	log     *Log
	lines   [][]byte // with newlines
	stolen  []byte   // the file of the ratchet
	keys    []string // of the checkpoints, in order
	ratchet *Ratchet
}

func newBook(run string, r *Ratchet) *book {
	b := &book{run: run, ratchet: r}
	b.log = NewLog(b.ratchet)
	b.keys = b.ratchet.Keys()
	b.add(true, fmt.Sprintf(`{"time":"2026-01-02T03:04:05.000000Z","type":"run_started","run":"%s","log_keys":["%s","%s"]}`, run, b.keys[0], b.keys[1]))
	return b
}

func entry(signed, next string) ([]byte, error) {
	text, err := json.Marshal(signed)
	return fmt.Appendf(nil, `{"time":"2026-01-02T03:04:05.000000Z","type":"checkpoint_signed","note":%s,"next_key":"%s"}`, text, next), err
}

// add appends entries.
func (b *book) add(due bool, bodies ...string) { b.adds(when(due), bodies...) }

func (b *book) adds(due Due, bodies ...string) {
	raw := make([][]byte, len(bodies))
	for i := range bodies {
		raw[i] = []byte(bodies[i])
	}
	lines, err := b.log.Append(due, func(signed, next string) ([]byte, error) {
		b.keys = append(b.keys, next)
		return entry(signed, next)
	}, raw...)
	if err != nil {
		panic(err)
	}
	b.lines = append(b.lines, lines...)
	b.stolen = b.ratchet.Encode()
}

func when(due bool) Due {
	if due {
		return Now
	}
	return Later
}

// remark is the body of an entry that differs from all others.
func remark(n int) string {
	return fmt.Sprintf(`{"time":"2026-01-02T03:04:05.000000Z","type":"note_added","text":"the %dth line of what was done, and to whom"}`, n)
}

// written is a book of so many entries, signed after every tenth.
func written(run string, entries int) *book {
	return writtenWith(run, NewRatchet(Origin(run)), entries)
}

func writtenWith(run string, r *Ratchet, entries int) *book {
	b := newBook(run, r)
	for n := 3; len(b.lines) < entries; n++ {
		b.add(n%10 == 0, remark(n))
	}
	return b
}

func (b *book) file() []byte { return bytes.Join(b.lines, nil) }

func (b *book) head() Head { return headOf(b.lines) }

func headOf(lines [][]byte) Head {
	last := bytes.TrimSuffix(lines[len(lines)-1], []byte("\n"))
	return Head{int64(len(lines)), string(stated(last))}
}

// print is the fingerprint of the first n entries.
func (b *book) print(n int) Fingerprint {
	var t Tree
	for _, line := range b.lines[:n] {
		t.Add(line[:len(line)-1])
	}
	return t.Checkpoint("").Fingerprint()
}

// rechain is what a script does that knows the format and has no secret.
func rechain(lines [][]byte) [][]byte {
	out, head := make([][]byte, len(lines)), Genesis()
	for i, line := range lines {
		body := bytes.Clone(line[bytes.IndexByte(line, ',') : len(line)-1-sealText])
		body[0] = '{'
		var err error
		if out[i], head, err = Seal(head, append(body, '}')); err != nil {
			panic(err)
		}
	}
	return out
}

func replaced(lines [][]byte, at int, from, to string) [][]byte {
	out := append([][]byte{}, lines...)
	out[at] = bytes.Replace(out[at], []byte(from), []byte(to), 1)
	if bytes.Equal(out[at], lines[at]) {
		panic("nothing was replaced")
	}
	return out
}

// attack is a journal as an attacker leaves it, and what must be said of it.
type attack struct {
	name    string
	lines   [][]byte
	tail    string
	head    *Head // nil: as the journal ends
	ratchet []byte
	given   Given
	kind    Kind  // "" if nothing can be found
	first   int64 // the entry that is bad, or the first of those that may be
	last    int64
	vouched int64 // how far what is given still vouches
}

func attacks() []attack { return attacksOn(*NewRatchet(Origin(run))) }

// attacksOn is attacks on a journal that was signed with keys of this secret.
func attacksOn(secret Ratchet) []attack {
	b := writtenWith(run, &secret, 100)
	key, print := Given{Keys: b.keys[:1]}, Given{Fingerprints: []Fingerprint{b.print(90)}}
	other := written("01KDYAK348HDZZ99P7HHSZWCGT", 100)
	changed := replaced(b.lines, 24, "23th", "24th") // entry 25; checkpoints are 22 and 33 and so on
	at := func(seq int) int {                        // the first checkpoint from seq on
		for !IsCheckpoint(b.lines[seq-1]) {
			seq++
		}
		return seq
	}
	before := func(seq int) int { // the last checkpoint before seq
		for seq--; !IsCheckpoint(b.lines[seq-1]); seq-- {
		}
		return seq
	}
	c, d := before(25), at(25)
	resealed := func(from int, r *Ratchet) [][]byte {
		lines, l := b.lines[:from:from], &Log{ratchet: r}
		for _, line := range lines {
			l.tree.Add(line[:len(line)-1])
		}
		l.head = headOf(lines)
		for n := from + 1; len(lines) < 100; n++ {
			more, err := l.Append(when(n%10 == 0), entry, []byte(remark(n)))
			if err != nil {
				panic(err)
			}
			lines = append(lines, more...)
		}
		return lines
	}
	stolen := func() *Ratchet { r, _ := DecodeRatchet(b.stolen, Origin(run)); return r }
	forged := written(run, 100)
	// Every checkpoint made anew with the newest secret, and the chain after it.
	newer := [][]byte{}
	{
		r, tree, head := stolen(), Tree{}, Genesis()
		for i, line := range changed {
			body := append([]byte{'{'}, line[bytes.IndexByte(line, ',')+1:len(line)-1-sealText]...)
			body = append(body, '}')
			if IsCheckpoint(line) {
				signed, _, _ := r.Sign(tree.Checkpoint(Origin(run)))
				_, s, _ := sealingOf(line)
				body, _ = entry(signed, s.NextKey)
			}
			sealed, next, err := Seal(head, body)
			if err != nil {
				panic(fmt.Sprint(i, err))
			}
			tree.Add(sealed[:len(sealed)-1])
			newer, head = append(newer, sealed), next
		}
	}
	var bare [][]byte
	for _, line := range b.lines {
		if !IsCheckpoint(line) {
			bare = append(bare, line)
		}
	}
	quiet := append([][]byte{}, bare...)
	quiet[0] = bytes.Replace(quiet[0], quiet[0][bytes.Index(quiet[0], []byte(`,"log_keys"`)):len(quiet[0])-1-sealText], nil, 1)
	spliced := append(append(append([][]byte{}, b.lines[:40]...), other.lines[40:60]...), b.lines[60:]...)
	plain := rechain(quiet)
	lagging := headOf(b.lines[:c])
	end := headOf(b.lines)
	return []attack{
		{name: "untouched", lines: b.lines, given: key, vouched: int64(before(101) - 1)},
		{name: "untouched, by a later key", lines: b.lines, given: Given{Keys: b.keys[4:5]}, vouched: int64(before(101) - 1)},
		{name: "untouched, by a fingerprint", lines: b.lines, given: print, vouched: 90},
		{name: "the head lags, as after a crash", lines: b.lines, head: &lagging, given: key, vouched: int64(before(101) - 1)},
		{name: "torn", lines: b.lines[:99], tail: string(b.lines[99][:30]), head: &lagging, kind: "torn", first: 100},
		{name: "an entry changed", lines: changed, kind: "altered", first: 25},
		{name: "an entry changed, the hashes made anew", lines: rechain(changed), kind: "altered", first: int64(c), last: int64(d - 1)},
		{name: "the same, with a key", lines: rechain(changed), given: key, kind: "altered", first: int64(c), last: int64(d - 1), vouched: int64(c - 1)},
		{name: "the same after the last checkpoint: nobody can tell", lines: rechain(replaced(b.lines, 99, "th line", "th word")), given: key, vouched: int64(before(101) - 1)},
		{name: "the same, and nothing given", lines: rechain(replaced(b.lines, 99, "th line", "th word"))},
		{name: "the same, with a fingerprint", lines: rechain(replaced(b.lines, 99, "th line", "th word")), given: Given{Fingerprints: []Fingerprint{b.print(90), b.print(100)}}, kind: Resealed, first: 91, last: 100, vouched: 90},
		{name: "a whole new journal, and nothing given: nobody can tell", lines: forged.lines, ratchet: forged.stolen},
		{name: "a whole new journal, with a key", lines: forged.lines, given: key, kind: Resealed, first: 1, last: 100},
		{name: "a whole new journal, with a fingerprint", lines: forged.lines, given: print, kind: Resealed, first: 1, last: 90},
		{name: "cut", lines: b.lines[:60], head: &end, kind: "truncated", first: 61},
		{name: "tail and head cut together, and nothing given: nobody can tell", lines: b.lines[:60]},
		{name: "tail and head cut together, beside the secret", lines: b.lines[:60], ratchet: b.stolen, kind: Older, first: 61},
		{name: "tail and head cut together, with a fingerprint", lines: b.lines[:60], given: print, kind: Older, first: 61},
		{name: "an older copy of the whole folder, with a fingerprint", lines: b.lines[:70], given: print, kind: Older, first: 71},
		{name: "the head rewritten", lines: b.lines[:60], head: &Head{59, strings.Repeat("a", 64)}, kind: "altered", first: 59},
		{name: "a piece of another journal", lines: spliced, kind: Spliced, first: 41},
		{name: "a piece of another journal, from another place in it", lines: slices.Concat(b.lines[:40], other.lines[70:90], b.lines[60:]), kind: Spliced, first: 41},
		{name: "the end of another journal", lines: slices.Concat(b.lines[:40], other.lines[40:]), given: key, kind: Spliced, first: 41, vouched: int64(before(41) - 1)},
		{name: "a piece of another journal in one without checkpoints", lines: slices.Concat(plain[:40], other.lines[40:60], plain[60:]), kind: Spliced, first: 41},
		{name: "a piece too short to hold a checkpoint: nobody can tell whose it is", lines: slices.Concat(b.lines[:40], other.lines[40:42], b.lines[42:]), kind: "altered", first: 41},
		{name: "the first entry changed: what follows is not of another journal for that", lines: replaced(b.lines, 0, "2026", "2027"), kind: "altered", first: 1},
		{name: "an entry before a checkpoint changed", lines: replaced(b.lines, c-2, "th line", "th word"), kind: "altered", first: int64(c - 1)},
		{name: "a piece of another journal, the hashes made anew", lines: rechain(spliced), kind: Spliced, first: int64(before(41)), last: int64(at(41))},
		{name: "the journal of another run, with a key", lines: other.lines, given: key, kind: Copied, first: 1, last: 100},
		// The three known failures of sealed journals.
		{name: "old checkpoints sealed anew with a newer key", lines: newer, kind: Resealed, first: 1, last: 2},
		{name: "cut, and gone on with the newest key", lines: resealed(c, stolen()), kind: Resealed, first: int64(c), last: 31},
		{name: "cut, and gone on with keys of one's own", lines: resealed(c, NewRatchet(Origin(run))), kind: Resealed, first: int64(c), last: 31},
		{name: "the checkpoints taken out", lines: rechain(bare), kind: Stripped, first: 1, last: 65},
		{name: "the checkpoints and their keys taken out: nobody can tell", lines: rechain(quiet)},
		{name: "the same, with a key", lines: rechain(quiet), given: key, kind: Stripped, first: 1, last: int64(len(quiet))},
		{name: "the same, with a fingerprint", lines: rechain(quiet), given: print, kind: Resealed, first: 1, last: 90},
	}
}

// written to a folder, as irctl keeps a run.
func (a attack) folder(t *testing.T) (dir string, args []string) {
	dir = t.TempDir()
	head := headOf(a.lines)
	if a.head != nil {
		head = *a.head
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "journal.jsonl"), append(bytes.Join(a.lines, nil), a.tail...), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "head"), headFile(head), 0o600))
	if a.ratchet != nil {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "ratchet"), a.ratchet, 0o600))
	}
	for _, k := range a.given.Keys {
		args = append(args, "--pubkey", k)
	}
	for _, f := range a.given.Fingerprints {
		args = append(args, "--from-fingerprint", f.String())
	}
	return dir, args
}

type found struct {
	Kind        Kind
	First, Last int64
	Vouched     int64
}

// python is the second verifier.
func python(t testing.TB, into any, args ...string) {
	t.Helper()
	name, err := exec.LookPath("python3")
	require.NoError(t, err, "the second verifier needs python3: apt-get install python3-minimal")
	out, err := exec.Command(name, append([]string{"../../testdata/verifier/verify.py"}, args...)...).Output()
	if failed, ok := err.(*exec.ExitError); ok {
		require.NoError(t, err, "%s", failed.Stderr)
	}
	require.NoError(t, json.Unmarshal(out, into), "%s", out)
}

// audited is what this package says, as the second verifier does.
func (a attack) audited(t *testing.T) found {
	head := headOf(a.lines)
	if a.head != nil {
		head = *a.head
	}
	s := NewAuditor(bytes.NewReader(append(bytes.Join(a.lines, nil), a.tail...)), &head, a.given)
	for s.Scan() {
	}
	r, err := s.Report()
	require.NoError(t, err)
	if a.ratchet != nil && r.Verdict == Intact {
		if _, err := s.Log(a.ratchet); err == ErrAhead { // as internal/store says it
			r.Findings = append(r.Findings, Finding{Seq: r.Entries + 1, Kind: Older})
		}
	}
	out := found{Vouched: s.Seals().Vouched}
	if len(r.Findings) > 0 {
		f := r.Findings[0]
		out.Kind, out.First, out.Last = f.Kind, f.Seq, max(f.Seq, f.Last)
	}
	return out
}

// TestAttacks: what somebody does who may write in the folder, who knows the
// format and, in some cases, the newest secret. Both verifiers say the same, the
// right thing, of the right place; where nothing given can show it, they say
// nothing and vouch for nothing.
func TestAttacks(t *testing.T) {
	for _, a := range attacks() {
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			want := found{a.kind, a.first, max(a.first, a.last), a.vouched}
			require.Equal(t, want, a.audited(t))
			dir, args := a.folder(t)
			var theirs found
			python(t, &theirs, append(args, dir)...)
			require.Equal(t, want, theirs)
		})
	}
}

// TestEveryBitOfAThousandEntries flips each bit of a journal of 1,000 entries,
// removes, doubles and swaps every line, and cuts it at every byte: each is found
// at its line by both verifiers. What precedes the line is the same as ever, so
// the look begins there.
func TestEveryBitOfAThousandEntries(t *testing.T) {
	b := written(run, 1000)
	file, tried := b.file(), 0
	require.GreaterOrEqual(t, len(b.lines), 1000)
	var wait sync.WaitGroup
	var mu sync.Mutex
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		wait.Go(func() {
			n := 0
			defer func() { mu.Lock(); tried += n; mu.Unlock() }()
			head := Genesis()
			for i := range b.lines {
				if i%workers == w {
					n += mutate(t, b.lines, i, head)
				}
				head = headOf(b.lines[:i+1])
			}
		})
	}
	wait.Wait()
	require.Greater(t, tried, 8*len(file))
	t.Logf("%d mutations of %d bytes in %d entries", tried, len(file), len(b.lines))

	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "journal.jsonl"), file, 0o600))
	var theirs struct {
		Tried  int
		Missed []int
	}
	python(t, &theirs, "--mutations", dir)
	require.Empty(t, theirs.Missed)
	require.Greater(t, theirs.Tried, 8*len(file))
}

// mutate tries all mutations that begin in line i.
func mutate(t *testing.T, lines [][]byte, i int, before Head) (tried int) {
	end := headOf(lines)
	v := before.NewScanner(bytes.NewReader(nil), 0, &end).v
	here, next := lines[i], []byte{}
	if i+1 < len(lines) {
		next = lines[i+1]
	}
	found := func(text []byte, what string, at int) {
		tried++
		part, _, whole := bytes.Cut(text, []byte("\n"))
		if !whole {
			part = text
		}
		if problem, _ := v.check(line{bytes: part, whole: true}); problem == "" && whole {
			t.Errorf("entry %d, byte %d: %s was not found", i+1, at, what)
		}
	}
	both := append(bytes.Clone(here), next...)
	for at := range here {
		for bit := range 8 {
			both[at] ^= 1 << bit
			found(both, "a flipped bit", at)
			both[at] ^= 1 << bit
		}
		if at > 0 {
			found(here[:at], "a cut", at)
		}
	}
	if len(next) > 0 {
		found(next, "a line that was removed or swapped", 0)
	}
	after := headOf(lines[:i+1])
	v = after.NewScanner(bytes.NewReader(nil), 0, &end).v
	found(here, "a line that was doubled", 0)
	return tried
}
