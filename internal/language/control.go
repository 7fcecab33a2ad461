package language

import (
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/suggest"
	"github.com/irctl/irctl/pkg/runbook"
)

// control reads how a step is carried out: in time, again, with whose consent,
// and what follows when it fails.
func (p *parser) control(m *Mapping, s *runbook.Step) {
	s.Timeout, s.Expires = m.Duration("timeout"), m.Duration("expires")
	s.Retry = p.retry(m.Value("retry"))
	s.Approval = p.approval(m.Value("approval"), "`approval`")
	s.OnFailure = p.onFailure(m.Value("on_failure"))
	s.Fallback = m.Scalar("fallback")
	s.Undo = p.use(m.Value("undo"), "`undo`")
	s.Irreversible = m.Text("irreversible")
	if yes, given := m.Bool("idempotent"); given {
		s.Idempotent = &yes
	}
	if v := m.Value("verify"); v != nil {
		switch v.Kind {
		case runbook.BoolValue:
			s.VerifySelf = v.Bool
		case runbook.MapValue:
			s.Verify = p.use(v, "`verify`")
		default:
			p.Report(WrongShape, v.Span, "write `verify: true`, or a mapping with `uses`, `target` and `with`", "`verify` must be true or the use of an action")
		}
	}
	if s.Undo != nil && s.Irreversible.Given() {
		p.Report(Senseless, m.Key("irreversible").Span, "remove one of them", "this step has `undo` and is `irreversible`")
	}
}

// condition reads a CEL expression, bare or in ${{ }}.
func (p *parser) condition(m *Mapping, key string) *runbook.Value {
	v := m.Value(key)
	if v == nil || v.Kind == runbook.BoolValue || v.Kind == runbook.StringValue && strings.TrimSpace(v.Text) != "" {
		return v
	}
	detail := "write an expression, such as ${{ inputs.urgent }}"
	if v.Kind == runbook.MapValue {
		detail = "put the expression in quotes"
	}
	p.Report(WrongShape, v.Span, detail, "`%s` must be a condition, not %s", key, kindWords(v))
	return nil
}

func (p *parser) retry(v *runbook.Value) *runbook.Retry {
	if v == nil {
		return nil
	}
	if v.Kind == runbook.IntValue || v.HasExpr() {
		if v.Kind == runbook.IntValue && (v.Int < 1 || v.Int > 1000) {
			p.Report(Malformed, v.Span, "it counts all attempts, the first included", "`retry` must be between 1 and 1000")
			return nil
		}
		return &runbook.Retry{Attempts: v, Span: v.Span}
	}
	m := p.Fields(v, "`retry`", retryTable)
	if m == nil {
		return nil
	}
	return &runbook.Retry{
		Attempts: m.count("attempts"),
		Delay:    m.Duration("delay"),
		Factor:   m.Number("factor"),
		MaxDelay: m.Duration("max_delay"),
		Jitter:   m.Number("jitter"),
		When:     p.condition(m, "when"),
		Span:     v.Span,
	}
}

// count reads a whole number from 1, or an expression.
func (m *Mapping) count(key string) *runbook.Value {
	v := m.Value(key)
	if v == nil || v.HasExpr() {
		return v
	}
	if m.Int(key) == 0 {
		return nil
	}
	return v
}

// approval reads approve: and approval:.
func (p *parser) approval(v *runbook.Value, what string) *runbook.Approval {
	if v == nil {
		return nil
	}
	a := &runbook.Approval{Span: v.Span}
	if v.Kind == runbook.StringValue {
		a.Text = v
		p.Report(MissingKey, v.Span, "write "+strings.Trim(what, "`")+": {text: ..., roles: [commander]}", "%s names no `roles`", what)
		return a
	}
	m := p.known(v, what, approvalTable) // missing roles have words of their own
	if m == nil {
		return nil
	}
	a.Text = m.Scalar("text")
	a.Roles = m.Texts("roles")
	a.Need = m.count("need")
	a.Within = m.Duration("within")
	a.NotRequester, _ = m.Bool("not_requester")
	a.NotRequesterKey = m.Key("not_requester")
	a.Remind = m.Duration("remind")
	if m.Has("escalate") {
		e := m.Fields("escalate", "`escalate`", escalateTable)
		a.Escalate = &runbook.Escalation{After: e.Duration("after"), To: e.Texts("to"), Span: m.Key("escalate").Span}
	}
	a.OnExpiry = m.Word("on_expiry")
	roles := m.lookupValue("roles")
	if roles == nil || roles.Kind == runbook.ListValue && len(roles.Items) == 0 {
		m.lacks(MissingKey, "add `roles: [commander]`, with the roles that may approve", "%s names no `roles`", what)
	}
	return a
}

var UnknownWord = codes.Error("IR0123", "unknown word",
	"The place takes one of a few words, and this is none of them.")

func (p *parser) onFailure(v *runbook.Value) *runbook.OnFailure {
	if v == nil {
		return nil
	}
	if v.Kind == runbook.MapValue {
		m := p.Fields(v, "`on_failure`", onFailureTable)
		next := m.Name("next", StepName)
		if !next.Given() {
			return nil
		}
		return &runbook.OnFailure{Policy: runbook.Text{Value: "next", Span: m.Key("next").Span}, Next: next, Span: v.Span}
	}
	if v.Kind == runbook.StringValue && slices.Contains(failurePolicies, v.Text) {
		return &runbook.OnFailure{Policy: runbook.Text{Value: v.Text, Span: v.Span}, Span: v.Span}
	}
	detail := "write stop, continue, rollback, or {next: STEP}"
	if s := suggest.Near(v.Text, failurePolicies); s != "" && v.Kind == runbook.StringValue {
		detail = suggest.Meant(s)
	} else if v.Text == "next" {
		detail = "write {next: STEP}"
	}
	r := p.Report(UnknownWord, v.Span, detail, "`on_failure` does not know %q", short(v.Text))
	if meant := suggest.Only(v.Text, failurePolicies); meant != "" && v.Kind == runbook.StringValue {
		r.Fix = &runbook.Edit{Span: v.Span, Text: meant}
	}
	return nil
}

// use reads {uses, target, with}.
func (p *parser) use(v *runbook.Value, what string) *runbook.Use {
	m := p.Fields(v, what, useTable)
	if m == nil {
		return nil
	}
	return p.useOf(m, v.Span)
}

func (p *parser) useOf(m *Mapping, span runbook.Span) *runbook.Use {
	return &runbook.Use{Action: m.Text("uses"), Target: m.Scalar("target"), With: m.Entries("with", AnyName), Span: span}
}
