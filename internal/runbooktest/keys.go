package runbooktest

import "github.com/irctl/irctl/pkg/runbook"

// Table is the keys of a test file.
func Table() runbook.Table { return fileTable }

// The words of the language of tests.
var (
	ends     = []string{"succeeded", "failed", "waiting", "canceled", "undone", "unknown"}
	statuses = []string{"succeeded", "failed", "skipped", "waiting", "canceled", "unknown", "undone", "running", "pending"}
	findings = []string{"done", "not-done", "nothing"}
	kinds    = []string{"approval", "manual", "decision", "doubt"}
)

func list(of ...runbook.Form) []runbook.Form {
	return []runbook.Form{{Shape: runbook.ListShape, Of: of}}
}

func duration() []runbook.Form { return []runbook.Form{{Shape: runbook.DurationShape}} }

// oneOrMore is a mapping, or a list of them.
func oneOrMore(t runbook.Table) []runbook.Form {
	return append(runbook.AMapping(t), runbook.Form{Shape: runbook.ListShape, Of: runbook.AMapping(t)})
}

var fileTable = runbook.NewTable(append(runbook.Header("test"),
	runbook.Key{Name: "runbook", Forms: runbook.AText(), Example: "containment",
		Description: "The runbook under test, by name or path; without it, the file beside this one: `x.yaml` of `x.test.yaml`."},
	runbook.Key{Name: "title", Forms: runbook.AText(), Example: "What containment does when things go wrong",
		Description: "What people read."},
	runbook.Key{Name: "given", Forms: runbook.AMapping(setupTable), Example: "{inputs: {incident: INC-1}}",
		Description: "How the world is in every test that does not say otherwise."},
	runbook.Key{Name: "tests", Required: true, Forms: []runbook.Form{{Shape: runbook.ListShape, Of: runbook.AMapping(caseTable), Filled: true}},
		Example:     "[{name: all goes well, expect: {end: succeeded}}]",
		Description: "The tests."},
	runbook.Key{Name: "unreachable", Forms: list(runbook.AMapping(excuseTable)...), Example: "[{step: letters, edge: zero, because: A batch is never empty.}]",
		Description: "Parts of the runbook that no test can reach, for `--coverage`."},
)...)

var excuseTable = runbook.NewTable(
	runbook.Key{Name: "step", Required: true, Forms: runbook.AText(), Example: "letters", Description: "The step."},
	runbook.Key{Name: "edge", Required: true, Forms: runbook.AText(), Example: "zero", Description: "What it never does, as `--coverage` names it."},
	runbook.Key{Name: "because", Required: true, Forms: runbook.AText(), Example: "A batch is never empty.", Description: "Why no test can make it do that."},
)

var setupKeys = []runbook.Key{
	{Name: "inputs", Forms: runbook.Entries(runbook.VariableName), Example: "{incident: INC-1}",
		Description: "The run's inputs; what is missing has its default. A secret stands here in plain text: give a fake."},
	{Name: "values", Forms: runbook.Entries(runbook.VariableName, runbook.AText()...), Example: "{portal_url: https://portal.example.com}",
		Description: "The environment's values; one that is missing reads as `env.NAME`."},
	{Name: "people", Forms: runbook.Entries(runbook.StepName, runbook.Texts()...), Example: "{dana: [commander]}",
		Description: "Who holds which roles; without it, everybody holds all."},
	{Name: "by", Forms: runbook.AText(), Default: "tester", Example: "robin",
		Description: "Who starts the run, and who acts where no other name is given."},
	{Name: "start", Forms: []runbook.Form{{Shape: runbook.TimeShape}}, Default: "2026-01-01T00:00:00Z", Example: "2026-03-01T02:00:00Z",
		Description: "What the clock shows at first."},
	{Name: "outcomes", Forms: runbook.Entries(runbook.AnyName, oneOrMore(outcomeTable)...), Example: "{email.suspend: {fail: The connection was refused.}}",
		Description: "How attempts go, by step, by action, or `*` for all others; of several, the first is for the first attempt, the last for all that follow. What is not named succeeds."},
	{Name: "undo", Forms: runbook.Entries(runbook.AnyName, oneOrMore(outcomeTable)...), Example: "{website: {fail: The page is gone.}}",
		Description: "The same for undoing."},
	{Name: "answers", Forms: runbook.Entries(runbook.AnyName, oneOrMore(answerTable)...), Example: "{authorise: {approve: dana, after: 5m}}",
		Description: "What people say, by step or `*` for all others, in this order and each once. Without an answer the run waits."},
	{Name: "events", Forms: list(runbook.AMapping(eventTable)...), Example: "[{at: 10m, cancel: It was a false alarm.}]",
		Description: "What people do unasked."},
}

var setupTable = runbook.NewTable(setupKeys...)

var caseTable = runbook.NewTable(append(append([]runbook.Key{
	{Name: "name", Required: true, Forms: runbook.AText(), Example: "the mail server does not answer",
		Description: "What is tested, in a few words."},
}, setupKeys...),
	runbook.Key{Name: "expect", Required: true, Forms: runbook.AMapping(expectTable), Example: "{end: succeeded}",
		Description: "What must be so when nothing happens any more."},
)...)

