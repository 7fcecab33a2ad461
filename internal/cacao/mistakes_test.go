package cacao_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestMistakesOfOthers: what is known to go wrong in programs that run such
// playbooks, each with the golden files that show it right here, and a line of
// them that would be another if it were wrong. That requests end in time is
// TestTheTimeOfTheStepIsTheTimeOfTheRequest of the actions; that a run goes on
// where it was is proved by killing it.
func TestMistakesOfOthers(t *testing.T) {
	for mistake, shown := range map[string]struct{ file, says, never string }{
		"an unknown step type succeeds":             {"err/unknown-step.out", "error[IR0727]", ""},
		"a parallel step succeeds with nothing run": {"run/parallel-fails-if-one-does.run", "attempt_started", ""},
		"a switch succeeds with nothing run":        {"run/switch-case.run", "attempt_started", ""},
		"on_failure is not followed":                {"run/on-failure.run", `"command":"handled`, ""},
		"workflow_exception is not carried out":     {"run/exception.run", "exception", `run_ended {"status":"succeeded"`},
		"an action without targets runs nothing":    {"run/commands-on-targets.run", `attempt_started {"action":"cacao.bash"`, ""},
		"a command that nobody executes succeeds":   {"run/no-adapter.run", `step_failed {"error":{"message":"no adapter"}}`, ""},
		"a condition is three words":                {"err/conditions.out", "error[IR0724]", ""},
		"all variables are texts":                   {"run/type-of-an-output.run", "integer", ""},
		"a delay is lost with the process":          {"run/delays.run", "not_before", ""},
		"a timeout has no end":                      {"run/timeout.run", "ACTION_TIMEOUT", ""},
	} {
		t.Run(mistake, func(t *testing.T) {
			text, err := os.ReadFile(data + "/" + shown.file)
			require.NoError(t, err)
			require.Contains(t, string(text), shown.says)
			if shown.never != "" {
				require.False(t, strings.Contains(string(text), shown.never), shown.never)
			}
		})
	}
}
