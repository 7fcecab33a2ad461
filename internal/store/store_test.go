package store_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/pkg/journal"
)

var documents = store.Files{
	Runbook:     []byte("irctl: v1\nname: containment\n"),
	Plan:        []byte(`{"nodes":[]}`),
	Environment: []byte("irctl: v1\nkind: environment\n"),
	Others:      [][]byte{[]byte("irctl: v1\nname: called\n"), []byte("irctl: v1\nkind: bindings\n")},
}

// others are the further documents of a run, as it keeps them.
func others(t testing.TB, r *store.Reader) [][]byte {
	t.Helper()
	var out [][]byte
	for _, data := range documents.Others {
		kept, err := r.Document(fmt.Sprintf("%x", sha256.Sum256(data)))
		require.NoError(t, err)
		out = append(out, kept)
	}
	return out
}

func body(n int) []byte {
	return fmt.Appendf(nil, `{"type":"note_added","text":"entry %d","more":"%s"}`, n, strings.Repeat(".", 10*n))
}

func newID(t testing.TB, s *store.Store) string {
	t.Helper()
	id, err := s.NewID(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	require.NoError(t, err)
	return id
}

func create(t testing.TB, s *store.Store) *store.Run {
	t.Helper()
	r, lines, err := s.Create(newID(t, s), documents, body(1))
	require.NoError(t, err)
	require.Len(t, lines, 1)
	t.Cleanup(func() { _ = r.Close() })
	return r
}

func lines(t testing.TB, s *store.Store, id string) []string {
	t.Helper()
	r, err := s.Reader(id)
	require.NoError(t, err)
	var out []string
	for e, err := range r.Entries() {
		require.NoError(t, err)
		out = append(out, string(e.Line))
	}
	return out
}

func path(s *store.Store, id string, name ...string) string {
	return filepath.Join(append([]string{s.Folder(id)}, name...)...)
}

func TestLifeOfARun(t *testing.T) {
	root := filepath.Join(t.TempDir(), "deep", "home")
	s := store.Open(root, nil)
	ids, err := s.List()
	require.NoError(t, err)
	require.Empty(t, ids)
	_, err = os.Stat(root)
	require.ErrorIs(t, err, os.ErrNotExist, "reading makes nothing")

	id := newID(t, s)
	run, written, err := s.Create(id, documents, body(1), body(2))
	require.NoError(t, err)
	more, err := run.Append(body(3), body(4))
	require.NoError(t, err)
	written = append(written, more...)
	nothing, err := run.Append()
	require.NoError(t, err)
	require.Empty(t, nothing)
	require.NoError(t, run.Close())
	require.NoError(t, run.Close())
	_, err = run.Append(body(5))
	require.ErrorIs(t, err, os.ErrClosed)

	run, err = s.Drive(id)
	require.NoError(t, err)
	require.Equal(t, int64(4), run.Head().Seq)
	require.Empty(t, run.SetAside())
	more, err = run.Append(body(5))
	require.NoError(t, err)
	written = append(written, more...)
	require.NoError(t, run.Close())

	require.Equal(t, string(bytes.Join(written, []byte("\n"))), strings.Join(lines(t, s, id), "\n"))
	reader, err := s.Reader(id)
	require.NoError(t, err)
	files, err := reader.Files()
	require.NoError(t, err)
	files.Others = others(t, reader)
	require.Equal(t, documents, files)
	_, err = reader.Document("../plan.json")
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.Equal(t, documents.Digests(), files.Digests())
	head, ok := reader.Head()
	require.True(t, ok)
	require.Equal(t, run.Head(), head)
	report, err := reader.Verify()
	require.NoError(t, err)
	require.Equal(t, journal.Report{Verdict: journal.Intact, Entries: 5, Head: head}, report)
}

func TestModes(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // modes mean nothing there
	}
	s := store.Open(filepath.Join(t.TempDir(), "home"), nil)
	run := create(t, s)
	_, err := run.Artifact(strings.NewReader("x"), strings.ToUpper)
	require.NoError(t, err)
	require.NoError(t, filepath.WalkDir(s.Root(), func(p string, d os.DirEntry, err error) error {
		require.NoError(t, err)
		info, err := d.Info()
		require.NoError(t, err)
		want := os.FileMode(0o600)
		if d.IsDir() {
			want = 0o700
		}
		require.Equal(t, want, info.Mode().Perm(), p)
		return nil
	}))
}

func TestIDsSort(t *testing.T) {
	s := store.Open(t.TempDir(), nil)
	last := ""
	for range 1000 {
		id := newID(t, s)
		require.Greater(t, id, last)
		last = id
	}
}