var outcomeTable = runbook.NewTable(
	runbook.Key{Name: "succeed", Forms: []runbook.Form{{Shape: runbook.EntriesShape, Name: runbook.VariableName}}, Example: "{case: CASE-7}",
		Description: "It succeeds with these outputs; the others are made up."},
	runbook.Key{Name: "fail", Forms: runbook.AText(), Example: "The connection was refused.",
		Description: "It fails, with this message."},
	runbook.Key{Name: "timeout", Forms: runbook.YesNo(), Example: "true",
		Description: "It takes as long as its time allows, and fails."},
	runbook.Key{Name: "unknown", Forms: runbook.AText(), Example: "The connection broke before the answer.",
		Description: "The action cannot tell whether it took effect: irctl looks at the target, and asks a person if that does not tell."},
	runbook.Key{Name: "dies", Forms: runbook.YesNo(), Example: "true",
		Description: "The process of irctl dies in the middle, and is resumed."},
	runbook.Key{Name: "finds", Forms: runbook.AWord(findings...), Default: "nothing", Example: "done",
		Description: "What a look at the target shows after `unknown` or `dies`."},
	runbook.Key{Name: "takes", Forms: duration(), Default: "0s", Example: "5m",
		Description: "How long it takes; what outlasts the step's timeout times out."},
	runbook.Key{Name: "changed", Forms: runbook.YesNo(), Example: "false",
		Description: "Whether the target was changed: by default a success changes it, a failure does not."},
	runbook.Key{Name: "permanent", Forms: runbook.YesNo(), Default: "false", Example: "true",
		Description: "Whether trying again after this failure is pointless."},
	runbook.Key{Name: "hint", Forms: runbook.AText(), Example: "Renew the certificate.", Description: "What to do about the failure."},
	runbook.Key{Name: "summary", Forms: runbook.AText(), Example: "42 messages wait.", Description: "What the success says."},
	runbook.Key{Name: "verify_shows", Forms: runbook.AText(), Example: "Mail is accepted.",
		Description: "What the step's `verify` shows although the action reported success; the attempt fails."},
	runbook.Key{Name: "attempt", Forms: []runbook.Form{{Shape: runbook.WholeShape, Least: 1, Most: 1000}}, Example: "2", Description: "Only of this attempt."},
	runbook.Key{Name: "target", Forms: runbook.AText(), Example: "portal", Description: "Only on this target."},
	runbook.Key{Name: "with", Forms: []runbook.Form{{Shape: runbook.EntriesShape, Name: runbook.VariableName}}, Example: "{account: alice}", Description: "Only with these inputs."},
)

var answerTable = func() runbook.Table {
	t := runbook.NewTable(
		runbook.Key{Name: "approve", Forms: runbook.AText(), Example: "dana", Description: "This person agrees."},
		runbook.Key{Name: "reject", Forms: runbook.AText(), Example: "dana", Description: "This person refuses."},
		runbook.Key{Name: "done", Forms: []runbook.Form{{Shape: runbook.EntriesShape, Name: runbook.VariableName}}, Example: "{reference: B-1234}", Description: "It is done, with these answers."},
		runbook.Key{Name: "skip", Forms: runbook.AText(), Example: "The team did it.", Description: "The step is skipped, for this reason."},
		runbook.Key{Name: "retry", Forms: runbook.AText(), Example: "The network is back.", Description: "The step is tried again, for this reason."},
		runbook.Key{Name: "resolve", Forms: runbook.AWord("happened", "did-not-happen"), Example: "happened", Description: "What became of an unknown outcome."},
		runbook.Key{Name: "rollback", Forms: runbook.AText(), Example: "It was a false alarm.", Description: "The run is rolled back, for this reason."},
		runbook.Key{Name: "cancel", Forms: runbook.AText(), Example: "It was a false alarm.", Description: "The run is canceled, for this reason."},
		runbook.Key{Name: "by", Forms: runbook.AText(), Example: "robin", Description: "Who says it."},
		runbook.Key{Name: "role", Forms: runbook.AText(), Example: "commander", Description: "In which role; without it, the first that was asked."},
		runbook.Key{Name: "comment", Forms: runbook.AText(), Example: "Go ahead.", Description: "What is said with an approval or a refusal."},
		runbook.Key{Name: "after", Forms: duration(), Default: "0s", Example: "5m", Description: "How long after the question."},
	)
	t.OneOf = []string{"approve", "reject", "done", "skip", "retry", "resolve", "rollback", "cancel"}
	return t
}()

