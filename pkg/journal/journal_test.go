package journal

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

// chain is a journal of bodies, the place where each line begins (and, last,
// where the file ends), and the head after each line.
type chain struct {
	file   []byte
	starts []int
	heads  []Head
}

func seal(t testing.TB, bodies ...string) chain {
	t.Helper()
	c := chain{starts: []int{0}}
	head := Genesis()
	for _, body := range bodies {
		line, next, err := Seal(head, []byte(body))
		require.NoError(t, err)
		c.file = append(c.file, line...)
		c.starts = append(c.starts, len(c.file))
		c.heads = append(c.heads, next)
		head = next
	}
	return c
}

func six(t testing.TB) chain {
	return seal(t,
		`{"type":"run_started","run":"01J"}`,
		`{"type":"step_started","path":"a"}`,
		`{"type":"attempt_started","path":"a","attempt":1,"key":"01J/a"}`,
		`{"type":"step_succeeded","path":"a","outputs":{"hash":"x","seq":1}}`,
		`{"type":"note_added","text":"so \"hash\":\" far \u0000"}`,
		`{"type":"run_ended","status":"succeeded"}`)
}

func (c chain) last() *Head        { return &c.heads[len(c.heads)-1] }
func (c chain) line(i int) []byte  { return c.file[c.starts[i]:c.starts[i+1]] }
func (c chain) lineOf(pos int) int { return lineOf(c.starts, pos) }

func lineOf(starts []int, pos int) int {
	for i := range starts {
		if pos < starts[i+1] {
			return i
		}
	}
	return -1
}

func verify(t testing.TB, file []byte, ack *Head) Report {
	t.Helper()
	r, err := Verify(bytes.NewReader(file), ack, nil)
	require.NoError(t, err)
	require.Equal(t, r.Verdict == Intact, len(r.Findings) == 0, "%+v", r)
	return r
}

func TestSealWritesTheFormatOfTheDocumentation(t *testing.T) {
	line, next, err := Seal(Genesis(), []byte(`{"type":"x"}`))
	require.NoError(t, err)
	// printf '%064d{"seq":1,"type":"x"' 0 | sha256sum
	const hash = "e20b1954d6b6c52c0b0ec507a2607d78d67601f9336f13f3448d0f7edef621eb"
	require.Equal(t, Head{1, hash}, next)
	require.Equal(t, `{"seq":1,"type":"x","hash":"`+hash+`"}`+"\n", string(line))
}

func TestSealRefuses(t *testing.T) {
	for name, body := range map[string]string{
		"nothing":          ``,
		"no object":        `[1]`,
		"an empty object":  `{}`,
		"a blank object":   `{ }`,
		"bad JSON":         `{"a":}`,
		"a second line":    "{\"a\":\n1}",
		"what follows":     `{"a":1} {"b":2}`,
		"invalid UTF-8":    "{\"a\":\"\xff\"}",
		"a zero byte":      "{\"a\":\"\x00\"}",
		"a field seq":      `{"a":1,"seq":4}`,
		"a field hash":     `{"hash":"x"}`,
		"an escaped field": `{"h\u0061sh":"x"}`,
		"an endless body":  `{"a":"` + strings.Repeat("x", MaxLine) + `"}`,
	} {
		_, _, err := Seal(Genesis(), []byte(body))
		require.Error(t, err, name)
	}
	for _, head := range []Head{{}, {Seq: 1}, {1, Genesis().Hash[1:]}, {-1, Genesis().Hash}, {0, strings.Repeat("a", 64)}, {3, strings.Repeat("A", 64)}} {
		_, _, err := Seal(head, []byte(`{"a":1}`))
		require.Error(t, err, "%+v", head)
	}
}

func TestIntact(t *testing.T) {
	c := six(t)
	want := Report{Verdict: Intact, Entries: 6, Head: *c.last()}
	require.Equal(t, want, verify(t, c.file, c.last()))
	// The head file may lag behind: a crash came before it was written.
	require.Equal(t, want, verify(t, c.file, &c.heads[2]))
	genesis := Genesis()
	require.Equal(t, Report{Verdict: Intact, Head: genesis}, verify(t, nil, &genesis))
}

