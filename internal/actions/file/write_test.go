//go:build unix

package file_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actions/file"
	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/internal/coerce"
	"github.com/irctl/irctl/pkg/action"
)

const content = "deny all;\n"

type bench struct {
	path string
	req  action.Request
	out  *actiontest.Sink
}

// set prepares a step that writes a file; before is what the file holds, "" if
// there is none.
func set(t *testing.T, before string, with map[string]any) *bench {
	t.Helper()
	b := &bench{path: filepath.Join(t.TempDir(), "deny.conf"), out: &actiontest.Sink{}}
	if before != "" {
		require.NoError(t, os.WriteFile(b.path, []byte(before), 0o640))
	}
	given := map[string]any{"path": b.path, "content": content}
	for k, v := range with {
		given[k] = v
	}
	values, problems := coerce.Fields(file.Write().Spec().Inputs, given)
	require.Empty(t, problems)
	b.req = action.Request{Key: "01RUN/deny", With: values, Dir: t.TempDir()}
	return b
}

func (b *bench) run(t *testing.T) action.Result {
	t.Helper()
	res, err := file.Write().Run(context.Background(), b.req, b.out)
	require.NoError(t, err)
	b.req.Record = b.out.Recorded()
	return res
}

// look is what people read of a look.
func (b *bench) look(t *testing.T) string {
	t.Helper()
	in, err := file.Write().(action.Inspector).Inspect(context.Background(), b.req)
	require.NoError(t, err)
	return in.Current + in.Want
}

func (b *bench) undo() (action.Result, error) {
	return file.Write().(action.Undoer).Undo(context.Background(), b.req, b.out)
}

func (b *bench) holds(t *testing.T, text string, mode os.FileMode) {
	t.Helper()
	data, err := os.ReadFile(b.path)
	require.NoError(t, err)
	info, err := os.Stat(b.path)
	require.NoError(t, err)
	require.Equal(t, text, string(data))
	require.Equal(t, mode, info.Mode().Perm())
	entries, err := os.ReadDir(filepath.Dir(b.path))
	require.NoError(t, err)
	require.Len(t, entries, 1, "nothing else is left in the folder")
}

func TestANewFileIsWrittenAndRemoved(t *testing.T) {
	b := set(t, "", map[string]any{"mode": "0644"})
	res := b.run(t)
	require.True(t, res.Changed)
	require.Equal(t, map[string]any{"path": b.path, "digest": "0f093a5d4ef9510ce75c1676b6d7c9fa1a1585183c46bcb36e83c3f5f02470c2", "size": int64(10), "modified": res.Outputs["modified"]}, res.Outputs)
	b.holds(t, content, 0o644)
	got, err := b.undo()
	require.NoError(t, err)
	require.True(t, got.Changed)
	require.NoFileExists(t, b.path)
	got, err = b.undo()
	require.NoError(t, err)
	require.True(t, got.Already)
}

func TestAnOldFileComesBackExactly(t *testing.T) {
	b := set(t, "allow all;\n", map[string]any{"mode": "0600"})
	b.out.OnRecord = func(map[string]any) { b.holds(t, "allow all;\n", 0o640) }
	b.run(t)
	b.holds(t, content, 0o600)
	_, err := b.undo()
	require.NoError(t, err)
	b.holds(t, "allow all;\n", 0o640)
}

func TestPermissionsStayUnlessTheStepSaysSo(t *testing.T) {
	b := set(t, "allow all;\n", nil)
	b.run(t)
	b.holds(t, content, 0o640)
}

func TestWhatIsSoIsLeftAlone(t *testing.T) {
	b := set(t, content, nil)
	in, err := file.Write().(action.Inspector).Inspect(context.Background(), b.req)
	require.NoError(t, err)
	require.True(t, in.Known && in.Desired)
	require.Equal(t, int64(10), in.Outputs["size"])
	res := b.run(t)
	require.True(t, res.Already)
	require.Nil(t, b.out.Recorded())
	got, err := b.undo()
	require.NoError(t, err)
	require.True(t, got.Already)
	b.holds(t, content, 0o640)
}

