//go:build unix

package store_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/store"
)

// TestUnpackWaitsForNoPipe: a pipe that somebody put where an archive should be
// is refused at once.
func TestUnpackWaitsForNoPipe(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "run.tar")
	require.NoError(t, syscall.Mkfifo(pipe, 0o600))
	_, err := store.Unpack(pipe, t.TempDir())
	require.ErrorContains(t, err, "is no regular file")
}

// TestAnArchiveIsReadToItsEndAndNoFurther: bytes that are left out are counted as
// those that are not, and what follows the last file must be whole as well.
func TestAnArchiveIsReadToItsEndAndNoFurther(t *testing.T) {
	packed := func(items ...tar.Header) []byte {
		var out bytes.Buffer
		w := tar.NewWriter(&out)
		for _, h := range items {
			require.NoError(t, w.WriteHeader(&h))
		}
		return out.Bytes()
	}
	zip := func(data []byte) []byte {
		var out bytes.Buffer
		w := gzip.NewWriter(&out)
		_, err := w.Write(data)
		require.NoError(t, errors.Join(err, w.Close()))
		return out.Bytes()
	}
	journal := tar.Header{Typeflag: tar.TypeReg, Name: "01RUN/journal.jsonl", Mode: 0o600}
	whole := zip(append(packed(journal), make([]byte, 1024)...))
	torn := append(bytes.Clone(whole[:len(whole)-8]), make([]byte, 8)...)
	many := bytes.Repeat(packed(tar.Header{Typeflag: tar.TypeReg, Name: "01RUN/x", Mode: 0o600}), 1)
	for name, c := range map[string]struct {
		archive []byte
		says    string
	}{
		"whole":             {whole, ""},
		"cut short":         {whole[:len(whole)-4], "cannot unpack"},
		"other check sum":   {torn, "cannot unpack"},
		"no kind of file":   {zip(packed(tar.Header{Typeflag: 'Z', Name: "x", Size: 1 << 45, Format: tar.FormatGNU})), "holds more than"},
		"a link with bytes": {zip(packed(tar.Header{Typeflag: tar.TypeCont, Name: "x", Size: 1 << 45, Format: tar.FormatGNU})), "holds more than"},
		"the same twice":    {zip(append(many, many...)), "file exists"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "run.tar.gz")
			require.NoError(t, os.WriteFile(file, c.archive, 0o600))
			_, err := store.Unpack(file, t.TempDir())
			if c.says == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, c.says)
		})
	}
}

// TestAPipeInPlaceOfAJournalHoldsNobody: nor does one in place of an older lock.
func TestAPipeInPlaceOfAJournalHoldsNobody(t *testing.T) {
	s := store.Open(t.TempDir(), nil)
	for _, name := range []string{"journal.jsonl", "lock"} {
		run := create(t, s)
		require.NoError(t, run.Close())
		_ = os.Remove(path(s, run.ID(), name))
		require.NoError(t, syscall.Mkfifo(path(s, run.ID(), name), 0o600))
		_, _, err := s.Driven(run.ID())
		require.ErrorContains(t, err, "is not a regular file", name)
		_, err = s.TakeOver(run.ID())
		require.ErrorContains(t, err, "is not a regular file", name)
	}
}

// TestARunWhoseEndIsMissingMayBeAboutAnything: whoever looks for the runs that
// rely on something leaves out none of which it cannot know.
func TestARunWhoseEndIsMissingMayBeAboutAnything(t *testing.T) {
	s := store.Open(t.TempDir(), nil)
	no := func([]byte) bool { return false }
	for name, damage := range map[string]func(journal, head string) error{
		"emptied":         func(journal, _ string) error { return os.Truncate(journal, 0) },
		"not there":       func(journal, _ string) error { return os.Remove(journal) },
		"a folder":        func(journal, _ string) error { return errors.Join(os.Remove(journal), os.Mkdir(journal, 0o700)) },
		"no head":         func(_, head string) error { return os.Remove(head) },
		"head is garbage": func(_, head string) error { return os.WriteFile(head, []byte("garbage"), 0o600) },
	} {
		run := create(t, s)
		require.NoError(t, run.Close())
		require.False(t, s.May(run.ID(), no), name)
		require.NoError(t, damage(path(s, run.ID(), "journal.jsonl"), path(s, run.ID(), "head")), name)
		require.True(t, s.May(run.ID(), no), name)
	}
}

// TestAPipeInTheInboxIsNoRequest: a driver that opened it would wait for ever.
func TestAPipeInTheInboxIsNoRequest(t *testing.T) {
	s := store.Open(t.TempDir(), nil)
	run := create(t, s)
	name := newID(t, s) + ".json"
	require.NoError(t, syscall.Mkfifo(path(s, run.ID(), "inbox", name), 0o600))
	got, bad, err := run.Requests()
	require.NoError(t, err)
	require.Empty(t, got)
	require.Len(t, bad, 1)
	require.Equal(t, "it is not a regular file", bad[0].Reason)
}
