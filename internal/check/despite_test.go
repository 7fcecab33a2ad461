package check_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/check"
	"github.com/irctl/irctl/internal/language"
)

func despite(src string) []string {
	rb, parsed := language.Parse("x.yaml", []byte(src))
	out := []string{}
	for _, f := range check.Despite(rb, parsed, deps()) {
		out = append(out, f.Code+": "+f.Summary)
	}
	return out
}

func TestErrorsOfTheLanguageHideNoOthers(t *testing.T) {
	require.Equal(t, []string{
		"IR0222: the default of `n` \"abc\" is not a whole number",
		"IR0118: `timeout` must be a duration",
		"IR0202: there is no action `emial.suspend`",
		"IR0214: there is no step `siren`",
	}, despite(`irctl: v1
name: x
title: X
inputs:
  n: {type: int, default: abc}
steps:
  - {id: one, timeout: soon, manual: Wait.}
  - {id: two, uses: emial.suspend, target: mail}
  - {id: three, manual: "Tell ${{ steps.siren.status }}"}
`))
}

func TestWhatFollowsFromAnErrorIsLeftOut(t *testing.T) {
	require.Equal(t, []string{"IR0104: a runbook has no key `inptus`"}, despite(`irctl: v1
name: x
title: X
inptus: {who: {type: string}}
steps:
  - {id: one, manual: "Call ${{ inputs.who }}."}
`))
	require.Equal(t, []string{"IR0118: `until` must be a time or a condition"}, despite(`irctl: v1
name: x
title: X
steps:
  - id: one
    wait:
      until: soon
      every: 3s
`))
	require.Len(t, despite("irctl: v1\nname: x\ntitle: X\nsteps:\n  - {id: one, uses: nope, with: {a: ]}\n"), 1)
}

// Whatever a file lacks, looking at the rest of it does no harm.
func TestDespiteHoldsWithAnyLineMissing(t *testing.T) {
	files, err := filepath.Glob(folder + "/ok/*.yaml")
	require.NoError(t, err)
	broken, err := filepath.Glob("../../testdata/language/err/*.yaml")
	require.NoError(t, err)
	for _, f := range append(files, broken...) {
		src, err := os.ReadFile(f)
		require.NoError(t, err)
		lines := bytes.SplitAfter(src, []byte("\n"))
		if len(lines) > 120 {
			continue // many-problems.yaml says the same 300 times
		}
		for i := range lines {
			cut := bytes.Join([][]byte{bytes.Join(lines[:i], nil), bytes.Join(lines[i+1:], nil)}, nil)
			rb, parsed := language.Parse(f, cut)
			require.NotPanics(t, func() { check.Despite(rb, parsed, deps()) }, "%s without line %d", f, i+1)
		}
	}
}
