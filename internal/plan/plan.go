// Package plan is the graph that runs: a runbook after checking and lowering,
// with every name resolved and nothing of YAML left.
//
// A [Plan] is a list of nodes. A token walks them: from a block's entry along
// Next until there is none, which ends the block. A node that fans out,
// chooses, loops or calls owns blocks; the token of such a node waits while
// its blocks run, and goes on along the node's own Next when they have ended.
//
// A plan is data. It is encoded once ([Plan.Encode]), kept beside the journal,
// and bound to it by [Digest]; what was approved is what runs.
//
// Expressions stay text here (in [Value] and [Expr]); the driver evaluates
// them and tells the engine the result as an event.
package plan

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/pkg/event"
)

// Version is the format of plans that this package writes and reads.
const Version = 1

// NodeID is an index into Plan.Nodes. None is "no node".
type NodeID int

// None is the absence of a node: the end of a block, or no parent.
const None NodeID = -1

// Kind is what a node does. The zero value is invalid.
type Kind string

// The kinds of nodes. The words are those of the runbook language.
const (
	Action   Kind = "uses"     // runs an action
	Manual   Kind = "manual"   // a person does something and may answer
	Approve  Kind = "approve"  // people say yes or no
	Wait     Kind = "wait"     // time passes, or a condition comes true
	Set      Kind = "set"      // assigns variables
	Call     Kind = "run"      // runs another runbook's block in its own scope
	Parallel Kind = "parallel" // all blocks at once, then on
	If       Kind = "if"       // block 0 is then; block 1, if there is one, is else
	Switch   Kind = "switch"   // the block whose Label equals the value; the block labelled "" is default
	While    Kind = "while"    // block 0 again and again while the condition holds
	ForEach  Kind = "foreach"  // block 0 once per item
	Group    Kind = "steps"    // block 0 once
	Stop     Kind = "stop"     // ends the runbook that it stands in
)

// Plan is a compiled runbook.
type Plan struct {
	Version     int          `json:"version"`
	Runbook     string       `json:"runbook"`
	Title       string       `json:"title,omitempty"`
	Description string       `json:"description,omitempty"`
	Owner       string       `json:"owner,omitempty"`
	Objective   string       `json:"objective,omitempty"` // Go duration in which the run should end
	Source      string       `json:"source"`
	Inputs      []Field      `json:"inputs,omitempty"`
	Outputs     []Assignment `json:"outputs,omitempty"`
	Entry       NodeID       `json:"entry"` // of the main block; None for an empty runbook
	Nodes       []Node       `json:"nodes"`
}

// Node is one step. Index i of Plan.Nodes has ID i.
type Node struct {
	ID          NodeID   `json:"id"`
	Name        string   `json:"name"` // the step's id, unique within its runbook
	Path        string   `json:"path"` // names from the root, "contain/email"; loops without their keys
	Kind        Kind     `json:"kind"`
	Title       string   `json:"title,omitempty"`
	Description string   `json:"description,omitempty"`
	Phase       string   `json:"phase,omitempty"`
	Owner       string   `json:"owner,omitempty"`
	Tags        []string `json:"tags,omitempty"`
	Line        int      `json:"line,omitempty"` // where the step begins in File
	Column      int      `json:"column,omitempty"`
	File        string   `json:"file,omitempty"`

	LeftOut string `json:"left_out,omitempty"` // why the step does not run, "" if it does

	Parent    NodeID    `json:"parent"` // the node whose block this one is in, or None
	Block     int       `json:"block"`  // which block of Parent
	Next      NodeID    `json:"next"`   // after a good end, or None to end the block
	OnFailure OnFailure `json:"on_failure"`

	When     Expr         `json:"when,omitempty"`
	Delay    Value        `json:"delay,omitzero"`   // duration before the step begins
	Timeout  Value        `json:"timeout,omitzero"` // duration: an action's attempt; any other step as a whole
	Retry    *Retry       `json:"retry,omitempty"`
	Approval *Approval    `json:"approval,omitempty"` // of this step, before it begins; for Approve nodes, what they ask
	Fallback Value        `json:"fallback,omitzero"`  // text of the manual step that takes over
	Outputs  []Field      `json:"outputs,omitempty"`  // declared: an action's by its Spec, a manual step's answers, else Results'
	Results  []Assignment `json:"results,omitempty"`  // blocks: outputs as expressions over the block's steps (a list per name for foreach)

	Action       *Use   `json:"action,omitempty"`       // Action
	Undo         *Use   `json:"undo,omitempty"`         // instead of the action's own Undo
	Verify       *Use   `json:"verify,omitempty"`       // a read-only action that must succeed after Action; Wait: what the target is asked
	VerifySelf   bool   `json:"verify_self,omitempty"`  // Inspect must say "as desired" after Action
	Idempotent   bool   `json:"idempotent,omitempty"`   // by Spec, or by the author's word
	Irreversible string `json:"irreversible,omitempty"` // why the step cannot be undone: the author's words, or the action's nature

	Expires string `json:"expires,omitempty"` // duration: how long what Action does may stay so

	Text          Value        `json:"text,omitzero"`            // Manual, Approve: the instruction; Stop: the message
	Evidence      []Field      `json:"evidence,omitempty"`       // Manual: files a person must attach
	WaitFor       Value        `json:"wait_for,omitzero"`        // Wait: a duration
	WaitUntil     Value        `json:"wait_until,omitzero"`      // Wait: a time
	Condition     Expr         `json:"condition,omitempty"`      // Wait until it holds; If; While
	Interval      Value        `json:"interval,omitzero"`        // Wait: how often to look, a duration
	Subject       Value        `json:"subject,omitzero"`         // Switch: the value; ForEach: the list or map
	As            string       `json:"as,omitempty"`             // ForEach: the name of the item in expressions; As+"_index" and As+"_key" exist too
	MaxParallel   int          `json:"max_parallel,omitempty"`   // ForEach: items at once, at least 1
	MaxFailures   *Share       `json:"max_failures,omitempty"`   // ForEach: items that may fail; nil is none, and each is for a person
	Batches       []Share      `json:"batches,omitempty"`        // ForEach: how many items follow each other in groups; the last repeats
	Canary        string       `json:"canary,omitempty"`         // ForEach: the step that must hold in each item of the first batch; AnyCheck is each that verifies
	MaxIterations int          `json:"max_iterations,omitempty"` // While: at most, 0 is no bound
	Set           []Assignment `json:"set,omitempty"`            // Set
	Callee        string       `json:"callee,omitempty"`         // Call: the runbook's name
	CalleeInputs  []Field      `json:"callee_inputs,omitempty"`  // Call: what it declares
	With          []Assignment `json:"with,omitempty"`           // Call: its inputs
	StopStatus    string       `json:"stop_status,omitempty"`    // Stop: "succeeded" or "failed"
	Blocks        []Block      `json:"blocks,omitempty"`
}

