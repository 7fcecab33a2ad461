package store_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/store"
)

// What a process left that was killed between writing a file and giving it its
// name, answers that nobody took, and evidence of requests that were refused go a
// week later. What somebody may still be at, or asks for, stays.
func TestLeftoversAreSweptAfterAWeek(t *testing.T) {
	s := store.Open(t.TempDir(), nil)
	run := create(t, s)
	require.NoError(t, run.Close())
	id, old := run.ID(), time.Now().Add(-8*24*time.Hour)
	at := func(name string) string { return path(s, id, name) }
	asked, forgotten, other := strings.Repeat("a", 64), strings.Repeat("b", 64), newID(t, s)
	require.NoError(t, s.Send(id, store.Request{ID: newID(t, s), Events: []json.RawMessage{json.RawMessage(`{"digest":"` + asked + `"}`)}}))
	gone := []string{"artifacts/.new-1", "artifacts/.new-" + other, "inbox/.new-" + other, "inbox/." + other + ".json", "inbox/" + forgotten + "." + other, "replies/" + other + ".json", "replies/." + other + ".json", ".anchor-x.json", ".place"}
	stays := []string{"inbox/" + asked + "." + other, "work/.kept", "artifacts/" + asked, "tail-1.torn"}
	for _, name := range append(gone, stays...) {
		require.NoError(t, os.WriteFile(at(name), nil, 0o600))
		require.NoError(t, os.Chtimes(at(name), old, old))
	}
	young := []string{"artifacts/.new-2", "inbox/" + forgotten + "." + newID(t, s), "replies/" + newID(t, s) + ".json"}
	for _, name := range young {
		require.NoError(t, os.WriteFile(at(name), nil, 0o600))
	}
	unborn := []string{filepath.Join(s.Root(), "runs", ".new-"+other), filepath.Join(s.Root(), "runs", ".new-"+newID(t, s))}
	for _, folder := range unborn {
		require.NoError(t, os.MkdirAll(filepath.Join(folder, "inbox"), 0o700))
	}
	require.NoError(t, os.Chtimes(unborn[0], old, old))

	run, err := s.Drive(id)
	require.NoError(t, err)
	require.NoError(t, run.Close())
	require.NoError(t, create(t, s).Close())
	for _, name := range gone {
		require.NoFileExists(t, at(name))
	}
	for _, name := range append(stays, young...) {
		require.FileExists(t, at(name))
	}
	require.NoDirExists(t, unborn[0])
	require.DirExists(t, unborn[1])
}
