// Package newsecret makes credentials as a target's policy says. [Policy] is
// the field `password` of a target's config, and [Policy.Make] makes one.
package newsecret

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/config"
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

// Policy says what new credentials look like: the field `password` of a
// target's config. The zero Policy is what is usual.
type Policy struct {
	Length                   int64 // 0 is DefaultLength
	Groups                   []string
	Signs, Alphabet, Exclude string
	Ambiguous                bool
}

// Field ties Policy to its description.
func (p *Policy) Field() config.Field {
	var names []string
	for _, g := range groups {
		names = append(names, g.name)
	}
	return config.Nested(action.Field{
		Name:        "password",
		Description: fmt.Sprintf("What new passwords look like; without it %d characters with at least one of each group.", DefaultLength),
		Example:     "{length: 32, groups: [lower, upper, digits]}",
	}, config.Fields{
		config.Into(&p.Length, action.Field{Name: "length", Default: int64(DefaultLength), Description: fmt.Sprintf("How many characters, from %d to %d.", MinLength, MaxLength)}),
		config.Into(&p.Groups, action.Field{Name: "groups", Description: "The groups of characters, of each of which there is at least one: " + strings.Join(names, ", ") + "; all of them by default."}),
		config.Into(&p.Signs, action.Field{Name: "signs", Description: "The characters of the group signs, in the place of " + groups[3].letters + ".", Example: `"-_."`}),
		config.Into(&p.Alphabet, action.Field{Name: "alphabet", Description: "All characters there can be, in the place of groups.", Example: "0123456789abcdef"}),
		config.Into(&p.Exclude, action.Field{Name: "exclude", Description: "Characters that must not be there, for systems that cannot take them."}),
		config.Into(&p.Ambiguous, action.Field{Name: "ambiguous", Default: false, Description: "Permit characters that people confuse when they read them out: " + ambiguous + "."}),
	}).Checked(p.Check)
}

// Passwords is what a rotation has to know of an account's passwords: the
// fields `old_password` and `password` of a target's config.
type Passwords struct {
	Until action.Secret // the account's until now, where it is known
	Policy
}

// Fields ties Passwords to its description.
func (p *Passwords) Fields(example string) config.Fields {
	return config.Fields{
		config.Into(&p.Until, action.Field{Name: "old_password", Description: "The account's password until now, where it is known: a rotation then tries that it is refused.", Example: "{secret: " + example + "}"}),
		p.Field(),
	}
}

// Old is the account's password until now, zero if nobody said.
func (p *Passwords) Old() action.Secret { return p.Until }

// Check finds mistakes that the descriptions cannot express.
func (p *Policy) Check() []action.Problem {
	if _, wrong := p.policy(0); wrong != nil {
		wrong.Input = strings.TrimSuffix("password."+wrong.Input, ".")
		return []action.Problem{*wrong}
	}
	return nil
}

// Make makes a credential as the policy says; a length other than 0 wins. Every
// credential that the policy permits is equally likely.
func (c *Policy) Make(length int64) (action.Secret, error) {
	p, problem := c.policy(length)
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

// policy is what a credential of this length has to be, or of the Policy's if
// that is 0.
func (c *Policy) policy(length int64) (policy, *action.Problem) {
	length = cmp.Or(length, c.Length, DefaultLength)
	if length < MinLength || length > MaxLength {
		return policy{}, &action.Problem{Input: "length", Message: fmt.Sprintf("is %d", length), Hint: fmt.Sprintf("ask for %d to %d characters", MinLength, MaxLength)}
	}
	p := policy{length: int(length)}
	left := func(letters string) string {
		return strings.Map(func(r rune) rune {
			if strings.ContainsRune(c.Exclude, r) || !c.Ambiguous && strings.ContainsRune(ambiguous, r) {
				return -1
			}
			return r
		}, letters)
	}
	if c.Alphabet != "" {
		return p.of(c)
	}
	names := c.Groups
	if names == nil {
		names = []string{"lower", "upper", "digits", "signs"}
	}
	for _, name := range names {
		i := slices.IndexFunc(groups, func(g struct{ name, letters string }) bool { return g.name == name })
		if i < 0 {
			return policy{}, &action.Problem{Input: "groups", Message: fmt.Sprintf("names %q", action.CleanLine(name, 40)), Hint: "there are lower, upper, digits and signs"}
		}
		letters := groups[i].letters
		if name == "signs" && c.Signs != "" {
			letters = c.Signs
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
func (p policy) of(c *Policy) (policy, *action.Problem) {
	if c.Groups != nil || c.Signs != "" {
		return policy{}, &action.Problem{Input: "alphabet", Message: "does not go with groups and signs", Hint: "write one of them"}
	}
	p.alphabet = strings.Map(func(r rune) rune {
		if strings.ContainsRune(c.Exclude, r) {
			return -1
		}
		return r
	}, c.Alphabet)
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
	return !slices.ContainsFunc(p.required, func(letters string) bool { return !strings.ContainsAny(s, letters) })
}