// One byte changed anywhere is found, and so is the entry it belongs to.
func TestEveryByteChanged(t *testing.T) {
	c := six(t)
	for pos := range c.file {
		for _, to := range changes(c.file[pos]) {
			bad := bytes.Clone(c.file)
			bad[pos] = to
			r := verify(t, bad, c.last())
			require.Equal(t, Altered, r.Verdict, "byte %d %q -> %q", pos, c.file[pos], to)
			line := c.lineOf(pos)
			require.Equal(t, int64(line+1), r.Findings[0].Seq, "byte %d -> %q: %+v", pos, to, r)
			require.Equal(t, int64(c.starts[line]), r.Findings[0].Offset)
			require.Equal(t, int64(line), r.Entries)
		}
	}
}

// changes are a byte with each one bit flipped, with all, and the bytes that
// mean something to a reader of lines.
func changes(b byte) []byte {
	out := []byte{b ^ 0xff}
	for bit := range 8 {
		out = append(out, b^1<<bit)
	}
	for _, special := range []byte("\x00\n\r\"") {
		if special != b {
			out = append(out, special)
		}
	}
	return out
}

// A byte changed after the acknowledged entry is still found; one that became
// a zero byte looks like a block that was never written, and counts as torn.
func TestEveryByteChangedAfterTheAcknowledged(t *testing.T) {
	c := six(t)
	for pos := c.starts[4]; pos < len(c.file); pos++ {
		for _, to := range changes(c.file[pos]) {
			bad := bytes.Clone(c.file)
			bad[pos] = to
			want := Altered
			if to == 0 {
				want = Torn
			}
			r := verify(t, bad, &c.heads[3])
			require.Equal(t, want, r.Verdict, "byte %d %q -> %q", pos, c.file[pos], to)
			require.Equal(t, int64(c.lineOf(pos)), r.Entries)
		}
	}
}

func TestEveryByteRemovedOrDoubled(t *testing.T) {
	c := six(t)
	for pos := range c.file {
		removed := append(bytes.Clone(c.file[:pos]), c.file[pos+1:]...)
		want := Altered
		if pos == len(c.file)-1 {
			want = Truncated
		}
		require.Equal(t, want, verify(t, removed, c.last()).Verdict, "byte %d removed", pos)
		doubled := append(bytes.Clone(c.file[:pos+1]), c.file[pos:]...)
		require.Equal(t, Altered, verify(t, doubled, c.last()).Verdict, "byte %d doubled", pos)
	}
}

func TestEveryCut(t *testing.T) {
	c := six(t)
	for end := range c.file {
		whole := c.lineOf(end)
		partial := end > c.starts[whole]

		r := verify(t, c.file[:end], c.last())
		require.Equal(t, Truncated, r.Verdict, "cut at %d", end)
		require.Equal(t, int64(whole), r.Entries)
		require.Equal(t, int64(whole+1), r.Findings[0].Seq)
		require.Equal(t, int64(c.starts[whole]), r.Findings[0].Offset)

		for known := range whole { // acknowledged, and still there
			r := verify(t, c.file[:end], &c.heads[known])
			want := Report{Verdict: Intact, Entries: int64(whole), Head: c.heads[whole-1]}
			if partial {
				want.Verdict = Torn
				want.Tail = Tail{int64(c.starts[whole]), int64(end - c.starts[whole])}
				want.Findings = r.Findings
			}
			require.Equal(t, want, r, "cut at %d, %d acknowledged", end, known+1)
		}
	}
}

func TestEveryLineRemoved(t *testing.T) {
	c := six(t)
	for i := range c.heads {
		bad := append(bytes.Clone(c.file[:c.starts[i]]), c.file[c.starts[i+1]:]...)
		r := verify(t, bad, c.last())
		want := Altered
		if i == len(c.heads)-1 {
			want = Truncated
		}
		require.Equal(t, want, r.Verdict, "line %d", i+1)
		require.Equal(t, int64(i+1), r.Findings[0].Seq)
		require.Len(t, r.Findings, 1, "one removal is one finding")
	}
}

