package store_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"iter"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/pkg/journal"
)

// appendRaw writes bytes as a driver that does not hold still would.
func appendRaw(t testing.TB, file, text string) {
	t.Helper()
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_APPEND, 0)
	require.NoError(t, err)
	_, err = f.WriteString(text)
	require.NoError(t, err)
	require.NoError(t, f.Close())
}

func TestFollow(t *testing.T) {
	s := store.Open(t.TempDir(), nil)
	run := create(t, s)
	reader, err := s.Reader(run.ID())
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	tick := make(chan time.Time, 1)
	next, stop := iter.Pull2(reader.Follow(ctx, tick))
	defer stop()
	expect := func(seq int64, text string) {
		t.Helper()
		e, err, ok := next()
		require.True(t, ok)
		require.NoError(t, err)
		require.Equal(t, seq, e.Seq)
		require.Contains(t, string(e.Line), text)
	}
	expect(1, "entry 1")
	_, err = run.Append(body(2), body(3))
	require.NoError(t, err)
	tick <- time.Time{}
	expect(2, "entry 2")
	expect(3, "entry 3")

	// A line is yielded when it is whole.
	file := path(s, run.ID(), "journal.jsonl")
	sealed, _, err := journal.Seal(run.Head(), body(4))
	require.NoError(t, err)
	appendRaw(t, file, string(sealed[:9]))
	tick <- time.Time{}
	got := make(chan journal.Entry)
	go func() {
		e, _, _ := next()
		got <- journal.Entry{Seq: e.Seq, Offset: e.Offset, Line: bytes.Clone(e.Line)}
	}()
	tick <- time.Time{} // the first was taken: it has looked at half a line
	appendRaw(t, file, string(sealed[9:]))
	var e journal.Entry
	select {
	case tick <- time.Time{}:
		e = <-got
	case e = <-got: // the second tick was taken after the line was whole
	}
	require.Equal(t, int64(4), e.Seq)
	require.Equal(t, string(sealed), string(e.Line)+"\n")

	// Lines that are taken back end it.
	require.NoError(t, os.Truncate(file, 10))
	select {
	case tick <- time.Time{}:
	default:
	}
	_, err, ok := next()
	require.True(t, ok)
	require.ErrorIs(t, err, store.ErrTakenBack)
	_, _, ok = next()
	require.False(t, ok)
}

func TestFollowEndsWithItsContext(t *testing.T) {
	s := store.Open(t.TempDir(), nil)
	run := create(t, s)
	reader, err := s.Reader(run.ID())
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n := 0
	for _, err := range reader.Follow(ctx, nil) {
		require.NoError(t, err)
		n++
		cancel()
	}
	require.Equal(t, 1, n)
}

func TestReaderOfABadRun(t *testing.T) {
	s := store.Open(t.TempDir(), nil)
	run := create(t, s)
	require.NoError(t, run.Close())
	reader, err := s.Reader(run.ID())
	require.NoError(t, err)
	file := path(s, run.ID(), "journal.jsonl")

	appendRaw(t, file, "half")
	report, err := reader.Verify()
	require.NoError(t, err)
	require.Equal(t, journal.Torn, report.Verdict)
	require.NoError(t, os.Remove(path(s, run.ID(), "head")))
	_, ok := reader.Head()
	require.False(t, ok)
	var told []int64
	report, _, err = reader.Audit(journal.Given{}, func() func(journal.Entry) {
		return func(e journal.Entry) { told = append(told, e.Seq) }
	})
	require.NoError(t, err)
	require.Equal(t, journal.Truncated, report.Verdict)
	require.Equal(t, []int64{1}, told, "each entry that verifies")

	require.NoError(t, os.Remove(file))
	for _, err := range reader.Entries() {
		var truncated *store.TruncatedError
		require.ErrorAs(t, err, &truncated, "as for every reader and for Drive")
	}
	require.NoError(t, os.Remove(path(s, run.ID(), "plan.json")))
	_, err = reader.Files()
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestArtifacts(t *testing.T) {
	s := store.Open(t.TempDir(), nil)
	run := create(t, s)
	reader, err := s.Reader(run.ID())
	require.NoError(t, err)
	loud := func(text string) string { return strings.ReplaceAll(text, "\x1b", "ESC") }
	for name, c := range map[string]struct{ data, head string }{
		"nothing":         {"", ""},
		"text":            {"four bytes\x1b", "four bytesESC"},
		"much":            {strings.Repeat("0123456789", 500_000), strings.Repeat("0123456789", 20)},
		"wide characters": {strings.Repeat("€", 100), strings.Repeat("€", 66)},
		"no text":         {strings.Repeat("\x80", 300), strings.Repeat("\x80", 200)},
		"growing":         {strings.Repeat("\x1b", 300), strings.Repeat("ESC", 66) + "ES"},
	} {
		for range 2 { // the same bytes are kept once
			a, err := run.Artifact(iotest.HalfReader(strings.NewReader(c.data)), loud)
			require.NoError(t, err, name)
			sum := sha256.Sum256([]byte(c.data))
			require.Equal(t, store.Artifact{Digest: hex.EncodeToString(sum[:]), Size: int64(len(c.data)), Head: c.head}, a, name)
			f, err := reader.Artifact(a.Digest)
			require.NoError(t, err)
			kept, err := io.ReadAll(f)
			require.NoError(t, err)
			require.NoError(t, f.Close())
			require.Equal(t, c.data, string(kept))
			same, err := s.Deposit(run.ID(), strings.NewReader(c.data), loud)
			require.NoError(t, err)
			require.Equal(t, a, same, "from a process that does not drive")
		}
	}
	broken := errors.New("the target hung up")
	_, err = run.Artifact(io.MultiReader(strings.NewReader("half"), iotest.ErrReader(broken)), loud)
	require.ErrorIs(t, err, broken)
	kept, err := os.ReadDir(path(s, run.ID(), "artifacts"))
	require.NoError(t, err)
	require.Len(t, kept, 6, "nothing is left of what failed")
	for _, bad := range []string{"", "..", "../journal.jsonl", strings.Repeat("A", 64), strings.Repeat("a", 63)} {
		_, err := reader.Artifact(bad)
		require.Error(t, err, bad)
	}
}
