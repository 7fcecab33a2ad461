//go:build unix

package real

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/realtest"
)

// URL is where the directory answers encrypted.
func (s *Samba) URL() string { return "ldaps://" + s.Host() }

// PlainURL is where it answers unencrypted, or after StartTLS.
func (s *Samba) PlainURL() string { return "ldap://" + s.Host() }

// Authority is the file with the certificate that signed the server's own.
func (s *Samba) Authority() string { return s.File("cert.pem") }

// Kerberos is the krb5.conf(5) by which Kerberos's programs find the domain.
func (s *Samba) Kerberos() string { return s.File("krb5.conf") }

// Accepts reports whether a person can sign in to the directory with a
// password. Samba's directory accepts the password before for another hour.
func (s *Samba) Accepts(t testing.TB, account, password string) bool {
	t.Helper()
	_, err := s.ldap("ldapsearch", account+"@"+strings.ToLower(Realm), password, "-s", "base", "-b", "")
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == invalidCredentials {
		return false
	}
	require.NoError(t, err)
	return true
}

// LockOut tries wrong passwords until the domain's own policy locks the account
// for a while.
func (s *Samba) LockOut(t testing.TB, account string) {
	t.Helper()
	for range DomainFailures {
		require.False(t, s.Accepts(t, account, "a wrong password"))
	}
}

// Entry is everything that the directory tells of an account, a line for each
// value, without what it computes or counts.
func (s *Samba) Entry(t testing.TB, account string) []string {
	t.Helper()
	out, err := s.ldap("ldapsearch", DomainIrctl, DomainIrctlPassword, "-LLL", "-o", "ldif-wrap=no", "-b", "CN=Users,"+DomainSuffix,
		"(sAMAccountName="+account+")", "*", "msDS-KeyVersionNumber")
	require.NoError(t, err)
	var lines []string
	for line := range strings.Lines(out) {
		name, _, _ := strings.Cut(line, ":")
		if !slices.Contains([]string{"lastLogon", "lastLogonTimestamp", "logonCount", "badPwdCount", "badPasswordTime"}, name) {
			lines = append(lines, strings.TrimSuffix(line, "\n"))
		}
	}
	slices.Sort(lines)
	return lines
}

// Value returns the values of an attribute of an account.
func (s *Samba) Value(t testing.TB, account, attribute string) []string {
	t.Helper()
	var values []string
	for _, line := range s.Entry(t, account) {
		if value, ok := strings.CutPrefix(line, attribute+": "); ok {
			values = append(values, value)
		}
	}
	return values
}

// SetControl writes userAccountControl, which says what an account may do.
func (s *Samba) SetControl(t testing.TB, account, value string) {
	t.Helper()
	s.write(t, account, "userAccountControl", value)
}

// Unlock lets an account sign in that wrong passwords have locked for a while.
func (s *Samba) Unlock(t testing.TB, account string) {
	t.Helper()
	s.write(t, account, "lockoutTime", "0")
}

func (s *Samba) write(t testing.TB, account, attribute, value string) {
	t.Helper()
	require.NoError(t, s.Write("change.ldif", fmt.Sprintf("dn: %s\nchangetype: modify\nreplace: %s\n%s: %s\n", DomainPerson(account), attribute, attribute, value)))
	out, err := s.ldap("ldapmodify", DomainIrctl, DomainIrctlPassword, "-f", s.File("change.ldif"))
	require.NoError(t, err, out)
}

// RotateKeys gives the domain other keys for tickets, as its administrators do.
func (s *Samba) RotateKeys(t testing.TB) {
	t.Helper()
	out, err := exec.Command("samba-tool", "user", "setpassword", "krbtgt", "--newpassword=Not-kept-by-the-server-1", "-s", s.File("smb.conf")).CombinedOutput()
	require.NoError(t, err, string(out))
}

// SignIn has somebody sign in by Kerberos and returns the file with the ticket,
// or why not.
func (s *Samba) SignIn(account, password string) (string, error) {
	s.tickets++
	return s.kinit(account, password, fmt.Sprint("tickets-", s.tickets))
}

func (s *Samba) kinit(account, password, name string) (string, error) {
	cmd := s.kerberos("kinit", s.File(name), account)
	cmd.Stdin = strings.NewReader(password + "\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("kinit: %w: %s", err, out)
	}
	return s.File(name), nil
}

// Honours reports whether the domain gives another ticket for the one in a
// file, which it leaves as it is.
func (s *Samba) Honours(t testing.TB, tickets string) bool {
	t.Helper()
	content, err := os.ReadFile(tickets)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(s.File("probe"), content, 0o600))
	return s.kerberos("kvno", s.File("probe"), "dc1$").Run() == nil
}

// Opens reports whether a file share can be opened with the tickets in a file,
// which keeps the ticket for the share.
func (s *Samba) Opens(tickets string) bool {
	cmd := s.kerberos("smbclient", tickets, "//"+DomainController+"/share", "-I", s.Host(), "-s", s.File("smb.conf"), "--use-krb5-ccache="+tickets, "-c", "ls")
	return cmd.Run() == nil
}

func (s *Samba) kerberos(program, tickets string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), "KRB5_CONFIG="+s.Kerberos(), "KRB5CCNAME=FILE:"+tickets)
	return cmd
}

// ShareSession is somebody at a file share.
type ShareSession struct {
	ask   io.Writer
	ended chan struct{}
	share string // the folder that is shared
	made  int
}

// Open opens a file share with a password, until the test ends.
func (s *Samba) Open(t testing.TB, account, password string) *ShareSession {
	t.Helper()
	cmd := s.smb(account, password, "")
	ask, err := cmd.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	out := &ShareSession{ask: ask, ended: make(chan struct{}), share: s.File("share")}
	go func() {
		_ = cmd.Wait() // it may have been ended by the server
		close(out.ended)
	}()
	t.Cleanup(func() {
		_ = ask.Close()
		<-out.ended
	})
	require.True(t, out.Works(t))
	return out
}

// Works reports whether the session is still good for something: a folder that
// is made over it is there. A client whose connection is gone ends.
func (s *ShareSession) Works(t testing.TB) bool {
	t.Helper()
	s.made++
	name := fmt.Sprintf("%p-%d", s, s.made)
	if _, err := io.WriteString(s.ask, "mkdir "+name+"\n"); err != nil {
		return false
	}
	deadline := time.After(realtest.StartTime)
	for {
		if _, err := os.Stat(filepath.Join(s.share, name)); err == nil {
			return true
		}
		select {
		case <-s.ended:
			return false
		case <-deadline:
			t.Fatal("nobody can tell whether the session at the file share works")
		case <-time.After(realtest.LookEvery):
		}
	}
}

func (s *Samba) smb(account, password, command string) *exec.Cmd {
	args := []string{"//" + s.Host() + "/share", "-s", s.File("smb.conf"), "-U", `AD\` + account}
	if command != "" {
		args = append(args, "-c", command)
	}
	cmd := exec.Command("smbclient", args...)
	cmd.Env = append(os.Environ(), "PASSWD="+password)
	return cmd
}

func (s *Samba) ldap(program, who, password string, args ...string) (string, error) {
	path, err := realtest.Find(program)
	if err != nil {
		return "", err
	}
	cmd := exec.Command(path, append([]string{"-x", "-H", s.URL(), "-D", who, "-w", password}, args...)...)
	cmd.Env = append(os.Environ(), "LDAPTLS_CACERT="+s.Authority())
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w: %s", program, err, out)
	}
	return string(out), nil
}
