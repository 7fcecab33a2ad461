package realtest

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// SSHD is OpenSSH's server. Whoever runs the test can sign in with the key in
// Identity.
type SSHD struct {
	*Process
	// User is who signs in.
	User string
}

// StartSSHD starts a server with keys of its own. More is lines of
// sshd_config(5), which win over the usual ones; DIR in them is its folder.
func StartSSHD(t testing.TB, more ...string) *SSHD { return StartSSHDOn(t, nil, more...) }

// StartSSHDOn is StartSSHD on a machine of a network.
func StartSSHDOn(t testing.TB, on *Machine, more ...string) *SSHD {
	t.Helper()
	return startSSHD(t, on, nil, more)
}

// StartSSHDAfter is StartSSHD in a mount namespace of its own, in which a shell
// has run the command before. It needs root.
func StartSSHDAfter(t testing.TB, command string, more ...string) *SSHD {
	t.Helper()
	NeedRoot(t, "a mount namespace of its own")
	return startSSHD(t, nil, []string{Need(t, "unshare"), "-m", "sh", "-c", command + ` && exec "$@"`, "sh"}, more)
}

func startSSHD(t testing.TB, on *Machine, before, more []string) *SSHD {
	t.Helper()
	program := Need(t, "sshd")
	Need(t, "ssh")
	Need(t, "ssh-keygen")
	me, err := user.Current()
	require.NoError(t, err)
	s := &SSHD{User: me.Username}
	d := sshdDaemon(append(before, program), me.Username, more)
	d.On = on
	s.Process = d.Start(t)
	return s
}

// Identity is the file with the private key that the server accepts.
func (s *SSHD) Identity() string { return s.File("id") }

// KnownHosts is the file with the server's own key.
func (s *SSHD) KnownHosts() string { return s.File("known_hosts") }

// HostKey is the server's own key, in base64.
func (s *SSHD) HostKey(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile(s.File("host_key.pub"))
	require.NoError(t, err)
	return strings.Fields(string(text))[1]
}

// Port is where it listens.
func (s *SSHD) Port() int { return s.Ports[0] }

// Via is a target's field `via` that leads to the server, whatever ssh_config the
// one who runs the test has.
func (s *SSHD) Via() string {
	return fmt.Sprintf("{ssh: %s, user: %s, port: %d, identity: %s, known_hosts: %s, config: /dev/null}", s.Host(), s.User, s.Port(), s.Identity(), s.KnownHosts())
}

// Run runs a command over ssh with nothing of irctl, and returns what it
// printed.
func (s *SSHD) Run(t testing.TB, command string) string {
	t.Helper()
	out, err := s.ssh(command)
	require.NoError(t, err, out)
	return out
}

func (s *SSHD) ssh(command string) (string, error) {
	out, err := exec.Command("ssh", "-F", "none", "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", "-o", "UserKnownHostsFile="+s.KnownHosts(),
		"-i", s.Identity(), "-l", s.User, "-p", fmt.Sprint(s.Port()), "--", s.Host(), command).CombinedOutput()
	if err != nil {
		return string(out), fmt.Errorf("ssh %s: %w: %s", command, err, out)
	}
	return string(out), nil
}

func sshdDaemon(program []string, login string, more []string) Daemon {
	return Daemon{
		Ports:     1,
		Configure: func(at Place) error { return configureSSHD(at, more) },
		Command: func(at Place) *exec.Cmd {
			return at.Command(program[0], append(program[1:len(program):len(program)], "-D", "-e", "-f", at.File("sshd_config"))...)
		},
		Ready: func(at Place) error {
			// Nobody else's server shows this key.
			_, err := (&SSHD{Process: &Process{Place: at}, User: login}).ssh("true")
			return err
		},
	}
}

// configureSSHD writes an sshd_config(5) and makes the keys of both sides. With
// SHLVL bash does not take itself for a first shell, which would read the
// .bashrc of whoever runs the test.
func configureSSHD(at Place, more []string) error {
	// The server gives up its rights in this folder, and refuses to start
	// without it (sshd(8), FILES).
	if os.Geteuid() == 0 {
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
			return err
		}
	}
	for _, key := range []string{"host_key", "id"} {
		if out, err := exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "a test's own", "-f", at.File(key)).CombinedOutput(); err != nil {
			return fmt.Errorf("ssh-keygen: %w: %s", err, out)
		}
	}
	accepted, err := os.ReadFile(at.File("id.pub"))
	if err != nil {
		return err
	}
	own, err := os.ReadFile(at.File("host_key.pub"))
	if err != nil {
		return err
	}
	known := fmt.Sprintf("[%s]:%d %s", at.Host(), at.Ports[0], own)
	conf := fmt.Sprintf(`%s
ListenAddress %s
Port %d
HostKey %s
AuthorizedKeysFile %s
RevokedKeys %s
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
AcceptEnv LANG LC_*
SetEnv SHLVL=1
`, strings.ReplaceAll(strings.Join(more, "\n"), "DIR", at.Dir), at.Host(), at.Ports[0], at.File("host_key"), at.File("authorized_keys"), at.File("revoked_keys"))
	for name, text := range map[string]string{
		"authorized_keys": string(accepted), "known_hosts": known, "sshd_config": conf, "revoked_keys": "",
	} {
		if err := os.WriteFile(at.File(name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}