func TestEveryPairSwapped(t *testing.T) {
	c := six(t)
	for i := range c.heads {
		for j := i + 1; j < len(c.heads); j++ {
			order := []int{0, 1, 2, 3, 4, 5}
			order[i], order[j] = order[j], order[i]
			var bad []byte
			for _, k := range order {
				bad = append(bad, c.line(k)...)
			}
			r := verify(t, bad, c.last())
			require.Equal(t, Altered, r.Verdict)
			require.Equal(t, int64(i+1), r.Findings[0].Seq, "%d and %d swapped", i+1, j+1)
		}
	}
}

func TestOneChangeIsOneFinding(t *testing.T) {
	c := six(t)
	for what, find := range map[string]string{
		"body": "attempt_started", "hash": c.heads[2].Hash, "number": "3,\"type\"",
	} {
		bad := bytes.Clone(c.file)
		bad[bytes.Index(bad, []byte(find))] ^= 1
		r := verify(t, bad, c.last())
		require.Len(t, r.Findings, 1, "%s: %+v", what, r.Findings)
		require.Equal(t, int64(3), r.Findings[0].Seq)
	}
}

func TestRewrittenChain(t *testing.T) {
	c := six(t)
	forged := seal(t, `{"type":"run_started","run":"02K"}`, `{"b":1}`, `{"b":2}`, `{"b":3}`, `{"b":4}`, `{"b":5}`)
	r := verify(t, forged.file, c.last())
	require.Equal(t, Altered, r.Verdict)
	require.Equal(t, int64(6), r.Findings[0].Seq)
	require.Contains(t, r.Findings[0].Problem, "not the one that was acknowledged")
}

func TestGarbageAtTheEnd(t *testing.T) {
	c := six(t)
	for _, garbage := range []string{"x", "\x00\x00\x00", "{\"seq\":7,", strings.Repeat("g", 3<<20), "}\"", "\r"} {
		r := verify(t, append(bytes.Clone(c.file), garbage...), c.last())
		require.Equal(t, Torn, r.Verdict)
		require.Equal(t, Tail{int64(len(c.file)), int64(len(garbage))}, r.Tail)
		require.Equal(t, int64(6), r.Entries)
		if garbage[0] == 0 {
			continue
		}
		r = verify(t, append(bytes.Clone(c.file), garbage+"\n"...), c.last())
		require.Equal(t, Altered, r.Verdict, "%.20q", garbage)
		require.Equal(t, int64(7), r.Findings[0].Seq)
	}
	require.Equal(t, Altered, verify(t, append(bytes.Clone(c.file), '\n'), c.last()).Verdict)
	require.Equal(t, Altered, verify(t, append(bytes.Clone(c.file), c.line(5)...), c.last()).Verdict)
}

// A machine that lost power may leave zeros where a block was never written.
func TestHoleAfterTheAcknowledged(t *testing.T) {
	c := six(t)
	holed := bytes.Clone(c.file)
	for i := c.starts[4] + 10; i < c.starts[5]+10; i++ {
		holed[i] = 0
	}
	r := verify(t, holed, &c.heads[3])
	require.Equal(t, Torn, r.Verdict)
	require.Equal(t, int64(4), r.Entries)
	require.Equal(t, Tail{int64(c.starts[4]), int64(len(c.file) - c.starts[4])}, r.Tail)
	require.Equal(t, Altered, verify(t, holed, c.last()).Verdict, "not if it was acknowledged")
}

func TestWithoutARecordOfTheEnd(t *testing.T) {
	c := six(t)
	r := verify(t, c.file, nil)
	require.Equal(t, Truncated, r.Verdict)
	require.Equal(t, int64(6), r.Entries)
	require.Equal(t, []Finding{{Seq: 7, Offset: int64(len(c.file)), Kind: Kind(Truncated), Problem: "it cannot be shown that nothing was cut off after entry 6: the record of the last acknowledged entry is missing or unreadable"}}, r.Findings)
	require.Equal(t, Truncated, verify(t, nil, nil).Verdict)
	require.Equal(t, Truncated, verify(t, c.file[:len(c.file)-5], nil).Verdict)
	bad := bytes.Clone(c.file)
	bad[20] ^= 1
	require.Equal(t, Altered, verify(t, bad, nil).Verdict)
}

