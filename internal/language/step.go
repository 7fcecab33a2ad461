package language

import (
	"cmp"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/suggest"
	"github.com/irctl/irctl/pkg/runbook"
)

// foreignKeys are words that other tools use.
var foreignKeys = map[string]string{
	"name":       "write `id` for the short name, `title` for the words people see",
	"action":     "write `uses`",
	"module":     "write `uses`",
	"args":       "write `with`",
	"params":     "write `with`",
	"inputs":     "write `with`",
	"needs":      "steps run in the file's order; `next` jumps, `parallel` runs side by side",
	"depends_on": "steps run in the file's order; `next` jumps, `parallel` runs side by side",
	"loop":       "write `foreach` with `as` and `do`",
	"with_items": "write `foreach` with `as` and `do`",
	"on_error":   "write `on_failure`",
	"retries":    "write `retry`",
	"shell":      "write `uses: exec` with `with: {shell: ...}`",
	"command":    "write `uses: exec` with `with: {argv: [...]}`",
	"sleep":      "write `wait`",
	"env":        "environment variables of a command go into `with`",
	"call":       "write `run`",
	"goto":       "write `next`",
}

// step reads one step.
func (p *parser) step(v *runbook.Value) *runbook.Step {
	if p.stepCount++; p.stepCount > maxSteps {
		if p.stepCount == maxSteps+1 {
			p.Report(TooMany, v.Span, "split it into runbooks that call each other with `run`", "the runbook has more than %d steps", maxSteps)
		}
		return nil
	}
	if v.Kind == runbook.Null {
		p.Report(EmptyValue, v.Span, "write the step or remove the `-`", "this step is empty")
		return nil
	}
	m := p.Mapping(v, "a step")
	if m == nil {
		return nil
	}
	p.stepKeysOf(m)
	s := &runbook.Step{Span: v.Span}
	s.Kind, s.KindKey = p.kind(m)
	p.fitting(m, s.Kind)
	p.common(m, s)
	p.control(m, s)
	if s.Kind != "" {
		p.body(m, s)
	}
	return s
}

var DoesSeveral = codes.Error("IR0121", "step that does several things",
	"A step does one thing, so that it is clear what failed and what can be undone. Make it several steps. For a condition on a step use `when`.")

// kind finds the one key that says what the step does. It reports a step with
// none or several of them.
func (p *parser) kind(m *Mapping) (runbook.Kind, runbook.Text) {
	var found []runbook.Text
	for _, pair := range m.Pairs() {
		if isKind[pair.Key.Value] {
			found = append(found, pair.Key)
		}
	}
	switch {
	case len(found) == 0:
		p.noKind(m)
		return "", runbook.Text{}
	case len(found) > 1:
		words := each.Of(found, func(k runbook.Text) string { return k.Value })
		detail := "make it several steps"
		if slices.Contains(words, "if") {
			detail = "for a condition on a step write `when`; `if` goes with `then` and `else`"
		}
		both := "both "
		if len(words) > 2 {
			both = ""
		}
		p.Report(DoesSeveral, found[1].Span, detail, "this step has %s%s", both, list(words, "and")).Related = []runbook.Related{{Span: found[0].Span, Message: "the first of them"}}
	}
	return runbook.Kind(found[0].Value), found[0]
}

var DoesNothing = codes.Error("IR0120", "step that does nothing",
	"Every step has exactly one key that says what it does: `uses`, `manual`, `approve`, `wait`, `set`, `run`, `parallel`, `if`, `switch`, `while`, `foreach`, `steps` or `stop`.")

// noKind reports a step that does nothing, unless one of its keys is a
// misspelt kind: that key is reported anyway.
func (p *parser) noKind(m *Mapping) {
	words := each.Of(kindList, func(k runbook.Kind) string { return string(k) })
	for _, pair := range m.Pairs() {
		k := pair.Key.Value
		if !slices.Contains(stepKeys, k) && (foreignKeys[k] != "" && k != "name" || slices.Contains(words, suggest.Near(k, stepKeys))) {
			return
		}
	}
	detail := "add one of " + list(words, "or")
	for _, hint := range []struct{ key, kind string }{{"then", "if"}, {"cases", "switch"}, {"as", "foreach"}, {"max_iterations", "while"}, {"do", "foreach"}} {
		if m.Has(hint.key) {
			detail = "`" + hint.key + "` goes with `" + hint.kind + "`"
			break
		}
	}
	m.lacks(DoesNothing, detail, "this step does nothing")
}

// stepKeysOf reports keys that no step has.
func (p *parser) stepKeysOf(m *Mapping) {
	pairs := m.Pairs()
	for i, pair := range pairs {
		k := pair.Key
		if _, known := isKind[k.Value]; known {
			continue
		}
		if detail := foreignKeys[k.Value]; detail != "" {
			m.unknownKey(i, detail, nil)
			continue
		}
		kind := kindAmong(pairs)
		known := stepTables[kind].names
		if kind == "" {
			known = stepKeys
		}
		m.unknownKey(i, cmp.Or(suggest.DidYouMean(k.Value, stepKeys), "keys of a step: "+strings.Join(stepTables[kind].names, ", ")), Misspelt(k, known, pairs))
	}
}

// kindAmong is the first kind among keys, "" for none.
func kindAmong(pairs []runbook.Pair) runbook.Kind {
	for _, p := range pairs {
		if isKind[p.Key.Value] {
			return runbook.Kind(p.Key.Value)
		}
	}
	return ""
}

// fitting reports keys that do not fit the kind.
func (p *parser) fitting(m *Mapping, kind runbook.Kind) {
	fit := stepTables[kind].names
	for _, pair := range m.Pairs() {
		k := pair.Key
		if kind == "" || slices.Contains(fit, k.Value) {
			continue
		}
		if givesKind, known := isKind[k.Value]; !known || givesKind {
			continue
		}
		kinds, detail := kindsOf(k.Value, kind)
		p.Report(Senseless, k.Span, cmp.Or(detail, "it belongs to "+kindNames(kinds)), "`%s` makes no sense on %s step", k.Value, articled(kind))
	}
}

func articled(kind runbook.Kind) string {
	word, _, _ := strings.Cut(article(string(kind)), " ")
	if kind == runbook.KindUses {
		word = "a" // as in "use"
	}
	return word + " `" + string(kind) + "`"
}

func kindNames(kinds []runbook.Kind) string {
	words := each.Of(kinds, func(k runbook.Kind) string { return string(k) })
	return list(words, "and") + " steps"
}

// common reads what every step may carry.
func (p *parser) common(m *Mapping, s *runbook.Step) {
	s.ID = m.Name("id", StepName)
	if s.ID.Given() {
		p.ids[s.ID.Value] = true
	}
	s.Title = m.Text("title")
	s.Description = m.Text("description")
	s.Phase = m.Text("phase")
	s.Owner = m.Text("owner")
	s.Tags = m.Texts("tags")
	s.When = p.condition(m, "when")
	s.Delay = m.Duration("delay")
	s.Next = m.Name("next", StepName)
}