func TestFind(t *testing.T) {
	s := store.Open(t.TempDir(), nil)
	_, err := s.Find("")
	var none *store.NotFoundError
	require.ErrorAs(t, err, &none)

	a, b := create(t, s).ID(), create(t, s).ID()
	for _, stray := range []string{".new-" + newID(t, s), "notes", strings.ToLower(newID(t, s))} {
		require.NoError(t, os.Mkdir(filepath.Join(s.Root(), "runs", stray), 0o700))
	}
	require.NoError(t, os.WriteFile(filepath.Join(s.Root(), "runs", newID(t, s)), nil, 0o600))
	ids, err := s.List()
	require.NoError(t, err)
	require.Equal(t, []string{b, a}, ids)

	for prefix, want := range map[string]string{"": b, "latest": b, "@1": b, "@2": a, a: a, strings.ToLower(b): b} {
		id, err := s.Find(prefix)
		require.NoError(t, err)
		require.Equal(t, want, id)
	}
	_, err = s.Find("@3")
	require.EqualError(t, err, `there is no run "@3"; see the runs with: irctl list`)
	_, err = s.Find(a[:5])
	var many *store.AmbiguousError
	require.ErrorAs(t, err, &many)
	require.Equal(t, []string{b, a}, many.Matches)
	for _, id := range []string{"", "..", "../../etc", strings.ToLower(a), a + "/", newID(t, s)} {
		_, err = s.Drive(id)
		require.ErrorAs(t, err, &none, id)
		_, err = s.Reader(id)
		require.ErrorAs(t, err, &none, id)
		require.ErrorAs(t, s.Send(id, store.Request{}), &none, id)
	}
}

func TestCreateRefuses(t *testing.T) {
	s := store.Open(t.TempDir(), nil)
	run := create(t, s)
	_, _, err := s.Create(run.ID(), documents, body(1))
	require.ErrorIs(t, err, os.ErrExist)
	_, _, err = s.Create("x", documents, body(1))
	require.Error(t, err)
	_, _, err = s.Create(newID(t, s), documents)
	require.Error(t, err)
	_, _, err = s.Create(newID(t, s), documents, []byte("no"))
	require.Error(t, err)
	ids, err := s.List()
	require.NoError(t, err)
	require.Equal(t, []string{run.ID()}, ids)
}

func TestOneDriver(t *testing.T) {
	since := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	s := store.Open(t.TempDir(), nil, store.Version("v1.2.3"), store.Clock(func() time.Time { return since }))
	run := create(t, s)
	host, err := os.Hostname()
	require.NoError(t, err)
	want := store.Owner{PID: os.Getpid(), Host: host, Since: since, Version: "v1.2.3"}

	_, err = s.Drive(run.ID())
	var locked *store.LockedError
	require.ErrorAs(t, err, &locked)
	want.Boot = locked.Boot
	require.Equal(t, runtime.GOOS != "windows", want.Boot != "")
	require.Equal(t, &store.LockedError{Run: run.ID(), Owner: want}, locked)
	require.Equal(t, fmt.Sprintf("run %s is driven by process %d on %s since 2026-01-02T03:04:05Z", run.ID(), os.Getpid(), host), err.Error())
	owner, driven, err := s.Driven(run.ID())
	require.NoError(t, err)
	require.True(t, driven)
	require.Equal(t, want, owner)

	require.NoError(t, run.Close())
	_, driven, err = s.Driven(run.ID())
	require.NoError(t, err)
	require.False(t, driven)
	run, err = s.Drive(run.ID())
	require.NoError(t, err)
	require.NoError(t, run.Close())
}

func TestStaleOwnerIsNoObstacle(t *testing.T) {
	s := store.Open(t.TempDir(), nil)
	run := create(t, s)
	require.NoError(t, run.Close())
	for _, record := range []string{`{"pid":1,"host":"elsewhere.example.com","since":"2020-01-01T00:00:00Z"}`, "garbage", ""} {
		require.NoError(t, os.WriteFile(path(s, run.ID(), "owner"), []byte(record), 0o600))
		_, driven, err := s.Driven(run.ID())
		require.NoError(t, err)
		require.False(t, driven)
		run, err = s.Drive(run.ID())
		require.NoError(t, err)
		require.NoError(t, run.Close())
	}
}

