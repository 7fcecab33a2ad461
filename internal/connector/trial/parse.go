package trial

import (
	"strings"

	"github.com/irctl/irctl/internal/expr"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/pkg/runbook"
)

// Parse reads a file of cases and reports every problem at once. The file is nil
// if nothing can be read.
func Parse(path string, src []byte) (*File, runbook.Diagnostics) {
	p := &parser{}
	m := p.File(path, src, Kind, "a file of a connector's cases", fileTable)
	if m == nil {
		return nil, p.Diagnostics()
	}
	f := &File{
		Path: path, Connector: m.Name("connector", language.StepName), Config: object(m.Value("config")), Operations: map[string]*Effect{},
		texts: &expr.Evaluator{Names: names{}},
	}
	if s := m.Fields("server", "`server`", serverTable); s != nil {
		f.State, f.Errors = data(s.Entries("state", language.VariableName)), data(s.Entries("errors", language.AnyName))
		for _, pair := range s.Entries("operations", language.AnyName) {
			f.Operations[pair.Key.Value] = p.effect(p.Fields(pair.Value, "an operation", effectTable))
		}
	}
	for _, v := range m.Items("cases") {
		if c := p.Fields(v, "a case", caseTable); c != nil {
			f.Cases = append(f.Cases, p.one(c))
		}
	}
	return f, p.Diagnostics()
}

type parser struct{ language.Decoder }

// effect is what an operation does.
func (p *parser) effect(m *language.Mapping) *Effect {
	e := p.change(m)
	if m == nil {
		return e
	}
	for _, v := range m.Items("also") {
		e.Also = append(e.Also, p.change(p.Fields(v, "an effect", alsoTable)))
	}
	for _, v := range m.Items("refuse") {
		if r := p.Fields(v, "a refusal", refusalTable); r != nil {
			e.Refuse = append(e.Refuse, &Refusal{r.Text("when"), int(r.Int("status")), r.Value("answer").Data()})
		}
	}
	if pages := m.Fields("pages", "`pages`", pagesTable); pages != nil {
		e.Pages, e.From = int(pages.Int("size")), pages.Text("from")
	}
	e.Status, e.Answer, e.HasAnswer = int(m.Int("status")), m.Value("answer").Data(), m.Has("answer")
	e.Headers = data(m.Entries("headers", language.AnyName))
	return e
}

// change is what becomes of the state.
func (p *parser) change(m *language.Mapping) *Effect {
	e := &Effect{}
	if m == nil {
		return e
	}
	e.One, e.All, e.Add = m.Text("one").Value, m.Text("all").Value, m.Text("add").Value
	e.Where, e.Value, e.Set = m.Text("where"), m.Value("value").Data(), m.Entries("set", language.AnyName)
	e.Remove, _ = m.Bool("remove")
	return e
}

func (p *parser) one(m *language.Mapping) *Case {
	c := &Case{
		Name: m.Text("name"), Action: m.Text("action"), With: data(m.Entries("with", language.VariableName)), Given: data(m.Entries("given", language.VariableName)),
		State: m.Text("state"), Fails: m.Text("fails"), Outputs: data(m.Entries("outputs", language.VariableName)),
	}
	if !c.Name.Given() {
		c.Name = c.Action
	}
	for _, v := range m.Items("exchanges") {
		if e := p.Fields(v, "an exchange", exchangeTable); e != nil {
			c.Exchanges = append(c.Exchanges, &Exchange{e.Text("request"), int(e.Int("status")), e.Value("answer").Data()})
		}
	}
	c.Anew, _ = m.Bool("anew")
	c.Stays, _ = m.Bool("stays")
	return c
}

func data(pairs []runbook.Pair) map[string]any {
	out := make(map[string]any, len(pairs))
	for _, p := range pairs {
		out[p.Key.Value] = p.Value.Data()
	}
	return out
}

func object(v *runbook.Value) map[string]any {
	m, _ := v.Data().(map[string]any)
	return m
}

func trimYAML(path string) string {
	return strings.TrimSuffix(strings.TrimSuffix(path, ".yaml"), ".yml")
}

// names are all that expressions may mention: anything is in them.
type names struct{}

// Lookup implements expr.Symbols.
func (names) Lookup([]string) (expr.Type, *expr.Miss) { return expr.Any, nil }
