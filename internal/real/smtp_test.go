//go:build unix

package real

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// mailOffice is an office that sends by Postfix, and a runbook that tells
// people something.
func mailOffice(t *testing.T, p *Postfix, subject, to string) (o *office, runbook string) {
	t.Helper()
	o = newOffice(t, "    type: smtp\n    config: {address: \""+p.Address(0)+"\", from: Security <security@example.com>}\n")
	return o, o.step("tell", "    uses: notify.email\n    with: {to: ["+to+"], subject: "+subject+", body: Call the hotline.}\n    irreversible: People may read it.\n")
}

// arrived waits until Postfix has nothing left to deliver, and returns the
// subjects of what it has delivered.
func arrived(t *testing.T, p *Postfix) []string {
	t.Helper()
	require.Eventually(t, func() bool { _, free := p.Queue(t); return len(free) == 0 }, time.Minute, 20*time.Millisecond)
	return p.Inbox.Subjects()
}

func TestEmailByPostfix(t *testing.T) {
	p := StartPostfix(t)
	o, runbook := mailOffice(t, p, "Closed today", "dana@example.com")
	o.must("target", "check")
	require.Contains(t, o.must("plan", runbook).stdout, "the message is not sent")
	require.Empty(t, arrived(t, p), "neither sends anything")
	require.Contains(t, o.must("run", runbook).text(), "the mail server took the message for 1 recipient")
	require.Equal(t, []string{"Closed today"}, arrived(t, p))
	o.must("audit", "verify", o.status().Run)

	// Whom the server refuses fails the step; the others are told once, however
	// often it is tried.
	o, runbook = mailOffice(t, p, "Two of us", "dana@example.com, nobody@example.com")
	e := o.irctl("run", runbook)
	require.Equal(t, 4, e.code, e.text())
	require.Contains(t, e.text(), "the message reached 1 of 2 recipients; the server refused nobody@example.com")
	o.must("retry", o.status().Run, "step")
	require.Equal(t, 4, o.irctl("resume", o.status().Run).code)
	require.Equal(t, []string{"Closed today", "Two of us"}, arrived(t, p))
}

// TestEmailByPostfixKilled: what the server took is known, and without a place
// to look, a message that may have been sent is not sent again unasked.
func TestEmailByPostfixKilled(t *testing.T) {
	p := StartPostfix(t)
	for at, c := range map[string]struct {
		resumed int
		sent    []string
	}{
		beforeRecord: {0, []string{beforeRecord}},
		afterRecord:  {7, []string{}},
		afterEffect:  {0, []string{afterEffect}},
	} {
		t.Run(at, func(t *testing.T) {
			o, runbook := mailOffice(t, p, at, "dana@example.com")
			o.killed(at, "run", runbook)
			e := o.irctl("resume", o.status().Run)
			require.Equal(t, c.resumed, e.code, e.text())
			got := []string{}
			for _, subject := range arrived(t, p) {
				if subject == at {
					got = append(got, subject)
				}
			}
			require.Equal(t, c.sent, got)
		})
	}
}
