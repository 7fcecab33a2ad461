package cacao

import (
	"cmp"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/suggest"
	"github.com/irctl/irctl/pkg/runbook"
)

var stepProperties = []string{
	"type", "name", "description", "external_references", "delay", "timeout", "step_variables", "owner",
	"on_completion", "on_success", "on_failure", "step_extensions",
}

// ownProperties are what a type of step has besides, required ones first.
var ownProperties = map[StepKind]struct{ required, optional []string }{
	KindStart:    {},
	KindEnd:      {},
	KindAction:   {[]string{"commands", "agent"}, []string{"targets", "in_args", "out_args"}},
	KindPlaybook: {[]string{"playbook_id"}, []string{"playbook_version", "in_args", "out_args"}},
	KindParallel: {[]string{"next_steps"}, nil},
	KindIf:       {[]string{"condition", "on_true"}, []string{"on_false"}},
	KindWhile:    {[]string{"condition", "on_true"}, nil},
	KindSwitch:   {[]string{"switch", "cases"}, nil},
}

// stepKinds are the types of steps, in the order of the standard.
var stepKinds = []string{"start", "end", "action", "playbook-action", "parallel", "if-condition", "while-condition", "switch-condition"}

var UnknownStep = codes.Error("IR0727", "unknown type of step",
	"CACAO 2.0 has the steps start, end, action, playbook-action, parallel, if-condition, while-condition and switch-condition. irctl does not guess what another would do.")

func (r *reader) step(p runbook.Pair) *Step {
	r.identifier(p.Key)
	if p.Value.Kind != runbook.MapValue {
		r.object(p.Value, "a step")
		return nil
	}
	kind := p.Value.Get("type")
	s := &Step{ID: p.Key, Span: p.Value.Span, Tree: p.Value}
	what := "the step"
	var o *object
	if kind != nil {
		s.Kind = StepKind(kind.Text)
	}
	own, known := ownProperties[s.Kind]
	switch {
	case known:
		what = "the " + string(s.Kind) + " step"
		o = r.object(p.Value, what, slices.Concat(stepProperties, own.required, own.optional)...)
		if prefix, _, _ := strings.Cut(p.Key.Value, "--"); prefix != string(s.Kind) && identifier.MatchString(p.Key.Value) {
			r.report(BadIdentifier, p.Key.Span, "begin it with "+string(s.Kind)+"--", "the identifier of a step begins with its type, and this step is of type %q", s.Kind)
		}
	case kind == nil:
		o = r.object(p.Value, what)
		o.require("type")
	default:
		o = r.object(p.Value, what)
		r.report(UnknownStep, kind.Span, meantOneOf(kind.Text, stepKinds), "there is no type of step %q in CACAO 2.0, so that nobody knows what it would do", short(kind.Text))
	}
	o.require(own.required...)
	s.Name, s.Description, s.Owner = o.text("name"), o.text("description"), o.id("owner")
	s.Delay, s.Timeout = o.milliseconds("delay"), o.milliseconds("timeout")
	s.Variables = r.variables(o, "step_variables")
	s.OnCompletion, s.OnSuccess, s.OnFailure = o.id("on_completion"), o.id("on_success"), o.id("on_failure")
	s.Extensions, s.ExternalReferences = r.extensions(o, "step_extensions"), r.references(o)
	r.own(o, s)
	return s
}

func meantOneOf(word string, known []string) string {
	return cmp.Or(suggest.DidYouMean(word, known), "known are "+strings.Join(known, ", "))
}

// own reads what a step has by its kind.
func (r *reader) own(o *object, s *Step) {
	switch s.Kind {
	case KindAction:
		s.Agent, s.Targets = o.id("agent"), o.ids("targets")
		s.In, s.Out = o.texts("in_args"), o.texts("out_args")
		for _, v := range o.items("commands") {
			if c := r.command(v); c != nil {
				s.Commands = append(s.Commands, c)
			}
		}
	case KindPlaybook:
		s.PlaybookID, s.PlaybookVersion = o.id("playbook_id"), o.time("playbook_version")
		s.In, s.Out = o.texts("in_args"), o.texts("out_args")
	case KindParallel:
		s.NextSteps = o.ids("next_steps")
	case KindIf, KindWhile:
		s.Condition, s.OnTrue = o.scalar("condition"), o.id("on_true")
		if s.Kind == KindIf {
			s.OnFalse = o.id("on_false")
		}
	case KindSwitch:
		s.Switch = o.scalar("switch")
		for _, p := range o.entries("cases") {
			if to := textOf(p.Value); p.Value.Kind == runbook.StringValue && r.identifier(to) {
				s.Cases = append(s.Cases, Case{p.Key, to})
			} else if p.Value.Kind != runbook.StringValue && p.Value.Kind != 0 {
				r.report(WrongShape, p.Value.Span, "give the id of a step", "a case must lead to a step, not to %s", shape(p.Value))
			}
		}
	}
}

var commandProperties = []string{"type", "description", "version", "playbook_activity", "external_references"}

