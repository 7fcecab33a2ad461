package cacao

import (
	"slices"

	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/pkg/runbook"
)

// The codes of findings about playbooks. Codes are stable: one that is no
// longer used is not given away again.
const (
	TooLarge        = "IR0700"
	NotJSON         = "IR0701"
	KeyTwice        = "IR0702"
	OtherVersion    = "IR0703"
	UnknownProperty = "IR0704"
	Missing         = "IR0705"
	WrongShape      = "IR0706"
	BadIdentifier   = "IR0707"
	BadTime         = "IR0708"
	OutOfRange      = "IR0709"
	Dangling        = "IR0710"
	UndefinedActor  = "IR0711"
	EmptyCommand    = "IR0712"
	BadBase64       = "IR0713"
	NoContinuation  = "IR0714"
	Contradiction   = "IR0715"
	Unreachable     = "IR0716"
	SummaryDiffers  = "IR0717"
	SharedEnd       = "IR0718"
	CircularMarking = "IR0719"
	BadVariableName = "IR0720"
	UndefinedVar    = "IR0721"
	BadValue        = "IR0722"
	WritesConstant  = "IR0723"
	BadCondition    = "IR0724"
	UntypedCompare  = "IR0725"
	LeadsBack       = "IR0726"
	UnknownStep     = "IR0727"
	NoAdapter       = "IR0728"
	NoBinding       = "IR0729"
	BadBinding      = "IR0730"
	NoCallee        = "IR0731"
	CallsItself     = "IR0732"
	TooManySteps    = "IR0733"
	BadStartLine    = "IR0734"
	ClearSecret     = "IR0735"
	SameUUID        = "IR0736"
	Pointless       = "IR0737"
	HiddenCharacter = "IR0738"
	UnknownWord     = "IR0739"
	NoMinimum       = "IR0740"
	NotValue        = "IR0741"
	Hides           = "IR0742"
	NotBound        = "IR0743"
)

// Codes returns what the codes of this package mean, sorted.
func Codes() []language.Code {
	out := slices.Clone(codes)
	for i := range out {
		out[i].Unshown = "a whole playbook is too long for an example; `irctl help cacao` has one"
	}
	return out
}

