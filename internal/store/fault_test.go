package store_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/internal/store/storetest"
	"github.com/irctl/irctl/pkg/journal"
)

// outcome is what a driver knows when it stopped.
type outcome struct {
	acked []string // the lines it was told are durable
	err   error    // why it stopped, nil if it came to the end
}

const wholeLife = 7 // entries of a life that nothing disturbs

// live is a driver: it makes a run or takes over an old one, appends until
// there are wholeLife entries, and does everything else a driver does. told is
// called with each line as soon as it is acknowledged.
func live(s *store.Store, id string, told func(line string)) (o outcome) {
	ack := func(lines [][]byte) {
		for _, line := range lines {
			o.acked = append(o.acked, string(line))
			told(string(line))
		}
	}
	run, err := s.Drive(id)
	var none *store.NotFoundError
	if errors.As(err, &none) {
		var first [][]byte
		run, first, err = s.Create(id, documents, body(1))
		ack(first)
	}
	if err != nil {
		o.err = err
		return o
	}
	defer func() { o.err = errors.Join(o.err, run.Close()) }()
	for _, tail := range run.SetAside() {
		line, err := run.Append(fmt.Appendf(nil, `{"type":"tail_set_aside","file":%q}`, tail.File))
		if err != nil {
			o.err = err
			return o
		}
		ack(line)
	}
	for run.Head().Seq < wholeLife {
		next := int(run.Head().Seq) + 1
		bodies := [][]byte{body(next)}
		if next%2 == 0 && next < wholeLife {
			bodies = append(bodies, body(next+1))
		}
		if next == 4 {
			if _, err := run.Artifact(strings.NewReader("output of step 4"), strings.ToUpper); err != nil {
				o.err = err
				return o
			}
		}
		lines, err := run.Append(bodies...)
		ack(lines)
		if err != nil {
			o.err = err
			_, again := run.Append(body(99))
			if again == nil || !errors.Is(again, err) {
				o.err = errors.New("a broken run took another entry")
			}
			return o
		}
	}
	return o
}

// lifetime lists the points of an undisturbed life.
func lifetime(t *testing.T) []storetest.Point {
	t.Helper()
	in := storetest.New(store.OS{}, nil)
	s := store.Open(t.TempDir(), in)
	o := live(s, newID(t, s), func(string) {})
	require.NoError(t, o.err)
	require.Len(t, o.acked, wholeLife)
	seen := map[string]bool{}
	for _, p := range in.Points() {
		seen[p.Op+" "+p.File] = true
	}
	for _, want := range []string{"write journal.jsonl", "sync journal.jsonl", "write head", "rename owner", "rename place", "mkdir inbox", "syncdir runs", "syncdir artifacts", "remove owner"} {
		require.True(t, seen[want], want)
	}
	return in.Points()
}

// settled checks what must hold after any stop: all that was acknowledged is
// there, and nothing is altered or missing.
func settled(t *testing.T, s *store.Store, id string, acked []string, at string) {
	t.Helper()
	ids, err := s.List()
	require.NoError(t, err)
	if len(ids) == 0 {
		require.Empty(t, acked, at)
		return
	}
	require.Equal(t, []string{id}, ids, at)
	reader, err := s.Reader(id)
	require.NoError(t, err)
	files, err := reader.Files()
	require.NoError(t, err, at)
	files.Others = others(t, reader)
	require.Equal(t, documents, files, "a run that is listed is complete: %s", at)
	report, err := reader.Verify()
	require.NoError(t, err, at)
	require.Contains(t, []journal.Verdict{journal.Intact, journal.Torn}, report.Verdict, "%s: %+v", at, report)
	require.GreaterOrEqual(t, report.Entries, int64(1), at)
	got := lines(t, s, id)
	require.Subset(t, got, acked, at)
}

// finished checks that the run can be carried on to its end.
func finished(t *testing.T, s *store.Store, id, at string) {
	t.Helper()
	o := live(s, id, func(string) {})
	require.NoError(t, o.err, at)
	reader, err := s.Reader(id)
	require.NoError(t, err)
	report, err := reader.Verify()
	require.NoError(t, err)
	require.Equal(t, journal.Intact, report.Verdict, at)
	require.GreaterOrEqual(t, report.Entries, int64(wholeLife), at)
}