// commandOwn are the properties of the types of commands, required ones first.
// Which of command and command_b64 stands there is checked apart.
var commandOwn = map[string]struct{ required, optional []string }{
	"bash":        {nil, []string{"command", "command_b64"}},
	"ssh":         {nil, []string{"command", "command_b64"}},
	"powershell":  {nil, []string{"command", "command_b64"}},
	"manual":      {nil, []string{"command", "command_b64"}},
	"caldera-cmd": {nil, []string{"command", "command_b64"}},
	"http-api":    {[]string{"command"}, []string{"headers", "content", "content_b64"}},
	"openc2-http": {[]string{"command", "content_b64"}, []string{"headers"}},
	"elastic":     {[]string{"command_b64"}, nil},
	"jupyter":     {[]string{"command_b64"}, nil},
	"kestrel":     {[]string{"command_b64"}, nil},
	"sigma":       {[]string{"command_b64"}, nil},
	"yara":        {[]string{"command_b64"}, nil},
}

func (r *reader) command(v *runbook.Value) *Command {
	if v.Kind != runbook.MapValue {
		r.object(v, "a command")
		return nil
	}
	kind := v.Get("type")
	own, known := commandOwn[textOf(kind).Value]
	what := "the command"
	var o *object
	if known {
		what = "the " + kind.Text + " command"
		o = r.object(v, what, slices.Concat(commandProperties, own.required, own.optional)...)
	} else {
		o = r.object(v, what)
	}
	o.require("type")
	o.require(own.required...)
	c := &Command{
		Type: o.text("type"), Span: v.Span, Tree: v, Description: o.text("description"), Version: o.text("version"), Activity: o.text("playbook_activity"),
		Command: o.scalar("command"), CommandB64: o.scalar("command_b64"), Content: o.scalar("content"), ContentB64: o.scalar("content_b64"),
	}
	r.references(o)
	for _, p := range o.entries("headers") {
		h := Header{Name: p.Key}
		switch p.Value.Kind {
		case runbook.ListValue:
			h.Values = p.Value.Items
		case 0:
			continue
		default:
			r.report(WrongShape, p.Value.Span, "write it as a list of texts: [\"...\"]", "the values of a header must be a list, not %s", shape(p.Value))
			continue
		}
		for _, one := range h.Values {
			if one.Kind != runbook.StringValue && one.Kind != 0 {
				r.report(WrongShape, one.Span, "put it in double quotes", "the value of a header must be a text, not %s", shape(one))
			}
		}
		c.Headers = append(c.Headers, h)
	}
	return c
}

var actorProperties = []string{"type", "name", "description", "location", "agent_target_extensions"}

var networked = []string{"address", "port", "authentication_info", "category"}

// actorOwn are the properties of the types of agents and targets.
var actorOwn = map[string][]string{
	"group": {"contact"}, "individual": {"contact"}, "organization": {"contact"}, "sector": {"sector"}, "location": {"logical"},
	"security-category": {"category"}, "http-api": networked, "linux": networked, "ssh": networked, "net-address": {"address", "authentication_info", "category"},
}

// actorNeeds are those of them that must be there.
var actorNeeds = map[string]string{"sector": "sector", "security-category": "category", "http-api": "address", "linux": "address", "ssh": "address", "net-address": "address"}

var addressKinds = []string{"dname", "ipv4", "ipv6", "l2mac", "vlan", "url"}

func (r *reader) actors(o *object, name string) []*AgentTarget {
	var out []*AgentTarget
	for _, p := range o.entries(name) {
		r.identifier(p.Key)
		if p.Value.Kind != runbook.MapValue {
			r.object(p.Value, "an agent or target")
			continue
		}
		kind := textOf(p.Value.Get("type"))
		own, known := actorOwn[kind.Value]
		var a *object
		if known {
			a = r.object(p.Value, "the "+kind.Value+" "+short(p.Key.Value), slices.Concat(actorProperties, own)...)
		} else {
			a = r.object(p.Value, "the agent or target "+short(p.Key.Value))
		}
		a.require("type", "name")
		if need := actorNeeds[kind.Value]; need != "" {
			a.require(need)
		}
		one := &AgentTarget{
			ID: p.Key, Type: a.text("type"), Name: a.text("name"), Description: a.text("description"), Tree: p.Value,
			Port: a.text("port"), Authentication: a.id("authentication_info"), Contact: a.get("contact"),
		}
		if known {
			r.addresses(a, one)
		}
		out = append(out, one)
	}
	return out
}

var UnknownWord = codes.Error("IR0739", "unknown word",
	"The place takes one of a few words, and this is none of them.")

func (r *reader) addresses(a *object, one *AgentTarget) {
	for _, p := range a.entries("address") {
		if !slices.Contains(addressKinds, p.Key.Value) {
			r.report(UnknownWord, p.Key.Span, meantOneOf(p.Key.Value, addressKinds), "there is no kind of address %q", short(p.Key.Value))
			continue
		}
		if p.Value.Kind != runbook.ListValue {
			r.report(WrongShape, p.Value.Span, "write it as a list", "addresses must be a list, not %s", shape(p.Value))
			continue
		}
		one.Addresses = append(one.Addresses, Address{p.Key, p.Value.Items})
	}
}
