package language_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/language"
)

// What a form takes is what its pattern, which schemas and help show, matches.
func TestANameFitsWhatItsPatternMatches(t *testing.T) {
	texts := []string{"", "a", "A", "9", "-", "_", "é", "a\n", "\na", "a b", "a\xff", "a^", "a]", strings.Repeat("a", 64), strings.Repeat("a", 65)}
	for c := range 256 {
		texts = append(texts, string([]byte{byte(c)}), string([]byte{'a', byte(c)}), string([]byte{'a', byte(c), 'z'}))
	}
	for _, form := range []language.NameForm{language.StepName, language.VariableName, language.ConstantName, language.AnyName} {
		re := regexp.MustCompile(form.Pattern())
		for _, text := range texts {
			require.Equal(t, re.MatchString(text), form.Fits(text), "%s %q", form.Pattern(), text)
		}
	}
}
