//go:build unix

package real

import (
	"fmt"
	"net"
	"net/smtp"
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

// postfix is a mail system with two messages in its queue. Somebody has put
// one on hold; the inbox is busy, so the other waits.
type postfix struct {
	*Postfix
	theirs, waiting string // queue ids
}

func newPostfix(t *testing.T) postfix {
	t.Helper()
	p := postfix{Postfix: StartPostfix(t)}
	p.Inbox.Busy(true)
	p.Submit(t, "held before")
	p.theirs = p.one(t)
	p.Hold(t, p.theirs)
	p.Submit(t, "waiting before")
	p.waiting = p.one(t)
	return p
}

// one waits until exactly one message is in the queue that is not on hold.
func (p postfix) one(t *testing.T) string {
	t.Helper()
	var free []string
	require.Eventually(t, func() bool { _, free = p.Queue(t); return len(free) == 1 }, time.Minute, 20*time.Millisecond)
	return free[0]
}

func (p postfix) office(t *testing.T, more string) *office {
	t.Helper()
	return newOffice(t, fmt.Sprintf("    type: postfix\n    config: {config_directory: %s, smtp: %q%s}\n", p.Config(), p.Address(0), more))
}

func suspendMail(o *office) string {
	o.t.Helper()
	return o.step("suspend", "    uses: email.suspend\n    verify: true\n    with: {notice: \"Call {$5}\"}\n")
}

func restoreMail(o *office) string {
	o.t.Helper()
	return o.step("restore", "    uses: email.restore\n    verify: true\n")
}

// mailState is what undoing has to put back.
type mailState struct {
	files      map[string]string
	held, free []string
}

func (p postfix) state(t *testing.T) any {
	t.Helper()
	s := mailState{files: p.Files(t)}
	s.held, s.free = p.Queue(t)
	return s
}

func (p postfix) suspended(t *testing.T) {
	t.Helper()
	require.Equal(t, 450, p.Send(t, "refused"))
	held, free := p.Queue(t)
	require.Equal(t, slices.Sorted(slices.Values([]string{p.theirs, p.waiting})), held)
	require.Empty(t, free)
}

func (p postfix) running(t *testing.T) {
	t.Helper()
	held, free := p.Queue(t)
	require.Equal(t, []string{p.theirs}, held)
	require.Equal(t, []string{p.waiting}, free)
	require.NotContains(t, p.Files(t), "irctl-suspended.json")
}

func TestSuspendPostfix(t *testing.T) {
	t.Parallel()
	p := newPostfix(t)
	trial{
		office:  func(t *testing.T) (*office, string) { o := p.office(t, ""); return o, suspendMail(o) },
		state:   p.state,
		changed: p.suspended, unchanged: p.running,
		now:     "accepting mail; in the queue 2 messages, 1 on hold",
		already: "already so: senders are put off (450), nothing is delivered",
	}.run(t)
	require.Empty(t, p.Inbox.Subjects())
}

func TestRestorePostfix(t *testing.T) {
	t.Parallel()
	p := newPostfix(t)
	by := p.office(t, "")
	by.must("run", suspendMail(by))
	trial{
		office:  func(t *testing.T) (*office, string) { o := p.office(t, ""); return o, restoreMail(o) },
		state:   p.state,
		changed: p.running, unchanged: p.suspended,
		now:     "senders are put off (450), nothing is delivered",
		already: "already so: accepting mail",
	}.run(t)
}

// TestNoMailIsLost: 100 messages from outside and 100 from the machine itself
// while mail is suspended, and each arrives once.
func TestNoMailIsLost(t *testing.T) {
	t.Parallel()
	p := newPostfix(t)
	o := p.office(t, "")
	o.must("run", suspendMail(o))
	p.Inbox.Busy(false)
	want := []string{"waiting before"}
	for n := range 100 {
		require.Equal(t, 450, p.Send(t, fmt.Sprintf("outside %03d", n)), "the sender keeps it")
		p.Submit(t, fmt.Sprintf("inside %03d", n))
		want = append(want, fmt.Sprintf("outside %03d", n), fmt.Sprintf("inside %03d", n))
	}
	require.Eventually(t, func() bool { _, free := p.Queue(t); return len(free) == 100 }, time.Minute, 50*time.Millisecond)
	require.Empty(t, p.Inbox.Subjects())

	o.must("run", restoreMail(o))
	for n := range 100 {
		require.Equal(t, 250, p.Send(t, fmt.Sprintf("outside %03d", n)), "the sender tries again")
	}
	require.Eventually(t, func() bool { _, free := p.Queue(t); return len(free) == 0 }, time.Minute, 50*time.Millisecond)
	slices.Sort(want)
	require.Equal(t, want, p.Inbox.Subjects(), "each once")
	held, _ := p.Queue(t)
	require.Equal(t, []string{p.theirs}, held, "what somebody had put on hold is on hold")
}

// Each program of Postfix that meets a main.cf younger than two seconds reads it
// again until it is older. None that irctl runs meets such a file.
func TestNoProgramOfPostfixWaitsForAFreshMainCF(t *testing.T) {
	t.Parallel()
	p := newPostfix(t)
	main, dir := p.Config()+"/main.cf", t.TempDir()
	old := time.Now().Add(-time.Hour)
	require.NoError(t, os.Chtimes(main, old, old))
	for _, name := range []string{"postfix", "postconf", "postqueue", "postsuper", "sendmail"} {
		at, err := exec.LookPath(name)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), fmt.Appendf(nil, `#!/bin/sh
echo "%[1]s $*: $(find %[2]s -newermt '2 seconds ago')" >>%[3]s/met
exec %[4]s "$@"
`, name, main, dir, at), 0o700))
	}
	o := p.office(t, "")
	o.env = []string{"PATH=" + dir + ":" + os.Getenv("PATH")}
	before := p.Files(t)["main.cf"]
	o.must("run", suspendMail(o))
	require.NotEqual(t, before, p.Files(t)["main.cf"])
	o.must("rollback", o.status().Run)
	require.Equal(t, before, p.Files(t)["main.cf"])
	met, err := os.ReadFile(filepath.Join(dir, "met"))
	require.NoError(t, err)
	require.Contains(t, string(met), "postconf -c "+p.Config()+" -n: \n")
	require.NotContains(t, string(met), ": "+main)
}

