package investigation

import (
	"github.com/irctl/irctl/internal/described"
	"github.com/irctl/irctl/pkg/action"
)

// tracker is whatever keeps cases: a ticket system, a case management system.
func tracker() described.System {
	return described.System{
		Noun: "the case",
		Inputs: []action.Field{
			{Name: "title", Type: action.String}, {Name: "severity", Type: action.String},
			{Name: "summary", Type: action.String}, {Name: "labels", Type: action.List},
			{Name: "case", Type: action.String}, {Name: "text", Type: action.String},
			{Name: "resolution", Type: action.String},
		},
		Verbs: []described.Verb{
			{
				Name: "open", Summary: "open a case", Done: "the case is open",
				Outputs: []action.Field{
					{Name: "case", Type: action.String, Required: true, Description: "The id of the case."},
					{Name: "location", Type: action.String, Description: "Where people find it."},
				},
			},
			{Name: "update", Summary: "add {text} to {case}", Done: "{case} has the entry", Optional: true},
			{Name: "close", Summary: "close {case} with {resolution}", Done: "{case} is closed", Optional: true},
		},
	}
}