func TestOtherPermissionsAreAChange(t *testing.T) {
	b := set(t, content, map[string]any{"mode": "0600"})
	in, err := file.Write().(action.Inspector).Inspect(context.Background(), b.req)
	require.NoError(t, err)
	require.True(t, in.Known && !in.Desired)
	require.True(t, b.run(t).Changed)
	b.holds(t, content, 0o600)
	_, err = b.undo()
	require.NoError(t, err)
	b.holds(t, content, 0o640)
}

func TestASecondAttemptKeepsTheFirstRecord(t *testing.T) {
	b := set(t, "allow all;\n", nil)
	b.run(t)
	require.True(t, b.run(t).Changed, "this step changed it, in an earlier attempt")
	_, err := b.undo()
	require.NoError(t, err)
	b.holds(t, "allow all;\n", 0o640)
}

func TestNothingIsWrittenWithoutARecord(t *testing.T) {
	b := set(t, "allow all;\n", nil)
	b.out.RefuseRecord = errors.New("no space left on device")
	_, err := file.Write().Run(context.Background(), b.req, b.out)
	require.ErrorIs(t, err, b.out.RefuseRecord)
	b.holds(t, "allow all;\n", 0o640)
	b = set(t, "allow all;\n", nil)
	b.req.Dir = filepath.Join(b.req.Dir, "missing")
	_, err = file.Write().Run(context.Background(), b.req, b.out)
	require.ErrorContains(t, err, "so nothing was changed")
	b.holds(t, "allow all;\n", 0o640)
}

func TestUndoKeepsWhatSomebodyElseWrote(t *testing.T) {
	b := set(t, "allow all;\n", nil)
	b.run(t)
	require.NoError(t, os.WriteFile(b.path, []byte("by hand\n"), 0o640))
	_, err := b.undo()
	require.NoError(t, err)
	b.holds(t, "allow all;\n", 0o640)
	require.Equal(t, "by hand\n", string(b.out.Kept("replaced-deny.conf")))
}

func TestUndoRefusesACopyThatWasChanged(t *testing.T) {
	b := set(t, "allow all;\n", nil)
	b.run(t)
	kept := filepath.Join(b.req.Dir, b.out.Recorded()["kept"].(string))
	require.NoError(t, os.WriteFile(kept, []byte("evil"), 0o600))
	_, err := b.undo()
	require.ErrorContains(t, err, "was changed")
	require.NoError(t, os.Remove(kept))
	_, err = b.undo()
	require.ErrorContains(t, err, "no longer in the run's folder")
	b.holds(t, content, 0o640)
}

func TestWithoutABackupUndoSaysSo(t *testing.T) {
	b := set(t, "allow all;\n", map[string]any{"backup": false})
	b.run(t)
	_, err := b.undo()
	require.ErrorContains(t, err, "backup: false")
}

func TestLinksAndFoldersAreRefused(t *testing.T) {
	b := set(t, "allow all;\n", nil)
	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink(b.path, link))
	for path, want := range map[string]string{link: "is a symbolic link", filepath.Dir(b.path): "is not a file", "etc/x": "is not an absolute path"} {
		b.req.With["path"] = path
		_, err := file.Write().Run(context.Background(), b.req, b.out)
		require.ErrorContains(t, err, want)
		require.NotEmpty(t, file.Write().(action.Preflighter).Preflight(context.Background(), b.req))
	}
	require.Len(t, file.Write().(action.Validator).Validate(action.Values{"path": "etc/x"}, ""), 1)
	b.req.With["path"] = b.path
	require.Empty(t, file.Write().(action.Preflighter).Preflight(context.Background(), b.req))
	b.holds(t, "allow all;\n", 0o640)
}

func TestASecretContentStaysSecret(t *testing.T) {
	b := set(t, "", map[string]any{"content": action.NewSecret("s3cret")})
	res := b.run(t)
	b.holds(t, "s3cret", 0o600)
	require.NotContains(t, res.Summary, "s3cret")
}

