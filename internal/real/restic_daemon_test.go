//go:build unix

package real

import (
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/realtest"
)

// VaultPassword is the password of every Vault.
const VaultPassword = "canary-vault-password"

// Vault is a repository of restic in a folder.
type Vault struct {
	Folder  string
	program string
}

// NewVault makes an empty repository.
func NewVault(t testing.TB) *Vault {
	t.Helper()
	v := &Vault{filepath.Join(t.TempDir(), "vault"), realtest.Need(t, "restic")}
	v.Run(t, "init")
	return v
}

// Run runs restic on the repository and returns what it printed.
func (v *Vault) Run(t testing.TB, args ...string) string {
	t.Helper()
	out, err := v.command(args...).Output()
	require.NoError(t, err)
	return string(out)
}

func (v *Vault) command(args ...string) *exec.Cmd {
	cmd := exec.Command(v.program, append([]string{"--no-cache", "--quiet"}, args...)...)
	cmd.Env = append(os.Environ(), "RESTIC_REPOSITORY="+v.Folder, "RESTIC_PASSWORD="+VaultPassword)
	return cmd
}

// VaultSnapshot is what restic says of a snapshot.
type VaultSnapshot struct {
	ID   string
	Tree string
	Tags []string
}

// Snapshots are all snapshots, oldest first.
func (v *Vault) Snapshots(t testing.TB) []VaultSnapshot {
	t.Helper()
	all := []VaultSnapshot{}
	require.NoError(t, json.Unmarshal([]byte(v.Run(t, "snapshots", "--no-lock", "--json")), &all))
	return all
}

// Restore writes a snapshot into a folder, which it returns.
func (v *Vault) Restore(t testing.TB, id string) string {
	t.Helper()
	folder := t.TempDir()
	v.Run(t, "restore", id, "--target", folder)
	return folder
}

// Keep adds a folder as a snapshot, as a person does.
func (v *Vault) Keep(t testing.TB, folder string, tags []string) {
	t.Helper()
	cmd := v.command("backup", "--tag", strings.Join(tags, ","), ".")
	cmd.Dir = folder
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
}

// Files are the paths of all files of the repository, to see whether anything
// has changed: restic never changes a file.
func (v *Vault) Files(t testing.TB) []string {
	t.Helper()
	files := []string{}
	require.NoError(t, filepath.WalkDir(v.Folder, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, path)
		}
		return err
	}))
	slices.Sort(files)
	return files
}

// DieLocked leaves the lock of a restic that was killed while it wrote.
func (v *Vault) DieLocked(t testing.TB) {
	t.Helper()
	cmd := v.command("backup", "--stdin")
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	locks := filepath.Join(v.Folder, "locks", "*")
	require.Eventually(t, func() bool {
		found, err := filepath.Glob(locks)
		return err == nil && len(found) > 0
	}, realtest.StartTime, realtest.LookEvery)
	require.NoError(t, cmd.Process.Kill())
	require.Error(t, cmd.Wait())
	_ = in.Close() // restic is gone
	found, err := filepath.Glob(locks)
	require.NoError(t, err)
	require.NotEmpty(t, found)
}

// LockElsewhere has a restic on another host lock the repository for itself,
// and stand still until the test ends. It returns its process id.
func (v *Vault) LockElsewhere(t testing.TB, hostname string) int {
	t.Helper()
	realtest.NeedRoot(t, "another host's name")
	// While it is written a lock has a longer name.
	locks := filepath.Join(v.Folder, "locks", strings.Repeat("?", 64))
	var cmd *exec.Cmd
	stop := func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	require.Eventually(t, func() bool {
		cmd = v.command("check")
		cmd = exec.Command("unshare", append([]string{"--uts", "sh", "-c", `hostname "$0"; exec "$@"`, hostname}, cmd.Args...)...)
		cmd.Env = v.command().Env
		require.NoError(t, cmd.Start())
		for end := time.Now().Add(3 * time.Second); time.Now().Before(end); {
			if found, err := filepath.Glob(locks); err == nil && len(found) > 0 {
				require.NoError(t, cmd.Process.Signal(syscall.SIGSTOP))
				found, err = filepath.Glob(locks)
				require.NoError(t, err)
				if len(found) > 0 {
					return true
				}
				break // it was just leaving
			}
		}
		stop()
		return false
	}, realtest.StartTime, realtest.LookEvery)
	t.Cleanup(stop)
	return cmd.Process.Pid
}

// Backup begins a backup, which goes on until the test ends.
func (v *Vault) Backup(t testing.TB) {
	t.Helper()
	cmd := v.command("backup", "--stdin")
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = in.Close(); _ = cmd.Wait() })
	require.Eventually(t, func() bool {
		found, err := filepath.Glob(filepath.Join(v.Folder, "locks", "*"))
		return err == nil && len(found) > 0
	}, realtest.StartTime, realtest.LookEvery)
}