func TestDriveRefusesWhatDoesNotVerify(t *testing.T) {
	s := store.Open(t.TempDir(), nil)
	run := create(t, s)
	_, err := run.Append(body(2), body(3))
	require.NoError(t, err)
	require.NoError(t, run.Close())
	file := path(s, run.ID(), "journal.jsonl")
	headFile := path(s, run.ID(), "head")
	good, err := os.ReadFile(file)
	require.NoError(t, err)
	head, err := os.ReadFile(headFile)
	require.NoError(t, err)
	cases := map[string]struct {
		journal, head []byte
		altered       bool
	}{
		"a byte changed":     {bytes.Replace(good, []byte("entry 2"), []byte("entry 7"), 1), head, true},
		"the end cut off":    {good[:len(good)-1], head, false},
		"a line cut off":     {good[:bytes.LastIndexByte(good[:len(good)-1], '\n')+1], head, false},
		"everything gone":    {nil, head, false},
		"no head":            {good, nil, false},
		"a garbled head":     {good, []byte("7"), false},
		"the head and a bit": {bytes.Replace(good, []byte("entry 1"), []byte("entry 2"), 1), nil, true},
	}
	for name, c := range cases {
		require.NoError(t, os.WriteFile(file, c.journal, 0o600))
		require.NoError(t, os.WriteFile(headFile, c.head, 0o600))
		_, err := s.Drive(run.ID())
		var altered *store.AlteredError
		var truncated *store.TruncatedError
		require.Equal(t, c.altered, errors.As(err, &altered), name)
		require.Equal(t, !c.altered, errors.As(err, &truncated), name)
		after, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Equal(t, string(c.journal), string(after), "nothing was changed")
		_, driven, err := s.Driven(run.ID())
		require.NoError(t, err)
		require.False(t, driven)
	}
	require.NoError(t, os.WriteFile(file, good, 0o600))
	require.NoError(t, os.Remove(headFile))
	_, err = s.Drive(run.ID())
	require.ErrorContains(t, err, "cannot be shown")
	require.NoError(t, os.Remove(file))
	_, err = s.Drive(run.ID())
	require.ErrorContains(t, err, "the end of the journal")
}

func TestTornTailIsSetAside(t *testing.T) {
	s := store.Open(t.TempDir(), nil)
	run := create(t, s)
	id := run.ID()
	for n, torn := range []string{`{"seq":2,"ty`, "\x00\x00\x00\x00", strings.Repeat("x", 100_000)} {
		require.NoError(t, run.Close())
		before := lines(t, s, id)
		f, err := os.OpenFile(path(s, id, "journal.jsonl"), os.O_WRONLY|os.O_APPEND, 0)
		require.NoError(t, err)
		_, err = f.WriteString(torn)
		require.NoError(t, err)
		require.NoError(t, f.Close())
		require.Equal(t, before, lines(t, s, id), "a reader sees whole lines only")

		// Until the journal mentions the tail, every Drive reports it.
		for range 2 {
			run, err = s.Drive(id)
			require.NoError(t, err)
			require.Len(t, run.SetAside(), 1)
			require.NoError(t, run.Close())
		}
		run, err = s.Drive(id)
		require.NoError(t, err)
		tail := run.SetAside()[0]
		require.Equal(t, fmt.Sprintf("tail-%d.torn", n+1), tail.File)
		require.Equal(t, len(torn), tail.Bytes)
		kept, err := os.ReadFile(path(s, id, tail.File))
		require.NoError(t, err)
		require.Equal(t, torn, string(kept))
		event, err := json.Marshal(map[string]any{"type": "tail_set_aside", "file": tail.File})
		require.NoError(t, err)
		_, err = run.Append(event)
		require.NoError(t, err)
		require.Equal(t, int64(n+2), run.Head().Seq)
	}
	require.NoError(t, run.Close())
	run, err := s.Drive(id)
	require.NoError(t, err)
	require.Empty(t, run.SetAside())
}

// A crash between the sync and the head file leaves entries that are durable
// and that nobody was told of. They count.
func TestEntriesWithoutAcknowledgementAreAdopted(t *testing.T) {
	s := store.Open(t.TempDir(), nil)
	run := create(t, s)
	head, err := os.ReadFile(path(s, run.ID(), "head"))
	require.NoError(t, err)
	_, err = run.Append(body(2), body(3))
	require.NoError(t, err)
	require.NoError(t, run.Close())
	require.NoError(t, os.WriteFile(path(s, run.ID(), "head"), head, 0o600))
	want := lines(t, s, run.ID())
	again, err := s.Drive(run.ID())
	require.NoError(t, err)
	require.Equal(t, int64(3), again.Head().Seq)
	reader, err := s.Reader(run.ID())
	require.NoError(t, err)
	known, ok := reader.Head()
	require.True(t, ok)
	require.Equal(t, again.Head(), known)
	require.Equal(t, want, lines(t, s, run.ID()))
	require.NoError(t, again.Close())
}
