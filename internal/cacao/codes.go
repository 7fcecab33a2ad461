package cacao

import "github.com/irctl/irctl/internal/finding"

var codes = finding.Unshown("a whole playbook is too long for an example; `irctl help cacao` has one")

// Codes is what this package finds.
func Codes() *finding.Set { return codes }

// The findings about playbooks.
var (
	TooLarge = codes.Error("IR0700", "playbook too large",
		"A playbook's file holds at most 1 MiB. Parts of a longer one go into playbooks of their own, which a playbook-action step calls.")
	NotJSON = codes.Error("IR0701", "not valid JSON",
		"The text breaks JSON's rules (RFC 8259), holds more than 100,000 values, or nests them more than 64 deep. Most often it is a comma after the last entry, a missing quote, or a comment.")
	KeyTwice = codes.Error("IR0702", "key given twice",
		"A JSON object holds every key once. Readers differ in which of the two they take, and so would signatures.")
	OtherVersion = codes.Error("IR0703", "not a playbook of CACAO 2.0",
		"irctl runs CACAO Security Playbooks of version 2.0. Version 1 has other types of steps, commands and agents; no program can tell what such a playbook would mean in version 2.0.")
	UnknownProperty = codes.Error("IR0704", "unknown property",
		"The property is not part of CACAO 2.0 at this place. The official schemas accept it, so that a misspelt on_failure would be found out in the middle of an incident. What an organisation adds goes into an extension, or has a name that begins with x_ or x-.")
	Missing = codes.Error("IR0705", "missing property",
		"The standard requires the property here.")
	WrongShape = codes.Error("IR0706", "value of the wrong shape",
		"A text stands where a number, list or object is needed, or the other way round.")
	BadIdentifier = codes.Error("IR0707", "malformed identifier",
		"An identifier is the type of its object, two hyphens and a UUID (RFC 4122). Those of steps have UUIDs of version 4.")
	BadTime = codes.Error("IR0708", "malformed timestamp",
		"Timestamps are RFC 3339 in UTC with a Z. `created` and `modified` have exactly three digits behind the point, because `modified` is what tells versions of a playbook apart.")
	OutOfRange = codes.Error("IR0709", "number out of range",
		"Delays and timeouts are milliseconds from 0; priority, severity and impact lie between 0 and 100. A timeout of 0 is no limit; without a timeout irctl ends a command after 10 minutes.")
	Dangling = codes.Error("IR0710", "step that is not there",
		"An identifier must be that of a step in this playbook's `workflow`; `workflow_start` must be a start step.")
	UndefinedActor = codes.Error("IR0711", "definition that is not there",
		"Agents, targets, authentication infos, markings and extensions are defined in the playbook before they are used by their identifiers.")
	EmptyCommand = codes.Error("IR0712", "step or command that does nothing",
		"An action step has at least one command, and a command has its text in `command` or `command_b64`, in one of them.")
	BadBase64 = codes.Error("IR0713", "malformed base64",
		"What a property whose name ends in _b64 holds is base64 with padding (RFC 4648, section 4). The text of a shell or a person must be UTF-8 when decoded.")
	NoContinuation = codes.Error("IR0714", "step that leads nowhere",
		"Every step but an end step says what follows it: `on_completion`, or `on_success` and perhaps `on_failure`. A branch ends at an end step of its own.")
	Contradiction = codes.Error("IR0715", "properties that exclude each other",
		"`on_completion` excludes `on_success` and `on_failure`. A start step has `on_completion` alone, an end step none of them. A command has `command` or `command_b64`.")
	Unreachable = codes.Error("IR0716", "unreachable step",
		"Nothing in the playbook leads to the step, so it would never run.")
	SummaryDiffers = codes.Error("IR0717", "processing summary that is not true",
		"`playbook_processing_summary` is what people and programs read before they trust a playbook. It must say what the workflow really holds.")
	SharedEnd = codes.Warning("IR0718", "branch without an end of its own",
		"Every branch of a step ends at an end step of its own; then the step that owns the branch goes on with its own continuation. If a branch runs into steps behind its owner, irctl carries them out inside the branch and again behind it.")
	CircularMarking = codes.Error("IR0719", "data markings that mark each other",
		"A data marking cannot be marked, even over others, by itself.")
	BadVariableName = codes.Error("IR0720", "malformed variable name",
		"A variable's name begins and ends with two underscores, begins with a letter after them, and holds letters, digits, hyphens and underscores, at most 250 characters in all: `__ip_address__`.")
	UndefinedVar = codes.Error("IR0721", "undefined variable",
		"A variable that a step reads or writes is declared in the step itself (`step_variables`), in a step whose branch it stands in, or in `playbook_variables`. It is read as `__name__:value`.")
	BadValue = codes.Error("IR0722", "value that does not fit its type",
		"The value of a variable is a text that fits the variable's type, null if it is unknown, or an object for a dictionary. `external` variables are those of the playbook, never of a step; a constant needs a value.")
	WritesConstant = codes.Error("IR0723", "assignment to a constant",
		"A variable with `constant: true` never changes, so no `out_args` can name it.")
	BadCondition = codes.Error("IR0724", "malformed condition",
		"A condition is a comparison in the grammar of STIX patterns: `__result__:value = 'malicious'`, `__count__:value <= 10`, `__name__:value LIKE 'web%'`, joined by AND, OR, NOT and parentheses. A variable of type bool can stand alone. Texts stand in single quotes, and equality is a single `=`.")
	UntypedCompare = codes.Error("IR0725", "comparison of different types",
		"What a variable is compared with must fit the variable's type; `<` and its like need numbers or texts.")
	LeadsBack = codes.Error("IR0726", "branch that leads back to its owner",
		"A branch ends at an end step; its owner then goes on. A branch that leads to its own owner would begin it anew inside itself, without end.")
	UnknownStep = codes.Error("IR0727", "unknown type of step",
		"CACAO 2.0 has the steps start, end, action, playbook-action, parallel, if-condition, while-condition and switch-condition. irctl does not guess what another would do.")
	NoAdapter = codes.Warning("IR0728", "command that irctl cannot execute",
		"irctl executes the commands bash, ssh, powershell, http-api, openc2-http and manual. A step with any other command is planned as `no adapter` and fails when it runs, so that `on_failure` or `workflow_exception` decide.")
	NoBinding = codes.Warning("IR0729", "output without a binding",
		"CACAO does not say how the result of a command becomes the value of an out_arg. With exactly one out_arg irctl takes the standard output of a shell or the body of an HTTP answer. Otherwise a file beside the playbook, NAME.bindings.yaml, says it: `irctl help cacao`.")
	BadBinding = codes.Error("IR0730", "malformed binding file",
		"A binding file is YAML with `irctl: v1`, `kind: bindings` and, under `bindings`, for a step's id or a command's type, where each out_arg comes from: `{from: stdout | stderr | exit | status | header | body | json | regex}` with `name`, `path` or `pattern`.")
	NoCallee = codes.Error("IR0731", "called playbook not found",
		"A playbook-action names another playbook by id, and perhaps by version, which is that playbook's `modified`. irctl looks in the folder of the calling playbook and where runbooks are found by name.")
	CallsItself = codes.Error("IR0732", "playbook that calls itself",
		"A playbook cannot call itself, even by way of others.")
	TooManySteps = codes.Error("IR0733", "the plan has too many steps",
		"A playbook becomes at most 10,000 steps with those that it calls, and 4 MiB of commands for shells after variables that nothing changes were filled in. Steps shared by several branches count once for each, called playbooks once for each way of calling.")
	BadStartLine = codes.Error("IR0734", "malformed HTTP start line",
		"The command of http-api and openc2-http is the start line of a request: method, target and version, as in `GET /api/hosts HTTP/1.1`. The host comes from the step's target. openc2-http is always POST.")
	ClearSecret = codes.Warning("IR0735", "secret in clear text",
		"Whoever reads the playbook reads the secret. irctl never takes credentials from a playbook: the environment's target holds references to them. With `kms: true` the secret must be absent.")
	SameUUID = codes.Error("IR0736", "UUID used twice",
		"A UUID identifies one object, whatever its type.")
	Pointless = codes.Warning("IR0737", "property without effect",
		"The property exists but means nothing at this place.")
	HiddenCharacter = codes.Error("IR0738", "character that hides or reverses text",
		"Characters that change the direction of text can make a playbook read otherwise than it is. Where they are meant they are written as escapes, such as \\u202e.")
	UnknownWord = codes.Error("IR0739", "unknown word",
		"The place takes one of a few words, and this is none of them.")
	NoMinimum = codes.Error("IR0740", "workflow without start, action or end",
		"A workflow has at least a start step, an action or playbook-action step, and an end step.")
	NotValue = codes.Warning("IR0741", "variable without `:value`",
		"A variable is read as `__name__:value`. Without `:value` the name stays in the text as it is.")
	Hides = codes.Warning("IR0742", "variable that hides another",
		"A variable of a step has the name of one that is visible there already. Inside the step, and in its branches, only the inner one is read and written; the outer one keeps its value. The standard discourages it.")
	NotBound = codes.Error("IR0743", "agent or target that the environment does not bind",
		"A playbook names the systems that it acts on by identifiers of its own. The environment says which target each of them is: `playbooks: {bind: {ID or name: TARGET}}`. Credentials come from that target, never from the playbook.")
)
