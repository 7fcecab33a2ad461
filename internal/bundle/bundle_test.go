package bundle_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/bundle"
)

func TestNamesLeadNowhereAndNeedNoQuoting(t *testing.T) {
	for wanted, want := range map[string]string{
		"../../etc/passwd":   "_.._etc_passwd",
		"/abs":               "_abs",
		"-rf":                "rf",
		"a\nb\\c\x00\x1b[2J": "a_b_c___2J",
		"":                   "unnamed",
		"..":                 "unnamed",
		"ends.":              "ends",
		"Bericht München.md": "Bericht_München.md",
		"\xff\xfe":           "_",
		"x\u202egpj.exe":     "x_gpj.exe",
	} {
		require.Equal(t, want, bundle.Name(wanted), "%q", wanted)
	}
	long := bundle.Name(strings.Repeat("ü", 300) + ".log")
	require.True(t, utf8.ValidString(long) && len(long) <= 200 && strings.HasSuffix(long, ".log"))
}

func TestNothingThatIsThereIsReplaced(t *testing.T) {
	folder := t.TempDir()
	for name, make := range map[string]func(string) error{
		"a folder": func(p string) error { return os.Mkdir(p, 0o700) },
		"a file":   func(p string) error { return os.WriteFile(p, nil, 0o600) },
		"a link":   func(p string) error { return os.Symlink("nowhere", p) },
	} {
		to := filepath.Join(folder, name)
		require.NoError(t, make(to))
		_, err := bundle.Create(to)
		require.ErrorIs(t, err, bundle.ErrThere, name)

		late, err := bundle.Create(to + " later")
		require.NoError(t, err)
		require.NoError(t, make(to+" later"))
		require.ErrorIs(t, late.Close(t.Context(), "", nil), bundle.ErrThere, name)
		late.Discard()
	}
	b, err := bundle.Create(filepath.Join(folder, "new"))
	require.NoError(t, err)
	_, _, err = b.Add(t.Context(), "x", strings.NewReader("1"))
	require.NoError(t, err)
	_, _, err = b.Add(t.Context(), "x", strings.NewReader("2"))
	require.ErrorIs(t, err, os.ErrExist)
	_, _, err = b.Add(t.Context(), "../y", strings.NewReader("2"))
	require.Error(t, err)
	b.Discard()
}

func TestSumsListEveryFile(t *testing.T) {
	to := filepath.Join(t.TempDir(), "out")
	b, err := bundle.Create(to)
	require.NoError(t, err)
	_, _, err = b.Add(t.Context(), "run/artifacts/x", strings.NewReader("1"))
	require.NoError(t, err)
	require.NoError(t, b.Again(t.Context(), "evidence/17-x", "run/artifacts/x"))
	require.NoError(t, b.Close(t.Context(), "About", nil))
	b.Discard() // of what was closed is nothing
	check := exec.Command("sha256sum", "-c", "--strict", bundle.Sums)
	check.Dir = to
	out, err := check.CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Equal(t, "README.txt: OK\nevidence/17-x: OK\nrun/artifacts/x: OK\n", string(out))
}

// A name that sha256sum would read as more than a name is refused.
func TestNamesAreOneLineOfTheList(t *testing.T) {
	b, err := bundle.Create(filepath.Join(t.TempDir(), "out"))
	require.NoError(t, err)
	defer b.Discard()
	for _, name := range []string{"a\nb", "a\rb", `a\nb`, "runs/x\x00", "\xff"} {
		_, _, err := b.Add(t.Context(), name, strings.NewReader("x"))
		require.ErrorContains(t, err, "is no name for a file that others check", "%q", name)
	}
}
