//go:build unix

package store_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/store"
)

// modes are what a test must find unchanged.
func modes(t *testing.T, dir string) map[string]fs.FileMode {
	out := map[string]fs.FileMode{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		require.NoError(t, err)
		info, err := os.Stat(path)
		require.NoError(t, err)
		out[path] = info.Mode()
		return nil
	}))
	return out
}

// A folder in which others may write is refused, wherever on the way to the run
// it lies, and its mode stays: it was repaired silently before.
func TestFolderThatOthersCanWriteIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		folder string // below the test's folder
		mode   fs.FileMode
		safe   bool
	}{
		"the folder of the run":       {"deep/home/runs/RUN", 0o777, false},
		"the folder of the runs":      {"deep/home/runs", 0o722, false},
		"the home":                    {"deep/home", 0o707, false},
		"the home, like /tmp":         {"deep/home", 0o777 | fs.ModeSticky, false},
		"a parent":                    {"deep", 0o777, false},
		"a parent, like /tmp":         {"deep", 0o777 | fs.ModeSticky, true},
		"readable by others":          {"deep/home", 0o755, true},
		"a group of this account":     {"deep/home", 0o775, true},
		"the parent's group is ours":  {"deep", 0o775, true},
		"readable folder of the runs": {"deep/home/runs", 0o755, true},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := store.Open(filepath.Join(dir, "deep", "home"), nil)
			run := create(t, s)
			require.NoError(t, run.Close())
			folder := filepath.Join(dir, strings.Replace(c.folder, "RUN", run.ID(), 1))
			require.NoError(t, os.Chmod(folder, c.mode))
			before := modes(t, dir)
			again, err := s.Drive(run.ID())
			_, _, fresh := s.Create(newID(t, s), documents, body(1))
			if c.safe {
				require.NoError(t, err)
				require.NoError(t, again.Close())
				require.NoError(t, fresh)
				return
			}
			var unsafe *store.UnsafeError
			require.ErrorAs(t, err, &unsafe)
			require.ErrorContains(t, err, "chmod go-w "+folder)
			if c.folder != "deep/home/runs/RUN" {
				require.ErrorAs(t, fresh, &unsafe)
				require.Equal(t, before, modes(t, dir), "nothing was changed")
			}
		})
	}
}

// A group with other members is others.
func TestFolderOfAGroupIsRefused(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Logf("as %d no folder can be given to another group", os.Geteuid())
		return
	}
	s := store.Open(t.TempDir(), nil)
	run := create(t, s)
	require.NoError(t, run.Close())
	require.NoError(t, os.Chown(run.Folder(), 0, 1))
	require.NoError(t, os.Chmod(run.Folder(), 0o770))
	_, err := s.Drive(run.ID())
	var unsafe *store.UnsafeError
	require.ErrorAs(t, err, &unsafe)
}

// Root typing `done --resume` in another account's run ran that account's plan
// as root; and whoever owns a parent can put another home in its place.
func TestFolderOfAnotherAccountIsRefused(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Logf("as %d no folder can be given to another account", os.Geteuid())
		return
	}
	for _, given := range []string{"deep/home", "deep/home/runs", "deep/home/runs/RUN", "deep"} {
		t.Run(given, func(t *testing.T) {
			dir := t.TempDir()
			s := store.Open(filepath.Join(dir, "deep", "home"), nil)
			run := create(t, s)
			require.NoError(t, run.Close())
			folder := filepath.Join(dir, strings.Replace(given, "RUN", run.ID(), 1))
			require.NoError(t, os.Chown(folder, 1, -1))
			_, err := s.Drive(run.ID())
			var other *store.AccountError
			require.ErrorAs(t, err, &other)
			require.Equal(t, folder, other.Folder)
			require.ErrorContains(t, err, "sudo -u "+other.Owner)
			if !strings.HasSuffix(given, "RUN") {
				require.ErrorAs(t, s.Ours(), &other)
				require.ErrorAs(t, s.Delete(run.ID(), func() error { return nil }), &other)
				index := s.Index("form")
				index.Keep(run.ID(), "files", []byte("row"))
				require.ErrorAs(t, index.Save([]string{run.ID()}), &other)
				_, _, err = s.Create(newID(t, s), documents, body(1))
				require.ErrorAs(t, err, &other)
			}
			left, err := os.ReadDir(filepath.Join(s.Root(), "runs"))
			require.NoError(t, err)
			require.Len(t, left, 1, "nothing was made")
		})
	}
}

