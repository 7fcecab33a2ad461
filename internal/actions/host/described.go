package host

import (
	"github.com/irctl/irctl/internal/described"
	"github.com/irctl/irctl/pkg/action"
)

// system is whatever can cut a machine off: an endpoint agent's console, a
// switch, the interface of a cloud.
func system() described.System {
	return described.System{
		Noun:   "the machine",
		Inputs: []action.Field{{Name: "reason", Type: action.String}},
		Verbs: []described.Verb{
			{Name: "isolate", State: "isolated", Summary: "cut the machine off from the network"},
			{Name: "release", State: "connected", Summary: "connect the machine again"},
		},
	}
}
