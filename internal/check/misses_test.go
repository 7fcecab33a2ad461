package check_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/check"
	"github.com/irctl/irctl/internal/finding"
	"github.com/irctl/irctl/internal/language"
)

// TestMissesAreCorrectedWhereOneNameIsMeant: a name in an expression, and an
// action, are as certain as a key.
func TestMissesAreCorrectedWhereOneNameIsMeant(t *testing.T) {
	const src = head + `inputs: {accounts: {type: list, default: []}, mail_a: string, mail_b: string}
steps:
  - {id: first, uses: emial.suspend, target: mail}
  - id: loop
    foreach: ${{ inputs.acounts }}
    as: account
    do:
      - {id: tell, manual: "Call ${{ item }} about ${{ steps.frist.status }}, ${{ inputs.mail_c }} and ${{ accounts }}."}
`
	rb, parsed := language.Parse("x.yaml", []byte(src))
	require.Empty(t, parsed)
	fixed, _ := finding.Fix("x.yaml", []byte(src), check.Runbook(rb, deps()))
	want := strings.NewReplacer("emial", "email", "inputs.acounts", "inputs.accounts", "{{ item }}", "{{ account }}", "frist", "first", "{{ accounts }}", "{{ inputs.accounts }}").Replace(src)
	require.Equal(t, want, string(fixed), "mail_c may be either")
}

func TestHintsNameWhatIsThere(t *testing.T) {
	hints := func(expression string) (summary, hint string) {
		rb, parsed := language.Parse("x.yaml", []byte(head+"steps:\n  - {id: a, foreach: [1], as: account, do: [{id: b, set: {x: \"${{ "+expression+" }}\"}}]}\n"))
		require.Empty(t, parsed)
		found := check.Runbook(rb, deps())
		require.NotEmpty(t, found, expression)
		return found[0].Summary, found[0].Detail
	}
	_, hint := hints("item")
	require.Equal(t, "the element of the loop is called `account` here", hint)
	_, hint = hints("endWith('a', 'b')")
	require.True(t, strings.HasPrefix(hint, "did you mean `endsWith`? the functions are `endsWith`, "), hint)
	_, hint = hints("frobnicate(account)")
	require.Contains(t, hint, "`startsWith`")
	summary, hint := hints("timestamp('2026-01-31T17:00:00Z').getHours('Europe/Berlim')")
	require.Equal(t, "there is no time zone `Europe/Berlim`", summary)
	require.Equal(t, "did you mean `Europe/Berlin`?", hint)
}
