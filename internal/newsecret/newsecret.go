// Package newsecret makes credentials as a target's policy says. [Field] is the
// field `password` of a target's config, [Check] finds mistakes in it, and
// [Generate] makes one.
package newsecret

import (
	"crypto/rand"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"

	"github.com/irctl/irctl/pkg/action"
)

// The lengths of credentials, in characters.
const (
	MinLength     = 12
	MaxLength     = 128
	DefaultLength = 24
)

// leastBits is the least entropy of a credential: whoever steals its hash must
// not get through the possibilities.
const leastBits = 60

// The groups of characters by name.
var groups = []struct{ name, letters string }{
	{"lower", "abcdefghijklmnopqrstuvwxyz"},
	{"upper", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
	{"digits", "0123456789"},
	{"signs", "-_.+=:@%"},
}

// ambiguous are the characters that people confuse when they read one out.
const ambiguous = "0OoIl1"

// Field is the field of a target's config that says what new credentials look
// like.
func Field() action.Field {
	var names []string
	for _, g := range groups {
		names = append(names, g.name)
	}
	return action.Field{
		Name: "password", Type: action.Map,
		Description: fmt.Sprintf("What new passwords look like; without it %d characters with at least one of each group.", DefaultLength),
		Example:     "{length: 32, groups: [lower, upper, digits]}",
		Fields: []action.Field{
			{Name: "length", Type: action.Int, Default: int64(DefaultLength), Description: fmt.Sprintf("How many characters, from %d to %d.", MinLength, MaxLength)},
			{Name: "groups", Type: action.List, Items: action.String, Description: "The groups of characters, of each of which there is at least one: " + strings.Join(names, ", ") + "; all of them by default."},
			{Name: "signs", Type: action.String, Description: "The characters of the group signs, in the place of " + groups[3].letters + ".", Example: `"-_."`},
			{Name: "alphabet", Type: action.String, Description: "All characters there can be, in the place of groups.", Example: "0123456789abcdef"},
			{Name: "exclude", Type: action.String, Description: "Characters that must not be there, for systems that cannot take them."},
			{Name: "ambiguous", Type: action.Bool, Default: false, Description: "Permit characters that people confuse when they read them out: " + ambiguous + "."},
		},
	}
}

// Check finds mistakes in a checked config's `password` that its Fields cannot
// express.
func Check(config action.Values) []action.Problem {
	if _, p := read(config, 0); p != nil {
		p.Input = strings.TrimSuffix("password."+p.Input, ".")
		return []action.Problem{*p}
	}
	return nil
}

// Generate makes a credential as the config's `password` says, or as is usual
// if it says nothing. A length other than 0 wins. Every credential that the
// policy permits is equally likely.
func Generate(config action.Values, length int64) (action.Secret, error) {
	p, problem := read(config, length)
	if problem != nil {
		return action.Secret{}, &action.Error{Message: "no password can be made: " + strings.TrimSpace(problem.Input+" "+problem.Message), Hint: problem.Hint, Permanent: true}
	}
	// A draft without one of the groups is thrown away whole: to put one in
	// afterwards would make some credentials likelier than others.
	for range 100_000 {
		s, err := p.draw()
		if err != nil {
			return action.Secret{}, fmt.Errorf("generate a password: %w", err)
		}
		if p.suits(s) {
			return action.NewSecret(s), nil
		}
	}
	return action.Secret{}, &action.Error{Message: "no password can be made: hardly any satisfies the policy", Hint: "make it longer, or ask for fewer groups", Permanent: true}
}

// policy is what a credential has to be.
type policy struct {
	length   int
	alphabet string
	required []string // of each of these alphabets one character at least
}

func read(config action.Values, length int64) (policy, *action.Problem) {
	c := config.Map("password")
	if length == 0 {
		length = c.Int("length")
	}
	if length == 0 {
		length = DefaultLength
	}
	if length < MinLength || length > MaxLength {
		return policy{}, &action.Problem{Input: "length", Message: fmt.Sprintf("is %d", length), Hint: fmt.Sprintf("ask for %d to %d characters", MinLength, MaxLength)}
	}
	p := policy{length: int(length)}
	left := func(letters string) string {
		return strings.Map(func(r rune) rune {
			if strings.ContainsRune(c.String("exclude"), r) || !c.Bool("ambiguous") && strings.ContainsRune(ambiguous, r) {
				return -1
			}
			return r
		}, letters)
	}
	if alphabet := c.String("alphabet"); alphabet != "" {
		return p.of(alphabet, c)
	}
	names := c.Strings("groups")
	if names == nil {
		names = []string{"lower", "upper", "digits", "signs"}
	}
	for _, name := range names {
		i := slices.IndexFunc(groups, func(g struct{ name, letters string }) bool { return g.name == name })
		if i < 0 {
			return policy{}, &action.Problem{Input: "groups", Message: fmt.Sprintf("names %q", action.CleanLine(name, 40)), Hint: "there are lower, upper, digits and signs"}
		}
		letters := groups[i].letters
		if signs := c.String("signs"); name == "signs" && signs != "" {
			letters = signs
		}
		letters = left(letters)
		if letters == "" {
			return policy{}, &action.Problem{Input: "exclude", Message: "leaves nothing of the group " + name, Hint: "leave the group out of groups"}
		}
		p.required = append(p.required, letters)
		p.alphabet += letters
	}
	return p.checked("groups")
}

// of is a policy with an alphabet of its own: nothing is left out but what the
// target excludes.
func (p policy) of(alphabet string, c action.Values) (policy, *action.Problem) {
	if c.Has("groups") || c.Has("signs") {
		return policy{}, &action.Problem{Input: "alphabet", Message: "does not go with groups and signs", Hint: "write one of them"}
	}
	p.alphabet = strings.Map(func(r rune) rune {
		if strings.ContainsRune(c.String("exclude"), r) {
			return -1
		}
		return r
	}, alphabet)
	return p.checked("alphabet")
}

func (p policy) checked(input string) (policy, *action.Problem) {
	seen := map[rune]bool{}
	for _, r := range p.alphabet {
		switch {
		case r <= ' ' || r > '~':
			return policy{}, &action.Problem{Input: input, Message: fmt.Sprintf("holds %q", r), Hint: "use letters, digits and signs of ASCII: systems differ in what else they take"}
		case seen[r]:
			return policy{}, &action.Problem{Input: input, Message: fmt.Sprintf("holds %q twice", r), Hint: "name each character once"}
		}
		seen[r] = true
	}
	if bits := float64(p.length) * math.Log2(float64(max(len(p.alphabet), 1))); bits < leastBits {
		return policy{}, &action.Problem{Input: input, Message: fmt.Sprintf("makes passwords of %.0f bits, which can be guessed", bits), Hint: fmt.Sprintf("make length or the alphabet larger, for %d bits at least", leastBits)}
	}
	return p, nil
}

func (p policy) draw() (string, error) {
	out := make([]byte, p.length)
	size := big.NewInt(int64(len(p.alphabet)))
	for i := range out {
		n, err := rand.Int(rand.Reader, size) // uniform
		if err != nil {
			return "", err
		}
		out[i] = p.alphabet[n.Int64()]
	}
	return string(out), nil
}

func (p policy) suits(s string) bool {
	for _, letters := range p.required {
		if !strings.ContainsAny(s, letters) {
			return false
		}
	}
	return true
}
