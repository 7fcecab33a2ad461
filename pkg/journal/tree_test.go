package journal

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/tlog"
)

// TestTreeIsThatOfRFC6962 holds the tree against small cases that are put
// together here from section 2.1, and against golang.org/x/mod for many sizes.
func TestTreeIsThatOfRFC6962(t *testing.T) {
	leaf := func(s string) []byte { h := sha256.Sum256([]byte("\x00" + s)); return h[:] }
	node := func(l, r []byte) []byte {
		h := sha256.Sum256(append(append([]byte{1}, l...), r...))
		return h[:]
	}
	a, b, c, d, e := leaf("a"), leaf("b"), leaf("c"), leaf("d"), leaf("e")
	require.Equal(t, "022a6979e6dab7aa5ae4c3e5e45f7e977112a7e63593820dbec1ec738a24f93c", hex.EncodeToString(a), "printf '\\0a' | sha256sum")
	var tree Tree
	for i, want := range [][]byte{a, node(a, b), node(node(a, b), c), node(node(a, b), node(c, d)), node(node(node(a, b), node(c, d)), e)} {
		tree.Add([]byte{"abcde"[i]})
		root := tree.Root()
		require.Equal(t, want, root[:], "%d leaves", i+1)
		require.EqualValues(t, i+1, tree.Size())
	}

	tree = Tree{}
	var hashes []tlog.Hash
	read := tlog.HashReaderFunc(func(at []int64) (out []tlog.Hash, _ error) {
		for _, n := range at {
			out = append(out, hashes[n])
		}
		return out, nil
	})
	for n := range int64(300) {
		line := fmt.Appendf(nil, "line %d", n)
		more, err := tlog.StoredHashes(n, line, read)
		require.NoError(t, err)
		hashes = append(hashes, more...)
		tree.Add(line)
		want, err := tlog.TreeHash(n+1, read)
		require.NoError(t, err)
		require.Equal(t, want, tree.Root())
		apart := tree.Clone()
		apart.Add([]byte("x"))
		require.Equal(t, want, tree.Root(), "a clone grows apart")
	}
}

// TestProofs: every entry of trees of many sizes is proven to somebody who has
// the key or the fingerprint alone, by both verifiers; a proof of which one bit
// is another proves nothing.
func TestProofs(t *testing.T) {
	for _, size := range []int{2, 11, 22, 64} {
		b := written(run, size)
		head := b.head()
		for seq := int64(1); seq <= int64(size); seq++ {
			p, err := Prove(strings.NewReader(string(b.file())), &head, seq)
			if seq > int64(b.covered()) {
				require.ErrorContains(t, err, "no checkpoint covers entry")
				continue
			}
			require.NoError(t, err)
			read, err := ParseProof(p.String())
			require.NoError(t, err)
			require.Equal(t, strings.TrimSuffix(string(b.lines[seq-1]), "\n"), string(read.Line))
			require.True(t, read.Vouched(Given{Keys: []string{p.Key}}))
			require.True(t, read.Vouched(Given{Fingerprints: []Fingerprint{b.print(b.covered())}}))
			require.False(t, read.Vouched(Given{Keys: b.keys[len(b.keys)-1:]}))
			require.False(t, read.Vouched(Given{}), "nothing given, nothing claimed")
		}
	}
	b := written(run, 22)
	head := b.head()
	p, err := Prove(strings.NewReader(string(b.file())), &head, 7)
	require.NoError(t, err)
	text := []byte(p.String())
	for at := range text {
		for bit := range 8 {
			text[at] ^= 1 << bit
			bad, err := ParseProof(string(text))
			if err == nil && string(text) != p.String() {
				require.False(t, bad.Vouched(Given{Keys: []string{p.Key}}) && string(bad.Line) != string(p.Line), "byte %d, bit %d", at, bit)
				require.False(t, bad.Vouched(Given{Keys: []string{p.Key}}) && bad.Seq != p.Seq, "byte %d, bit %d", at, bit)
			}
			text[at] ^= 1 << bit
		}
	}
}

