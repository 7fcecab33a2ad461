package scenario

import "github.com/irctl/irctl/pkg/runbook"

// Table is the keys of a scenario file.
func Table() runbook.Table { return fileTable }

var fileTable = runbook.NewTable(append(runbook.Header("scenario"),
	runbook.Key{Name: "name", Required: true, Forms: runbook.AName(runbook.StepName), Example: "stolen-laptop",
		Description: "The scenario's short name."},
	runbook.Key{Name: "title", Forms: runbook.AText(), Example: "A laptop is stolen on Friday evening",
		Description: "What people read instead of the name."},
	runbook.Key{Name: "description", Forms: runbook.AText(), Example: "For the on-call team; takes an hour.",
		Description: "What it is about, and whom it is for."},
	runbook.Key{Name: "runbook", Required: true, Forms: runbook.AText(), Example: "containment",
		Description: "The runbook that is exercised: its name, or a path beside this file."},
	runbook.Key{Name: "environment", Forms: runbook.AText(), Example: "lab",
		Description: "The environment to exercise in, by name or path."},
	runbook.Key{Name: "start", Forms: []runbook.Form{{Shape: runbook.TimeShape}}, Example: "2026-03-06T17:30:00Z",
		Description: "What the exercise's clock shows when it begins."},
	runbook.Key{Name: "inputs", Forms: runbook.Entries(runbook.VariableName, runbook.Form{Shape: runbook.AnyShape}), Example: "{incident: INC-1}",
		Description: "The inputs that the runbook is given; secret ones are asked for and do not stand here."},
	runbook.Key{Name: "injects", Forms: []runbook.Form{{Shape: runbook.ListShape, Of: runbook.AMapping(injectTable)}}, Example: "[{id: press, at: 20m, text: A journalist calls.}]",
		Description: "What the facilitator throws in."},
	runbook.Key{Name: "objectives", Forms: runbook.Texts(), Example: "[Customers hear from us within the hour]",
		Description: "What the exercise should show."},
)...)

var injectTable = func() runbook.Table {
	t := runbook.NewTable(
		runbook.Key{Name: "id", Required: true, Forms: runbook.AName(runbook.StepName), Example: "press",
			Description: "The inject's name, given once in a scenario."},
		runbook.Key{Name: "at", Forms: []runbook.Form{{Shape: runbook.DurationShape}}, Example: "20m",
			Description: "When it comes: so long after the start."},
		runbook.Key{Name: "after", Forms: runbook.AName(runbook.StepName), Example: "website",
			Description: "When it comes: as soon as this step of the runbook has ended."},
		runbook.Key{Name: "title", Forms: runbook.AText(), Example: "A journalist calls",
			Description: "What it is in one line."},
		runbook.Key{Name: "text", Required: true, Forms: runbook.AText(), Example: "A journalist asks whether customers' data is safe.",
			Description: "What is read out or handed over."},
		runbook.Key{Name: "to", Forms: runbook.AName(runbook.StepName), Example: "commander",
			Description: "The role that gets it; without one, everybody."},
		runbook.Key{Name: "expect", Forms: runbook.AText(), Example: "The call goes to the press office; nobody comments.",
			Description: "What a good team does about it."},
	)
	t.OneOf = []string{"at", "after"}
	return t
}()
