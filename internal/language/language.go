package language

// RunbookTable is the keys of a runbook.
func RunbookTable() Table { return runbookTable }

// InputTable is the keys of an input's declaration.
func InputTable() Table { return inputTable }

const kindRunbook = "runbook"

var runbookTable = NewTable(append(Header(kindRunbook),
	Key{Name: "name", Required: true, Forms: AName(StepName), Example: "containment",
		Description: "The runbook's short name, by which `irctl run NAME` and other runbooks find it."},
	Key{Name: "title", Forms: AText(), Example: "Contain a suspected breach",
		Description: "What people read instead of the name."},
	Key{Name: "description", Forms: AText(), Example: "Use this when somebody may be inside.",
		Description: "When to use the runbook, what it brings about, and what it needs."},
	Key{Name: "owner", Forms: AText(), Example: "security-oncall@example.com",
		Description: "Who keeps the runbook and answers for it."},
	Key{Name: "objective", Forms: []Form{{Shape: DurationShape, Expr: true}}, Example: "30m",
		Description: "How soon after its start a run should be over."},
	Key{Name: "tags", Forms: Texts(), Example: "[containment, breach]",
		Description: "Words to find the runbook by."},
	Key{Name: "inputs", Forms: Entries(VariableName, inputForms()...), Example: "{incident: {type: string, required: true}}",
		Description: "What has to be known before the run begins, by name; a step reads it as `${{ inputs.NAME }}`."},
	Key{Name: "outputs", Forms: Entries(VariableName), Example: "{case: '${{ inputs.case }}'}",
		Description: "What a runbook that calls this one gets back: names and expressions."},
	Key{Name: "steps", Required: true, Forms: []Form{{Shape: StepsShape}}, Example: "[{manual: Call the war room.}]",
		Description: "What is done, from top to bottom."},
)...)

func inputForms() []Form {
	return []Form{{Shape: FieldsShape, Keys: &inputTable}, {Shape: WordShape, Words: typeWords}, {Shape: EmptyShape}}
}

// typeWords are the types of inputs and answers; pkg/action has the same.
var typeWords = []string{"string", "int", "float", "bool", "duration", "time", "list", "map", "enum"}

var inputTable = NewTable(
	Key{Name: "type", Forms: AWord(typeWords...), Default: "string", Example: "string",
		Description: "What kind of value it is."},
	Key{Name: "items", Forms: AWord(typeWords...), Example: "string",
		Description: "The type of a list's elements or of a map's values."},
	Key{Name: "values", Forms: Texts(), Example: "[low, medium, high]",
		Description: "The words that an enum takes."},
	Key{Name: "required", Forms: YesNo(), Default: "false", Example: "true",
		Description: "Whether it must be given. An answer to a manual step must be, unless it says false."},
	Key{Name: "secret", Forms: YesNo(), Default: "false", Example: "true",
		Description: "Whether it is a secret: it is given as a reference, env:NAME or file:PATH, and never kept or shown."},
	Key{Name: "identifies", Forms: YesNo(), Default: "false", Example: "true",
		Description: "Whether it names the incident that the run belongs to: `irctl list` shows it, and --incident finds it."},
	Key{Name: "pattern", Forms: []Form{{Shape: PatternShape}}, Example: "'^INC-[0-9]+$'",
		Description: "A regular expression (RE2) that a string must match."},
	Key{Name: "default", Forms: []Form{{Shape: AnyShape}}, Example: "high",
		Description: "The value it has when none is given."},
	Key{Name: "min", Forms: []Form{{Shape: AnyShape}}, Example: "1",
		Description: "The least value, or the least length of a string or a list."},
	Key{Name: "max", Forms: []Form{{Shape: AnyShape}}, Example: "10",
		Description: "The greatest value, or the greatest length of a string or a list."},
	Key{Name: "description", Forms: AText(), Example: "The ticket that opened this",
		Description: "What to give, for the person who is asked."},
)

var evidenceTable = NewTable(
	Key{Name: "description", Forms: AText(), Example: "The bank's confirmation", Description: "What the file should hold."},
	Key{Name: "required", Forms: YesNo(), Default: "true", Example: "false", Description: "Whether the step can be done without the file."},
)

var useTable = NewTable(
	Key{Name: "uses", Required: true, Forms: []Form{{Shape: ActionShape}}, Example: "http",
		Description: "The action."},
	targetKey, withKey,
)

var (
	targetKey = Key{Name: "target", Forms: []Form{{Shape: TextShape}}, Example: "corporate-mail",
		Description: "The system to act on, by its name in the environment."}
	withKey = Key{Name: "with", Forms: []Form{{Shape: WithShape}}, Example: "{}",
		Description: "The inputs of the action; `irctl action show NAME` lists them."}
)