// A home that is reached through a link is judged where it lies.
func TestLinkToAFolderOfOthersIsRefused(t *testing.T) {
	dir := t.TempDir()
	real := filepath.Join(dir, "open", "home")
	run := create(t, store.Open(real, nil))
	require.NoError(t, run.Close())
	require.NoError(t, os.Chmod(filepath.Dir(real), 0o777))
	link := filepath.Join(dir, "link")
	require.NoError(t, os.Symlink(real, link))
	_, err := store.Open(link, nil).Drive(run.ID())
	var unsafe *store.UnsafeError
	require.ErrorAs(t, err, &unsafe)
}

// What does not exist yet is not made where it would be refused.
func TestNoHomeIsMadeInAFolderOfOthers(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Chmod(dir, 0o777))
	s := store.Open(filepath.Join(dir, "a", "b"), nil)
	_, _, err := s.Create(newID(t, s), documents, body(1))
	var unsafe *store.UnsafeError
	require.ErrorAs(t, err, &unsafe)
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
}

// copyOf copies a folder as `cp -a` does.
func copyOf(t *testing.T, from, to string) {
	t.Helper()
	out, err := exec.Command("cp", "-a", from, to).CombinedOutput()
	require.NoError(t, err, string(out))
}

// `cp -a runs/A runs/B`, both resumed: effects twice, and each journal intact.
func TestACopyIsNotDriven(t *testing.T) {
	root := t.TempDir()
	s := store.Open(filepath.Join(root, "home"), nil)
	run := create(t, s)
	require.NoError(t, run.Close())
	b := newID(t, s)
	copyOf(t, run.Folder(), s.Folder(b))
	copyOf(t, s.Root(), filepath.Join(root, "other"))
	for _, c := range []struct {
		s  *store.Store
		id string
	}{{s, b}, {store.Open(filepath.Join(root, "other"), nil), run.ID()}} {
		_, err := c.s.Drive(c.id)
		var elsewhere *store.ElsewhereError
		require.ErrorAs(t, err, &elsewhere)
		require.Equal(t, []string{store.OtherFile}, elsewhere.Changed)
		require.EqualError(t, err, "run "+c.id+" does not belong here: its journal is a copy of the file that was driven")
		reader, err := c.s.Reader(c.id)
		require.NoError(t, err)
		seen, err := reader.Elsewhere()
		require.NoError(t, err)
		require.Equal(t, elsewhere, seen)
		report, err := reader.Verify()
		require.NoError(t, err)
		require.Equal(t, "intact", string(report.Verdict), "it can be read")
	}

	// The original goes on; so does a home that was moved.
	run, err := s.Drive(run.ID())
	require.NoError(t, err)
	require.Nil(t, run.From())
	require.NoError(t, run.Close())
	require.NoError(t, os.Rename(s.Root(), filepath.Join(root, "moved")))
	moved, err := store.Open(filepath.Join(root, "moved"), nil).Drive(run.ID())
	require.NoError(t, err)
	require.NoError(t, moved.Close())
}

