package convert_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/cacao"
	"github.com/irctl/irctl/internal/cacao/convert"
	"github.com/irctl/irctl/internal/language"
)

func read(t *testing.T, source []byte) *cacao.Playbook {
	t.Helper()
	pb, ds := cacao.Parse("playbook.json", source)
	require.False(t, ds.HasErrors(), "%v", ds)
	return pb
}

func TestWhatExportWroteImportGivesBack(t *testing.T) {
	for name, source := range everyRunbook(t) {
		t.Run(name, func(t *testing.T) {
			rb, _ := language.Parse(name, source)
			out, _ := convert.Export(rb, convert.Options{Modified: then, Level: "GREEN", Summary: summary})
			got := convert.Import(read(t, out), convert.Rules{Summary: summary})
			require.Equal(t, convert.Runbook{Source: source, Carried: true}, got)
		})
	}
}

// TestOfAChangedPlaybookTheStepsCount: nobody reads one plan and imports
// another.
func TestOfAChangedPlaybookTheStepsCount(t *testing.T) {
	for name, source := range everyRunbook(t) {
		t.Run(name, func(t *testing.T) {
			rb, _ := language.Parse(name, source)
			out, _ := convert.Export(rb, convert.Options{Modified: then})
			changed := strings.Replace(string(out), `"name": "Start"`, `"name": "Begin"`, 1)
			got := convert.Import(read(t, []byte(changed)), convert.Rules{})
			require.False(t, got.Carried)
			require.Contains(t, got.Remarks[0].Text, "has been changed since")
			_, ds := language.Parse("imported.yaml", got.Source)
			require.Empty(t, ds, "%s", got.Source)
		})
	}
}

// TestAStepIsUntouchedWhateverItsConditionNames: the playbook says when it runs.
func TestAStepIsUntouchedWhateverItsConditionNames(t *testing.T) {
	rb := parsed(t, "two.yaml", []byte(`irctl: v1
name: two
steps:
  - id: first
    manual: Look at the first one.
    outputs: {bad: {type: bool}}
  - id: second
    when: ${{ steps.first.outputs.bad }}
    uses: exec
    with: {command: [cut-off, --now]}
`))
	out, _ := convert.Export(rb, convert.Options{Modified: then})
	changed := strings.Replace(string(out), "Look at the first one.", "Look at it twice.", 1)
	got := convert.Import(read(t, []byte(changed)), convert.Rules{})
	require.Contains(t, string(got.Source), "manual: Look at it twice.\n")
	require.Contains(t, string(got.Source), "id: second\n        uses: exec\n        with:")
}
