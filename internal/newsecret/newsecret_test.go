package newsecret_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/coerce"
	"github.com/irctl/irctl/internal/config"
	"github.com/irctl/irctl/internal/newsecret"
	"github.com/irctl/irctl/pkg/action"
)

// policy is what a target's config says.
func policy(t *testing.T, password map[string]any) *newsecret.Policy {
	t.Helper()
	var p newsecret.Policy
	fields := config.Fields{p.Field()}
	given := map[string]any{}
	if password != nil {
		given["password"] = password
	}
	c, problems := coerce.Fields(fields.Describe(), given)
	require.Empty(t, problems)
	fields.Fill(c)
	return &p
}

const (
	lower  = "abcdefghijkmnpqrstuvwxyz"
	upper  = "ABCDEFGHJKLMNPQRSTUVWXYZ"
	digits = "23456789"
	signs  = "-_.+=:@%"
)

func TestPasswordsAreAsThePolicySays(t *testing.T) {
	for name, c := range map[string]struct {
		password map[string]any
		input    int64
		length   int
		alphabet string
		each     []string
	}{
		"usual":         {nil, 0, 24, lower + upper + digits + signs, []string{lower, upper, digits, signs}},
		"input wins":    {map[string]any{"length": 40}, 12, 12, lower + upper + digits + signs, []string{lower, upper, digits, signs}},
		"groups":        {map[string]any{"length": 16, "groups": []any{"lower", "digits"}}, 0, 16, lower + digits, []string{lower, digits}},
		"own signs":     {map[string]any{"signs": "!#", "exclude": "#a"}, 0, 24, "!" + lower[1:] + upper + digits, []string{"!"}},
		"alphabet":      {map[string]any{"alphabet": "0123456789abcdef"}, 0, 24, "0123456789abcdef", nil},
		"all confusing": {map[string]any{"ambiguous": true, "groups": []any{"upper"}}, 0, 24, "ABCDEFGHIJKLMNOPQRSTUVWXYZ", nil},
	} {
		t.Run(name, func(t *testing.T) {
			p := policy(t, c.password)
			require.Empty(t, p.Check())
			seen, before := map[rune]bool{}, ""
			for range 200 {
				s, err := p.Make(c.input)
				require.NoError(t, err)
				text := s.Reveal()
				require.Len(t, text, c.length)
				require.NotEqual(t, before, text)
				before = text
				require.Empty(t, strings.Trim(text, c.alphabet), "only what the policy permits")
				for _, group := range c.each {
					require.True(t, strings.ContainsAny(text, group), "one of %s", group)
				}
				for _, r := range text {
					seen[r] = true
				}
			}
			require.Len(t, seen, len(c.alphabet), "every character turns up")
		})
	}
}

func TestPoliciesThatMakeNoSense(t *testing.T) {
	for name, c := range map[string]struct {
		password map[string]any
		want     action.Problem
	}{
		"short":     {map[string]any{"length": 8}, action.Problem{Input: "password.length", Message: "is 8", Hint: "ask for 12 to 128 characters"}},
		"group":     {map[string]any{"groups": []any{"runes"}}, action.Problem{Input: "password.groups", Message: `names "runes"`, Hint: "there are lower, upper, digits and signs"}},
		"nothing":   {map[string]any{"signs": "!", "exclude": "!"}, action.Problem{Input: "password.exclude", Message: "leaves nothing of the group signs", Hint: "leave the group out of groups"}},
		"both":      {map[string]any{"alphabet": "abcdefghijklmnop", "groups": []any{"lower"}}, action.Problem{Input: "password.alphabet", Message: "does not go with groups and signs", Hint: "write one of them"}},
		"twice":     {map[string]any{"alphabet": "aabcdefghijklmnop"}, action.Problem{Input: "password.alphabet", Message: "holds 'a' twice", Hint: "name each character once"}},
		"not ASCII": {map[string]any{"alphabet": "abcdefghijklmnopä"}, action.Problem{Input: "password.alphabet", Message: "holds 'ä'", Hint: "use letters, digits and signs of ASCII: systems differ in what else they take"}},
		"guessed":   {map[string]any{"alphabet": "0123456789", "length": 12}, action.Problem{Input: "password.alphabet", Message: "makes passwords of 40 bits, which can be guessed", Hint: "make length or the alphabet larger, for 60 bits at least"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := policy(t, c.password)
			require.Equal(t, []action.Problem{c.want}, p.Check())
			s, err := p.Make(0)
			require.ErrorContains(t, err, "no password can be made: ")
			require.True(t, s.IsZero())
		})
	}
}