func TestVeryLongLines(t *testing.T) {
	long := `{"text":"` + strings.Repeat("0123456789", 300_000) + `"}`
	c := seal(t, `{"a":1}`, long, `{"b":2}`)
	require.Equal(t, Intact, verify(t, c.file, c.last()).Verdict)
	bad := bytes.Clone(c.file)
	bad[2_000_000] ^= 4
	r := verify(t, bad, c.last())
	require.Equal(t, Altered, r.Verdict)
	require.Len(t, r.Findings, 1)
	require.Equal(t, int64(2), r.Findings[0].Seq)

	endless := append(bytes.Clone(c.file), strings.Repeat("x", MaxLine+100)+"\n{}\n"...)
	r = verify(t, endless, c.last())
	require.Equal(t, Altered, r.Verdict)
	require.Contains(t, r.Findings[0].Problem, "longer than any entry")
}

func TestFindingsAreBounded(t *testing.T) {
	genesis := Genesis()
	r := verify(t, bytes.Repeat([]byte("x\n"), 10_000), &genesis)
	require.Len(t, r.Findings, maxFindings)
}

func TestVerifySaysWhetherTheJournalIsClosed(t *testing.T) {
	c := six(t)
	ended := func(closed bool, line []byte) bool {
		return bytes.Contains(line, []byte(`"type":"run_ended"`)) || closed && bytes.Contains(line, []byte(`"type":"note_added"`))
	}
	for n, want := range []bool{false, false, false, false, false, false, true} {
		r, err := Verify(bytes.NewReader(c.file[:c.starts[n]]), &Head{}, ended)
		require.NoError(t, err)
		require.Equal(t, want, r.Closed, "after %d", n)
	}
}

func TestReaderThatFails(t *testing.T) {
	c := six(t)
	broken := errors.New("the disk is on fire")
	r, err := Verify(iotest.TimeoutReader(bytes.NewReader(c.file)), c.last(), nil)
	require.ErrorIs(t, err, iotest.ErrTimeout)
	require.Equal(t, int64(6), r.Entries)
	s := NewScanner(iotest.ErrReader(broken), c.last())
	require.False(t, s.Scan())
	_, err = s.Report()
	require.ErrorIs(t, err, broken)
	r, err = Verify(iotest.OneByteReader(bytes.NewReader(c.file)), c.last(), nil)
	require.NoError(t, err)
	require.Equal(t, Intact, r.Verdict)
}

// Any edit of an acknowledged journal is noticed.
func TestRandomEdits(t *testing.T) {
	c := six(t)
	rng := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		bad := bytes.Clone(c.file)
		for range 1 + rng.IntN(3) {
			from, to := rng.IntN(len(bad)), rng.IntN(len(bad))
			switch rng.IntN(4) {
			case 0:
				bad[from] = byte(rng.IntN(256))
			case 1:
				bad = append(bad[:min(from, to)], bad[max(from, to):]...)
			case 2:
				bad[from], bad[to] = bad[to], bad[from]
			case 3:
				bad = bytes.Join([][]byte{bad[:from], bad[min(from, to):max(from, to)], bad[from:]}, nil)
			}
			if len(bad) == 0 {
				break
			}
		}
		r := verify(t, bad, c.last())
		require.Equal(t, bytes.Equal(bad, c.file), r.Verdict == Intact, "%q", bad)
	}
}

func TestScanner(t *testing.T) {
	c := six(t)
	s := NewScanner(bytes.NewReader(c.file[:c.starts[3]+7]), &c.heads[2])
	var got []string
	for s.Scan() {
		e := s.Entry()
		require.Equal(t, int64(len(got)+1), e.Seq)
		require.Equal(t, int64(c.starts[len(got)]), e.Offset)
		got = append(got, string(e.Line)+"\n")
	}
	require.False(t, s.Scan())
	require.Equal(t, c.heads[2], s.Head())
	r, err := s.Report()
	require.NoError(t, err)
	require.Equal(t, Torn, r.Verdict)
	require.Equal(t, string(c.file[:c.starts[3]]), strings.Join(got, ""))
	require.Equal(t, Tail{int64(c.starts[3]), 7}, r.Tail)

	s = c.heads[2].NewScanner(bytes.NewReader(c.file[c.starts[3]:]), int64(c.starts[3]), c.last())
	require.True(t, s.Scan())
	require.Equal(t, Entry{4, int64(c.starts[3]), bytes.TrimSuffix(c.line(3), []byte("\n"))}, s.Entry())
	r, err = s.Report()
	require.NoError(t, err)
	require.Equal(t, Report{Verdict: Intact, Entries: 6, Head: *c.last()}, r)
}