// covered is how many entries the last checkpoint covers.
func (b *book) covered() int {
	for i := len(b.lines) - 1; ; i-- {
		if IsCheckpoint(b.lines[i]) {
			return i
		}
	}
}

func TestFingerprintsAreReadAsTheyAreNotedDown(t *testing.T) {
	b := written(run, 40)
	f := b.print(37)
	code := strings.TrimPrefix(f.String(), "#37 ")
	require.Regexp(t, `^[2-9A-HJ-NP-Z]{4}(-[2-9A-HJ-NP-Z]{4}){3}$`, code)
	for _, text := range []string{
		f.String(), "37 " + code, "#37 " + strings.ToLower(code), "37 " + strings.ReplaceAll(code, "-", ""), "37 " + strings.ReplaceAll(code, "-", " "),
		"#37 " + f.Words(), "37: " + strings.ToUpper(f.Words()), "37 " + strings.ReplaceAll(f.Words(), " ", ", "),
	} {
		got, err := ParseFingerprint(text)
		require.NoError(t, err, text)
		require.Equal(t, f, got, text)
	}
	for _, text := range []string{
		"", "#", "37", "#37", code, "#0 " + code, "#37 " + code[1:], "#37 " + code + "A", "#37 " + f.Words() + " acid", "-5 x",
		"#-1 " + code, "#-37 " + code, "-37 " + code, "# -37 " + code, "##37 " + code, "#+37 " + code, "#037 " + code, "#37.5 " + code, "#37,000 " + code, "#0x25 " + code, "37" + code,
		"#99999999999999999999 " + code, "#37 0000-0000-0000-0000", "#37 OIOI-OIOI-OIOI-OIOI", "#37 " + code + "=", "#37 " + strings.ReplaceAll(f.Words(), " ", ""), "#37 acid acid", "#37 nobody " + f.Words(),
	} {
		_, err := ParseFingerprint(text)
		require.ErrorContains(t, err, "is not a fingerprint", text)
	}
}

// Ten words can be made of the letters of the code alone.
func TestWordsOfTheLettersOfTheCodeAreRead(t *testing.T) {
	all := strings.Fields(words)
	length := map[int]byte{}
	for i, word := range all {
		if !strings.ContainsAny(word, "io") {
			length[len(word)] = byte(i)
		}
	}
	f := Fingerprint{Size: 37}
	for i := range f.root { // 48 letters: six groups of eight
		f.root[i] = length[5]
	}
	f.root[0], f.root[1] = length[4], length[4]
	require.Zero(t, len(strings.ReplaceAll(f.Words(), " ", ""))%8)
	got, err := ParseFingerprint("#37 " + f.Words())
	require.NoError(t, err)
	require.Equal(t, f, got)
}

// What one parser takes for a proof and another does not would prove to one alone.
func TestProofsAreReadInOneWay(t *testing.T) {
	b := written(run, 40)
	head := b.head()
	p, err := Prove(strings.NewReader(string(b.file())), &head, 7)
	require.NoError(t, err)
	text := p.String()
	for _, c := range [][2]string{
		{"index 6", "index 06"}, {"index 6", "index +6"}, {"index 6", "index -6"}, {"index 6", "index 6 "}, {"index 6", "Index 6"},
		{"index 6", "index 9223372036854775807"}, {"tlog-proof@v1", "tlog-proof@v2"}, {"extra ", "extra  "}, {"index 6\n", ""},
	} {
		require.Contains(t, text, c[0])
		_, err := ReadProof(strings.Replace(text, c[0], c[1], 1))
		require.Error(t, err, "%q became %q", c[0], c[1])
	}
	_, rest, _ := strings.Cut(text, "\nextra ")
	_, rest, _ = strings.Cut(rest, "\n")
	without, err := ReadProof(proofFormat + "\n" + rest)
	require.NoError(t, err)
	require.Nil(t, without.Line)
	require.Equal(t, p.Path, without.Path)
	require.Equal(t, proofFormat+"\n"+rest, without.String())
	_, err = ParseProof(without.String())
	require.ErrorContains(t, err, "an entry that is not in it")
}

