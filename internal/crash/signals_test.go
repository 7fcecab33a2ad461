//go:build unix

package crash

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/child"
)

// TestASignalEndsWhatOnlyReads sends a signal while irctl waits for more of its
// input: a shell sees 130 or 143.
func TestASignalEndsWhatOnlyReads(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		for _, args := range [][]string{{"validate", "-"}, {"fmt", "-"}} {
			t.Run(sig.String()+" "+strings.Join(args, " "), func(t *testing.T) {
				cmd := child.Command(t, t.TempDir(), nil, args...)
				var to *os.File
				var err error
				cmd.Stdin, to, err = os.Pipe()
				require.NoError(t, err)
				require.NoError(t, cmd.Start())
				defer func() { _ = to.Close() }()
				_, err = to.WriteString(strings.Repeat("#\n", 100<<10)) // more than a pipe holds: it is being read
				require.NoError(t, err)
				require.NoError(t, cmd.Process.Signal(sig))
				var exit *exec.ExitError
				require.True(t, errors.As(cmd.Wait(), &exit))
				require.Equal(t, sig, exit.Sys().(syscall.WaitStatus).Signal())
			})
		}
	}
}

// TestAPipeIsNoArchive: nobody needs to end what does not wait.
// TestASignalEndsDoneThatReadsEvidence: of a pipe that nobody writes to.
func TestASignalEndsDoneThatReadsEvidence(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(sig.String(), func(t *testing.T) {
			at, home := t.TempDir(), t.TempDir()
			file, fifo := filepath.Join(at, "hand.yaml"), filepath.Join(at, "fifo")
			require.NoError(t, os.WriteFile(file, []byte("irctl: v1\nname: hand\ntitle: By hand\nsteps:\n  - {id: hand, manual: Look., evidence: {mail: {description: The mail}}}\n"), 0o600))
			require.NoError(t, syscall.Mkfifo(fifo, 0o600))
			_, err := child.Command(t, home, nil, "run", file).CombinedOutput()
			code, _, err := child.Ended(err)
			require.NoError(t, err)
			require.Equal(t, 4, code)
			runs, err := os.ReadDir(filepath.Join(home, "runs"))
			require.NoError(t, err)
			cmd := child.Command(t, home, nil, "done", runs[0].Name(), "hand", "--evidence", "mail="+fifo)
			require.NoError(t, cmd.Start())
			to, err := os.OpenFile(fifo, os.O_WRONLY, 0) // until it is being read
			require.NoError(t, err)
			defer func() { _ = to.Close() }()
			require.NoError(t, cmd.Process.Signal(sig))
			var exit *exec.ExitError
			require.ErrorAs(t, cmd.Wait(), &exit)
			require.Equal(t, sig, exit.Sys().(syscall.WaitStatus).Signal())
		})
	}
}

func TestAPipeIsNoArchive(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	require.NoError(t, syscall.Mkfifo(fifo, 0o600))
	said, err := child.Command(t, t.TempDir(), nil, "audit", "verify", fifo).CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(said), "fifo is no regular file")
}

// TestAHangUpThatIsIgnoredStaysIgnored runs irctl as nohup does.
func TestAHangUpThatIsIgnoredStaysIgnored(t *testing.T) {
	at := t.TempDir()
	fifo := filepath.Join(at, "fifo")
	require.NoError(t, syscall.Mkfifo(fifo, 0o600))
	file := filepath.Join(at, "hangup.yaml")
	require.NoError(t, os.WriteFile(file, []byte(`irctl: v1
name: hangup
title: Waits for a word
steps:
  - {id: wait, uses: exec, with: {argv: [cat, "`+fifo+`"]}}
  - {id: after, uses: exec, with: {argv: [touch, "`+at+`/after"]}}
`), 0o600))
	direct := child.Command(t, t.TempDir(), nil, "run", file)
	cmd := exec.CommandContext(t.Context(), "sh", "-c", `trap "" HUP; exec "$@"`, "sh")
	cmd.Args = append(cmd.Args, direct.Args...)
	cmd.Env = direct.Env
	require.NoError(t, cmd.Start())
	to, err := os.OpenFile(fifo, os.O_WRONLY, 0)
	require.NoError(t, err)
	require.NoError(t, cmd.Process.Signal(syscall.SIGHUP))
	require.NoError(t, to.Close())
	require.NoError(t, cmd.Wait())
	require.FileExists(t, filepath.Join(at, "after"))
}