// Every reader ends at the last good entry, whatever follows it.
func TestScannerEndsAtTheLastGoodEntry(t *testing.T) {
	c := six(t)
	next := c.line(4)
	zeros := append(make([]byte, 512), next[len(next)/2:]...)
	for name, tail := range map[string]struct {
		bytes   []byte
		ack     Head
		verdict Verdict
	}{
		"a sector of zeros, then the rest of a line": {zeros, c.heads[3], Torn},
		"the same, then whole lines":                 {append(bytes.Clone(zeros), c.line(5)...), c.heads[3], Torn},
		"zeros only":                                 {make([]byte, 4096), c.heads[3], Torn},
		"a cut line":                                 {next[:9], c.heads[3], Torn},
		"zeros in what was acknowledged":             {zeros, c.heads[4], Altered},
		"another line":                               {c.line(5), c.heads[3], Altered},
		"nothing, although more was acknowledged":    {nil, c.heads[4], Truncated},
	} {
		s := NewScanner(bytes.NewReader(append(bytes.Clone(c.file[:c.starts[4]]), tail.bytes...)), &tail.ack)
		n := 0
		for s.Scan() {
			n++
		}
		require.Equal(t, 4, n, name)
		r, err := s.Report()
		require.NoError(t, err)
		require.Equal(t, tail.verdict, r.Verdict, name)
		require.Equal(t, c.heads[3], r.Head, name)
	}
}

func FuzzVerify(f *testing.F) {
	c := six(f)
	for n := range c.starts {
		f.Add(c.file[:c.starts[n]], int64(n))
	}
	f.Add(append(bytes.Clone(c.file), "junk\x00\n"...), int64(6))
	f.Add([]byte("\n{\"seq\":1,,\"hash\":\""), int64(0))
	f.Fuzz(func(t *testing.T, file []byte, known int64) {
		ack := &Head{known, strings.Repeat("0", 64)}
		if known >= 1 && known <= 6 {
			ack = &c.heads[known-1]
		}
		r, err := Verify(bytes.NewReader(file), ack, nil)
		require.NoError(t, err)
		require.Equal(t, r.Verdict == Intact, len(r.Findings) == 0)
		require.LessOrEqual(t, r.Tail.Offset+r.Tail.Bytes, int64(len(file)))
		if r.Verdict != Intact && r.Verdict != Torn {
			return
		}
		// What verifies can be read, and is what its number says.
		s, size := NewScanner(bytes.NewReader(file), ack), int64(0)
		for n := int64(1); n <= r.Entries; n++ {
			require.True(t, s.Scan())
			require.True(t, bytes.HasPrefix(s.Entry().Line, fmt.Appendf(nil, `{"seq":%d,`, n)))
			size = s.Entry().Offset + int64(len(s.Entry().Line)) + 1
		}
		require.Equal(t, int64(len(file)), size+r.Tail.Bytes)
	})
}

func BenchmarkVerify100000(b *testing.B) {
	bodies := make([]string, 100_000)
	for i := range bodies {
		bodies[i] = fmt.Sprintf(`{"time":"2026-01-02T03:04:05.%06dZ","type":"step_succeeded","path":"rotate[%d]/reset","attempt":1,"outputs":{"account":"%s"}}`, i, i, strings.Repeat("a", 120))
	}
	c := seal(b, bodies...)
	b.SetBytes(int64(len(c.file)))
	for b.Loop() {
		r, err := Verify(bytes.NewReader(c.file), c.last(), nil)
		if err != nil || r.Verdict != Intact {
			b.Fatal(r, err)
		}
	}
}

func BenchmarkSeal(b *testing.B) {
	body := []byte(`{"time":"2026-01-02T03:04:05.000001Z","type":"step_succeeded","path":"a","text":"` + strings.Repeat("x", 200) + `"}`)
	for b.Loop() {
		if _, _, err := Seal(Genesis(), body); err != nil {
			b.Fatal(err)
		}
	}
}