// Somebody edits main.cf while mail is suspended: nothing of theirs is lost.
func TestSomebodyEditsMainCF(t *testing.T) {
	t.Parallel()
	p := newPostfix(t)
	o := p.office(t, "")
	o.must("run", suspendMail(o))
	run := o.status().Run
	main := p.Files(t)["main.cf"]

	require.NoError(t, p.Write("etc/main.cf", strings.Replace(main, "static:{450", "static:{451", 1)))
	e := o.irctl("rollback", run)
	require.Equal(t, 4, e.code, e.text())
	require.Contains(t, strings.Join(strings.Fields(e.text()), " "), "somebody has changed smtpd_client_restrictions in "+p.Config()+"/main.cf since, so that stays; all else is as it was before. Now: senders are put off (451); in the queue 2 messages, 1 on hold")
	now := p.Files(t)["main.cf"]
	require.Contains(t, now, "static:{451", "theirs stays")
	require.Contains(t, now, "defer_transports = uucp\n", "and mail is delivered again")
	held, free := p.Queue(t)
	require.Equal(t, []string{p.theirs}, held)
	require.Equal(t, []string{p.waiting}, free)

	// A line elsewhere stays as they wrote it.
	require.NoError(t, p.Write("etc/main.cf", main+"message_size_limit = 20480000\n"))
	o.must("retry", run, "step")
	e = o.irctl("resume", run)
	require.Equal(t, 8, e.code, e.text())
	p.running(t)
	require.Contains(t, p.Files(t)["main.cf"], "    reject_unauth_pipelining\n\ndefer_transports = uucp\n")
	require.Contains(t, p.Files(t)["main.cf"], "\nmessage_size_limit = 20480000\n")
}

func TestPostfixBehindSSH(t *testing.T) {
	t.Parallel()
	p := newPostfix(t)
	gate := realtest.StartSSHD(t)
	o := p.office(t, ", via: "+gate.Via())
	before := p.state(t)
	o.must("target", "check")
	o.must("run", suspendMail(o))
	p.suspended(t)
	o.must("rollback", o.status().Run)
	p.running(t)
	require.Equal(t, before, p.state(t))
}

func TestPostfixThatIsDown(t *testing.T) {
	t.Parallel()
	p := newPostfix(t)
	p.Stop()
	o := p.office(t, "")
	before := p.Files(t)
	e := o.irctl("run", suspendMail(o))
	require.Equal(t, 4, e.code, e.text())
	require.Contains(t, e.text(), "no mail system answers at "+p.Address(0))
	require.Contains(t, e.text(), "start Postfix if it is down")
	require.Equal(t, before, p.Files(t))
	require.Equal(t, 1, o.irctl("target", "check").code)
}

// A service with restrictions of its own takes mail whatever main.cf says.
func TestAServiceThatStaysOpenIsNamed(t *testing.T) {
	t.Parallel()
	p := newPostfix(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	submission := l.Addr().String()
	require.NoError(t, l.Close())
	require.NoError(t, p.Write("etc/master.cf", p.Files(t)["master.cf"]+submission+" inet n - n - - smtpd -o smtpd_client_restrictions=permit_mynetworks,reject\n"))
	require.NoError(t, exec.Command("postfix", "-c", p.Config(), "reload").Run())
	takes := func() (err error) {
		c, err := smtp.Dial(submission)
		if err == nil {
			defer func() { _ = c.Close() }()
			if err = c.Mail(""); err == nil {
				err = c.Rcpt("dana@example.com")
			}
		}
		return err
	}
	require.Eventually(t, func() bool { return takes() == nil }, realtest.StartTime, realtest.LookEvery)
	o := p.office(t, "")
	e := o.irctl("target", "check")
	require.Equal(t, 1, e.code, e.text())
	require.Contains(t, strings.Join(strings.Fields(e.text()), " "), "mail would still be taken at the service "+submission+" (inet)")

	runbook := o.step("open", "    uses: email.suspend\n    with: {notice: Closed}\n    verify: true\n")
	e = o.irctl("run", runbook)
	require.Equal(t, 4, e.code, "it is not verified: %s", e.text())
	require.Contains(t, strings.Join(strings.Fields(e.text()), " "), "STILL OPEN: the service "+submission+" (inet)")
	require.NoError(t, takes(), "it is so")
	require.Equal(t, 450, p.Send(t, "refused"))
	o.must("rollback", o.status().Run)
	p.running(t)
}
