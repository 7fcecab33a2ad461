package account

import (
	"github.com/irctl/irctl/internal/described"
	"github.com/irctl/irctl/pkg/action"
)

// system is whatever knows accounts: an identity provider, a mail system.
func system() described.System {
	return described.System{
		Noun:   "the account",
		Inputs: []action.Field{{Name: "account", Type: action.String}, {Name: "reason", Type: action.String}},
		Verbs: []described.Verb{
			{Name: "disable", State: "disabled", Summary: "keep {account} from signing in"},
			{Name: "enable", State: "enabled", Summary: "let {account} sign in again"},
		},
	}
}
