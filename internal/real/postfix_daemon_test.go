//go:build unix

package real

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/smtp"
	"net/textproto"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/realtest"
)

// Postfix is a mail system that hands all mail to an inbox.
type Postfix struct {
	*realtest.Process
	Inbox *Inbox
}

// StartPostfix starts a Postfix as a company has it that set more than it had
// to: restrictions on several lines with a comment within, and a transport
// whose mail is deferred. It needs root.
func StartPostfix(t testing.TB) *Postfix {
	t.Helper()
	program := realtest.Need(t, "postfix")
	realtest.NeedRoot(t, "Postfix")
	in := StartInbox(t)
	return &Postfix{postfixDaemon(program, in).Start(t), in}
}

func postfixDaemon(program string, in *Inbox) realtest.Daemon {
	return realtest.Daemon{
		Ports:     1,
		Configure: func(at realtest.Place) error { return configurePostfix(program, at, in) },
		Command: func(at realtest.Place) *exec.Cmd {
			// What `postfix start-fg` runs at its end; that itself is a shell, which
			// leaves the mail system behind when it is stopped.
			return at.Command(at.File("master"), "-c", at.File("etc"), "-s")
		},
		Ready: func(at realtest.Place) error {
			c, err := smtp.Dial(at.Address(0))
			if err != nil {
				return err
			}
			defer func() { _ = c.Close() }()
			if err := c.Mail(""); err != nil {
				return err
			}
			// Nobody else's mail system knows this address.
			err = c.Rcpt("ready@" + filepath.Base(at.Dir) + ".example")
			_ = c.Quit()
			return err
		},
	}
}

func configurePostfix(program string, at realtest.Place, in *Inbox) error {
	// Postfix's daemons are users of their own and have to come this far.
	if err := os.Chmod(at.Dir, 0o755); err != nil {
		return err
	}
	for _, dir := range []string{"etc", "spool", "data"} {
		if err := os.Mkdir(at.File(dir), 0o755); err != nil {
			return err
		}
	}
	if err := realtest.GiveTo(at.File("data"), "postfix"); err != nil {
		return err
	}
	daemons, err := exec.Command("postconf", "-dh", "daemon_directory").Output()
	if err != nil {
		return fmt.Errorf("postconf: %w", err)
	}
	if err := os.Symlink(filepath.Join(strings.TrimSpace(string(daemons)), "master"), at.File("master")); err != nil {
		return err
	}
	for name, text := range map[string]string{"main.cf": postfixMain(at, in), "master.cf": postfixMaster(at)} {
		if err := os.WriteFile(at.File("etc/"+name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	if err := os.WriteFile(at.File("blocked"), []byte(blockedSenders), 0o644); err != nil {
		return err
	}
	if out, err := exec.Command("postmap", "-c", at.File("etc"), "hash:"+at.File("blocked")).CombinedOutput(); err != nil {
		return fmt.Errorf("postmap: %w: %s", err, out)
	}
	if out, err := exec.Command(program, "-c", at.File("etc"), "check").CombinedOutput(); err != nil {
		return fmt.Errorf("postfix check: %w: %s", err, out)
	}
	return nil
}

// blockedSenders are whom the map hash:DIR/blocked is about.
const blockedSenders = "# by hand\nold@evil.example REJECT\ngood@evil.example OK\n"

func postfixMain(at realtest.Place, in *Inbox) string {
	return strings.NewReplacer("DIR", at.Dir, "NAME", filepath.Base(at.Dir), "INBOX", fmt.Sprint(in.Port)).Replace(`compatibility_level = 3.6
queue_directory = DIR/spool
data_directory = DIR/data
maillog_file = /dev/stdout
in_flow_delay = 0
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.example.com
alias_maps =
alias_database =
mydestination =
relayhost = [127.0.0.1]:INBOX
smtpd_delay_reject = yes
smtpd_client_restrictions = permit_mynetworks,
# people from outside must at least keep to the protocol
    reject_unauth_pipelining

defer_transports = uucp
smtpd_sender_restrictions = check_sender_access hash:DIR/blocked
smtpd_recipient_restrictions = check_recipient_access inline:{ready@NAME.example=permit dana@example.com=permit}, reject
`)
}

func postfixMaster(at realtest.Place) string {
	return "127.0.0.1:" + fmt.Sprint(at.Ports[0]) + ` inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
  -o smtp_helo_timeout=10
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
uucp unix - n n - - pipe flags=Fqhu user=nobody argv=/bin/false
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`
}

// Config is the folder of main.cf.
func (p *Postfix) Config() string { return p.File("etc") }

// Files is what is in the folder of main.cf, by name.
func (p *Postfix) Files(t testing.TB) map[string]string {
	t.Helper()
	out := map[string]string{}
	entries, err := os.ReadDir(p.Config())
	require.NoError(t, err)
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(p.Config(), e.Name()))
		require.NoError(t, err)
		out[e.Name()] = string(text)
	}
	return out
}

// takesMail reports whether a sender may hand over a message at an address. None
// is.
func takesMail(address string) bool {
	c, err := smtp.Dial(address)
	if err != nil {
		return false
	}
	defer func() { _ = c.Close() }()
	return c.Mail("") == nil && c.Rcpt("dana@example.com") == nil
}

// Send hands over a message as a mail system from outside does, and returns
// the reply: 250 if it was accepted.
func (p *Postfix) Send(t testing.TB, subject string) int {
	t.Helper()
	return p.SendFrom(t, "sender@example.org", subject)
}

// SendFrom is Send for a sender.
func (p *Postfix) SendFrom(t testing.TB, sender, subject string) int {
	t.Helper()
	err := smtp.SendMail(p.Address(0), nil, sender, []string{"dana@example.com"}, []byte(letter(subject)))
	var refused *textproto.Error
	if errors.As(err, &refused) {
		return refused.Code
	}
	require.NoError(t, err)
	return 250
}

// Submit hands over a message as a program on the machine does.
func (p *Postfix) Submit(t testing.TB, subject string) {
	t.Helper()
	cmd := exec.Command("sendmail", "-C", p.Config(), "-f", "cron@example.com", "dana@example.com")
	cmd.Stdin = strings.NewReader(letter(subject))
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
}

func letter(subject string) string {
	return "From: sender@example.org\r\nTo: dana@example.com\r\nSubject: " + subject + "\r\n\r\nHello.\r\n"
}

// Queue is the ids of the messages that wait, sorted, by whether they are on
// hold. What was submitted here a moment ago is not among them yet: it gets its
// id when Postfix takes it up.
func (p *Postfix) Queue(t testing.TB) (held, free []string) {
	t.Helper()
	for line := range strings.Lines(p.client(t, "postqueue", "-j")) {
		var m struct {
			Queue string `json:"queue_name"`
			ID    string `json:"queue_id"`
		}
		require.NoError(t, json.Unmarshal([]byte(line), &m), line)
		switch m.Queue {
		case "hold":
			held = append(held, m.ID)
		case "incoming", "active", "deferred":
			free = append(free, m.ID)
		}
	}
	slices.Sort(held)
	slices.Sort(free)
	return held, slices.Compact(free) // what moves between two queues meanwhile is listed in both
}

// Hold puts a message on hold, as its people do.
func (p *Postfix) Hold(t testing.TB, id string) {
	t.Helper()
	p.client(t, "postsuper", "-h", id)
}

func (p *Postfix) client(t testing.TB, program string, args ...string) string {
	t.Helper()
	out, err := exec.Command(program, append([]string{"-c", p.Config()}, args...)...).Output()
	require.NoError(t, err, p.Log())
	return string(out)
}
