package language

import (
	"slices"

	"github.com/irctl/irctl/pkg/runbook"
)

// kindList holds the kinds in the order in which messages list them.
var kindList = []runbook.Kind{runbook.KindUses, runbook.KindManual, runbook.KindApprove, runbook.KindWait, runbook.KindSet, runbook.KindRun, runbook.KindParallel,
	runbook.KindIf, runbook.KindSwitch, runbook.KindWhile, runbook.KindForEach, runbook.KindSteps, runbook.KindStop}

// Kinds returns the kinds of steps, in the order in which they are explained.
func Kinds() []runbook.Kind { return slices.Clone(kindList) }

// StepTable returns the keys of a step of a kind, the one that gives the kind
// included; of "", the keys that every step may carry.
func StepTable(kind runbook.Kind) Table { return stepTables[kind] }

// StepKeys returns every key of every kind of step, each once, in the order in
// which a step is best written: who it is, what it does, how, what then.
func StepKeys() []string { return slices.Clone(stepKeys) }

// KindsWith returns the kinds of steps that have a key, in the order of Kinds.
func KindsWith(key string) []runbook.Kind {
	var out []runbook.Kind
	for _, k := range kindList {
		if _, ok := stepTables[k].Key(key); ok {
			out = append(out, k)
		}
	}
	return out
}

// stepKey is a key of steps: which kinds have it, and what to write instead on
// certain others.
type stepKey struct {
	Key
	kinds   []runbook.Kind // nil is every kind
	instead map[runbook.Kind]string
}

var blocks = []runbook.Kind{runbook.KindRun, runbook.KindParallel, runbook.KindIf, runbook.KindSwitch, runbook.KindWhile, runbook.KindForEach, runbook.KindSteps}

// and returns kinds together with those of blocks.
func and(kinds ...runbook.Kind) []runbook.Kind { return append(kinds, blocks...) }

var stepKeyList = slices.Concat(headKeys, kindKeys, bodyKeys, controlKeys, innerKeys)

// headKeys say which step it is, and whether it is due.
var headKeys = []stepKey{
	{Key: Key{Name: "id", Forms: AName(StepName), Example: "email",
		Description: "How other steps, expressions and commands name the step; it should not change."}},
	{Key: Key{Name: "title", Forms: AText(), Example: "Take email offline",
		Description: "What people read."}},
	{Key: Key{Name: "description", Forms: AText(), Example: "Senders keep their mail and try again.",
		Description: "What is behind the step, for whoever carries it out."}},
	{Key: Key{Name: "phase", Forms: AText(), Example: "contain",
		Description: "The part of the response that the step belongs to, for reports."}},
	{Key: Key{Name: "owner", Forms: AText(), Example: "it@example.com",
		Description: "Who answers for the step, or does it."}},
	{Key: Key{Name: "tags", Forms: Texts(), Example: "[mail]",
		Description: "Words to find the step by."}},
	{Key: Key{Name: "when", Forms: []Form{{Shape: ConditionShape}}, Example: "${{ 1 < 2 }}",
		Description: "Skip the step unless this holds."}},
	{Key: Key{Name: "delay", Forms: []Form{{Shape: DurationShape, Expr: true}}, Example: "30s",
		Description: "How long to wait before the step begins."}},
	{Key: Key{Name: "approval", Forms: AMapping(approvalTable), Example: "{roles: [commander], need: 1, within: 15m}",
		Description: "Who must agree before the step begins."},
		kinds: and(runbook.KindUses, runbook.KindManual, runbook.KindWait), instead: map[runbook.Kind]string{
			runbook.KindApprove: "the step is an approval itself; write `roles` inside `approve`"}},
}