var codes = []language.Code{
	{ID: TooLarge, Severity: runbook.Error, Title: "playbook too large", Explanation: "A playbook's file holds at most 1 MiB. Parts of a longer one go into playbooks of their own, which a playbook-action step calls."},
	{ID: NotJSON, Severity: runbook.Error, Title: "not valid JSON", Explanation: "The text breaks JSON's rules (RFC 8259), holds more than 100,000 values, or nests them more than 64 deep. Most often it is a comma after the last entry, a missing quote, or a comment."},
	{ID: KeyTwice, Severity: runbook.Error, Title: "key given twice", Explanation: "A JSON object holds every key once. Readers differ in which of the two they take, and so would signatures."},
	{ID: OtherVersion, Severity: runbook.Error, Title: "not a playbook of CACAO 2.0", Explanation: "irctl runs CACAO Security Playbooks of version 2.0. Version 1 has other types of steps, commands and agents; no program can tell what such a playbook would mean in version 2.0."},
	{ID: UnknownProperty, Severity: runbook.Error, Title: "unknown property", Explanation: "The property is not part of CACAO 2.0 at this place. The official schemas accept it, so that a misspelt on_failure would be found out in the middle of an incident. What an organisation adds goes into an extension, or has a name that begins with x_ or x-."},
	{ID: Missing, Severity: runbook.Error, Title: "missing property", Explanation: "The standard requires the property here."},
	{ID: WrongShape, Severity: runbook.Error, Title: "value of the wrong shape", Explanation: "A text stands where a number, list or object is needed, or the other way round."},
	{ID: BadIdentifier, Severity: runbook.Error, Title: "malformed identifier", Explanation: "An identifier is the type of its object, two hyphens and a UUID (RFC 4122). Those of steps have UUIDs of version 4."},
	{ID: BadTime, Severity: runbook.Error, Title: "malformed timestamp", Explanation: "Timestamps are RFC 3339 in UTC with a Z. `created` and `modified` have exactly three digits behind the point, because `modified` is what tells versions of a playbook apart."},
	{ID: OutOfRange, Severity: runbook.Error, Title: "number out of range", Explanation: "Delays and timeouts are milliseconds from 0; priority, severity and impact lie between 0 and 100. A timeout of 0 is no limit; without a timeout irctl ends a command after 10 minutes."},
	{ID: Dangling, Severity: runbook.Error, Title: "step that is not there", Explanation: "An identifier must be that of a step in this playbook's `workflow`; `workflow_start` must be a start step."},
	{ID: UndefinedActor, Severity: runbook.Error, Title: "definition that is not there", Explanation: "Agents, targets, authentication infos, markings and extensions are defined in the playbook before they are used by their identifiers."},
	{ID: EmptyCommand, Severity: runbook.Error, Title: "step or command that does nothing", Explanation: "An action step has at least one command, and a command has its text in `command` or `command_b64`, in one of them."},
	{ID: BadBase64, Severity: runbook.Error, Title: "malformed base64", Explanation: "What a property whose name ends in _b64 holds is base64 with padding (RFC 4648, section 4). The text of a shell or a person must be UTF-8 when decoded."},
	{ID: NoContinuation, Severity: runbook.Error, Title: "step that leads nowhere", Explanation: "Every step but an end step says what follows it: `on_completion`, or `on_success` and perhaps `on_failure`. A branch ends at an end step of its own."},
	{ID: Contradiction, Severity: runbook.Error, Title: "properties that exclude each other", Explanation: "`on_completion` excludes `on_success` and `on_failure`. A start step has `on_completion` alone, an end step none of them. A command has `command` or `command_b64`."},
	{ID: Unreachable, Severity: runbook.Error, Title: "unreachable step", Explanation: "Nothing in the playbook leads to the step, so it would never run."},
	{ID: SummaryDiffers, Severity: runbook.Error, Title: "processing summary that is not true", Explanation: "`playbook_processing_summary` is what people and programs read before they trust a playbook. It must say what the workflow really holds."},
	{ID: SharedEnd, Severity: runbook.Warning, Title: "branch without an end of its own", Explanation: "Every branch of a step ends at an end step of its own; then the step that owns the branch goes on with its own continuation. If a branch runs into steps behind its owner, irctl carries them out inside the branch and again behind it."},
	{ID: CircularMarking, Severity: runbook.Error, Title: "data markings that mark each other", Explanation: "A data marking cannot be marked, even over others, by itself."},
	{ID: BadVariableName, Severity: runbook.Error, Title: "malformed variable name", Explanation: "A variable's name begins and ends with two underscores, begins with a letter after them, and holds letters, digits, hyphens and underscores, at most 250 characters in all: `__ip_address__`."},
	{ID: UndefinedVar, Severity: runbook.Error, Title: "undefined variable", Explanation: "A variable that a step reads or writes is declared in the step itself (`step_variables`), in a step whose branch it stands in, or in `playbook_variables`. It is read as `__name__:value`."},
	{ID: BadValue, Severity: runbook.Error, Title: "value that does not fit its type", Explanation: "The value of a variable is a text that fits the variable's type, null if it is unknown, or an object for a dictionary. `external` variables are those of the playbook, never of a step; a constant needs a value."},
	{ID: WritesConstant, Severity: runbook.Error, Title: "assignment to a constant", Explanation: "A variable with `constant: true` never changes, so no `out_args` can name it."},
	{ID: BadCondition, Severity: runbook.Error, Title: "malformed condition", Explanation: "A condition is a comparison in the grammar of STIX patterns: `__result__:value = 'malicious'`, `__count__:value <= 10`, `__name__:value LIKE 'web%'`, joined by AND, OR, NOT and parentheses. A variable of type bool can stand alone. Texts stand in single quotes, and equality is a single `=`."},
	{ID: UntypedCompare, Severity: runbook.Error, Title: "comparison of different types", Explanation: "What a variable is compared with must fit the variable's type; `<` and its like need numbers or texts."},
	{ID: LeadsBack, Severity: runbook.Error, Title: "branch that leads back to its owner", Explanation: "A branch ends at an end step; its owner then goes on. A branch that leads to its own owner would begin it anew inside itself, without end."},
	{ID: UnknownStep, Severity: runbook.Error, Title: "unknown type of step", Explanation: "CACAO 2.0 has the steps start, end, action, playbook-action, parallel, if-condition, while-condition and switch-condition. irctl does not guess what another would do."},
	{ID: NoAdapter, Severity: runbook.Warning, Title: "command that irctl cannot execute", Explanation: "irctl executes the commands bash, ssh, powershell, http-api, openc2-http and manual. A step with any other command is planned as `no adapter` and fails when it runs, so that `on_failure` or `workflow_exception` decide."},
	{ID: NoBinding, Severity: runbook.Warning, Title: "output without a binding", Explanation: "CACAO does not say how the result of a command becomes the value of an out_arg. With exactly one out_arg irctl takes the standard output of a shell or the body of an HTTP answer. Otherwise a file beside the playbook, NAME.bindings.yaml, says it: `irctl help cacao`."},
	{ID: BadBinding, Severity: runbook.Error, Title: "malformed binding file", Explanation: "A binding file is YAML with `irctl: v1`, `kind: bindings` and, under `bindings`, for a step's id or a command's type, where each out_arg comes from: `{from: stdout | stderr | exit | status | header | body | json | regex}` with `name`, `path` or `pattern`."},
	{ID: NoCallee, Severity: runbook.Error, Title: "called playbook not found", Explanation: "A playbook-action names another playbook by id, and perhaps by version, which is that playbook's `modified`. irctl looks in the folder of the calling playbook and where runbooks are found by name."},
	{ID: CallsItself, Severity: runbook.Error, Title: "playbook that calls itself", Explanation: "A playbook cannot call itself, even by way of others."},
	{ID: TooManySteps, Severity: runbook.Error, Title: "the plan has too many steps", Explanation: "A playbook becomes at most 10,000 steps with those that it calls, and 4 MiB of commands for shells after variables that nothing changes were filled in. Steps shared by several branches count once for each, called playbooks once for each way of calling."},
	{ID: BadStartLine, Severity: runbook.Error, Title: "malformed HTTP start line", Explanation: "The command of http-api and openc2-http is the start line of a request: method, target and version, as in `GET /api/hosts HTTP/1.1`. The host comes from the step's target. openc2-http is always POST."},
	{ID: ClearSecret, Severity: runbook.Warning, Title: "secret in clear text", Explanation: "Whoever reads the playbook reads the secret. irctl never takes credentials from a playbook: the environment's target holds references to them. With `kms: true` the secret must be absent."},
	{ID: SameUUID, Severity: runbook.Error, Title: "UUID used twice", Explanation: "A UUID identifies one object, whatever its type."},
	{ID: Pointless, Severity: runbook.Warning, Title: "property without effect", Explanation: "The property exists but means nothing at this place."},
	{ID: HiddenCharacter, Severity: runbook.Error, Title: "character that hides or reverses text", Explanation: "Characters that change the direction of text can make a playbook read otherwise than it is. Where they are meant they are written as escapes, such as \\u202e."},
	{ID: UnknownWord, Severity: runbook.Error, Title: "unknown word", Explanation: "The place takes one of a few words, and this is none of them."},
	{ID: NoMinimum, Severity: runbook.Error, Title: "workflow without start, action or end", Explanation: "A workflow has at least a start step, an action or playbook-action step, and an end step."},
	{ID: NotValue, Severity: runbook.Warning, Title: "variable without `:value`", Explanation: "A variable is read as `__name__:value`. Without `:value` the name stays in the text as it is."},
	{ID: Hides, Severity: runbook.Warning, Title: "variable that hides another", Explanation: "A variable of a step has the name of one that is visible there already. Inside the step, and in its branches, only the inner one is read and written; the outer one keeps its value. The standard discourages it."},
	{ID: NotBound, Severity: runbook.Error, Title: "agent or target that the environment does not bind", Explanation: "A playbook names the systems that it acts on by identifiers of its own. The environment says which target each of them is: `playbooks: {bind: {ID or name: TARGET}}`. Credentials come from that target, never from the playbook."},
}
