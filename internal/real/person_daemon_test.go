//go:build unix

package real

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/realtest"
)

// Account is an account of this machine that is a test's own.
type Account struct {
	Name string
	Home string
	uid  int
}

var accounts atomic.Int64

// NewAccount makes an account with a home folder, a shell and no password,
// which is gone when the test ends. That needs root.
func NewAccount(t testing.TB) Account {
	t.Helper()
	realtest.Need(t, "useradd")
	realtest.NeedRoot(t, "an account of this machine (useradd)")
	a := Account{Name: fmt.Sprintf("irctl-%d-%d", os.Getpid(), accounts.Add(1)), Home: t.TempDir()}
	// Those below may be the account's, the folders above nobody's to enter.
	for dir := a.Home; dir != os.TempDir() && len(dir) > 1; dir = filepath.Dir(dir) {
		require.NoError(t, os.Chmod(dir, 0o755))
	}
	run(t, "useradd", "--no-create-home", "--home-dir", a.Home, "--shell", "/bin/sh", "--password", "*", a.Name)
	t.Cleanup(func() {
		a.end()
		run(t, "userdel", "--force", a.Name)
	})
	u, err := user.Lookup(a.Name)
	require.NoError(t, err)
	a.uid, err = strconv.Atoi(u.Uid)
	require.NoError(t, err)
	return a
}

// end ends what runs as the account, each process by its own id.
func (a Account) end() {
	out, _ := exec.Command("ps", "-o", "pid=", "-U", strconv.Itoa(a.uid)).Output()
	for _, word := range strings.Fields(string(out)) {
		pid, err := strconv.Atoi(word)
		if err != nil || pid <= 1 {
			continue
		}
		if p, err := os.FindProcess(pid); err == nil {
			_ = p.Kill()
		}
	}
}

// Own gives files of the home folder to the account.
func (a Account) Own(t testing.TB) {
	t.Helper()
	require.NoError(t, realtest.GiveTo(a.Home, a.Name))
}

func run(t testing.TB, argv ...string) string {
	t.Helper()
	out, err := exec.Command(argv[0], argv[1:]...).CombinedOutput()
	require.NoError(t, err, string(out))
	return string(out)
}

// Key makes a key of SSH in the home folder and returns its file; what it lets
// in is written to the file beside with .pub.
func (a Account) Key(t testing.TB, name string) string {
	t.Helper()
	realtest.Need(t, "ssh-keygen")
	file := filepath.Join(a.Home, name)
	run(t, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name+" of "+a.Name, "-f", file)
	return file
}

// as signs in as an account with the private key in a file.
func (s *gate) as(account, file string, command ...string) *exec.Cmd {
	return exec.Command("ssh", append([]string{
		"-F", "none", "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", "-o", "UserKnownHostsFile=" + s.KnownHosts(),
		"-i", file, "-l", account, "-p", fmt.Sprint(s.Port()), "--", s.Host(),
	}, command...)...)
}

// Accepts reports whether an account can sign in with the private key in a
// file.
func (s *gate) Accepts(t testing.TB, account, file string) bool {
	t.Helper()
	out, err := s.as(account, file, "echo in").CombinedOutput()
	if err != nil {
		require.Contains(t, string(out), "Permission denied")
	}
	return err == nil
}

// OpenAs signs in and stays: the shell answers lines.
func (s *gate) OpenAs(t testing.TB, account, file string) *Session {
	t.Helper()
	return open(t, s.as(account, file, "sh"))
}

// SetPassword gives the account a password.
func (a Account) SetPassword(t testing.TB, password string) {
	t.Helper()
	cmd := exec.Command("chpasswd")
	cmd.Stdin = strings.NewReader(a.Name + ":" + password + "\n")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
}

// Accepts reports whether the account can sign in with a password, as su asks
// it of somebody who is not root.
func (a Account) Accepts(t testing.TB, password string) bool {
	t.Helper()
	cmd := exec.Command("su", "-c", "echo in", a.Name)
	realtest.RunAs(cmd, "nobody")
	cmd.Dir, cmd.Stdin = "/", strings.NewReader(password+"\n")
	out, err := cmd.CombinedOutput()
	if err != nil {
		require.Regexp(t, "Authentication failure|expired", string(out))
	}
	return err == nil
}

// Shadow is the account's line of /etc/shadow.
func (a Account) Shadow(t testing.TB) string {
	t.Helper()
	return run(t, "getent", "shadow", a.Name)
}

// Expire sets the day on which the account expires.
func (a Account) Expire(t testing.TB, day string) {
	t.Helper()
	run(t, "chage", "-E", day, a.Name)
}

// Expired reports whether the account has expired, as chage tells people.
func (a Account) Expired(t testing.TB) bool {
	t.Helper()
	return strings.Contains(run(t, "chage", "-l", a.Name), "Jan 02, 1970")
}

// Start runs a program as the account that answers lines.
func (a Account) Start(t testing.TB, program string) *Session {
	t.Helper()
	cmd := exec.Command(program)
	realtest.RunAs(cmd, a.Name)
	cmd.Dir = "/"
	s := open(t, cmd)
	require.True(t, s.Says("here", "here"))
	return s
}
