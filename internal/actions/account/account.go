// Package account opens with [Disable] and [Enable]: keep an account from
// signing in, and let it sign in again.
//
// Files, in reading order: account.go, switch.go (what all kinds have in
// common), kinds.go, ldap.go, dovecot.go, described.go.
package account

import (
	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/pkg/action"
)

// Disable returns the action account.disable.
func Disable() action.Action {
	return kind.New(action.Spec{
		Name:    "account.disable",
		Summary: "Keep an account from signing in",
		Description: "Disables the account and looks that it is disabled. Sessions that are open stay open: revoke them with sessions.revoke. " +
			"Verified means that nobody signs in to the account by a credential of its own: a way that stays open to it is named, and the step fails. " +
			"Ways that need another credential are named in the step's line: master users of Dovecot, people whom sudo lets act as it, roles of PostgreSQL that may become it. " +
			"Undo puts back exactly what was there before, so that an account that was disabled before stays disabled.",
		Effect:      action.Change,
		Idempotent:  true,
		Traits:      []action.Trait{action.LocksOut, action.Shared},
		Inputs:      inputs("Why it is disabled."),
		Counterpart: "account.enable",
		Example: `- id: disable
  uses: account.disable
  target: directory
  with: {account: alice, reason: Password seen in a phishing kit}
`,
	}, append(kinds(true), system().Kinds("disable")...)...)
}

// Enable returns the action account.enable.
func Enable() action.Action {
	return kind.New(action.Spec{
		Name:        "account.enable",
		Summary:     "Let an account sign in again",
		Description: "Enables the account and looks that it is enabled. Undo puts back exactly what was there before.",
		Effect:      action.Change,
		Idempotent:  true,
		Inputs:      inputs("Why it is enabled."),
		Counterpart: "account.disable",
		Example: `- id: enable
  uses: account.enable
  target: directory
  with: {account: alice}
`,
	}, append(kinds(false), system().Kinds("enable")...)...)
}

func inputs(why string) []action.Field {
	return []action.Field{
		{Name: "account", Type: action.String, Required: true, Touches: action.Account, Subject: true, Description: "Which account.", Example: "alice"},
		{Name: "reason", Type: action.String, Description: why + " Kept in the journal, and given to systems that ask for one.", Example: "Password seen in a phishing kit"},
	}
}