// TestNothingLetsAnybodyGuessThePreviousFile: neither the journal while the step
// stands nor the run's folder after undo.
func TestNothingLetsAnybodyGuessThePreviousFile(t *testing.T) {
	b := set(t, "4711\n", map[string]any{"content": action.NewSecret("0815\n")})
	for _, text := range []string{b.look(t), b.run(t).Summary, b.look(t)} {
		require.NotContains(t, text, "SHA-256")
	}
	sum := sha256.Sum256([]byte("4711\n"))
	require.NotContains(t, fmt.Sprint(b.out.Recorded()), hex.EncodeToString(sum[:8]))
	_, err := b.undo()
	require.NoError(t, err)
	b.holds(t, "4711\n", 0o640)
	entries, err := os.ReadDir(b.req.Dir)
	require.NoError(t, err)
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(b.req.Dir, e.Name()))
		require.NoError(t, err)
		require.NotContains(t, string(text), "4711")
	}
	// Undo that was cut off after that is done all the same.
	got, err := b.undo()
	require.NoError(t, err)
	require.True(t, got.Already)
}

// TestTheOldFileComesBackAfterASecretWithoutLeavingIt: rollback keeps what it
// replaced, which is no place for a secret of the step.
func TestTheOldFileComesBackAfterASecretWithoutLeavingIt(t *testing.T) {
	b := set(t, "allow all;\n", map[string]any{"content": action.NewSecret("s3cret-of-the-step")})
	b.run(t)
	res, err := b.undo()
	require.NoError(t, err)
	b.holds(t, "allow all;\n", 0o640)
	sum := sha256.Sum256([]byte("s3cret-of-the-step"))
	for _, said := range []string{fmt.Sprint(res), fmt.Sprint(b.out.Recorded()), b.look(t)} {
		require.NotContains(t, said, "s3cret-of-the-step")
		require.NotContains(t, said, hex.EncodeToString(sum[:8]))
	}
	require.NoError(t, filepath.WalkDir(b.req.Dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		require.NotContains(t, string(text), "s3cret-of-the-step", path)
		return err
	}))
	require.Nil(t, b.out.Kept("replaced-"+filepath.Base(b.path)))
}

func TestTwoStepsThatReplacedTheSameBytesBothComeBack(t *testing.T) {
	one, two := set(t, "allow all;\n", nil), set(t, "allow all;\n", nil)
	two.req.Key, two.req.Dir = "01RUN/deny-too", one.req.Dir
	for _, b := range []*bench{one, two} {
		b.run(t)
	}
	for _, b := range []*bench{two, one} {
		_, err := b.undo()
		require.NoError(t, err)
		b.holds(t, "allow all;\n", 0o640)
	}
}

func TestAFileWithAnotherNameIsRefused(t *testing.T) {
	b := set(t, "allow all;\n", nil)
	second := filepath.Join(t.TempDir(), "second")
	require.NoError(t, os.Link(b.path, second))
	_, err := file.Write().Run(context.Background(), b.req, b.out)
	require.ErrorContains(t, err, "has another name")
	require.NotEmpty(t, file.Write().(action.Preflighter).Preflight(context.Background(), b.req))
	b.holds(t, "allow all;\n", 0o640)
}

func TestUndoTellsWhatItWroteWithoutTheSecret(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "token")
	act := file.Write()
	with := action.Values{"path": path, "content": action.NewSecret("canary"), "backup": true}
	for what, others := range map[string]bool{"own": false, "somebody else's": true} {
		sink, after := &actiontest.Sink{}, &actiontest.Sink{}
		done, err := act.Run(t.Context(), action.Request{With: with, Dir: dir, Key: what}, sink)
		require.NoError(t, err)
		if others {
			require.NoError(t, os.WriteFile(path, []byte("theirs"), 0o600))
			require.NoError(t, os.Chtimes(path, time.Time{}, time.Unix(1, 0)))
		}
		_, err = act.(action.Undoer).Undo(t.Context(), action.Request{With: action.Values{"path": path}, Dir: dir, Key: what, Record: sink.Recorded(), Outputs: done.Outputs}, after)
		require.NoError(t, err)
		require.NoFileExists(t, path)
		require.Equal(t, others, after.Kept("replaced-token") != nil, what)
	}
}
