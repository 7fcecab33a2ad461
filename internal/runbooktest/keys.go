package runbooktest

import "github.com/irctl/irctl/internal/language"

// Table is the keys of a test file.
func Table() language.Table { return fileTable }

// The words of the language of tests.
var (
	ends     = []string{"succeeded", "failed", "waiting", "canceled", "undone", "unknown"}
	statuses = []string{"succeeded", "failed", "skipped", "waiting", "canceled", "unknown", "undone", "running", "pending"}
	findings = []string{"done", "not-done", "nothing"}
	kinds    = []string{"approval", "manual", "decision", "doubt"}
)

func list(of ...language.Form) []language.Form {
	return []language.Form{{Shape: language.ListShape, Of: of}}
}

func duration() []language.Form { return []language.Form{{Shape: language.DurationShape}} }

// oneOrMore is a mapping, or a list of them.
func oneOrMore(t language.Table) []language.Form {
	return append(language.AMapping(t), language.Form{Shape: language.ListShape, Of: language.AMapping(t)})
}

var fileTable = language.NewTable(append(language.Header("test"),
	language.Key{Name: "runbook", Forms: language.AText(), Example: "containment",
		Description: "The runbook under test, by name or path; without it, the file beside this one: `x.yaml` of `x.test.yaml`."},
	language.Key{Name: "title", Forms: language.AText(), Example: "What containment does when things go wrong",
		Description: "What people read."},
	language.Key{Name: "given", Forms: language.AMapping(setupTable), Example: "{inputs: {incident: INC-1}}",
		Description: "How the world is in every test that does not say otherwise."},
	language.Key{Name: "tests", Required: true, Forms: []language.Form{{Shape: language.ListShape, Of: language.AMapping(caseTable), Filled: true}},
		Example:     "[{name: all goes well, expect: {end: succeeded}}]",
		Description: "The tests."},
	language.Key{Name: "unreachable", Forms: list(language.AMapping(excuseTable)...), Example: "[{step: letters, edge: zero, because: A batch is never empty.}]",
		Description: "Parts of the runbook that no test can reach, for `--coverage`."},
)...)

var excuseTable = language.NewTable(
	language.Key{Name: "step", Required: true, Forms: language.AText(), Example: "letters", Description: "The step."},
	language.Key{Name: "edge", Required: true, Forms: language.AText(), Example: "zero", Description: "What it never does, as `--coverage` names it."},
	language.Key{Name: "because", Required: true, Forms: language.AText(), Example: "A batch is never empty.", Description: "Why no test can make it do that."},
)

var setupKeys = []language.Key{
	{Name: "inputs", Forms: language.Entries(language.VariableName), Example: "{incident: INC-1}",
		Description: "The run's inputs; what is missing has its default. A secret stands here in plain text: give a fake."},
	{Name: "values", Forms: language.Entries(language.VariableName, language.AText()...), Example: "{portal_url: https://portal.example.com}",
		Description: "The environment's values; one that is missing reads as `env.NAME`."},
	{Name: "people", Forms: language.Entries(language.StepName, language.Texts()...), Example: "{dana: [commander]}",
		Description: "Who holds which roles; without it, everybody holds all."},
	{Name: "by", Forms: language.AText(), Default: "tester", Example: "robin",
		Description: "Who starts the run, and who acts where no other name is given."},
	{Name: "start", Forms: []language.Form{{Shape: language.TimeShape}}, Default: "2026-01-01T00:00:00Z", Example: "2026-03-01T02:00:00Z",
		Description: "What the clock shows at first."},
	{Name: "outcomes", Forms: language.Entries(language.AnyName, oneOrMore(outcomeTable)...), Example: "{email.suspend: {fail: The connection was refused.}}",
		Description: "How attempts go, by step, by action, or `*` for all others; of several, the first is for the first attempt, the last for all that follow. What is not named succeeds."},
	{Name: "undo", Forms: language.Entries(language.AnyName, oneOrMore(outcomeTable)...), Example: "{website: {fail: The page is gone.}}",
		Description: "The same for undoing."},
	{Name: "answers", Forms: language.Entries(language.AnyName, oneOrMore(answerTable)...), Example: "{authorise: {approve: dana, after: 5m}}",
		Description: "What people say, by step or `*` for all others, in this order and each once. Without an answer the run waits."},
	{Name: "events", Forms: list(language.AMapping(eventTable)...), Example: "[{at: 10m, cancel: It was a false alarm.}]",
		Description: "What people do unasked."},
}

var setupTable = language.NewTable(setupKeys...)