// kindKeys say what the step does; a step has exactly one of them, or one of
// the kinds among innerKeys.
var kindKeys = []stepKey{
	kindKey(runbook.KindUses, "Carry out an action on a system.", "http", Form{Shape: ActionShape}),
	kindKey(runbook.KindManual, "Ask a person to do something; the text says what.", "Call the fraud desk.", AText()...),
	kindKey(runbook.KindApprove, "Ask people for a yes or no.", "{text: Take email offline, roles: [commander]}", AMapping(approvalTable)...),
	kindKey(runbook.KindWait, "Let time pass, or wait until something is so.", "10m", append([]Form{{Shape: DurationShape, Expr: true}}, AMapping(waitTable)...)...),
	kindKey(runbook.KindSet, "Give values to variables; later steps read them as `${{ vars.NAME }}`.", "{severity: high}", Entries(VariableName)...),
	kindKey(runbook.KindRun, "Carry out another runbook, by its name or by a path beside this file.", "customer-notice", AText()...),
	kindKey(runbook.KindIf, "Choose by a condition.", "${{ 1 < 2 }}", Form{Shape: ConditionShape}),
	kindKey(runbook.KindSwitch, "Choose by a value.", "${{ 'low' }}", AText()...),
	kindKey(runbook.KindWhile, "Repeat steps as long as a condition holds.", "${{ 1 < 2 }}", Form{Shape: ConditionShape}),
	kindKey(runbook.KindForEach, "Carry out steps once for every element of a list or a mapping.", "[alice, bob]", Form{Shape: ExprShape}, Form{Shape: ListShape}, Form{Shape: EntriesShape, Name: AnyName}),
	kindKey(runbook.KindStop, "End the run here.", "{succeed: Nothing was taken.}", AMapping(stopTable)...),
}

func kindKey(kind runbook.Kind, description, example string, forms ...Form) stepKey {
	return stepKey{Key: Key{Name: string(kind), Required: true, Forms: forms, Description: description, Example: example}, kinds: []runbook.Kind{kind}}
}

// bodyKeys belong to what the step does.
var bodyKeys = []stepKey{
	{Key: targetKey, kinds: []runbook.Kind{runbook.KindUses}},
	{Key: withKey, kinds: []runbook.Kind{runbook.KindUses}},
	{Key: Key{Name: "with", Forms: Entries(AnyName), Example: "{incident: INC-1}",
		Description: "The inputs of the runbook."}, kinds: []runbook.Kind{runbook.KindRun}},
	{Key: Key{Name: "outputs", Forms: Entries(VariableName, inputForms()...), Example: "{reference: string}",
		Description: "What the person answers, by name; later steps read it as `${{ steps.ID.outputs.NAME }}`."}, kinds: []runbook.Kind{runbook.KindManual}},
	{Key: Key{Name: "evidence", Forms: Entries(VariableName, Form{Shape: TextShape}, Form{Shape: FieldsShape, Keys: &evidenceTable}), Example: "{letter: The bank's confirmation}",
		Description: "Files that the person hands in, by name."},
		kinds: []runbook.Kind{runbook.KindManual}, instead: map[runbook.Kind]string{runbook.KindUses: "use the action `evidence.collect`, or a `manual` step"}},
	{Key: Key{Name: "as", Required: true, Forms: AName(VariableName), Example: "account",
		Description: "The name of the element inside the loop; NAME_index and NAME_key go with it."}, kinds: []runbook.Kind{runbook.KindForEach}},
	{Key: Key{Name: "max_parallel", Forms: []Form{{Shape: WholeShape, Least: 1, Most: 10_000}}, Default: "1", Example: "4",
		Description: "How many elements are worked on at once."},
		kinds: []runbook.Kind{runbook.KindForEach}, instead: map[runbook.Kind]string{runbook.KindWhile: "rounds of `while` follow each other; `foreach` runs side by side"}},
	{Key: Key{Name: "max_failures", Forms: []Form{{Shape: ShareShape}}, Example: "10%",
		Description: "How many elements may fail, or which part of them; with one more nothing new begins, and the step fails once what runs has ended."},
		kinds: []runbook.Kind{runbook.KindForEach}, instead: map[runbook.Kind]string{runbook.KindUses: "write `retry`"}},
	{Key: Key{Name: "batch", Forms: []Form{{Shape: ListShape, Filled: true, Of: []Form{{Shape: ShareShape, Least: 1}}}, {Shape: ShareShape, Least: 1}}, Example: "[1, 10, 50%]",
		Description: "How many elements are worked on before the next ones begin; the last size repeats. The next batch begins when the one before is through, and not if all of it failed or more than `max_failures` covers."},
		kinds: []runbook.Kind{runbook.KindForEach}},
	{Key: Key{Name: "canary", Forms: append(YesNo(), AName(StepName)...), Default: "false", Example: "true",
		Description: "Whether the first batch is a canary: the next begins only if in each of its elements every step with a `verify` was verified, or, with the id of a step, that one succeeded and was verified if it says so; `max_failures` does not cover it."},
		kinds: []runbook.Kind{runbook.KindForEach}},
	{Key: Key{Name: "max_iterations", Forms: []Form{{Shape: WholeShape, Least: 1, Most: 1_000_000}}, Example: "10",
		Description: "How many rounds there are at most; then the step fails."}, kinds: []runbook.Kind{runbook.KindWhile}},
}

