package cacao

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/finding"
	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

var codes = finding.Unshown("a whole playbook is too long for an example; `irctl help cacao` has one")

// Codes is what this package finds.
func Codes() *finding.Set { return codes }

// SpecVersion is the version of CACAO that irctl runs.
const SpecVersion = "cacao-2.0"

// Parse reads a playbook and finds everything that is wrong with it by itself:
// what its file says, how its steps hang together. The playbook is nil if the
// file is not the JSON of a playbook of version 2.0; with errors it holds what
// could be read. What other files add (environment, bindings, called
// playbooks) is for package convert.
func Parse(file string, src []byte) (*Playbook, runbook.Diagnostics) {
	tree, r := readJSON(file, src)
	if tree == nil || !r.version(tree) || r.ended {
		return nil, r.found
	}
	r.conform(tree)
	c := &checker{reader: r, pb: Read(file, src, tree)}
	c.all()
	return c.pb, r.found
}

// maxFindings is how many findings one file can have; more help nobody.
const maxFindings = 200

// reader gathers what is wrong with a playbook.
type reader struct {
	found runbook.Diagnostics
	told  map[string]bool // malformed identifiers
	lost  bool            // not all of the text could be read
	ended bool            // it ended too early or too late, so that nobody knows what belongs to what
}

// absent are what is said of something that may be there, in what was lost.
var absent = []*finding.Code{
	Missing, Dangling, UndefinedActor, UndefinedVar, EmptyCommand, NoContinuation, NoMinimum, Unreachable, SummaryDiffers,
}

func (r *reader) report(code *finding.Code, at runbook.Span, detail, format string, args ...any) *runbook.Diagnostic {
	if len(r.found) >= maxFindings || r.lost && slices.Contains(absent, code) {
		return &runbook.Diagnostic{}
	}
	r.found = append(r.found, code.At(at, fmt.Sprintf(format, args...), detail))
	return &r.found[len(r.found)-1]
}

var OtherVersion = codes.Error("IR0703", "not a playbook of CACAO 2.0",
	"irctl runs CACAO Security Playbooks of version 2.0. Version 1 has other types of steps, commands and agents; no program can tell what such a playbook would mean in version 2.0.")

// version reports what is not a playbook of version 2.0.
func (r *reader) version(tree *runbook.Value) bool {
	if tree.Kind != runbook.MapValue {
		r.report(WrongShape, tree.Span, "", "a playbook must be an object, not %s", shape(tree))
		return false
	}
	kind, version := tree.Get("type"), text(tree, "spec_version")
	switch {
	case r.lost && kind == nil: // it may have said so
	case strings.HasPrefix(version.Value, "1.") || strings.HasPrefix(version.Value, "cacao-1."):
		r.report(OtherVersion, version.Span, "CACAO 2.0 changed steps, commands and agents in ways that no program can guess; have the playbook written in cacao-2.0", "the playbook is written in CACAO version 1, which irctl does not run")
	case kind == nil || kind.Text != "playbook":
		at := opening(tree.Span)
		if kind != nil {
			at = kind.Span
		}
		r.report(OtherVersion, at, `a playbook has "type": "playbook"`, "this is not a CACAO playbook")
	case !version.Given():
		r.report(Missing, opening(tree.Span), `add "spec_version"`, `the playbook lacks "spec_version"`)
	case version.Value != SpecVersion:
		r.report(OtherVersion, version.Span, `irctl runs "spec_version": "cacao-2.0"`, "irctl does not know the version %q of CACAO", short(version.Value))
	default:
		return true
	}
	return false
}

// Read makes a playbook of its tree. What does not have the right shape has
// been reported, and is left out.
func Read(file string, src []byte, tree *runbook.Value) *Playbook {
	pb := &Playbook{
		File: file, Source: src, Tree: tree,
		ID: text(tree, "id"), Name: text(tree, "name"), Description: text(tree, "description"), CreatedBy: text(tree, "created_by"),
		Created: moment(tree, "created"), Modified: moment(tree, "modified"), ValidFrom: moment(tree, "valid_from"), ValidUntil: moment(tree, "valid_until"),
		Revoked: yes(tree, "revoked"), Labels: texts(tree, "labels"), Markings: texts(tree, "markings"),
		Variables: variables(tree, "playbook_variables"), Start: text(tree, "workflow_start"), Exception: text(tree, "workflow_exception"),
		Agents: actors(tree, "agent_definitions"), Targets: actors(tree, "target_definitions"),
		Authentications: entries(tree, "authentication_info_definitions"), ExtensionDefs: entries(tree, "extension_definitions"), MarkingDefs: entries(tree, "data_marking_definitions"),
		Extensions: of(tree, "playbook_extensions", runbook.MapValue), Signatures: items(tree, "signatures"), ExternalReferences: items(tree, "external_references"),
	}
	for _, p := range entries(tree, "workflow") {
		if p.Value.Kind == runbook.MapValue {
			pb.Steps = append(pb.Steps, step(p))
		}
	}
	return pb
}