// Block is a run of steps owned by a node.
type Block struct {
	Label string `json:"label,omitempty"` // "then", "else", a switch case, the name of a parallel branch's step
	Entry NodeID `json:"entry"`           // None for an empty block
	// Always says that the block runs once the others have ended, in whatever
	// way. It is the last one, and no lane of its owner.
	Always bool `json:"always,omitempty"`
}

// Always returns the number of the block that runs in any case, if there is one.
func (n *Node) Always() (block int, ok bool) {
	block = len(n.Blocks) - 1
	return block, block >= 0 && n.Blocks[block].Always
}

// Looks reports whether a node waits for what a target says.
func (n *Node) Looks() bool { return n.Kind == Wait && n.Verify != nil }

// Tries is the use of an action that a node is about, nil if there is none.
func (n *Node) Tries() *Use {
	if n.Looks() {
		return n.Verify
	}
	return n.Action
}

// Share is a number of items, or a part of them all.
type Share struct {
	Count   int `json:"count,omitempty"`
	Percent int `json:"percent,omitempty"` // instead
}

// Of is the number that a share of all items is, rounded down.
func (s Share) Of(all int) int {
	if s.Percent > 0 {
		return all * s.Percent / 100
	}
	return s.Count
}

// AnyCheck as [Node.Canary] stands for every step that verifies what it did.
const AnyCheck = "*"

// Verifies reports whether a step looks whether what it did worked.
func (n *Node) Verifies() bool { return n.Kind == Action && (n.Verify != nil || n.VerifySelf) }

// BatchEnd returns where the batch ends that the item at i of all belongs to.
func (n *Node) BatchEnd(i, all int) int {
	end, size := 0, all
	for _, share := range n.Batches {
		size = max(1, share.Of(all))
		if end += size; i < end {
			return min(end, all)
		}
	}
	if len(n.Batches) == 0 {
		return all
	}
	return min(end+((i-end)/size+1)*size, all)
}

// Use is one use of an action.
type Use struct {
	Action     string       `json:"action"`
	Target     string       `json:"target,omitempty"`     // a name in the environment
	TargetExpr Value        `json:"target_expr,omitzero"` // instead, if the name is computed
	With       []Assignment `json:"with,omitempty"`
}

// Assignment gives a name a value.
type Assignment struct {
	Name  string `json:"name"`
	Value Value  `json:"value"`
}

// Field is a declared input, output, answer or variable.
type Field struct {
	Name        string   `json:"name"`
	Type        string   `json:"type"` // pkg/action's words
	Items       string   `json:"items,omitempty"`
	Required    bool     `json:"required,omitempty"`
	Secret      bool     `json:"secret,omitempty"`
	Identifies  bool     `json:"identifies,omitempty"` // an input that names the incident
	Default     *Value   `json:"default,omitempty"`
	Enum        []string `json:"enum,omitempty"`
	Pattern     string   `json:"pattern,omitempty"`
	Min         *Value   `json:"min,omitempty"`
	Max         *Value   `json:"max,omitempty"`
	Description string   `json:"description,omitempty"`
}