// controlKeys say how the step is carried out and what follows.
var controlKeys = []stepKey{
	{Key: Key{Name: "timeout", Forms: []Form{{Shape: DurationShape, Expr: true}}, Example: "2m",
		Description: "The longest an attempt of an action may take, or any other step as a whole."},
		kinds: and(runbook.KindUses, runbook.KindManual), instead: map[runbook.Kind]string{
			runbook.KindApprove: "write `within` inside `approve`", runbook.KindWait: "write `for` inside `wait`"}},
	{Key: Key{Name: "retry", Forms: append(AMapping(retryTable), Form{Shape: WholeShape, Least: 1, Most: 1000, Expr: true}), Example: "{attempts: 3, delay: 2s, factor: 2}",
		Description: "Try the action again when it fails: how often, and how long apart."},
		kinds: []runbook.Kind{runbook.KindUses}, instead: map[runbook.Kind]string{
			runbook.KindManual: "a person tries again with `irctl retry`", runbook.KindRun: "put `retry` on the steps of the runbook that it runs"}},
	{Key: Key{Name: "idempotent", Forms: YesNo(), Example: "true",
		Description: "Whether running it twice is harmless; without it the action's own word counts."}, kinds: []runbook.Kind{runbook.KindUses}},
	{Key: Key{Name: "verify", Forms: append(YesNo(), AMapping(useTable)...), Example: "true",
		Description: "Look afterwards whether it is so: true asks the action itself, or name another one."}, kinds: []runbook.Kind{runbook.KindUses}},
	{Key: Key{Name: "undo", Forms: AMapping(useTable), Example: "{uses: http, with: {}}",
		Description: "What puts it back, instead of the action's own undo."}, kinds: []runbook.Kind{runbook.KindUses}},
	{Key: Key{Name: "irreversible", Forms: AText(), Example: "A message that was sent stays sent.",
		Description: "Why it cannot be put back."}, kinds: []runbook.Kind{runbook.KindUses}},
	{Key: Key{Name: "expires", Forms: []Form{{Shape: DurationShape}}, Example: "24h",
		Description: "How long what the step does may stay so. After that `irctl status`, `list` and `incident` ask its owner to put it back, and `irctl recheck` fails."},
		kinds: []runbook.Kind{runbook.KindUses}},
	{Key: Key{Name: "on_failure", Forms: append(AWord(failurePolicies...), AMapping(onFailureTable)...), Default: "stop", Example: "continue",
		Description: "What follows when the step fails: stop (nothing new starts, a person decides), continue, rollback, or {next: STEP}."},
		kinds: and(runbook.KindUses, runbook.KindManual, runbook.KindApprove, runbook.KindWait, runbook.KindSet)},
	{Key: Key{Name: "fallback", Forms: AText(), Example: "Call the mail team on +1 555 0102.",
		Description: "What a person does by hand when the automation fails."},
		kinds: []runbook.Kind{runbook.KindUses}, instead: map[runbook.Kind]string{runbook.KindManual: "the step is manual already; write it into its text"}},
	{Key: Key{Name: "next", Forms: AName(StepName), Example: "call-bank",
		Description: "The step to go on with, if it is not the one below."}},
}

