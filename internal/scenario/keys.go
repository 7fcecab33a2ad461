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
	language.Key{Name: "players", Forms: language.Entries(language.StepName, language.AMapping(playerTable)...), Example: "{dana: {roles: [commander], answers: 3m}}",
		Description: "Who plays, for an exercise that plays itself."},
	language.Key{Name: "answers", Forms: []language.Form{{Shape: language.ListShape, Of: language.AMapping(answerTable)}}, Example: "[{step: authorise, says: approve}]",
		Description: "What players answer where they do not agree, do what is asked, try once more and then go on without."},
	language.Key{Name: "objectives", Forms: []language.Form{{Shape: language.ListShape, Of: append(language.AText(), language.AMapping(objectiveTable)...)}}, Example: "[{text: Customers hear from us within the hour, step: tell-customers, within: 60m}]",
		Description: "What the exercise should show: a text, or one that is measured."},
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
	language.Key{Name: "when", Forms: language.AWord(string(Ended), string(Started), string(Waits)), Default: string(Ended), Example: string(Waits),
		Description: "With `after`: when the step has ended, when it starts, or when it begins to wait for people."},
	language.Key{Name: "fault", Forms: language.AMapping(faultTable), Example: "{target: directory, how: unreachable, for: 30m}",
		Description: "What does not work from then on."},
	language.Key{Name: "silent", Forms: language.AName(language.StepName), Example: "commander",
		Description: "The role in which nobody answers from then on."},
	language.Key{Name: "for", Forms: []language.Form{{Shape: language.DurationShape}}, Example: "30m",
		Description: "With `silent`: how long; without it, to the end."},
	language.Key{Name: "crash", Forms: language.YesNo(), Default: "false", Example: "true",
		Description: "Whether irctl itself dies in the middle of what it does next, and is resumed."},
	language.Key{Name: "decision", Forms: language.AMapping(decisionTable), Example: "{step: authorise, says: approve, within: 10m}",
		Description: "The decision that a good team takes, which is measured."},
)

var faultTable = language.Table{OneOf: []string{"step", "target", "action"}}.With(
	language.Key{Name: "step", Forms: language.AName(language.StepName), Example: "website",
		Description: "The step that it hits."},
	language.Key{Name: "target", Forms: language.AText(), Example: "directory",
		Description: "The target that it hits, whatever is done to it."},
	language.Key{Name: "action", Forms: language.AText(), Example: "notify.email",
		Description: "The action that it hits."},
	language.Key{Name: "how", Required: true, Forms: language.AWord(Hows...), Example: "unreachable",
		Description: "How: refuses; times-out; half: it began and did not come to its end, and nobody knows how far; credentials: it does not know us any more; unreachable; slow: it takes `takes`."},
	language.Key{Name: "takes", Forms: []language.Form{{Shape: language.DurationShape}}, Example: "40m",
		Description: "How long each try takes; with slow."},
	language.Key{Name: "for", Forms: []language.Form{{Shape: language.DurationShape}}, Example: "30m",
		Description: "How long it lasts; without it, to the end."},
	language.Key{Name: "times", Forms: []language.Form{{Shape: language.WholeShape, Least: 1, Most: 100}}, Example: "2",
		Description: "How many tries it hits; without it, all."},
)

var decisionTable = language.NewTable(
	language.Key{Name: "step", Required: true, Forms: language.AName(language.StepName), Example: "authorise",
		Description: "The step that it is about."},
	language.Key{Name: "says", Required: true, Forms: language.AWord(Words...), Example: "approve",
		Description: "What is said."},
	language.Key{Name: "within", Forms: []language.Form{{Shape: language.DurationShape}}, Example: "10m",
		Description: "How long after the inject at most."},
)

var answerTable = language.NewTable(
	language.Key{Name: "step", Required: true, Forms: language.AName(language.StepName), Example: "call-bank",
		Description: "The step that asks."},
	language.Key{Name: "says", Required: true, Forms: language.AWord(Words...), Example: "done",
		Description: "What the player says."},
	language.Key{Name: "outputs", Forms: language.Entries(language.VariableName, language.Form{Shape: language.AnyShape}), Example: "{reference: F-17}",
		Description: "With done: the answers of a manual step; without them, made up."},
)

var playerTable = language.NewTable(
	language.Key{Name: "roles", Required: true, Forms: language.Texts(), Example: "[commander]",
		Description: "The roles in which the player answers."},
	language.Key{Name: "answers", Forms: []language.Form{{Shape: language.DurationShape}}, Default: "2m", Example: "3m",
		Description: "How long an answer takes on the average; each takes half to one and a half of it."},
)

var objectiveTable = language.NewTable(
	language.Key{Name: "text", Required: true, Forms: language.AText(), Example: "Customers hear from us within the hour",
		Description: "What it is."},
	language.Key{Name: "step", Required: true, Forms: language.AName(language.StepName), Example: "tell-customers",
		Description: "The step with whose success it is reached."},
	language.Key{Name: "within", Required: true, Forms: []language.Form{{Shape: language.DurationShape}}, Example: "60m",
		Description: "How long after the start at most."},
	language.Key{Name: "capability", Forms: language.AText(), Example: "Public Information and Warning",
		Description: "The capability that it tests, as HSEEP names it."},
)
