//go:build unix

package crash

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/child"
)

// told is a home whose environment tells people by a command, which writes each
// message into a file: the witness.
func told(t *testing.T) (c *company, runbook, witness string) {
	dir := t.TempDir()
	c = &company{t: t, dir: dir, home: filepath.Join(dir, "home"), env: filepath.Join(dir, "acme.yaml")}
	runbook, witness = filepath.Join(dir, "ask.yaml"), filepath.Join(dir, "messages")
	write := func(file, text string) { require.NoError(t, os.WriteFile(file, []byte(text), 0o600)) }
	write(runbook, "irctl: v1\nname: ask\ntitle: Ask\nowner: o@example.com\nsteps:\n"+
		"  - {id: authorise, approve: {text: Go on, roles: [commander], within: 1h, not_requester: false}}\n")
	write(c.env, `irctl: v1
kind: environment
name: acme
people:
  dana: {roles: [commander], user: "*", phone: "1"}
  sam: {roles: [commander], user: nobody-here, phone: "2"}
targets:
  sms: {type: command, config: {send: {argv: [sh, -c, 'echo "$1" >> "$2"', sms, "{to}", `+witness+`]}}}
notify: {phone: sms, remind: 1h}
`)
	return c, runbook, witness
}

// TestKilledWhileItTellsNobodyIsToldTwice kills irctl at every operation on a file
// and around every message of a run that begins to wait, and lets people go on.
// Nobody gets a message twice, whoever did not get one is known not to have, or
// not known to have, and the run ends as it should.
func TestKilledWhileItTellsNobodyIsToldTwice(t *testing.T) {
	calm, runbook, witness := told(t)
	e := calm.irctl("", "run", runbook)
	require.Equal(t, 4, e.code, e.stderr)
	got := linesOf(t, witness)
	slices.Sort(got)
	require.Equal(t, []string{"1", "2"}, got)
	points := slices.Compact(slices.Sorted(slices.Values(e.points)))
	require.Contains(t, points, child.Intent+" authorise")
	for _, point := range points {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			c, runbook, witness := told(t)
			c.irctl(point, "run", runbook)
			if s, begun := c.status(); !begun {
				c.irctl("", "run", runbook)
			} else {
				c.irctl("", "resume", s.Run)
			}
			s, _ := c.status()
			before := linesOf(t, witness)
			c.irctl("", "resume", s.Run)
			got := linesOf(t, witness)
			require.Equal(t, before, got, "a third process tells nobody")
			slices.Sort(got)
			require.Equal(t, got, slices.Compact(slices.Clone(got)), "somebody was told twice")
			shown := c.look("status", s.Run, "-o", "json").stdout
			require.Equal(t, 2, strings.Count(shown, `"outcome": "sent"`)+strings.Count(shown, `"outcome": "unknown"`), shown)
			require.LessOrEqual(t, strings.Count(shown, `"outcome": "sent"`), len(got), "who is said to be told was told")
			approved := c.irctl("", "approve", s.Run, "authorise", "--as", "dana", "--resume")
			require.Zero(t, approved.code, approved.stderr)
			require.Zero(t, c.look("audit", "verify", s.Run).code)
		})
	}
}
