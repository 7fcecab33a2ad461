package cacao

import (
	"time"

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
	Types, Activities, Labels, Sectors       []runbook.Text
	DerivedFrom, RelatedTo, Markings         []runbook.Text
	Priority, Severity, Impact               *runbook.Value // whole numbers from 0 to 100
	Summary                                  *Summary
	Variables                                []*Variable
	Start, Exception                         runbook.Text // step ids
	Steps                                    []*Step      // in the file's order
	Agents, Targets                          []*AgentTarget
	Authentications                          []*Authentication
	ExtensionDefs                            []*Object
	MarkingDefs                              []*Marking
	Extensions                               *runbook.Value   // playbook_extensions
	Signatures                               []*runbook.Value // as they stand
	ExternalReferences                       []*runbook.Value
}

// Time is a timestamp with its text. The zero value is "not given".
type Time struct {
	runbook.Text
	At time.Time
}

// Summary is the playbook_processing_summary: what the playbook says of itself.
type Summary struct {
	Span  runbook.Span
	Flags []Flag
}

// Flag is one statement of a Summary.
type Flag struct {
	Name  runbook.Text
	Value bool
}

// Variable is a declared variable.
type Variable struct {
	Name        runbook.Text // "__x__"
	Type        runbook.Text // an open vocabulary: "string", "ipv4-addr"...
	Description runbook.Text
	Value       *runbook.Value // nil if absent; Null is unknown, "" is known to be empty
	Constant    bool
	External    bool // the caller gives the value
	Span        runbook.Span
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
	Span runbook.Span
	Tree *runbook.Value // the whole step

	Name, Description, Owner           runbook.Text
	Delay, Timeout                     *Milliseconds
	Variables                          []*Variable
	OnCompletion, OnSuccess, OnFailure runbook.Text
	Extensions                         *runbook.Value
	ExternalReferences                 []*runbook.Value

	Agent           runbook.Text   // action
	Targets         []runbook.Text // action
	Commands        []*Command     // action
	In, Out         []runbook.Text // action, playbook-action: variable names
	PlaybookID      runbook.Text   // playbook-action
	PlaybookVersion Time           // playbook-action: the callee's modified; absent is the newest
	NextSteps       []runbook.Text // parallel
	Condition       *runbook.Value // if, while: a text in STIX's grammar
	OnTrue, OnFalse runbook.Text   // if, while (on_true only)
	Switch          *runbook.Value // switch: a text
	Cases           []Case         // switch, in the file's order; Default is the case "default"
}

// Case is one case of a switch.
type Case struct {
	Match runbook.Text
	Step  runbook.Text
}

// DefaultCase is the case of a switch that is taken if no other matches.
const DefaultCase = "default"

// Milliseconds is a time span. A nil pointer is "not given", which differs
// from 0.
type Milliseconds struct {
	Value int64
	Span  runbook.Span
}

// Duration returns the time span.
func (m Milliseconds) Duration() time.Duration { return time.Duration(m.Value) * time.Millisecond }

// Command is one command of an action step.
type Command struct {
	Type        runbook.Text // an open vocabulary: "bash", "ssh", "http-api"...
	Span        runbook.Span
	Tree        *runbook.Value
	Description runbook.Text
	Version     runbook.Text
	Activity    runbook.Text // playbook_activity

	Command    *runbook.Value // a text, nil if absent
	CommandB64 *runbook.Value
	Headers    []Header // http-api, openc2-http
	Content    *runbook.Value
	ContentB64 *runbook.Value
}

// Header is a header of an HTTP request; it may have several values.
type Header struct {
	Name   runbook.Text
	Values []*runbook.Value
}

// AgentTarget is who carries a command out, or what it acts on.
type AgentTarget struct {
	ID, Type, Name, Description runbook.Text
	Tree                        *runbook.Value
	Addresses                   []Address
	Port                        runbook.Text
	Authentication              runbook.Text // id of an Authentication
	Contact                     *runbook.Value
}

// Address is one kind of address of an agent or target.
type Address struct {
	Kind   runbook.Text // "dname", "ipv4", "ipv6", "l2mac", "vlan", "url"
	Values []*runbook.Value
}

// Authentication is an entry of authentication_info_definitions. irctl takes
// no secret from a playbook: the environment's target has the credentials.
type Authentication struct {
	ID, Type runbook.Text
	Tree     *runbook.Value
}

// Marking is an entry of data_marking_definitions.
type Marking struct {
	ID, Type  runbook.Text
	Tree      *runbook.Value
	Level     runbook.Text // marking-tlp: "TLP:AMBER"
	Statement runbook.Text
	Markings  []runbook.Text // markings of the marking itself
}

// Object is a definition that is kept as it is.
type Object struct {
	ID   runbook.Text
	Tree *runbook.Value
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
	for _, list := range [][]*AgentTarget{pb.Agents, pb.Targets} {
		for _, a := range list {
			if a.ID.Value == id {
				return a
			}
		}
	}
	return nil
}

// Branches returns the ids of the steps with which the blocks of a step begin,
// in the file's order.
func (s *Step) Branches() []runbook.Text {
	switch s.Kind {
	case KindParallel:
		return s.NextSteps
	case KindIf, KindWhile:
		var out []runbook.Text
		for _, id := range []runbook.Text{s.OnTrue, s.OnFalse} {
			if id.Given() {
				out = append(out, id)
			}
		}
		return out
	case KindSwitch:
		out := make([]runbook.Text, 0, len(s.Cases))
		for _, c := range s.Cases {
			out = append(out, c.Step)
		}
		return out
	}
	return nil
}

// Successors returns the ids of the steps that may follow a step in its own
// block.
func (s *Step) Successors() []runbook.Text {
	var out []runbook.Text
	for _, id := range []runbook.Text{s.OnCompletion, s.OnSuccess, s.OnFailure} {
		if id.Given() {
			out = append(out, id)
		}
	}
	return out
}