// innerKeys hold further steps, and what comes of them. They stand last: what follows many lines of
// other steps is easily overlooked.
var innerKeys = []stepKey{
	kindKey(runbook.KindParallel, "Carry out these steps at once, and go on when all are done.", "[{manual: One.}, {manual: Two.}]", Form{Shape: StepsShape}),
	{Key: Key{Name: "then", Required: true, Forms: []Form{{Shape: StepsShape}}, Example: "[{manual: One.}]",
		Description: "The steps if the condition holds."}, kinds: []runbook.Kind{runbook.KindIf}},
	{Key: Key{Name: "else", Forms: []Form{{Shape: StepsShape}}, Example: "[{manual: Two.}]",
		Description: "The steps if it does not."}, kinds: []runbook.Kind{runbook.KindIf}, instead: map[runbook.Kind]string{runbook.KindSwitch: "write `default`"}},
	{Key: Key{Name: "cases", Required: true, Forms: []Form{{Shape: EntriesShape, Name: AnyName, Filled: true, Of: []Form{{Shape: StepsShape}}}}, Example: "{low: [{manual: One.}]}",
		Description: "The steps for each value."}, kinds: []runbook.Kind{runbook.KindSwitch}},
	{Key: Key{Name: "default", Forms: []Form{{Shape: StepsShape}}, Example: "[{manual: Two.}]",
		Description: "The steps for every other value."}, kinds: []runbook.Kind{runbook.KindSwitch}, instead: map[runbook.Kind]string{runbook.KindIf: "write `else`"}},
	{Key: Key{Name: "do", Required: true, Forms: []Form{{Shape: StepsShape}}, Example: "[{manual: One.}]",
		Description: "The steps of each round."},
		kinds: []runbook.Kind{runbook.KindWhile, runbook.KindForEach}, instead: map[runbook.Kind]string{runbook.KindIf: "write `then`"}},
	kindKey(runbook.KindSteps, "A group of steps with a name.", "[{manual: One.}]", Form{Shape: StepsShape}),
	{Key: Key{Name: "always", Forms: []Form{{Shape: StepsShape}}, Example: "[{manual: Take the access away again.}]",
		Description: "Steps that clean up: they run when the others have ended, whatever ended them, also a failure, a time limit, a cancel or a rollback. Then it goes on as it would have without them."},
		kinds: cleans, instead: insteadOfAlways()},
	{Key: Key{Name: "outputs", Forms: Entries(VariableName), Example: "{case: '${{ inputs.case }}'}",
		Description: "What later steps read of the block: names and expressions."},
		kinds: blocks, instead: map[runbook.Kind]string{runbook.KindUses: "the action declares its outputs; see `irctl action show NAME`"}},
}

// cleans are the blocks that may have always steps.
var cleans = []runbook.Kind{runbook.KindSteps, runbook.KindParallel, runbook.KindForEach}

func insteadOfAlways() map[runbook.Kind]string {
	out := map[runbook.Kind]string{}
	for _, kind := range kindList {
		if !slices.Contains(cleans, kind) {
			out[kind] = "put this step into a step with `steps`, and write `always` beside it"
		}
	}
	return out
}

var failurePolicies = []string{"stop", "continue", "rollback"}

// stepKeys holds all keys of steps, each once.
var stepKeys = func() []string {
	var keys []string
	for _, k := range stepKeyList {
		if !slices.Contains(keys, k.Name) {
			keys = append(keys, k.Name)
		}
	}
	return keys
}()

// isKind knows every key of steps, and whether it gives the kind.
var isKind = func() map[string]bool {
	known := make(map[string]bool, len(stepKeys))
	for _, key := range stepKeys {
		known[key] = slices.Contains(kindList, runbook.Kind(key))
	}
	return known
}()

// stepTables holds the keys by kind.
var stepTables = func() map[runbook.Kind]Table {
	tables := map[runbook.Kind]Table{}
	for _, kind := range append([]runbook.Kind{""}, kindList...) {
		var keys []Key
		for _, k := range stepKeyList {
			if k.kinds == nil || slices.Contains(k.kinds, kind) {
				keys = append(keys, k.Key)
			}
		}
		tables[kind] = NewTable(keys...)
	}
	return tables
}()

// kindsOf returns which kinds a key belongs to, and what to write instead on
// another kind.
func kindsOf(key string, kind runbook.Kind) (kinds []runbook.Kind, instead string) {
	for _, k := range stepKeyList {
		if k.Name == key {
			kinds = append(kinds, k.kinds...)
			if k.instead[kind] != "" {
				instead = k.instead[kind]
			}
		}
	}
	return kinds, instead
}