// Policy is what follows when a step failed for good. The zero value is invalid.
type Policy string

// The policies of on_failure.
const (
	FailStop     Policy = "stop"     // wait for a person's decision
	FailContinue Policy = "continue" // go on as if nothing were
	FailRollback Policy = "rollback" // undo the run
	FailNext     Policy = "next"     // go on at OnFailure.Next
)

// OnFailure says what follows when a step failed for good.
type OnFailure struct {
	Policy Policy `json:"policy"`
	Next   NodeID `json:"next"` // for FailNext, else None
}

// Retry says how a failed attempt is repeated.
type Retry struct {
	Attempts int     `json:"attempts"`           // tries in all, at least 1
	Delay    Value   `json:"delay,omitzero"`     // duration before the second try
	Factor   float64 `json:"factor,omitempty"`   // of growth from try to try; 0 is 1
	MaxDelay Value   `json:"max_delay,omitzero"` // duration, the most to wait
	Jitter   float64 `json:"jitter,omitempty"`   // 0..1, part of the delay that varies
	When     Expr    `json:"when,omitempty"`     // over error.message, error.timeout, error.doubt, attempt
}

// Approval says who must agree. For an Approve node it is the step itself.
type Approval struct {
	Text         Value    `json:"text,omitzero"`           // the question; an Approve node has it in Node.Text
	Roles        []string `json:"roles"`                   // any of them counts
	Need         int      `json:"need"`                    // different persons, at least 1
	Within       Value    `json:"within,omitzero"`         // duration after which it is refused by time
	NotRequester bool     `json:"not_requester,omitempty"` // whoever started the run does not count

	Remind        Value    `json:"remind,omitzero"`         // duration between two reminders
	EscalateAfter Value    `json:"escalate_after,omitzero"` // duration after which EscalateTo may answer too; not given is Within
	EscalateTo    []string `json:"escalate_to,omitempty"`   // roles
	OnExpiry      string   `json:"on_expiry,omitempty"`     // "", ExpiryNo or ExpiryEscalate
}

// What it means that nobody answered an approval in time; "" is that the step
// fails.
const (
	ExpiryNo       = "no"       // it counts as a refusal
	ExpiryEscalate = "escalate" // EscalateTo have as much time again
)

// Expr is the text of a CEL expression without ${{ }}; "" is none.
type Expr string

// Value is data (package data) in which text may hold ${{ }} expressions. A text that is one whole ${{ }}
// stands for the expression's value with its type; "$${{" stands for a literal
// "${{". The zero Value is "not given".
type Value struct {
	Raw   any
	Given bool
}

// Of makes a given value.
func Of(raw any) Value { return Value{Raw: raw, Given: true} }

// IsZero reports whether the value was not given.
func (v Value) IsZero() bool { return !v.Given }

// MarshalJSON implements json.Marshaler.
func (v Value) MarshalJSON() ([]byte, error) { return data.Encode(v.Raw) }

// UnmarshalJSON implements json.Unmarshaler.
func (v *Value) UnmarshalJSON(b []byte) error {
	raw, err := data.Decode(b)
	if err != nil {
		return err
	}
	*v = Of(raw)
	return nil
}

// Encode returns the plan as JSON, always the same bytes for the same plan.
func (p *Plan) Encode() ([]byte, error) {
	b, err := json.MarshalIndent(p, "", " ")
	if err != nil {
		return nil, fmt.Errorf("encode plan: %w", err)
	}
	return append(b, '\n'), nil
}

var decode = sync.OnceValue(event.DecoderOf[Plan])

// smallestNode is less than the bytes of any encoded node.
const smallestNode = 100

// Decode reads what Encode wrote.
func Decode(b []byte) (*Plan, error) {
	// A long plan is not to be copied while it grows.
	p := Plan{Nodes: make([]Node, 0, min(bytes.Count(b, []byte(`"on_failure":`)), len(b)/smallestNode))}
	if err := decode()(b, &p); err != nil {
		return nil, fmt.Errorf("decode plan: %w", err)
	}
	if p.Version != Version {
		return nil, fmt.Errorf("the plan has format %d, this irctl reads format %d", p.Version, Version)
	}
	for i := range p.Nodes {
		if p.Nodes[i].ID != NodeID(i) {
			return nil, fmt.Errorf("decode plan: node %d says it is %d", i, p.Nodes[i].ID)
		}
	}
	if err := p.links(); err != nil {
		return nil, fmt.Errorf("decode plan: %w", err)
	}
	return &p, nil
}

// Digest is the SHA-256 of an encoded plan, in lower-case hex.
func Digest(encoded []byte) string {
	sum := sha256.Sum256(encoded)
	return hex.EncodeToString(sum[:])
}

// Node returns the node with the id, or nil for None.
func (p *Plan) Node(id NodeID) *Node {
	if id < 0 || int(id) >= len(p.Nodes) {
		return nil
	}
	return &p.Nodes[id]
}