func step(p runbook.Pair) *Step {
	v := p.Value
	s := &Step{
		ID: p.Key, Tree: v, Kind: StepKind(text(v, "type").Value), Name: text(v, "name"), Description: text(v, "description"), Owner: text(v, "owner"),
		Delay: whole(v, "delay"), Timeout: whole(v, "timeout"), Variables: variables(v, "step_variables"),
		OnCompletion: text(v, "on_completion"), OnSuccess: text(v, "on_success"), OnFailure: text(v, "on_failure"),
		Extensions: of(v, "step_extensions", runbook.MapValue), ExternalReferences: items(v, "external_references"),
	}
	switch s.Kind {
	case KindAction:
		s.Agent, s.Targets, s.In, s.Out = text(v, "agent"), texts(v, "targets"), texts(v, "in_args"), texts(v, "out_args")
		for _, c := range items(v, "commands") {
			if c.Kind == runbook.MapValue {
				s.Commands = append(s.Commands, command(c))
			}
		}
	case KindPlaybook:
		s.PlaybookID, s.PlaybookVersion, s.In, s.Out = text(v, "playbook_id"), text(v, "playbook_version"), texts(v, "in_args"), texts(v, "out_args")
	case KindParallel:
		s.NextSteps = texts(v, "next_steps")
	case KindIf:
		s.Condition, s.OnTrue, s.OnFalse = of(v, "condition", runbook.StringValue), text(v, "on_true"), text(v, "on_false")
	case KindWhile:
		s.Condition, s.OnTrue = of(v, "condition", runbook.StringValue), text(v, "on_true")
	case KindSwitch:
		s.Switch, s.Cases = of(v, "switch", runbook.StringValue), entries(v, "cases")
	}
	return s
}

func command(v *runbook.Value) *Command {
	return &Command{
		Type: text(v, "type"), Span: v.Span, Tree: v, Description: text(v, "description"), Headers: entries(v, "headers"),
		Command: of(v, "command", runbook.StringValue), CommandB64: of(v, "command_b64", runbook.StringValue),
		Content: of(v, "content", runbook.StringValue), ContentB64: of(v, "content_b64", runbook.StringValue),
	}
}

func variables(v *runbook.Value, name string) []*Variable {
	var out []*Variable
	for _, p := range entries(v, name) {
		one := &Variable{Name: p.Key, Type: text(p.Value, "type"), Description: text(p.Value, "description"), Constant: yes(p.Value, "constant"), External: yes(p.Value, "external")}
		if value := p.Value.Get("value"); value != nil && value.Kind != 0 {
			one.Value = value
		}
		out = append(out, one)
	}
	return out
}

func actors(v *runbook.Value, name string) []*AgentTarget {
	return each.Of(entries(v, name), func(p runbook.Pair) *AgentTarget {
		return &AgentTarget{ID: p.Key, Type: text(p.Value, "type"), Name: text(p.Value, "name"), Tree: p.Value, Addresses: entries(p.Value, "address")}
	})
}

// of returns a property of a kind; nil if it is absent or was reported.
func of(v *runbook.Value, name string, kind runbook.ValueKind) *runbook.Value {
	if p := v.Get(name); p != nil && p.Kind == kind {
		return p
	}
	return nil
}

// whole returns a property that is a whole number, also as 5e3.
func whole(v *runbook.Value, name string) *runbook.Value {
	if p := of(v, name, runbook.FloatValue); p != nil {
		return p
	}
	return of(v, name, runbook.IntValue)
}

func yes(v *runbook.Value, name string) bool {
	b := of(v, name, runbook.BoolValue)
	return b != nil && b.Bool
}

func items(v *runbook.Value, name string) []*runbook.Value {
	if list := of(v, name, runbook.ListValue); list != nil {
		return list.Items
	}
	return nil
}

func entries(v *runbook.Value, name string) []runbook.Pair {
	if object := of(v, name, runbook.MapValue); object != nil {
		return object.Pairs
	}
	return nil
}

func text(v *runbook.Value, name string) runbook.Text { return textOf(v.Get(name)) }

func textOf(v *runbook.Value) runbook.Text {
	if v == nil || v.Kind != runbook.StringValue {
		return runbook.Text{}
	}
	return runbook.Text{Value: v.Text, Span: v.Span}
}

func texts(v *runbook.Value, name string) []runbook.Text {
	var out []runbook.Text
	for _, item := range items(v, name) {
		if item.Kind == runbook.StringValue {
			out = append(out, textOf(item))
		}
	}
	return out
}

// moment returns a property that is a timestamp.
func moment(v *runbook.Value, name string) Time {
	t := text(v, name)
	at, _ := time.Parse(time.RFC3339, t.Value) // the schema has looked at it
	return Time{t, at.UTC()}
}

// opening is the first character of a place, where what is missing is told.
func opening(at runbook.Span) runbook.Span {
	at.End = at.Start
	at.End.Column++
	at.End.Offset++
	return at
}

var identifier = pattern.Late(`^[a-z][a-z0-9-]+[a-z0-9]--[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-5][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}$`)

// identifier reports, once, a text that is no identifier (section 10.10).
func (r *reader) identifier(t runbook.Text) {
	if r.told[t.Value] {
		return
	}
	r.told[t.Value] = true
	r.report(BadIdentifier, t.Span, "an identifier is a type, two hyphens and an RFC 4122 UUID: action--b1f5...", "%q is not an identifier", short(t.Value))
}

// short is a text as a message may quote it.
func short(s string) string { return action.CleanLine(s, 61) }
