package language

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/irctl/irctl/pkg/runbook"
)

// body reads what a step of its kind does.
func (p *parser) body(m *Mapping, s *runbook.Step) {
	m.table = stepTables[s.Kind]
	m.Require(m.table.required...)
	key := string(s.Kind)
	switch s.Kind {
	case runbook.KindUses:
		s.Uses = p.useOf(m, s.Span)
	case runbook.KindManual:
		s.Manual = m.Scalar(key)
		s.Outputs = p.Inputs(m, "outputs", inputTable)
		s.Evidence = p.evidence(m)
	case runbook.KindApprove:
		s.Approve = p.approval(m.Value(key), "`approve`")
	case runbook.KindWait:
		s.Wait, s.Verify = p.wait(m.Value(key))
	case runbook.KindSet:
		s.Set = m.Entries(key, VariableName)
	case runbook.KindRun:
		s.Run = m.Text(key)
		s.With = m.Entries("with", AnyName)
	case runbook.KindStop:
		s.Stop = p.stop(m.Value(key))
	default:
		p.blockBody(m, s, key)
	}
	if s.Kind != runbook.KindManual {
		s.Results = m.Entries("outputs", VariableName)
	}
}

func (p *parser) blockBody(m *Mapping, s *runbook.Step, key string) {
	if m.Has("always") && slices.Contains(cleans, s.Kind) {
		s.Always = p.steps(m, "always")
	}
	switch s.Kind {
	case runbook.KindParallel:
		s.Parallel = p.steps(m, key)
	case runbook.KindSteps:
		s.Steps = p.steps(m, key)
	case runbook.KindIf:
		s.If = p.condition(m, key)
		s.Then, s.Else = p.steps(m, "then"), p.steps(m, "else")
	case runbook.KindSwitch:
		s.Switch = m.Scalar(key)
		s.Cases = p.cases(m)
		s.Default, s.DefaultKey = p.steps(m, "default"), m.Key("default")
	case runbook.KindWhile:
		s.While = p.condition(m, key)
		s.MaxIterations = int(m.Int("max_iterations"))
		s.Do = p.steps(m, "do")
	case runbook.KindForEach:
		s.ForEach = p.subject(m)
		s.As = m.Name("as", VariableName)
		s.MaxParallel = int(m.Int("max_parallel"))
		if m.Has("max_failures") || m.Has("batch") || m.Has("canary") {
			s.Budget = &runbook.Budget{MaxFailures: p.share(m.Value("max_failures"), "max_failures", 0), Batch: p.batch(m.Value("batch")), Canary: p.canary(m)}
		}
		s.Do = p.steps(m, "do")
	}
}

// maxShare is the most things that a number of them says.
const maxShare = 1_000_000

// share reads how many things, or which part of them; nil if that is not said.
func (p *parser) share(v *runbook.Value, key string, least int64) *runbook.Value {
	if v == nil {
		return nil
	}
	n, number := v.Int, v.Kind == runbook.IntValue
	most := int64(maxShare)
	if percent, part := strings.CutSuffix(v.Text, "%"); !number && part && v.Kind == runbook.StringValue {
		parsed, err := strconv.ParseInt(percent, 10, 64)
		n, number, most = parsed, err == nil && percent == strconv.FormatInt(parsed, 10), 100
	}
	if !number || n < least || n > most {
		p.Report(Malformed, v.Span, fmt.Sprintf("write a number from %d, or a part such as 10%%", least), "`%s` must be a number of elements, or a part of them", key)
		return nil
	}
	return v
}

// canary reads what must hold in the first batch of a loop; nil is nothing.
func (p *parser) canary(m *Mapping) *runbook.Value {
	v := m.Value("canary")
	switch {
	case v == nil:
		return nil
	case v.Kind == runbook.StringValue:
		m.Name("canary", StepName)
	default:
		if yes, _ := m.Bool("canary"); !yes {
			return nil
		}
	}
	return v
}

// batch reads the sizes of a loop's batches.
func (p *parser) batch(v *runbook.Value) []*runbook.Value {
	if v == nil {
		return nil
	}
	sizes := []*runbook.Value{v}
	if v.Kind == runbook.ListValue {
		sizes = v.Items
	}
	if len(sizes) == 0 {
		p.Report(EmptyValue, v.Span, "write the sizes, such as [1, 10, 50%]", "`batch` has no sizes")
	}
	var out []*runbook.Value
	for _, size := range sizes {
		if size = p.share(size, "batch", 1); size != nil {
			out = append(out, size)
		}
	}
	return out
}

var WrongShape = codes.Error("IR0110", "value of the wrong shape",
	"A text stands where a list or mapping is needed, or the other way round. A text that holds `: ` or begins with `{` or `[` needs quotes.")

