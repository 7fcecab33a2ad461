package account

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What is said of an account is what id(1) says, for whoever has no name the
// number, and nothing of this process's environment is asked.
func TestNamesAreTheSystems(t *testing.T) {
	t.Setenv("LD_PRELOAD", "/nowhere.so")
	t.Setenv("PATH", t.TempDir())
	id := exec.CommandContext(t.Context(), "/usr/bin/id", "-un")
	id.Env = []string{}
	name, err := id.Output()
	require.NoError(t, err)
	require.Equal(t, strings.TrimSpace(string(name)), Name(Self()))
	known, ok := Find("0")
	require.True(t, ok)
	require.Equal(t, Known{"root", "/root"}, known)
	require.Equal(t, "root", Group("0"))
	require.Equal(t, "uid:4194000", Name("4194000"))
	require.Equal(t, "gid:4194000", Group("4194000"))
	_, err = os.Stat(getent)
	require.NoError(t, err, "what is not in /etc/passwd is asked here")
}

func TestALineThatIsNoAccountNamesNobody(t *testing.T) {
	for _, text := range []string{"", "::7:", ":x:7:7::/:", "mallory:x:77:7::/:/bin/sh", "short:x:7", "# 7", "a:7:x:7:::"} {
		_, ok := find(text, "7", 6)
		require.False(t, ok, text)
	}
	f, ok := find("first:x:7:7:,,,:/a:/bin/sh\nsecond:x:7:7::/b:\n", "7", 6)
	require.True(t, ok)
	require.Equal(t, "first", f[0], "two names of one account are one")
}
