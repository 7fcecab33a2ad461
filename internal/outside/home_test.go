package outside

import (
	"os/user"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// With `env -i` runs and keys landed in the working folder and were not found
// again.
func TestHomeUnset(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // HOME is not asked there
	}
	me, err := user.Current()
	require.NoError(t, err)
	t.Setenv("XDG_STATE_HOME", "")
	t.Setenv("XDG_CONFIG_HOME", "relative/is/not/taken")
	for _, home := range []string{"", ".", "somewhere"} {
		t.Setenv("HOME", home)
		require.Equal(t, filepath.Join(me.HomeDir, ".local", "state"), stateFolder(), "%q", home)
		require.Equal(t, filepath.Join(me.HomeDir, ".config"), configFolder(), "%q", home)
	}
	t.Setenv("HOME", "/home/alice")
	require.Equal(t, "/home/alice/.local/state", stateFolder())
	require.Empty(t, Below("", "irctl"), "an account that is at home nowhere")
}
