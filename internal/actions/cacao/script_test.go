package cacao

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/pkg/action"
)

func TestHalfAScriptNeverRuns(t *testing.T) {
	for _, shell := range []string{"sh", "bash"} {
		whole := fromInput(shell, action.NewSecret("echo one $# $0\necho two\nexit 3"))
		text := whole.Stdin.Reveal()
		res, _ := whole.Run(t.Context(), nil)
		require.Equal(t, "one 0 "+shell+"\ntwo\n", res.Stdout)
		require.Equal(t, 3, res.ExitCode)
		for n := 1; n < len(text); n += 7 { // as much as was written when irctl died
			half := whole
			half.Stdin = action.NewSecret(text[:n])
			res, err := half.Run(t.Context(), nil)
			require.Error(t, err)
			require.Empty(t, res.Stdout, "%q", text[:n])
		}
	}
}
