package website

import (
	"github.com/irctl/irctl/internal/described"
	"github.com/irctl/irctl/pkg/action"
)

// system is whatever stands in front of a website: a load balancer, a content
// delivery network.
func system() described.System {
	return described.System{
		Noun: "the website",
		Inputs: []action.Field{
			{Name: "message", Type: action.String},
			{Name: "alternatives", Type: action.List},
			{Name: "retry_after", Type: action.Duration},
		},
		Verbs: []described.Verb{
			{Name: "suspend", State: "suspended", Summary: "answer every customer with a message"},
			{Name: "restore", State: "running", Summary: "serve the website again"},
		},
	}
}
