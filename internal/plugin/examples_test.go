//go:build unix

package plugin

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/internal/realtest"
)

// host is one whose plugins lie in a folder of the test's own.
func host(t testing.TB) *Host {
	attempts := &process.Attempts{}
	t.Cleanup(attempts.Close)
	folder := t.TempDir()
	return &Host{Folders: []string{folder}, Lock: filepath.Join(t.TempDir(), "plugins.lock.json"), Irctl: "test", Attempts: attempts}
}

// put puts a plugin into the folder of a host, with its cases.
func put(t testing.TB, h *Host, name, text string) string {
	path := filepath.Join(h.Folders[0], Prefix+name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o755))
	require.NoError(t, os.Chmod(path, 0o755))
	cases, err := os.ReadFile("../manual/plugins/door.test.json")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(CasesOf(path), cases, 0o644))
	return path
}

// example returns the file of one of the examples.
func example(t testing.TB, language string) string {
	if language != "go" {
		text, err := os.ReadFile("../manual/plugins/door." + language)
		require.NoError(t, err)
		return string(text)
	}
	file := filepath.Join(t.TempDir(), "door")
	said, err := exec.CommandContext(t.Context(), "go", "build", "-o", file, "./testdata/door").CombinedOutput()
	require.NoError(t, err, "%s", said)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	return string(text)
}

// needs is what runs each of them, beside what runs the tests.
var needs = map[string]string{"sh": "jq", "py": "python3"}

func TestTheExamplesHoldTheContract(t *testing.T) {
	for _, language := range []string{"sh", "py", "go"} {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			if program := needs[language]; program != "" {
				realtest.Need(t, program)
			}
			h := host(t)
			checks, err := h.Try(t.Context(), put(t, h, "door", example(t, language)))
			require.NoError(t, err)
			require.Greater(t, len(checks), 10)
			for _, c := range checks {
				require.Empty(t, c.Problem, c.Name)
			}
		})
	}
}
