// Package sessions opens with [Revoke]: end what an account has open.
//
// Any other system's own API or command does it: see internal/described.
//
// Files, in reading order: sessions.go, ended.go (how the kinds of one account go
// about it), active_directory.go, witness.go.
package sessions

import (
	"github.com/irctl/irctl/internal/described"
	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/systems/dovecot"
	"github.com/irctl/irctl/internal/systems/login"
	"github.com/irctl/irctl/internal/systems/postgres"
	"github.com/irctl/irctl/internal/systems/redis"
	"github.com/irctl/irctl/pkg/action"
)

// Revoke returns the action sessions.revoke.
func Revoke() action.Action {
	return kind.New(action.Spec{
		Name:    "sessions.revoke",
		Summary: "End every open session of an account",
		Description: "Asks the system to end the account's sessions and says how many there were, if the system tells. " +
			"It cannot be undone: people sign in again. Repeating it ends what was opened since. " +
			"In an Active Directory nobody's sessions can be ended alone: there the account is krbtgt, and every Kerberos sign-in of the domain ends. Its keys are rotated until a ticket that irctl got before is refused. " +
			"Tickets for single services last until they expire, and open connections stay open; where a domain has several controllers, sign-ins fail until the keys have reached all of them.",
		Effect:     action.Irreversible,
		Idempotent: true,
		Traits:     []action.Trait{action.EndsSessions},
		Inputs: []action.Field{
			{Name: "account", Type: action.String, Required: true, Touches: action.Account, Description: "Whose sessions end.", Example: "alice"},
		},
		Outputs: []action.Field{
			{Name: "revoked", Type: action.Int, Description: "How many sessions ended."},
		},
		Example: `- id: sessions
  uses: sessions.revoke
  target: portal-sessions
  with: {account: alice}
`,
	}, append([]kind.Kind{
		inActiveDirectory(),
		ended(dovecot.Target(false), dovecot.Open),
		ended(postgres.Target(false), postgres.Connect),
		ended(redis.Target(false), redis.Connect),
		ended(login.KeysTarget(false), login.OpenKeys),
		ended(login.UsersTarget(false), login.OpenUsers),
	}, described.System{
		Noun:   "the sessions",
		Plural: true,
		Inputs: []action.Field{{Name: "account", Type: action.String}},
		Verbs: []described.Verb{{
			Name: "revoke", Summary: "end the sessions of {account}", Done: "the sessions of {account} have ended",
			Outputs: []action.Field{{Name: "revoked", Type: action.Int, Description: "How many sessions ended."}},
		}},
	}.Kinds("revoke")...)...)
}
