package proof

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/account"
	"github.com/irctl/irctl/internal/realtest"
)

// liar is a library that calls everybody mallory, and tells that it was loaded.
const liar = `
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
static struct passwd lie = {"mallory", "x", 0, 0, "", "/tmp", "/bin/sh"};
int getpwuid_r(uid_t u, struct passwd *to, char *b, size_t n, struct passwd **r) { *to = lie; to->pw_uid = u; *r = to; return 0; }
struct passwd *getpwuid(uid_t u) { return &lie; }
__attribute__((constructor)) static void loaded(void) { open(getenv("LIAR_WAS_HERE"), O_CREAT | O_WRONLY, 0600); }
`

// A preloaded getpwuid_r changed who somebody is: also an irctl that was built
// with cgo does not ask it.
func TestALyingCLibraryChangesNobody(t *testing.T) {
	p := newPlace(t)
	source, library, mark := filepath.Join(p.dir, "liar.c"), filepath.Join(p.dir, "liar.so"), filepath.Join(p.dir, "mark")
	require.NoError(t, os.WriteFile(source, []byte(liar), 0o600))
	said, err := exec.CommandContext(t.Context(), realtest.Need(t, "gcc"), "-shared", "-fPIC", "-o", library, source).CombinedOutput()
	require.NoError(t, err, string(said))
	preloaded := func(name string, args ...string) string {
		cmd := exec.CommandContext(t.Context(), name, args...)
		cmd.Dir = p.dir
		cmd.Env = append(os.Environ(), "LD_PRELOAD="+library, "LIAR_WAS_HERE="+mark, "IRCTL_HOME="+p.home)
		said, err := cmd.CombinedOutput()
		require.NoError(t, err, string(said))
		require.FileExists(t, mark, "the library was loaded")
		require.NoError(t, os.Remove(mark))
		return string(said)
	}
	require.Equal(t, "mallory\n", preloaded("id", "-un"), "the library lies")

	irctl := filepath.Join(t.TempDir(), "irctl")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", irctl, "github.com/irctl/irctl/cmd/irctl")
	build.Env = append(os.Environ(), "CGO_ENABLED=1")
	said, err = build.CombinedOutput()
	require.NoError(t, err, string(said))
	require.NoError(t, os.WriteFile(filepath.Join(p.dir, "nothing.yaml"), []byte("irctl: v1\nname: nothing\nsteps:\n  - {id: x, set: {a: 1}}\n"), 0o600))
	preloaded(irctl, "run", "./nothing.yaml")
	log := preloaded(irctl, "logs", "-o", "json")
	require.Contains(t, log, `"by":"`+account.Name(account.Self())+"@")
	require.NotContains(t, log, "mallory")
}