var eventTable = func() runbook.Table {
	t := runbook.NewTable(
		runbook.Key{Name: "at", Required: true, Forms: append(duration(), runbook.AWord("end")...), Example: "10m", Description: "When, since the start; `end` is once the run has ended."},
		runbook.Key{Name: "cancel", Forms: runbook.AText(), Example: "It was a false alarm.", Description: "The run is canceled, for this reason."},
		runbook.Key{Name: "rollback", Forms: runbook.AText(), Example: "It was a false alarm.", Description: "The run is rolled back, for this reason."},
		runbook.Key{Name: "pause", Forms: runbook.AText(), Example: "Wait for legal.", Description: "Nothing new begins, for this reason."},
		runbook.Key{Name: "continue", Forms: runbook.YesNo(), Example: "true", Description: "The pause ends."},
		runbook.Key{Name: "to", Forms: runbook.AText(), Example: "email", Description: "The oldest step that a rollback undoes; without it, all are undone."},
		runbook.Key{Name: "by", Forms: runbook.AText(), Example: "dana", Description: "Who does it."},
	)
	t.OneOf = []string{"cancel", "rollback", "pause", "continue"}
	return t
}()

var expectTable = func() runbook.Table {
	t := runbook.NewTable(
		runbook.Key{Name: "end", Forms: runbook.AWord(ends...), Example: "succeeded", Description: "How the run ends, or `waiting`."},
		runbook.Key{Name: "message", Forms: runbook.AText(), Example: "nothing was taken", Description: "Part of the run's last word."},
		runbook.Key{Name: "path", Forms: list(pathForms()...), Example: "[open-investigation, ..., email: failed]",
			Description: "The steps that have their turn, in this order; one without a status succeeds, and `...` is any number of steps. A block is left out if steps in it have their turn."},
		runbook.Key{Name: "steps", Forms: runbook.Entries(runbook.AnyName, append(runbook.AWord(statuses...), runbook.AMapping(stepTable)...)...),
			Example: "{email: failed}", Description: "What becomes of single steps."},
		runbook.Key{Name: "waits", Forms: list(waitForms()...), Example: "[authorise]", Description: "All that the run waits for people to say, in any order."},
		runbook.Key{Name: "undone", Forms: list(runbook.AText()...), Example: "[website, email]", Description: "All steps that are undone, in this order."},
		runbook.Key{Name: "not_run", Forms: runbook.Texts(), Example: "[tell-customers]", Description: "Steps that must not have their turn, or be skipped."},
		runbook.Key{Name: "calls", Forms: runbook.Entries(runbook.AnyName, runbook.Form{Shape: runbook.WholeShape, Most: 1e6}), Example: "{notify.email: 2}", Description: "How often actions are called, retries included."},
		runbook.Key{Name: "outputs", Forms: runbook.Entries(runbook.VariableName), Example: "{case: CASE-7}", Description: "Outputs of the run."},
		runbook.Key{Name: "elapsed", Forms: append(duration(), runbook.AMapping(elapsedTable)...), Example: "30m", Description: "The time from the start to the last event."},
	)
	t.AnyOf = t.Names()
	return t
}()

func pathForms() []runbook.Form {
	return []runbook.Form{{Shape: runbook.TextShape}, {Shape: runbook.EntriesShape, Name: runbook.AnyName, Of: runbook.AWord(statuses...)}}
}

func waitForms() []runbook.Form {
	return append(runbook.AText(), runbook.AMapping(waitTable)...)
}

var elapsedTable = runbook.NewTable(
	runbook.Key{Name: "at_least", Forms: duration(), Example: "10m", Description: "No less than this."},
	runbook.Key{Name: "at_most", Forms: duration(), Example: "30m", Description: "No more than this."},
)

var waitTable = runbook.NewTable(
	runbook.Key{Name: "step", Required: true, Forms: runbook.AText(), Example: "authorise", Description: "The step that asks."},
	runbook.Key{Name: "for", Forms: runbook.AWord(kinds...), Example: "approval", Description: "What it asks for."},
	runbook.Key{Name: "roles", Forms: runbook.Texts(), Example: "[commander]", Description: "Whom it asks, all roles."},
)

var stepTable = runbook.NewTable(
	runbook.Key{Name: "status", Forms: runbook.AWord(statuses...), Example: "failed", Description: "Its status."},
	runbook.Key{Name: "why", Forms: runbook.AText(), Example: "refused by dana", Description: "Part of its error, its summary, or the reason for which it was skipped."},
	runbook.Key{Name: "asks", Forms: runbook.AText(), Example: "Take email offline", Description: "Part of the text that people read."},
	runbook.Key{Name: "target", Forms: runbook.AText(), Example: "portal", Description: "The target of its latest attempt."},
	runbook.Key{Name: "attempts", Forms: []runbook.Form{{Shape: runbook.WholeShape, Most: 1000}}, Example: "3", Description: "How often it was tried."},
	runbook.Key{Name: "with", Forms: []runbook.Form{{Shape: runbook.EntriesShape, Name: runbook.VariableName}}, Example: "{account: alice}", Description: "Inputs of its latest attempt, expressions filled in; {contains: TEXT} for a part of a text."},
	runbook.Key{Name: "outputs", Forms: []runbook.Form{{Shape: runbook.EntriesShape, Name: runbook.VariableName}}, Example: "{case: CASE-7}", Description: "Some of its outputs."},
)