// TestWordsCannotBeTakenForEachOther: no two begin alike, and none becomes
// another by two letters that were misheard.
func TestWordsCannotBeTakenForEachOther(t *testing.T) {
	all := strings.Fields(words)
	require.Len(t, all, 256)
	begin := map[string]string{}
	for i, a := range all {
		require.Regexp(t, `^[a-z]{4,8}$`, a)
		require.Empty(t, begin[a[:3]], a)
		begin[a[:3]] = a
		for _, b := range all[:i] {
			require.GreaterOrEqual(t, distance(a, b), 3, "%s, %s", a, b)
		}
	}
}

// distance is how many letters are put in, taken out or replaced to make b of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		before := row[0]
		row[0] = i + 1
		for j := range b {
			cost := before
			if a[i] != b[j] {
				cost++
			}
			before = row[j+1]
			row[j+1] = min(cost, row[j]+1, before+1)
		}
	}
	return row[len(b)]
}

// TestRatchetForgets: what is kept after a checkpoint gives the keys to come and
// none of those before.
func TestRatchetForgets(t *testing.T) {
	r := NewRatchet("irctl/x")
	var keys []string
	for n := int64(1); n < 20; n++ {
		keys = append(keys, r.Keys()[0])
		c := Checkpoint{"irctl/x", n, tlog.Hash{byte(n)}}
		signed, announced, err := r.Sign(c)
		require.NoError(t, err)
		got, err := OpenCheckpoint(signed, keys[n-1])
		require.NoError(t, err)
		require.Equal(t, c, got)
		before := fmt.Sprintf("%x", r.seed)
		r.Step()
		file := string(r.Encode())
		require.Len(t, file, RatchetSize)
		require.NotContains(t, file, before)
		require.Equal(t, announced, r.Keys()[1])
		again, ok := DecodeRatchet([]byte(file), "irctl/x")
		require.True(t, ok)
		require.Equal(t, r.Keys(), again.Keys())
		require.NotContains(t, keys, again.Keys()[0])
	}
	_, ok := DecodeRatchet(make([]byte, RatchetSize), "irctl/x")
	require.False(t, ok)
}

// TestALogGoesOnAfterACrash: with the secret of one checkpoint ago, as a loss of
// power may leave it, with none, and with one that is ahead.
func TestALogGoesOnAfterACrash(t *testing.T) {
	b := written(run, 30)
	older := b.ratchet.Encode()
	b.add(true, remark(0))
	read := func() *Scanner {
		head := b.head()
		s := NewAuditor(strings.NewReader(string(b.file())), &head, Given{})
		for s.Scan() {
		}
		r, err := s.Report()
		require.NoError(t, err)
		require.Equal(t, Intact, r.Verdict)
		return s
	}
	for _, file := range [][]byte{older, b.ratchet.Encode()} {
		l, err := read().Log(file)
		require.NoError(t, err)
		require.Equal(t, b.ratchet.Keys(), l.Ratchet().Keys())
		require.Equal(t, b.log.Head(), l.Head())
	}
	_, err := read().Log(nil)
	require.ErrorIs(t, err, ErrNoRatchet)
	_, err = read().Log(NewRatchet(Origin(run)).Encode())
	require.ErrorIs(t, err, ErrNoRatchet)
	ahead, _ := DecodeRatchet(b.ratchet.Encode(), Origin(run))
	ahead.Step()
	_, err = read().Log(ahead.Encode())
	require.ErrorIs(t, err, ErrAhead)

	// Other keys go on, say so, and are not vouched for by those before.
	l, _ := read().Log(nil)
	b.log, b.ratchet = l, NewRatchet(Origin(run))
	begin, keys := int64(len(b.lines)+1), b.ratchet.Keys()
	l.Restart(b.ratchet)
	b.add(true, fmt.Sprintf(`{"time":"2026-01-02T03:04:05.000000Z","type":"log_restarted","log_keys":["%s","%s"],"reason":"lost"}`, keys[0], keys[1]))
	require.Equal(t, []int64{begin}, read().Seals().Restarted)
	head := b.head()
	r, s, err := Audit(strings.NewReader(string(b.file())), &head, Given{Keys: b.keys[:1]}, nil)
	require.NoError(t, err)
	require.Equal(t, []Finding{{Seq: begin, Offset: int64(len(b.file()) - len(b.lines[begin]) - len(b.lines[begin-1])), Kind: Resealed, Problem: r.Findings[0].Problem}}, r.Findings)
	require.Equal(t, begin-2, s.Vouched)
	r, s, err = Audit(strings.NewReader(string(b.file())), &head, Given{Keys: keys[:1]}, nil)
	require.NoError(t, err)
	require.Equal(t, Intact, r.Verdict)
	require.Equal(t, begin, s.Vouched)
}

