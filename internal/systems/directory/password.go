package directory

import (
	"crypto/rand"
	"fmt"
	"math/big"

	"github.com/go-ldap/ldap/v3"
	"github.com/irctl/irctl/pkg/action"
)

// PasswordModify is the extended operation that SetPassword uses (RFC 3062).
const PasswordModify = "1.3.6.1.4.1.4203.1.11.1"

// SetPassword replaces the password of an entry.
func (c *Conn) SetPassword(dn string, password action.Secret) error {
	_, err := c.ldap.PasswordModify(ldap.NewPasswordModifyRequest(dn, "", password.Reveal()))
	if err != nil {
		return changing("could not replace the password of "+dn, err, c.password, password)
	}
	return nil
}

// The characters of generated passwords, without those that people confuse
// when they read one out: 0 O o, 1 I l.
const (
	lower  = "abcdefghijkmnpqrstuvwxyz"
	upper  = "ABCDEFGHJKLMNPQRSTUVWXYZ"
	digits = "23456789"
	signs  = "-_.+=:@%"
)

// The lengths of passwords that Generate makes.
const (
	MinLength = 12
	MaxLength = 128
)

// Generate makes a password with at least one lower-case letter, one capital,
// one digit and one sign. The other characters are uniformly random.
func Generate(length int) (action.Secret, error) {
	if length < MinLength || length > MaxLength {
		return action.Secret{}, &action.Error{
			Message:   fmt.Sprintf("a password of %d characters was asked for", length),
			Hint:      fmt.Sprintf("ask for %d to %d characters", MinLength, MaxLength),
			Permanent: true,
		}
	}
	out := make([]byte, length)
	for i := range out {
		alphabet := lower + upper + digits + signs
		if classes := []string{lower, upper, digits, signs}; i < len(classes) {
			alphabet = classes[i]
		}
		n, err := below(len(alphabet))
		if err != nil {
			return action.Secret{}, err
		}
		out[i] = alphabet[n]
	}
	for i := length - 1; i > 0; i-- {
		j, err := below(i + 1)
		if err != nil {
			return action.Secret{}, err
		}
		out[i], out[j] = out[j], out[i]
	}
	return action.NewSecret(string(out)), nil
}

func below(n int) (int, error) {
	i, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
	if err != nil {
		return 0, fmt.Errorf("generate a password: %w", err)
	}
	return int(i.Int64()), nil
}
