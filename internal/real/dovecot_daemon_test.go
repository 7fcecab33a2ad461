//go:build unix

package real

import (
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/realtest"
)

// Dovecot is an IMAP server. The users alice, bob and carol have mailboxes;
// carol is denied, by a line of the deny file that somebody wrote.
type Dovecot struct{ *realtest.Process }

// Denied is what the deny file holds at first.
const Denied = "# by the helpdesk\ncarol\n# more to come\n"

// StartDovecot starts a server that remembers passwords for a while, as busy
// ones do. It needs root.
func StartDovecot(t testing.TB) *Dovecot {
	t.Helper()
	program := realtest.Need(t, "dovecot")
	realtest.Need(t, "doveadm")
	realtest.NeedRoot(t, "Dovecot, which gives its users' rights to processes,")
	return &Dovecot{realtest.Daemon{
		Ports:     1,
		Configure: configureDovecot,
		Command:   func(at realtest.Place) *exec.Cmd { return at.Command(program, "-F", "-c", at.File("dovecot.conf")) },
		Ready: func(at realtest.Place) error {
			// Nobody else's server has this user.
			_, err := signIn(at.Address(0), filepath.Base(at.Dir), Password("probe"))
			return err
		},
	}.Start(t)}
}

func configureDovecot(at realtest.Place) error {
	if err := os.Chmod(at.Dir, 0o755); err != nil {
		return err
	}
	if err := os.Mkdir(at.File("mail"), 0o755); err != nil {
		return err
	}
	uid, gid, err := realtest.IDs("mail")
	if err != nil {
		return err
	}
	users := fmt.Sprintf("%s:{PLAIN}%s:%d:%d::%s::\n", filepath.Base(at.Dir), Password("probe"), uid, gid, at.File("mail/probe"))
	for _, u := range []string{"alice", "bob", "carol"} {
		users += fmt.Sprintf("%s:{PLAIN}%s:%d:%d::%s::\n", u, Password(u), uid, gid, at.File("mail/"+u))
	}
	for name, text := range map[string]string{
		"users": users, "deny": Denied,
		"dovecot.conf": strings.NewReplacer("DIR", at.Dir, "PORT", fmt.Sprint(at.Ports[0])).Replace(`base_dir = DIR/run
state_dir = DIR/state
log_path = /dev/stderr
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
first_valid_uid = 1
mail_location = maildir:~/Maildir
auth_cache_size = 1M
auth_cache_ttl = 1 hour
auth_failure_delay = 0
passdb {
  driver = passwd-file
  deny = yes
  args = DIR/deny
}
passdb {
  driver = passwd-file
  args = DIR/users
}
userdb {
  driver = passwd-file
  args = DIR/users
}
service imap-login {
  inet_listener imap {
    port = PORT
  }
  inet_listener imaps {
    port = 0
  }
}
`),
	} {
		if err := os.WriteFile(at.File(name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return realtest.GiveTo(at.File("mail"), "mail")
}

// Probe is the user that StartDovecot itself signs in as.
func (d *Dovecot) Probe() string { return filepath.Base(d.Dir) }

// Deny is the text of the deny file.
func (d *Dovecot) Deny(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile(d.File("deny"))
	require.NoError(t, err)
	return string(text)
}

// Accepts reports whether somebody can sign in, by IMAP.
func (d *Dovecot) Accepts(t testing.TB, user string) bool {
	t.Helper()
	c, err := signIn(d.Address(0), user, Password(user))
	if errors.Is(err, errRefused) {
		return false
	}
	require.NoError(t, err)
	require.NoError(t, c.Close())
	return true
}

// Mailbox is a session of IMAP.
type Mailbox struct{ *textproto.Conn }

// SignIn opens a session. It ends with the test.
func (d *Dovecot) SignIn(t testing.TB, user string) Mailbox {
	t.Helper()
	c, err := signIn(d.Address(0), user, Password(user))
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return Mailbox{c}
}

// Alive reports whether the server still answers.
func (s Mailbox) Alive() bool {
	_, err := command(s.Conn, "NOOP")
	return err == nil
}

// Sessions is how many sessions somebody has.
func (d *Dovecot) Sessions(t testing.TB, user string) int {
	t.Helper()
	out, err := exec.Command("doveadm", "-c", d.File("dovecot.conf"), "who", "-1", user).Output()
	require.NoError(t, err)
	return strings.Count(string(out), user+" ")
}

var errRefused = errors.New("refused")

// signIn opens an IMAP connection and signs in (RFC 3501 section 6.2.3).
func signIn(address, user, password string) (*textproto.Conn, error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	if err := conn.SetDeadline(time.Now().Add(realtest.StartTime)); err != nil {
		return nil, err
	}
	c := textproto.NewConn(conn)
	if _, err := c.ReadLine(); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	answer, err := command(c, fmt.Sprintf("LOGIN %q %q", user, password))
	if err == nil && !strings.HasPrefix(answer, "1 OK") {
		err = fmt.Errorf("%w: %s", errRefused, answer)
	}
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// command returns the last line of an answer.
func command(c *textproto.Conn, text string) (string, error) {
	if err := c.PrintfLine("1 %s", text); err != nil {
		return "", err
	}
	for {
		line, err := c.ReadLine()
		if err != nil || strings.HasPrefix(line, "1 ") {
			return line, err
		}
	}
}
