package expr

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/pkg/action"
)

// sample knows a name of each type.
type sample struct{}

func (sample) Lookup(path []string) (Type, *Miss) {
	switch strings.Join(path, ".") {
	case "inputs.n", "steps.a-b.attempts":
		return Int, nil
	case "inputs.ok":
		return Bool, nil
	case "inputs.level":
		return Type{Of: action.Enum}, nil
	case "inputs.any":
		return Any, nil
	case "steps.a-b.status", "inputs.s", "account":
		return String, nil
	}
	return Type{}, &Miss{Rule: RuleName, Message: "unknown"}
}

// What is compared without CEL is what CEL would have said.
func TestComparisonsNeedNoCEL(t *testing.T) {
	plain := []string{
		"steps.a-b.status == 'succeeded'", ` inputs.s!="x" `, "inputs.n <= 3", "inputs.n>0||inputs.n==0", "inputs.ok == true",
		"steps.a-b.attempts < 3 && steps.a-b.status != 'failed' || inputs.ok != false", "inputs.level == 'low'", "account == ''",
		"inputs.s\n==\n'ä && 3'",
	}
	for _, text := range plain {
		references, ok := compared(text, sample{})
		require.True(t, ok, text)
		whole, problems := new(Compiler).compileCEL(text, sample{}, Bool)
		require.Empty(t, problems, text)
		require.Equal(t, whole.references, references, text)
		require.Equal(t, whole.typ, Bool)
	}
	for _, text := range []string{
		"", "inputs.n", "inputs.n == '3'", "inputs.n == 3.5", "inputs.n == 007", "inputs.n == 3u", "inputs.any == 3", "inputs.ok < true", "inputs.s < 'a'",
		"inputs.missing == 3", "!inputs.ok", "(inputs.n == 3)", "inputs.n == 3 &&", "inputs.n == 3 and inputs.ok == true", `inputs.s == 'a\n'`,
		"inputs.s == '''a'''", "inputs.s == 'a", "inputs.n-1 == 2", "inputs.n == 3 ? 1 : 2", "inputs.n == -3", "inputs.s == null", "inputs.s == r'a'",
		strings.Repeat("inputs.n == 3 && ", 20) + "inputs.ok == true",
	} {
		_, ok := compared(text, sample{})
		require.False(t, ok, text)
	}
}

func TestComparisonsAreEvaluatedByCEL(t *testing.T) {
	p, problems := Compile("inputs.n > 2 && steps.a-b.status == 'failed'", sample{}, Bool)
	require.Empty(t, problems)
	require.True(t, p.later)
	for status, want := range map[string]bool{"failed": true, "succeeded": false} {
		got, _, err := p.Eval(func(name string) (any, bool) {
			return map[string]any{"inputs.n": int64(3), "steps.a-b.status": status}[name], true
		})
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	_, _, err := p.Eval(func(name string) (any, bool) { return nil, name == "inputs.n" })
	require.ErrorContains(t, err, "does not exist")
}

// FuzzCompared: nothing is let through that CEL refuses or reads otherwise.
func FuzzCompared(f *testing.F) {
	for _, s := range []string{"inputs.n == 3 && inputs.ok == true", "account != 'x'", `inputs.s == "a" || inputs.n < 0`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		references, ok := compared(text, sample{})
		if !ok {
			return
		}
		whole, problems := new(Compiler).compileCEL(text, sample{}, Bool)
		require.Empty(t, problems, text)
		require.Equal(t, whole.references, references, text)
	})
}