// A checkpoint that is signed beside the caller stands where one that is due at
// once would, byte for byte; it comes with the next append, or with one of nothing,
// and until then the secret is the one that signs it: a crash in between loses
// nothing but itself.
func TestACheckpointSignedBesideStandsWhereItCovers(t *testing.T) {
	text := NewRatchet(Origin(run)).Encode()
	book := func() *book {
		r, ok := DecodeRatchet(text, Origin(run))
		require.True(t, ok)
		return newBook(run, r)
	}
	now, next := book(), book()
	for n := range 5 {
		now.add(true, remark(n))
		before, secret := len(next.lines), next.ratchet.Number()
		next.adds(Next, remark(n))
		if n == 0 {
			require.Len(t, next.lines, before+1, "the entry alone")
			require.Equal(t, secret, next.ratchet.Number())
		} else {
			require.Len(t, next.lines, before+2, "the checkpoint of the one before, and the entry")
			require.True(t, IsCheckpoint(next.lines[before]))
			require.Equal(t, secret+1, next.ratchet.Number())
		}
	}
	require.Equal(t, now.file()[:len(next.file())], next.file())
	lost := next.ratchet.Encode()
	crashed := NewAuditor(strings.NewReader(string(next.file())), nil, Given{})
	for crashed.Scan() {
	}
	resumed, err := crashed.Log(lost)
	require.NoError(t, err)
	require.Equal(t, next.ratchet.Keys(), resumed.Ratchet().Keys())
	next.adds(Now)
	require.Equal(t, now.file(), next.file())
	next.adds(Now)
	require.Equal(t, now.file(), next.file(), "there is nothing left to cover")
	require.Equal(t, now.ratchet.Encode(), next.ratchet.Encode())
	_, err = next.log.Append(Next, func(string, string) ([]byte, error) { return nil, io.ErrUnexpectedEOF }, []byte(remark(9)))
	require.NoError(t, err)
	_, err = next.log.Append(Later, nil, []byte(remark(10)))
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
}

// TestNoMoreEntriesThanThatAreUnsigned: whatever is appended at once.
func TestNoMoreEntriesThanThatAreUnsigned(t *testing.T) {
	b := newBook(run, NewRatchet(Origin(run)))
	var bodies []string
	for n := range 500 {
		bodies = append(bodies, remark(n))
	}
	b.add(false, bodies...)
	b.add(false, bodies[:100]...)
	since := 0
	for _, line := range b.lines {
		if since++; IsCheckpoint(line) {
			since = 0
		}
		require.LessOrEqual(t, since, MaxUnsigned)
	}
	head := b.head()
	r, _, err := Audit(strings.NewReader(string(b.file())), &head, Given{}, nil)
	require.NoError(t, err)
	require.Equal(t, Intact, r.Verdict)
}
