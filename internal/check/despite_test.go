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
	found, _ := despiteHeld(src)
	return found
}

func despiteHeld(src string) ([]string, int) {
	rb, parsed := language.Parse("x.yaml", []byte(src))
	out := []string{}
	found, held := check.Despite(rb, parsed, check.Runbook(rb, deps()))
	for _, f := range found {
		out = append(out, f.Code+": "+f.Summary)
	}
	return out, held
}

const head = "irctl: v1\nname: x\ntitle: X\nowner: oncall@example.com\n"

func TestErrorsOfTheLanguageHideNoOthers(t *testing.T) {
	require.Equal(t, []string{
		"IR0226: the input `n` is never used",
		"IR0222: the default of `n` \"abc\" is not a whole number",
		"IR0118: `timeout` must be a duration",
		"IR0202: there is no action `emial.suspend`",
		"IR0310: nobody is named who does this step",
		"IR0311: nothing says how long this step may take",
		"IR0214: there is no step `siren`",
	}, despite(head+`inputs:
  n: {type: int, default: abc}
steps:
  - {id: one, timeout: soon, manual: Wait.}
  - {id: two, uses: emial.suspend, target: mail}
  - {id: three, manual: "Tell ${{ steps.siren.status }}"}
`))
}

// TestWhatFollowsFromAnErrorIsLeftOut: a misspelt key is read as what it must
// mean; what may stand in something that cannot be read is not missed.
func TestWhatFollowsFromAnErrorIsLeftOut(t *testing.T) {
	for _, c := range []struct {
		rest  string
		found []string
		held  int
	}{
		{"inptus: {who: {type: string}}\nsteps:\n  - {id: one, owner: a, timeout: 1h, manual: \"Call ${{ inputs.who }}.\"}\n", []string{"IR0104: a runbook has no key `inptus`"}, 0},
		{"parameters: {who: {type: string}}\nsteps:\n  - {id: one, owner: a, timeout: 1h, manual: \"Call ${{ inputs.who }} and ${{ inputs.whom }}.\"}\n",
			[]string{"IR0104: a runbook has no key `parameters`", "IR0214: the runbook has no input `whom`"}, 1},
		{"steps:\n  - id: one\n    wait:\n      until: soon\n      every: 3s\n", []string{"IR0118: `until` must be a time or a condition"}, 0},
		{"steps:\n  - {id: one, uses: nope, with: {a: ]}\n  - {id: two, owner: a, timeout: 1h, manual: Look., next: one}\n  - {id: three, owner: a, timeout: 1h, manual: \"${{ inputs.one + inputs.two }}\"}\n",
			[]string{"IR0103: a value is missing here, or begins with a character that has a meaning in YAML", "IR0214: the runbook has no input `two`"}, 3},
		{"steps:\n  - id: one\n    uses: emial.suspend\n    target\n    wiht: {notice: x}\n    next: nowhere\n  - {id: two, owner: a, timeout: 1h, manual: Look.}\n",
			[]string{"IR0202: there is no action `emial.suspend`", "IR0103: a key without a colon", "IR0104: a step has no key `wiht`", "IR0201: there is no step `nowhere`"}, 1},
	} {
		found, held := despiteHeld(head + c.rest)
		require.Equal(t, c.found, found)
		require.Equal(t, c.held, held, c.rest)
	}
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
			if rb == nil {
				continue
			}
			require.NotPanics(t, func() { check.Despite(rb, parsed, check.Runbook(rb, deps())) }, "%s without line %d", f, i+1)
		}
	}
}