var caseTable = language.NewTable(append(append([]language.Key{
	{Name: "name", Required: true, Forms: language.AText(), Example: "the mail server does not answer",
		Description: "What is tested, in a few words."},
}, setupKeys...),
	language.Key{Name: "expect", Required: true, Forms: language.AMapping(expectTable), Example: "{end: succeeded}",
		Description: "What must be so when nothing happens any more."},
)...)

var outcomeTable = language.NewTable(
	language.Key{Name: "succeed", Forms: []language.Form{{Shape: language.EntriesShape, Name: language.VariableName}}, Example: "{case: CASE-7}",
		Description: "It succeeds with these outputs; the others are made up."},
	language.Key{Name: "fail", Forms: language.AText(), Example: "The connection was refused.",
		Description: "It fails, with this message."},
	language.Key{Name: "timeout", Forms: language.YesNo(), Example: "true",
		Description: "It takes as long as its time allows, and fails."},
	language.Key{Name: "unknown", Forms: language.AText(), Example: "The connection broke before the answer.",
		Description: "The action cannot tell whether it took effect: irctl looks at the target, and asks a person if that does not tell."},
	language.Key{Name: "dies", Forms: language.YesNo(), Example: "true",
		Description: "The process of irctl dies in the middle, and is resumed."},
	language.Key{Name: "finds", Forms: language.AWord(findings...), Default: "nothing", Example: "done",
		Description: "What a look at the target shows after `unknown` or `dies`."},
	language.Key{Name: "takes", Forms: duration(), Default: "0s", Example: "5m",
		Description: "How long it takes; what outlasts the step's timeout times out."},
	language.Key{Name: "changed", Forms: language.YesNo(), Example: "false",
		Description: "Whether the target was changed: by default a success changes it, a failure does not."},
	language.Key{Name: "permanent", Forms: language.YesNo(), Default: "false", Example: "true",
		Description: "Whether trying again after this failure is pointless."},
	language.Key{Name: "hint", Forms: language.AText(), Example: "Renew the certificate.", Description: "What to do about the failure."},
	language.Key{Name: "summary", Forms: language.AText(), Example: "42 messages wait.", Description: "What the success says."},
	language.Key{Name: "verify_shows", Forms: language.AText(), Example: "Mail is accepted.",
		Description: "What the step's `verify` shows although the action reported success; the attempt fails."},
	language.Key{Name: "attempt", Forms: []language.Form{{Shape: language.WholeShape, Least: 1, Most: 1000}}, Example: "2", Description: "Only of this attempt."},
	language.Key{Name: "target", Forms: language.AText(), Example: "portal", Description: "Only on this target."},
	language.Key{Name: "with", Forms: []language.Form{{Shape: language.EntriesShape, Name: language.VariableName}}, Example: "{account: alice}", Description: "Only with these inputs."},
)

var answerTable = language.Table{OneOf: []string{"approve", "reject", "done", "skip", "retry", "resolve", "rollback", "cancel"}}.With(
	language.Key{Name: "approve", Forms: language.AText(), Example: "dana", Description: "This person agrees."},
	language.Key{Name: "reject", Forms: language.AText(), Example: "dana", Description: "This person refuses."},
	language.Key{Name: "done", Forms: []language.Form{{Shape: language.EntriesShape, Name: language.VariableName}}, Example: "{reference: B-1234}", Description: "It is done, with these answers."},
	language.Key{Name: "skip", Forms: language.AText(), Example: "The team did it.", Description: "The step is skipped, for this reason."},
	language.Key{Name: "retry", Forms: language.AText(), Example: "The network is back.", Description: "The step is tried again, for this reason."},
	language.Key{Name: "resolve", Forms: language.AWord("happened", "did-not-happen", "failed"), Example: "happened", Description: "What became of an unknown outcome."},
	language.Key{Name: "rollback", Forms: language.AText(), Example: "It was a false alarm.", Description: "The run is rolled back, for this reason."},
	language.Key{Name: "cancel", Forms: language.AText(), Example: "It was a false alarm.", Description: "The run is canceled, for this reason."},
	language.Key{Name: "by", Forms: language.AText(), Example: "robin", Description: "Who says it."},
	language.Key{Name: "role", Forms: language.AText(), Example: "commander", Description: "In which role; without it, the first that was asked."},
	language.Key{Name: "comment", Forms: language.AText(), Example: "Go ahead.", Description: "What is said with an approval or a refusal."},
	language.Key{Name: "after", Forms: duration(), Default: "0s", Example: "5m", Description: "How long after the question."},
)