func TestEveryOperationFails(t *testing.T) {
	kinds := map[string]func(n int) storetest.At{
		"fails":          func(n int) storetest.At { return storetest.FailAt(n, storetest.Before, syscall.EACCES) },
		"fails half-way": func(n int) storetest.At { return storetest.FailAt(n, storetest.Half, syscall.EIO) },
		"fails too late": func(n int) storetest.At { return storetest.FailAt(n, storetest.After, syscall.EIO) },
		"disk full":      func(n int) storetest.At { return storetest.FullFrom(n, syscall.ENOSPC) },
		"disk dead":      func(n int) storetest.At { return storetest.DeadFrom(n, syscall.EROFS) },
	}
	for _, p := range lifetime(t) {
		for kind, at := range kinds {
			what := fmt.Sprintf("%s: %s", p, kind)
			root := t.TempDir()
			in := storetest.New(store.OS{}, at(p.N))
			s := store.Open(root, in)
			id := newID(t, s)
			o := live(s, id, func(string) {})
			require.GreaterOrEqual(t, len(in.Points()), p.N, "never reached: %s", what)
			require.Equal(t, p.Op, in.Points()[p.N-1].Op, what)

			healthy := store.Open(root, nil)
			settled(t, healthy, id, o.acked, what)
			var failed *store.AppendError
			if errors.As(o.err, &failed) {
				require.Equal(t, kind == "disk full", failed.Full, what)
				require.Equal(t, int64(len(o.acked)), failed.Last, what)
			}
			if kind == "disk full" && len(o.acked) > 0 {
				require.Len(t, lines(t, healthy, id), len(o.acked), "what was not recorded is not there: %s", what)
			}
			finished(t, healthy, id, what)
		}
	}
}

// A secret that signed is written over, and gone from the disk once the run is given
// up.
func TestNoSecretThatSignedOutlastsTheRun(t *testing.T) {
	in := storetest.New(store.OS{}, nil)
	s := store.Open(t.TempDir(), in)
	id := newID(t, s)
	checkpoint := func(signed, next string) ([]byte, error) { return []byte(`{"type":"checkpoint_signed"}`), nil }
	run, _, err := s.Create(id, documents, body(1))
	require.NoError(t, err)
	_, err = run.Restart()
	require.NoError(t, err)
	_, err = run.AppendSigned(journal.Now, checkpoint, body(2))
	require.NoError(t, err)
	require.NoError(t, run.Close())
	written, synced := 0, 0
	for _, p := range in.Points() {
		if p.File == "ratchet" && p.Op == "write" {
			written = p.N
		}
		if p.File == "ratchet" && p.Op == "sync" {
			synced = p.N
		}
	}
	require.NotZero(t, written)
	require.Greater(t, synced, written)
}

func TestMessagesSayWhatToDo(t *testing.T) {
	in := storetest.New(store.OS{}, nil)
	s := store.Open(t.TempDir(), in)
	run := create(t, s)
	full := store.Open(s.Root(), storetest.New(store.OS{}, func(p storetest.Point, stage storetest.Stage) error {
		if p.File == "journal.jsonl" && stage == storetest.Half {
			return syscall.ENOSPC
		}
		return nil
	}))
	require.NoError(t, run.Close())
	run, err := full.Drive(run.ID())
	require.NoError(t, err)
	_, err = run.Append(body(2))
	file := path(s, run.ID(), "journal.jsonl")
	require.EqualError(t, err, "the disk is full: entry 2 of run "+run.ID()+" was not recorded (write "+file+": "+syscall.ENOSPC.Error()+
		"). Everything up to entry 1 is safe, and nothing was done after it. Make room on it, then go on with: irctl resume "+run.ID())
	_, again := run.Append(body(2))
	require.ErrorIs(t, again, err)
	require.NoError(t, run.Close())

	id := newID(t, s)
	_, _, err = store.Open(s.Root(), storetest.New(store.OS{}, storetest.FullFrom(1, syscall.ENOSPC))).Create(id, documents, body(1))
	require.ErrorContains(t, err, "cannot create run "+id+", because the disk is full")
	require.ErrorContains(t, err, "There is no such run, and nothing was done.")
	left, err := os.ReadDir(s.Root() + "/runs")
	require.NoError(t, err)
	require.Len(t, left, 1, "nothing is left behind")
}
