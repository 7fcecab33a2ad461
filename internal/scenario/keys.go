package scenario

import "github.com/irctl/irctl/internal/language"

// Table is the keys of a scenario file.
func Table() language.Table { return fileTable }

var fileTable = language.NewTable(append(language.Header("scenario"),
	language.Key{Name: "name", Required: true, Forms: language.AName(language.StepName), Example: "stolen-laptop",
		Description: "The scenario's short name."},
	language.Key{Name: "title", Forms: language.AText(), Example: "A laptop is stolen on Friday evening",
		Description: "What people read instead of the name."},
	language.Key{Name: "description", Forms: language.AText(), Example: "For the on-call team; takes an hour.",
		Description: "What it is about, and whom it is for."},
	language.Key{Name: "runbook", Required: true, Forms: language.AText(), Example: "containment",
		Description: "The runbook that is exercised: its name, or a path beside this file."},
	language.Key{Name: "environment", Forms: language.AText(), Example: "lab",
		Description: "The environment to exercise in, by name or path."},
	language.Key{Name: "start", Forms: []language.Form{{Shape: language.TimeShape}}, Example: "2026-03-06T17:30:00Z",
		Description: "What the exercise's clock shows when it begins."},
	language.Key{Name: "inputs", Forms: language.Entries(language.VariableName, language.Form{Shape: language.AnyShape}), Example: "{incident: INC-1}",
		Description: "The inputs that the runbook is given; secret ones are asked for and do not stand here."},
	language.Key{Name: "injects", Forms: []language.Form{{Shape: language.ListShape, Of: language.AMapping(injectTable)}}, Example: "[{id: press, at: 20m, text: A journalist calls.}]",
		Description: "What the facilitator throws in."},
	language.Key{Name: "objectives", Forms: language.Texts(), Example: "[Customers hear from us within the hour]",
		Description: "What the exercise should show."},
)...)

var injectTable = language.Table{OneOf: []string{"at", "after"}}.With(
	language.Key{Name: "id", Required: true, Forms: language.AName(language.StepName), Example: "press",
		Description: "The inject's name, given once in a scenario."},
	language.Key{Name: "at", Forms: []language.Form{{Shape: language.DurationShape}}, Example: "20m",
		Description: "When it comes: so long after the start."},
	language.Key{Name: "after", Forms: language.AName(language.StepName), Example: "website",
		Description: "When it comes: as soon as this step of the runbook has ended."},
	language.Key{Name: "title", Forms: language.AText(), Example: "A journalist calls",
		Description: "What it is in one line."},
	language.Key{Name: "text", Required: true, Forms: language.AText(), Example: "A journalist asks whether customers' data is safe.",
		Description: "What is read out or handed over."},
	language.Key{Name: "to", Forms: language.AName(language.StepName), Example: "commander",
		Description: "The role that gets it; without one, everybody."},
	language.Key{Name: "expect", Forms: language.AText(), Example: "The call goes to the press office; nobody comments.",
		Description: "What a good team does about it."},
)
