//go:build unix

package real

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/realtest"
)

const logs = `    uses: notify.log
    with:
      text: "The website\nis out of service: 100 % [sic] \"down\""
      severity: warning
      fields: {incident: 'INC-1', "o'clock": 'a "quote", a \ and a ] in it, Köln'}
`

// logOffice is an office whose target is rsyslog.
func logOffice(t *testing.T, r *Rsyslog, more ...string) *office {
	t.Helper()
	return newOffice(t, "    type: syslog\n    config:\n"+
		"      "+strings.Join(append([]string{"address: " + r.Address(0), "hostname: irctl.example.com", "facility: auth"}, more...), "\n      ")+"\n")
}

func TestLog(t *testing.T) {
	r := StartRsyslog(t)
	o := logOffice(t, r, "kept_in: "+r.Kept())
	runbook := o.step("tell", logs)
	o.must("target", "check")
	require.Contains(t, o.must("plan", runbook).stdout, "the message is not sent")
	require.Empty(t, r.Messages(t), "nothing is sent by a plan or a check")

	require.Contains(t, o.must("run", runbook).text(), "the message has arrived")
	got := r.Messages(t)
	require.Len(t, got, 1)
	require.Regexp(t, `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}`, got[0].Time)
	require.Regexp(t, `^The website is out of service: 100 % \[sic\] "down" \[irctl [0-9a-f]{16}\]$`, got[0].Text)
	got[0].Time, got[0].Text = "", ""
	require.Equal(t, LogMessage{
		Facility: "auth", Severity: "warning", Host: "irctl.example.com", App: "irctl", ID: "notify",
		Data: map[string]map[string]string{"irctl@32473": {
			"run": o.status().Run, "runbook": "tell", "step": "step",
			"incident": "INC-1", "o'clock": `a "quote", a \ and a ] in it, Köln`,
		}},
	}, got[0])
	o.must("audit", "verify", o.status().Run)

	o.must("run", runbook)
	require.Len(t, r.Messages(t), 2, "another run says it again")
}

func TestLogKilled(t *testing.T) {
	r := StartRsyslog(t)
	for _, at := range []string{beforeRecord, afterRecord, afterEffect} {
		t.Run(at, func(t *testing.T) {
			before := len(r.Messages(t))
			o := logOffice(t, r, "kept_in: "+r.Kept())
			o.killed(at, "run", o.step("tell", logs))
			require.Equal(t, at == afterEffect, len(r.Messages(t)) > before)
			o.must("resume", o.status().Run)
			require.Equal(t, "succeeded", o.status().Status)
			require.Len(t, r.Messages(t), before+1, "it is said once")
		})
	}
	t.Run("nobody can look", func(t *testing.T) {
		before := len(r.Messages(t))
		o := logOffice(t, r)
		o.killed(afterEffect, "run", o.step("tell", logs))
		e := o.irctl("resume", o.status().Run)
		require.Equal(t, 7, e.code, e.text())
		require.Contains(t, e.text(), "cannot tell by looking")
		require.Len(t, r.Messages(t), before+1, "a person decides")
	})
	t.Run("nobody can look, and it does no harm", func(t *testing.T) {
		before := len(r.Messages(t))
		o := logOffice(t, r, "deduplicates: true")
		o.killed(afterEffect, "run", o.step("tell", logs))
		require.Contains(t, o.must("resume", o.status().Run).text(), "the receiver took the message")
		got := r.Messages(t)
		require.Len(t, got, before+2)
		require.Equal(t, got[before].Text, got[before+1].Text, "both have the same mark")
	})
}

func TestLogRefusals(t *testing.T) {
	r := StartRsyslog(t)
	t.Run("what is found nowhere", func(t *testing.T) {
		o := logOffice(t, r, "kept_in: "+r.File("elsewhere.log"))
		e := o.irctl("target", "check")
		require.Equal(t, 1, e.code)
		require.Contains(t, strings.Join(strings.Fields(e.text()), " "), "correct kept_in in the environment's target")
		require.Equal(t, 4, o.irctl("run", o.step("tell", logs)).code)
		require.Empty(t, r.Messages(t), "nothing is sent that nobody could find")
	})
	t.Run("too long", func(t *testing.T) {
		o := logOffice(t, r)
		e := o.irctl("run", o.step("tell", "    uses: notify.log\n    with: {text: "+strings.Repeat("long ", 1700)+"}\n"))
		require.Equal(t, 4, e.code, e.text())
		require.Contains(t, e.text(), "receivers may cut it after 8192, so it was not sent")
		require.Empty(t, r.Messages(t))
	})
	t.Run("a field that would end the data", func(t *testing.T) {
		o := logOffice(t, r)
		e := o.irctl("run", o.step("tell", "    uses: notify.log\n    with: {text: Hello, fields: {'a=\"x\"] ': b}}\n"))
		require.Equal(t, 4, e.code, e.text())
		require.Contains(t, e.text(), "cannot name a field of RFC 5424, so nothing was sent")
		require.Empty(t, r.Messages(t))
	})
	t.Run("a receiver that is down", func(t *testing.T) {
		o := logOffice(t, r)
		r.Stop()
		e := o.irctl("run", o.step("tell", logs))
		require.Equal(t, 4, e.code, e.text())
		require.Contains(t, e.text(), "cannot be reached, so nothing was sent")
		require.Equal(t, 1, o.irctl("target", "check").code)
	})
}

// TestLogBehindSSH: the receiver, and the file where it keeps messages, are
// reached from another machine.
func TestLogBehindSSH(t *testing.T) {
	r := StartRsyslog(t)
	o := logOffice(t, r, "kept_in: "+r.Kept(), "via: "+realtest.StartSSHD(t).Via())
	o.must("target", "check")
	require.Contains(t, o.must("run", o.step("tell", logs)).text(), "the message has arrived")
	require.Len(t, r.Messages(t), 1)
}
