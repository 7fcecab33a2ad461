package cacao

import (
	"slices"
	"time"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/pkg/runbook"
)

// Playbook is a parsed CACAO Security Playbook of version 2.0: what its file
// says, with places. Absent texts are zero Texts. What has no field here is
// in Tree.
type Playbook struct {
	File   string
	Source []byte
	Tree   *runbook.Value // the whole file

	ID, Name, Description, CreatedBy         runbook.Text
	Created, Modified, ValidFrom, ValidUntil Time
	Revoked                                  bool
	Labels, Markings                         []runbook.Text
	Variables                                []*Variable
	Start, Exception                         runbook.Text // step ids
	Steps                                    []*Step      // in the file's order
	Agents, Targets                          []*AgentTarget
	// Authentications, ExtensionDefs and MarkingDefs are definitions by their
	// ids. irctl takes no secret from a playbook: the environment's target has
	// the credentials.
	Authentications, ExtensionDefs, MarkingDefs []runbook.Pair
	Extensions                                  *runbook.Value   // playbook_extensions
	Signatures                                  []*runbook.Value // as they stand
	ExternalReferences                          []*runbook.Value
}

// Time is a timestamp with its text. The zero value is "not given".
type Time struct {
	runbook.Text
	At time.Time
}

// Variable is a declared variable.
type Variable struct {
	Name        runbook.Text // "__x__"
	Type        runbook.Text // an open vocabulary: "string", "ipv4-addr"...
	Description runbook.Text
	Value       *runbook.Value // nil if absent; Null is unknown, "" is known to be empty
	Constant    bool
	External    bool // the caller gives the value
}

// StepKind is the type of a workflow step. The zero value is invalid.
type StepKind string

// The types of workflow steps.
const (
	KindStart    StepKind = "start"
	KindEnd      StepKind = "end"
	KindAction   StepKind = "action"
	KindPlaybook StepKind = "playbook-action"
	KindParallel StepKind = "parallel"
	KindIf       StepKind = "if-condition"
	KindWhile    StepKind = "while-condition"
	KindSwitch   StepKind = "switch-condition"
)

// Step is one workflow step. Which of the fields below the line are set
// depends on Kind.
type Step struct {
	Kind StepKind // may be a word that is no StepKind; that has been reported
	ID   runbook.Text
	Tree *runbook.Value // the whole step

	Name, Description, Owner           runbook.Text
	Delay, Timeout                     *runbook.Value // milliseconds; nil is "not given", which differs from 0
	Variables                          []*Variable
	OnCompletion, OnSuccess, OnFailure runbook.Text
	Extensions                         *runbook.Value
	ExternalReferences                 []*runbook.Value

	Agent           runbook.Text   // action
	Targets         []runbook.Text // action
	Commands        []*Command     // action
	In, Out         []runbook.Text // action, playbook-action: variable names
	PlaybookID      runbook.Text   // playbook-action
	PlaybookVersion runbook.Text   // playbook-action: the callee's modified; absent is the newest
	NextSteps       []runbook.Text // parallel
	Condition       *runbook.Value // if, while: a text in STIX's grammar
	OnTrue, OnFalse runbook.Text   // if, while (on_true only)
	Switch          *runbook.Value // switch: a text
	Cases           []runbook.Pair // switch: ids of steps, in the file's order; DefaultCase is one of them
}

// DefaultCase is the case of a switch that is taken if no other matches.
const DefaultCase = "default"

// Command is one command of an action step.
type Command struct {
	Type        runbook.Text // an open vocabulary: "bash", "ssh", "http-api"...
	Span        runbook.Span
	Tree        *runbook.Value
	Description runbook.Text

	Command, CommandB64 *runbook.Value // texts, nil if absent
	Content, ContentB64 *runbook.Value
	Headers             []runbook.Pair // http-api, openc2-http: lists of texts
}

// AgentTarget is who carries a command out, or what it acts on.
type AgentTarget struct {
	ID, Type, Name runbook.Text
	Tree           *runbook.Value
	Addresses      []runbook.Pair // lists of addresses, by kind: "dname", "ipv4", "ipv6", "l2mac", "vlan", "url"
}

// Step returns the step with an id, or nil.
func (pb *Playbook) Step(id string) *Step {
	for _, s := range pb.Steps {
		if s.ID.Value == id {
			return s
		}
	}
	return nil
}

// Actor returns the agent or target with an id, or nil.
func (pb *Playbook) Actor(id string) *AgentTarget {
	for _, a := range slices.Concat(pb.Agents, pb.Targets) {
		if a.ID.Value == id {
			return a
		}
	}
	return nil
}

// Branches returns the ids of the steps with which the blocks of a step begin,
// in the file's order.
func (s *Step) Branches() []runbook.Text {
	cases := each.Of(s.Cases, func(c runbook.Pair) runbook.Text { return textOf(c.Value) })
	return slices.Concat(s.NextSteps, given(s.OnTrue, s.OnFalse), cases)
}

// Successors returns the ids of the steps that may follow a step in its own
// block.
func (s *Step) Successors() []runbook.Text { return given(s.OnCompletion, s.OnSuccess, s.OnFailure) }

func given(texts ...runbook.Text) []runbook.Text {
	return slices.DeleteFunc(texts, func(t runbook.Text) bool { return !t.Given() })
}