// A copy is driven after a person took it over, and belongs there only when
// that is written down.
func TestTakeOver(t *testing.T) {
	root := t.TempDir()
	s := store.Open(filepath.Join(root, "home"), nil)
	run := create(t, s)
	require.NoError(t, run.Close())
	copyOf(t, s.Root(), filepath.Join(root, "other"))
	s = store.Open(filepath.Join(root, "other"), nil)
	for range 2 { // the first one dies before it is settled
		taken, err := s.TakeOver(run.ID())
		require.NoError(t, err)
		require.Equal(t, []string{store.OtherFile}, taken.From().Changed)
		_, err = taken.Append([]byte(`{"type":"run_taken_over"}`))
		require.NoError(t, err)
		require.NoError(t, taken.Close())
		_, err = s.Drive(run.ID())
		var elsewhere *store.ElsewhereError
		require.ErrorAs(t, err, &elsewhere)
	}
	taken, err := s.TakeOver(run.ID())
	require.NoError(t, err)
	require.NoError(t, taken.Settle())
	require.NoError(t, taken.Close())
	again, err := s.Drive(run.ID())
	require.NoError(t, err)
	require.Nil(t, again.From())
	require.NoError(t, again.Close())
}

// Another machine, another account, and a folder that does not say where it
// belongs.
func TestARunThatBelongsElsewhere(t *testing.T) {
	s := store.Open(t.TempDir(), nil)
	run := create(t, s)
	require.NoError(t, run.Close())
	place := path(s, run.ID(), "place")
	good, err := os.ReadFile(place)
	require.NoError(t, err)
	replaced := func(key, value string) string {
		at := strings.Index(string(good), `"`+key+`":"`)
		require.Positive(t, at, "%s", good)
		rest := string(good)[at+len(key)+4:]
		return string(good)[:at+len(key)+4] + value + rest[strings.Index(rest, `"`):]
	}
	for text, want := range map[string]string{
		replaced("account", "4242"): "it was driven by account 4242",
		replaced("journal", "1"):    "its journal is a copy of the file that was driven",
		"{}":                        "its folder does not say where it was driven",
		"":                          "its folder does not say where it was driven",
	} {
		require.NoError(t, os.WriteFile(place, []byte(text), 0o600))
		_, err := s.Drive(run.ID())
		var elsewhere *store.ElsewhereError
		require.ErrorAs(t, err, &elsewhere)
		require.ErrorContains(t, err, want)
	}
	if strings.Contains(string(good), `"machine"`) {
		require.NoError(t, os.WriteFile(place, []byte(replaced("machine", "feed")), 0o600))
		_, err := s.Drive(run.ID())
		require.ErrorContains(t, err, "it was driven on another machine, ")
	}
	require.NoError(t, os.Remove(place))
	_, err = s.Drive(run.ID())
	require.ErrorContains(t, err, "its folder does not say where it was driven")

	require.NoError(t, os.WriteFile(place, good, 0o600))
	run, err = s.Drive(run.ID())
	require.NoError(t, err)
	require.NoError(t, run.Close())
}

// TestADraftIsNeverWrittenThrough: a link or a pipe in the place of a draft is
// removed, and what the link names stays as it is.
func TestADraftIsNeverWrittenThrough(t *testing.T) {
	dir := t.TempDir()
	precious := filepath.Join(dir, "precious")
	require.NoError(t, os.WriteFile(precious, []byte("precious"), 0o600))
	home := filepath.Join(dir, "home")
	s := store.Open(home, nil)
	require.NoError(t, s.Halt(store.Halt{Reason: "first"}))
	for _, put := range []func(name string) error{
		func(name string) error { return os.Symlink(precious, name) },
		func(name string) error { return os.Symlink("/nowhere/at/all", name) },
		func(name string) error { return os.Link(precious, name) },
		func(name string) error { return os.WriteFile(name, []byte(strings.Repeat("x", 4096)), 0o666) },
		func(name string) error { return os.Mkdir(name, 0o700) },
	} {
		require.NoError(t, put(filepath.Join(home, ".halt")))
		require.NoError(t, s.Halt(store.Halt{Reason: "wait"}))
		h, err := s.Halted()
		require.NoError(t, err)
		require.Equal(t, "wait", h.Reason)
		text, err := os.ReadFile(precious)
		require.NoError(t, err)
		require.Equal(t, "precious", string(text))
	}
}
