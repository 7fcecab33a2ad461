package payments

import (
	"github.com/irctl/irctl/internal/described"
	"github.com/irctl/irctl/pkg/action"
)

// system is whatever publishes ways to pay: a content management system, an
// answering machine.
func system() described.System {
	return described.System{
		Noun:   "the list of other ways to pay",
		Inputs: []action.Field{{Name: "alternatives", Type: action.List}, {Name: "notice", Type: action.String}},
		Verbs: []described.Verb{
			{Name: "publish", State: "published", Summary: "publish the list", Outputs: outputs()},
			{Name: "withdraw", State: "withdrawn", Summary: "withdraw the list", Outputs: outputs()},
		},
	}
}
