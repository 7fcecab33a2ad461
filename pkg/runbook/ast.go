package runbook

import "iter"

// Kind is what a step does; its value is the key that the step is written
// with. The zero value is invalid.
type Kind string

// The kinds of steps.
const (
	KindUses     Kind = "uses"
	KindManual   Kind = "manual"
	KindApprove  Kind = "approve"
	KindWait     Kind = "wait"
	KindSet      Kind = "set"
	KindRun      Kind = "run"
	KindParallel Kind = "parallel"
	KindIf       Kind = "if"
	KindSwitch   Kind = "switch"
	KindWhile    Kind = "while"
	KindForEach  Kind = "foreach"
	KindSteps    Kind = "steps"
	KindStop     Kind = "stop"
)

// Runbook is a parsed runbook: what its file says, with places, nothing
// resolved. Absent scalars are zero Texts or nil Values.
type Runbook struct {
	File        string
	Source      []byte
	Span        Span // of the document
	Name        Text
	Title       Text
	Description Text
	Owner       Text
	Objective   *Value // duration in which the run should end
	Tags        []Text
	Inputs      []*Input
	Outputs     []Pair // name -> expression, for runbooks that call this one
	Steps       []*Step
}

// Input is a declared input of a runbook, an answer of a manual step, or a
// file to attach as evidence.
type Input struct {
	Name        Text
	Type        Text // "string" if not given
	Items       Text
	Required    bool
	Secret      bool
	Identifies  bool // names the incident
	Default     *Value
	Enum        []Text // key "values"
	Pattern     Text
	Min, Max    *Value
	Description Text
	Span        Span
}

// Pair is one entry of a mapping that keeps its order.
type Pair struct {
	Key   Text
	Value *Value
}

// Step is one step. Which of the fields below the line are set depends on Kind.
type Step struct {
	Kind    Kind
	KindKey Text // the key that gave the kind, for its place
	Span    Span
	ID      Text // given, or derived from the position and then ID.Given() is false

	Title, Description, Phase, Owner Text
	Tags                             []Text
	When                             *Value // an expression: ${{ }} or bare CEL
	Timeout, Delay, Expires          *Value // durations
	Retry                            *Retry
	Approval                         *Approval
	OnFailure                        *OnFailure
	Next                             Text
	Fallback                         *Value // text
	Undo                             *Use
	Verify                           *Use // or VerifySelf
	VerifySelf                       bool // verify: true
	Idempotent                       *bool
	Irreversible                     Text     // the reason
	Outputs                          []*Input // manual: answers, with types
	Results                          []Pair   // blocks and run: outputs as expressions

	Uses          *Use      // uses
	Manual        *Value    // manual: the instruction
	Evidence      []*Input  // manual
	Approve       *Approval // approve; its Text is the question
	Wait          *Wait
	Set           []Pair
	Run           Text   // run: a runbook's name or path
	With          []Pair // run: the callee's inputs (for uses see Uses.With)
	Parallel      []*Step
	If            *Value // condition
	Then, Else    []*Step
	Switch        *Value
	Cases         []Case
	Default       []*Step
	DefaultKey    Text
	While         *Value
	MaxIterations int // while: key "max_iterations", 0 is not given
	ForEach       *Value
	As            Text
	MaxParallel   int     // foreach: key "max_parallel", 0 is not given
	Budget        *Budget // foreach: keys "max_failures", "batch" and "canary"
	Do            []*Step // while, foreach
	Steps         []*Step // steps
	Always        []*Step // steps, parallel, foreach: what runs in any case
	Stop          *Stop
}

// Budget says how a loop goes on when elements fail, and how many of them it
// takes on before it looks: numbers of elements, or texts such as "10%".
type Budget struct {
	MaxFailures *Value
	Batch       []*Value
	Canary      *Value // true, or the id of the step that must hold in the first batch
}

// Case is one case of a switch.
type Case struct {
	Match Text
	Steps []*Step
}

// Use is one use of an action: a step's uses, its undo, its verify.
type Use struct {
	Action Text
	Target *Value // a name, or a text with ${{ }}
	With   []Pair
	Span   Span
}

// Text is the text that an input is given as it stands, "" if it is not given
// as a text.
func (u *Use) Text(input string) string {
	for _, p := range u.With {
		if p.Key.Value == input && p.Value != nil {
			return p.Value.Text
		}
	}
	return ""
}

// Retry is retry: {attempts, delay, factor, max_delay, jitter, when}.
type Retry struct {
	Attempts        *Value
	Delay, MaxDelay *Value
	Factor, Jitter  *Value
	When            *Value
	Span            Span
}

// Approval is approve: or approval: {text, roles, need, within, not_requester,
// remind, escalate, on_expiry}.
// approve: may also be written as a bare text with the question; roles are
// then missing, which is an error of its own.
type Approval struct {
	Text         *Value
	Roles        []Text
	Need         *Value
	Within       *Value
	NotRequester bool
	// NotRequesterKey is not given where the author says nothing about it, and
	// then NotRequester is false.
	NotRequesterKey Text
	Remind          *Value
	Escalate        *Escalation
	OnExpiry        Text // "stop", "no", "escalate"; not given is "stop"
	Span            Span
}

// Escalation is escalate: {after, to}.
type Escalation struct {
	After *Value
	To    []Text
	Span  Span
}

// OnFailure is on_failure: stop | continue | rollback | {next: id}.
type OnFailure struct {
	Policy Text // "stop", "continue", "rollback", "next"
	Next   Text
	Span   Span
}

// Wait is wait: 10m, or {for: 10m} | {until: time} | {until: ${{ condition }},
// every: 30s}. A condition may come with for: then that is the most to wait.
type Wait struct {
	For   *Value
	Until *Value
	Every *Value
	Span  Span
}

// Stop is stop: {succeed: message} or {fail: message}.
type Stop struct {
	Fail    bool
	Message *Value
	Span    Span
}

// All yields steps and all that are inside them, each before what is inside it.
func All(steps []*Step) iter.Seq[*Step] {
	return func(yield func(*Step) bool) { eachStep(steps, yield) }
}

func eachStep(steps []*Step, yield func(*Step) bool) bool {
	for _, s := range steps {
		if !yield(s) {
			return false
		}
		for _, inner := range s.Blocks() {
			if !eachStep(inner, yield) {
				return false
			}
		}
	}
	return true
}

// Blocks returns the step's inner lists of steps in the file's usual order:
// then before else, cases before default.
func (s *Step) Blocks() [][]*Step {
	var blocks [][]*Step
	for _, block := range [...][]*Step{s.Parallel, s.Then, s.Else, s.Do, s.Steps} {
		if len(block) > 0 {
			blocks = append(blocks, block)
		}
	}
	for _, c := range s.Cases {
		blocks = append(blocks, c.Steps)
	}
	for _, block := range [...][]*Step{s.Default, s.Always} {
		if len(block) > 0 {
			blocks = append(blocks, block)
		}
	}
	return blocks
}
