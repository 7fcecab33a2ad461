package email

import (
	"github.com/irctl/irctl/internal/described"
	"github.com/irctl/irctl/pkg/action"
)

// system is whatever serves mail.
func system() described.System {
	return described.System{
		Noun:   "mail",
		Inputs: []action.Field{{Name: "notice", Type: action.String}},
		Verbs: []described.Verb{
			{Name: "suspend", State: "suspended", Summary: "defer what comes in"},
			{Name: "restore", State: "running", Summary: "accept mail again"},
		},
	}
}
