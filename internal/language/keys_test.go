package language_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/finding"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/internal/language/keystest"
	"github.com/irctl/irctl/pkg/runbook"
)

// TestParserAndTablesAgree: whatever a table says of a key, the parser does.
func TestParserAndTablesAgree(t *testing.T) {
	places := keystest.Places{}
	places.Find("runbook", keystest.Place{Table: language.RunbookTable(), Wrap: func(lines []string) string {
		return strings.Join(lines, "\n") + "\n"
	}})
	for _, kind := range language.Kinds() {
		places.Find("step:"+string(kind), keystest.Place{Table: language.StepTable(kind), Wrap: func(lines []string) string {
			return head + "  - " + strings.Join(lines, "\n    ") + "\n"
		}})
	}
	require.Contains(t, places, "step:uses/retry")
	require.Contains(t, places, "step:manual/evidence")
	places.Check(t, func(src []byte) runbook.Diagnostics {
		_, ds := language.Parse("x.yaml", src)
		return ds
	}, map[string]keystest.Beside{
		"items":  {Add: []string{"type: list"}, Drop: []string{"type"}},
		"values": {Add: []string{"type: enum"}},
		"min":    {Add: []string{"type: int"}},
		"max":    {Add: []string{"type: int"}},
		"every":  {Add: []string{"until: ${{ 1 < 2 }}"}, Drop: []string{"until"}},
	})
}

func TestEveryStepKeyKnowsItsKinds(t *testing.T) {
	require.Equal(t, []runbook.Kind{runbook.KindUses}, language.KindsWith("retry"))
	require.Equal(t, language.Kinds(), language.KindsWith("when"))
	for _, key := range language.StepKeys() {
		require.NotEmpty(t, language.KindsWith(key), key)
	}
}

// TestMistakesAreSaidAsTheyAre: a name that is too long, a duration that is.
func TestMistakesAreSaidAsTheyAre(t *testing.T) {
	_, ds := language.Parse("x.yaml", []byte("irctl: v1\nname: x\nsteps:\n  - {id: a"+strings.Repeat("b", 68)+", manual: Look., timeout: 999999999h}\n"))
	require.Len(t, ds, 2)
	require.Equal(t, "`timeout` is longer than can be counted", ds.Sorted()[1].Summary)
	require.Nil(t, ds.Sorted()[1].Fix)
	require.Equal(t, "the name has 69 characters, the most is 64", ds.Sorted()[0].Summary)
}

// TestWhatLooksLikeASpaceIsSaid: everywhere, in a command too; and it is
// corrected. The wide space is at home in Japanese.
func TestWhatLooksLikeASpaceIsSaid(t *testing.T) {
	const src = "irctl: v1\nname: x\ntitle: A\u00a0title\nsteps:\n  - {id: a, uses: exec, with: {argv: [rm,\u2003\"-rf\u202f/srv/x\"]}}\n  - {id: b, uses: exec, with: {shell: \"ls\u3000/srv\"}}\n  - manual: 電話\u3000してください\n"
	_, ds := language.Parse("x.yaml", []byte(src))
	require.Len(t, ds, 4)
	for i, u := range []string{"U+00A0", "U+2003", "U+202F", "U+3000"} {
		require.Contains(t, ds.Sorted()[i].Summary, "the character "+u+" is not allowed here: it looks like a space and is none")
	}
	fixed, _ := finding.Fix("x.yaml", []byte(src), ds)
	_, ds = language.Parse("x.yaml", fixed)
	require.Empty(t, ds)
}
