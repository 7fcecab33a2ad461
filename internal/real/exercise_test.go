//go:build unix

package real

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/child"
)

// Three people at three terminals play ransomware against the lab: one leads, one
// commands, one drives the run. They type what stands on their screens.
func TestAnExerciseIsPlayedAtThreeTerminals(t *testing.T) {
	leads := openPane(t, 120, 40, "sh")
	leads.enter("irctl exercise ransomware-without-sign-in --live lab")
	join := leads.until(`export IRCTL_HOME=\S+`)[0]
	leads.until(`to the it-lead: Files with a new ending`)

	operates, commands := openPane(t, 120, 40, "sh"), openPane(t, 120, 40, "sh")
	for _, p := range []*pane{operates, commands} {
		p.enter("clear; " + join)
	}
	operates.enter("irctl resume @1")
	operates.until(`EXERCISE: Stop ransomware`)
	operates.until(`protect-backups`)
	commands.enter("clear; irctl status @1")
	commands.until(`(?s)EXERCISE.*irctl done \S+ protect-backups`)
	commands.enter("clear; irctl done @1 protect-backups --as dana")
	commands.until(`protect-backups: done`)
	leads.until(`protect-backups\s+succeeded\s+by .*dana`)

	// The facilitator throws in what comes later, at a terminal of the same home.
	require.NoError(t, child.Command(t, leads.home, nil, "exercise", "inject", "sign-in-gone").Run())
	leads.until(`Nobody can sign in`)
	commands.enter("clear; irctl done @1 respond/hunt --as dana --set 'machines=[]'")
	commands.until(`respond/hunt: done`)
	leads.until(`the exercise has it refuse our credentials`)
	leads.until(`(?s)played by people.*Improvement plan.*Score: \d+ of \d+`)
	operates.until(`(?m)^next: irctl`)
	commands.enter("clear; irctl report @1 --format markdown | grep -c EXERCISE")
	commands.until(`(?m)^[1-9]`)
	commands.enter("clear; unset IRCTL_HOME; irctl resume @1")
	commands.until(`error:|no run`)
}