// subject reads what foreach walks over: an expression, a list or a mapping.
func (p *parser) subject(m *Mapping) *runbook.Value {
	v := m.Value("foreach")
	if v == nil || v.Kind == runbook.ListValue || v.HasExpr() {
		return v
	}
	if v.Kind == runbook.MapValue && (len(v.Pairs) != 1 || !strings.HasPrefix(v.Pairs[0].Key.Value, "{")) {
		return v
	}
	p.Report(WrongShape, v.Span, "write a list, or an expression such as ${{ inputs.accounts }}", "`foreach` needs a list or a mapping, not %s", kindWords(v))
	return nil
}

var EmptyValue = codes.Error("IR0116", "empty value",
	"A key without a value says nothing. Give it one or remove the line.")

func (p *parser) cases(m *Mapping) []runbook.Case {
	v := m.Value("cases")
	if v == nil {
		return nil
	}
	inner := p.Mapping(v, "`cases`")
	if inner == nil {
		return nil
	}
	if len(inner.Pairs()) == 0 {
		p.Report(EmptyValue, v.Span, "add a case: `value: [steps]`", "`cases` has no cases")
	}
	out := make([]runbook.Case, 0, len(inner.Pairs()))
	for _, pair := range inner.Pairs() {
		out = append(out, runbook.Case{Match: pair.Key, Steps: p.steps(inner, pair.Key.Value)})
	}
	return out
}

var MissingKey = codes.Error("IR0111", "missing key",
	"Something that the language needs here is not given.")

var Malformed = codes.Error("IR0118", "malformed number, duration, time or pattern",
	"Numbers are decimal digits without leading zeros or underscores. Durations have units: 90s, 15m, 2h30m. Times are RFC 3339: 2026-03-01T14:30:00Z. Patterns are RE2.")

var Senseless = codes.Error("IR0122", "key that makes no sense here",
	"The key exists but has no effect on this kind of step, or contradicts another key.")

func (p *parser) wait(v *runbook.Value) (*runbook.Wait, *runbook.Use) {
	if v == nil {
		return nil, nil
	}
	if v.Kind != runbook.MapValue {
		if isTime(v) {
			p.Report(Malformed, v.Span, "write `wait: {until: "+v.Text+"}`", "`wait` takes a duration")
			return nil, nil
		}
		return &runbook.Wait{For: p.duration(v, "`wait`"), Span: v.Span}, nil
	}
	m := p.Fields(v, "`wait`", waitTable)
	w := &runbook.Wait{For: m.Duration("for"), Until: m.Value("until"), Every: m.Duration("every"), Span: v.Span}
	var asks *runbook.Use
	switch {
	case m.Has("uses"):
		asks = p.useOf(m, v.Span)
	case !m.Has("for") && !m.Has("until"):
		m.lacks(MissingKey, "add `for` with a duration, `until` with a time or a condition, or `uses` with an action that asks a target", "`wait` does not say how long")
	}
	for _, key := range []string{"target", "with"} {
		if m.Has(key) && asks == nil {
			p.Report(Senseless, m.Key(key).Span, "add `uses` with the action that asks, or remove it", "`%s` makes no sense without an action", key)
		}
	}
	if w.Until == nil {
		if m.Has("every") && !m.Has("until") && asks == nil {
			p.Report(Senseless, m.Key("every").Span, "add `until` with a condition, or remove `every`", "`every` makes no sense without a condition to look at")
		}
		return w, asks
	}
	if w.Until.HasExpr() {
		return w, asks
	}
	if !isTime(w.Until) {
		p.Report(Malformed, w.Until.Span, "write a time such as 2026-03-01T14:30:00Z, or a condition in ${{ }}", "`until` must be a time or a condition")
		w.Until = nil
		return w, asks
	}
	for _, key := range []string{"every", "for"} {
		if m.Has(key) {
			p.Report(Senseless, m.Key(key).Span, "remove it, or write a condition in ${{ }} after `until`", "`%s` makes no sense with a fixed time", key)
		}
	}
	return w, asks
}

func isTime(v *runbook.Value) bool {
	_, err := time.Parse(time.RFC3339, v.Text)
	return v.Kind == runbook.StringValue && err == nil
}

func (p *parser) stop(v *runbook.Value) *runbook.Stop {
	if v == nil {
		return nil
	}
	const detail = "write {succeed: MESSAGE} or {fail: MESSAGE}"
	if v.Kind != runbook.MapValue {
		p.Report(WrongShape, v.Span, detail, "`stop` must say whether the run succeeds or fails, and why")
		return nil
	}
	m := p.Fields(v, "`stop`", stopTable)
	if m.Has("succeed") == m.Has("fail") {
		m.lacks(MissingKey, detail, "`stop` needs one of `succeed` and `fail`")
		return nil
	}
	s := &runbook.Stop{Fail: m.Has("fail"), Span: v.Span}
	if s.Message = m.Scalar("succeed"); s.Fail {
		s.Message = m.Scalar("fail")
	}
	return s
}