var eventTable = language.Table{OneOf: []string{"cancel", "rollback", "pause", "continue"}}.With(
	language.Key{Name: "at", Required: true, Forms: append(duration(), language.AWord("end")...), Example: "10m", Description: "When, since the start; `end` is once the run has ended."},
	language.Key{Name: "cancel", Forms: language.AText(), Example: "It was a false alarm.", Description: "The run is canceled, for this reason."},
	language.Key{Name: "rollback", Forms: language.AText(), Example: "It was a false alarm.", Description: "The run is rolled back, for this reason."},
	language.Key{Name: "pause", Forms: language.AText(), Example: "Wait for legal.", Description: "Nothing new begins, for this reason."},
	language.Key{Name: "continue", Forms: language.YesNo(), Example: "true", Description: "The pause ends."},
	language.Key{Name: "to", Forms: language.AText(), Example: "email", Description: "The oldest step that a rollback undoes; without it, all are undone."},
	language.Key{Name: "by", Forms: language.AText(), Example: "dana", Description: "Who does it."},
)

var expectTable = language.Table{AnyOf: []string{"end", "message", "path", "steps", "waits", "undone", "not_run", "calls", "outputs", "elapsed"}}.With(
	language.Key{Name: "end", Forms: language.AWord(ends...), Example: "succeeded", Description: "How the run ends, or `waiting`."},
	language.Key{Name: "message", Forms: language.AText(), Example: "nothing was taken", Description: "Part of the run's last word."},
	language.Key{Name: "path", Forms: list(append(language.AText(), language.Entries(language.AnyName, language.AWord(statuses...)...)...)...), Example: "[open-investigation, ..., email: failed]",
		Description: "The steps that have their turn, in this order; one without a status succeeds, and `...` is any number of steps. A block is left out if steps in it have their turn."},
	language.Key{Name: "steps", Forms: language.Entries(language.AnyName, append(language.AWord(statuses...), language.AMapping(stepTable)...)...),
		Example: "{email: failed}", Description: "What becomes of single steps."},
	language.Key{Name: "waits", Forms: list(append(language.AText(), language.AMapping(waitTable)...)...), Example: "[authorise]", Description: "All that the run waits for people to say, in any order."},
	language.Key{Name: "undone", Forms: list(language.AText()...), Example: "[website, email]", Description: "All steps that are undone, in this order."},
	language.Key{Name: "not_run", Forms: language.Texts(), Example: "[tell-customers]", Description: "Steps that must not have their turn, or be skipped."},
	language.Key{Name: "calls", Forms: language.Entries(language.AnyName, language.Form{Shape: language.WholeShape, Most: 1e6}), Example: "{notify.email: 2}", Description: "How often actions are called, retries included."},
	language.Key{Name: "outputs", Forms: language.Entries(language.VariableName), Example: "{case: CASE-7}", Description: "Outputs of the run."},
	language.Key{Name: "elapsed", Forms: append(duration(), language.AMapping(elapsedTable)...), Example: "30m", Description: "The time from the start to the last event."},
)

var elapsedTable = language.NewTable(
	language.Key{Name: "at_least", Forms: duration(), Example: "10m", Description: "No less than this."},
	language.Key{Name: "at_most", Forms: duration(), Example: "30m", Description: "No more than this."},
)

var waitTable = language.NewTable(
	language.Key{Name: "step", Required: true, Forms: language.AText(), Example: "authorise", Description: "The step that asks."},
	language.Key{Name: "for", Forms: language.AWord(kinds...), Example: "approval", Description: "What it asks for."},
	language.Key{Name: "roles", Forms: language.Texts(), Example: "[commander]", Description: "Whom it asks, all roles."},
)

var stepTable = language.NewTable(
	language.Key{Name: "status", Forms: language.AWord(statuses...), Example: "failed", Description: "Its status."},
	language.Key{Name: "why", Forms: language.AText(), Example: "refused by dana", Description: "Part of its error, its summary, or the reason for which it was skipped."},
	language.Key{Name: "asks", Forms: language.AText(), Example: "Take email offline", Description: "Part of the text that people read."},
	language.Key{Name: "target", Forms: language.AText(), Example: "portal", Description: "The target of its latest attempt."},
	language.Key{Name: "attempts", Forms: []language.Form{{Shape: language.WholeShape, Most: 1000}}, Example: "3", Description: "How often it was tried."},
	language.Key{Name: "with", Forms: []language.Form{{Shape: language.EntriesShape, Name: language.VariableName}}, Example: "{account: alice}", Description: "Inputs of its latest attempt, expressions filled in; {contains: TEXT} for a part of a text."},
	language.Key{Name: "outputs", Forms: []language.Form{{Shape: language.EntriesShape, Name: language.VariableName}}, Example: "{case: CASE-7}", Description: "Some of its outputs."},
)
