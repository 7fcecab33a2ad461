// Package credentials opens with [Rotate]: give an account a new password that
// nobody has seen.
//
// Files, in reading order: credentials.go, stored.go (making a password and
// keeping it), rotation.go (how all kinds but the described go about it),
// answer.go (what is seen from outside), ldap.go, described.go.
package credentials

import (
	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/newsecret"
	"github.com/irctl/irctl/internal/systems/htpasswd"
	"github.com/irctl/irctl/internal/systems/login"
	"github.com/irctl/irctl/internal/systems/postgres"
	"github.com/irctl/irctl/internal/systems/redis"
	"github.com/irctl/irctl/pkg/action"
)

// Rotate returns the action credentials.rotate.
func Rotate() action.Action {
	return kind.Adapting(kind.New(action.Spec{
		Name:    "credentials.rotate",
		Summary: "Give an account a new random password or key",
		Description: "Generates a password, stores it where the environment's new_secrets says, and only then replaces the account's password; afterwards it signs in with the new one to see that it works. " +
			"A second attempt goes on with the password that the first one stored. " +
			"An account that is disabled stays disabled, also in directories that enable it with a new password. " +
			"Where the system has sessions (postgres, redis, ssh-keys), those from before end. With ssh-keys it is a new key, and all that the account had are revoked. " +
			"It cannot be undone: nobody knows the old password any more, and nobody should want it back. Without new_secrets it refuses before anything happens.",
		Effect:     action.Irreversible,
		Idempotent: true,
		Traits:     []action.Trait{action.LocksOut},
		Inputs: []action.Field{
			{Name: "account", Type: action.String, Required: true, Touches: action.Account, Description: "Whose password or key is replaced.", Example: "alice"},
			{Name: "length", Type: action.Int, Description: "How many characters the password has, from 12 to 128; as the target says without it."},
		},
		Outputs: []action.Field{
			{Name: "account", Type: action.String, Description: "Whose password was replaced."},
			{Name: "stored", Type: action.String, Description: "Where the new password is, as a reference; never the password."},
		},
		Example: `- id: rotate
  uses: credentials.rotate
  target: directory
  with: {account: alice}
`,
	}, append([]kind.Kind{
		inLDAP(),
		inActiveDirectory(),
		rotate(passwords, postgres.Target(false), postgres.Connect),
		rotate(passwords, redis.Target(false), redis.Connect),
		rotate(rotation{noun: "key", longest: -1}, login.KeysTarget(false), login.OpenKeys),
		rotate(passwords, login.UsersTarget(false), login.OpenUsers),
		rotate(rotation{noun: "password", longest: htpasswd.Longest}, htpasswd.Target(false), htpasswd.Open),
	}, describedKinds()...)...), given)
}

// passwords is the rotation of most kinds.
var passwords = rotation{noun: "password"}

// validate finds a length that no password can have.
func validate(with action.Values) []action.Problem {
	n, ok := with["length"].(int64)
	if !ok || n >= newsecret.MinLength && n <= newsecret.MaxLength {
		return nil
	}
	return []action.Problem{{Input: "length", Message: "must be from 12 to 128", Hint: "leave it out for what the target says"}}
}