var retryTable = NewTable(
	Key{Name: "attempts", Required: true, Forms: []Form{{Shape: WholeShape, Least: 1, Most: 1000, Expr: true}}, Example: "3",
		Description: "How often the action is tried at most, the first time included."},
	Key{Name: "delay", Forms: []Form{{Shape: DurationShape, Expr: true}}, Example: "2s",
		Description: "How long to wait before the second attempt."},
	Key{Name: "factor", Forms: []Form{{Shape: NumberShape, Least: 1, Most: 100, Expr: true}}, Example: "2",
		Description: "By what the delay is multiplied after each attempt."},
	Key{Name: "max_delay", Forms: []Form{{Shape: DurationShape, Expr: true}}, Example: "1m",
		Description: "The longest delay."},
	Key{Name: "jitter", Forms: []Form{{Shape: NumberShape, Least: 0, Most: 1, Expr: true}}, Example: "0.1",
		Description: "Which part of each delay is left to chance."},
	Key{Name: "when", Forms: []Form{{Shape: ConditionShape}}, Example: "'${{ error.timeout }}'",
		Description: "Try again only if this holds."},
)

var approvalTable = NewTable(
	Key{Name: "text", Forms: []Form{{Shape: TextShape}}, Example: "Take email offline?",
		Description: "The question."},
	Key{Name: "roles", Required: true, Forms: []Form{{Shape: ListShape, Of: AText(), Filled: true}, {Shape: TextShape}}, Example: "[commander]",
		Description: "The roles that may approve; the environment says who holds them."},
	Key{Name: "need", Forms: []Form{{Shape: WholeShape, Least: 1, Most: 100, Expr: true}}, Default: "1", Example: "2",
		Description: "How many people must approve."},
	Key{Name: "within", Forms: []Form{{Shape: DurationShape, Expr: true}}, Example: "15m",
		Description: "How long to wait for them; then the step fails."},
	Key{Name: "not_requester", Forms: YesNo(), Default: "false", Example: "true",
		Description: "Whether the person who started the run must not be among them."},
	Key{Name: "remind", Forms: []Form{{Shape: DurationShape, Expr: true}}, Example: "5m",
		Description: "How often those who have not answered are told again, by what the environment says below `notify`."},
	Key{Name: "escalate", Forms: AMapping(escalateTable), Example: "{after: 10m, to: [deputy]}",
		Description: "Who may answer besides, and is told, if nobody has."},
	Key{Name: "on_expiry", Forms: AWord("stop", "no", "escalate"), Default: "stop", Example: "no",
		Description: "What it means that nobody answered in time: the step fails and a person decides (stop), it counts as a refusal (no), or those below `escalate` get as much time again (escalate)."},
)

var escalateTable = NewTable(
	Key{Name: "after", Forms: []Form{{Shape: DurationShape, Expr: true}}, Example: "10m",
		Description: "After how long; without it when the time is up, with `on_expiry: escalate`."},
	Key{Name: "to", Required: true, Forms: []Form{{Shape: ListShape, Of: AText(), Filled: true}, {Shape: TextShape}}, Example: "[deputy]",
		Description: "Their roles."},
)

var onFailureTable = NewTable(
	Key{Name: "next", Required: true, Forms: AName(StepName), Example: "call-bank",
		Description: "The step to go on with."},
)

var waitTable = Table{AnyOf: []string{"for", "until", "uses"}}.With(
	Key{Name: "for", Forms: []Form{{Shape: DurationShape, Expr: true}}, Example: "10m",
		Description: "How long to wait; beside a condition, how long at most."},
	Key{Name: "until", Forms: []Form{{Shape: TimeShape, Expr: true}}, Example: "2030-01-01T08:00:00Z",
		Description: "The time to wait for, or a condition in ${{ }}."},
	Key{Name: "every", Forms: []Form{{Shape: DurationShape, Expr: true}}, Example: "30s",
		Description: "How often to ask the target, or to look at the condition."},
	Key{Name: "uses", Forms: []Form{{Shape: ActionShape}}, Example: "http",
		Description: "Ask a target with this action, until it says yes, or until the condition holds, which reads the answer as `steps.ID.outputs`. An action that changes something only looks whether it is so already."},
	targetKey, withKey,
)

var stopTable = Table{OneOf: []string{"succeed", "fail"}}.With(
	Key{Name: "succeed", Forms: AText(), Example: "Nothing was taken.",
		Description: "End the run as a success, and say why."},
	Key{Name: "fail", Forms: AText(), Example: "The directory is out of reach.",
		Description: "End the run as a failure, and say why."},
)
