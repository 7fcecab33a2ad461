//go:build unix

package real

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func alertOffice(t *testing.T, m *Alertmanager) *office {
	t.Helper()
	return newOffice(t, "    type: alertmanager\n    config: {url: \""+m.URL()+"/\"}\n")
}

const (
	silences = `    uses: notify.silence
    with: {matchers: ['service = portal', 'alertname=~"Do.*"'], for: 2h, reason: The portal is out of service.}
`
	unsilences = `    uses: notify.unsilence
    with: {silence: "${{ inputs.silence }}"}
inputs:
  silence: {type: string, required: true}
`
)

func TestSilence(t *testing.T) {
	m := StartAlertmanager(t)
	m.Silence(t, "service=mail", "Dana's own", time.Hour)
	trial{
		office: func(t *testing.T) (*office, string) {
			o := alertOffice(t, m)
			return o, o.step("quiet", silences)
		},
		state:     func(t *testing.T) any { return m.Silences(t) },
		exactly:   func(t *testing.T) any { return m.Everything(t) },
		changed:   func(t *testing.T) { require.Equal(t, []string{"db"}, m.Loud(t)) },
		unchanged: func(t *testing.T) { require.Equal(t, []string{"db", "portal"}, m.Loud(t)) },
		now:       `no silence holds back alerts with service = portal, alertname=~"Do.*"`,
		already:   "already",
	}.run(t)

	o := alertOffice(t, m)
	o.must("target", "check")
	require.Contains(t, o.must("run", o.step("quiet", silences)).text(), `alerts with alertname=~"Do.*", service="portal" are silenced until 20`)
	got := o.status()
	require.EqualValues(t, 1, got.Steps[0].Outputs["alerts"])
	require.Contains(t, m.IDs(t), got.Steps[0].Outputs["silence"])
	ends, err := time.Parse(time.RFC3339, got.Steps[0].Outputs["until"].(string))
	require.NoError(t, err)
	require.WithinDuration(t, time.Now().Add(2*time.Hour), ends, 10*time.Minute)
}

// TestSilenceOfOthers: one with the same matchers counts if it lasts long
// enough, and what somebody has changed is theirs.
func TestSilenceOfOthers(t *testing.T) {
	m := StartAlertmanager(t)
	short := m.Silence(t, "service=db", "Dana's, too short", time.Hour)
	o := alertOffice(t, m)
	runbook := o.step("quiet", "    uses: notify.silence\n    with: {matchers: [service=db], for: 2h, reason: The database moves.}\n")
	o.must("run", runbook)
	run := o.status()
	require.Len(t, m.IDs(t), 2)
	require.Contains(t, m.IDs(t), short)

	m.Extend(t, run.Steps[0].Outputs["silence"].(string), 5*time.Hour)
	before := m.Silences(t)
	require.Contains(t, o.must("rollback", run.Run).text(), "somebody, or another run of irctl, has changed the silence since, so it stays")
	require.Equal(t, before, m.Silences(t))

	require.Contains(t, o.must("run", runbook).text(), "already")
	o.cannotUndo(o.status().Run)
	require.Equal(t, before, m.Silences(t))
}

func TestUnsilence(t *testing.T) {
	m := StartAlertmanager(t)
	m.Silence(t, "service=mail", "Another one", time.Hour)
	m.Silence(t, "service=portal", "Dana's own", time.Hour)
	args := []string{"--input", ""}
	trial{
		office: func(t *testing.T) (*office, string) {
			// What undoing adds has an id of its own.
			args[1] = "silence=" + m.IDs(t, "service=portal")[0]
			o := alertOffice(t, m)
			return o, o.step("loud", unsilences)
		},
		args:      args,
		state:     func(t *testing.T) any { return m.Silences(t) },
		exactly:   func(t *testing.T) any { return m.Everything(t) },
		changed:   func(t *testing.T) { require.Equal(t, []string{"db", "portal"}, m.Loud(t)) },
		unchanged: func(t *testing.T) { require.Equal(t, []string{"db"}, m.Loud(t)) },
		now:       `alerts with service="portal" are silenced until`,
		already:   "the silence has ended already",
	}.run(t)
}

func TestSilenceRefusals(t *testing.T) {
	m := StartAlertmanager(t)
	o := alertOffice(t, m)
	for name, c := range map[string]struct {
		step string
		code int
		want string
	}{
		"everything":    {"    uses: notify.silence\n    with: {matchers: ['service=~\".*\"'], reason: Peace.}\n", 4, "at least one matcher must not match the empty string"},
		"no matcher":    {"    uses: notify.silence\n    with: {matchers: [], reason: Peace.}\n", 4, "would mean all alerts"},
		"not a matcher": {"    uses: notify.silence\n    with: {matchers: [portal], reason: Peace.}\n", 4, `"portal" is not a matcher`},
		"not known":     {"    uses: notify.unsilence\n    with: {silence: 00000000-0000-0000-0000-000000000000}\n", 4, "Alertmanager has no silence 00000000-0000-0000-0000-000000000000"},
	} {
		t.Run(name, func(t *testing.T) {
			e := o.irctl("run", o.step("step", c.step))
			require.Equal(t, c.code, e.code, e.text())
			require.Contains(t, e.text(), c.want)
			require.Empty(t, m.Everything(t))
		})
	}
	m.Stop()
	require.Equal(t, 1, o.irctl("target", "check").code)
}
