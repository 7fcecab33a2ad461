package runbooktest

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/internal/suggest"
	"github.com/irctl/irctl/pkg/runbook"
)

// Parse reads a test file. It reports every problem at once and returns what
// it could read; the file is nil if nothing could be, and then there is at
// least one error.
func Parse(path string, src []byte) (*File, runbook.Diagnostics) {
	p := &parser{file: &File{Path: path}}
	m := p.File(path, src, "test", "a test file", fileTable)
	if m == nil {
		return nil, p.Diagnostics()
	}
	p.all(m)
	return p.file, p.Diagnostics()
}

type parser struct {
	language.Decoder
	file *File
}

var NameTwice = codes.Error("IR0510", "two tests have the same name",
	"A report names tests, and --run chooses them, by their names.")

func (p *parser) all(m *language.Mapping) {
	p.file.Runbook, p.file.Title = m.Text("runbook"), m.Text("title")
	p.file.Given = p.setup(m.Fields("given", "`given`", setupTable))
	items := m.Items("tests")
	if v := m.Value("tests"); v != nil && v.Kind == runbook.ListValue && len(items) == 0 {
		p.Report(language.EmptyValue, v.Span, "add a test", "`tests` has no tests")
	}
	names := map[string]bool{}
	for _, item := range items {
		if c := p.one(item); c != nil {
			if names[c.Name.Value] && c.Name.Given() {
				p.Report(NameTwice, c.Name.Span, "give it a name of its own", "another test is called %q", c.Name.Value)
			}
			names[c.Name.Value] = true
			p.file.Cases = append(p.file.Cases, c)
		}
	}
	for _, item := range m.Items("unreachable") {
		e := p.Fields(item, "an excuse", excuseTable)
		p.file.Unreachable = append(p.file.Unreachable, Excuse{e.Text("step"), e.Text("edge"), e.Text("because")})
	}
}

func (p *parser) one(v *runbook.Value) *Case {
	m := p.Fields(v, "a test", caseTable)
	if m == nil {
		return nil
	}
	return &Case{Name: m.Text("name"), Setup: p.setup(m), Expect: p.expect(m.Fields("expect", "`expect`", expectTable))}
}

// textsOf are the texts of a list, or one alone.
func (p *parser) textsOf(v *runbook.Value, what string) []runbook.Text {
	if v == nil {
		return nil
	}
	var out []runbook.Text
	for _, item := range several(v) {
		if t := p.Text(runbook.Pair{Key: runbook.Text{Value: what}, Value: item}); t.Given() {
			out = append(out, t)
		}
	}
	return out
}

// word reads a text that is one of a few.
func (p *parser) word(t runbook.Text, words []string) string {
	if !t.Given() {
		return ""
	}
	if !slices.Contains(words, t.Value) {
		detail := cmp.Or(suggest.DidYouMean(t.Value, words), "it takes "+strings.Join(words, ", "))
		p.Report(language.UnknownWord, t.Span, detail, "%q is not a word that stands here", t.Value)
		return ""
	}
	return t.Value
}

// wait reads a duration without expressions; 0 if it is absent or wrong.
func (p *parser) wait(m *language.Mapping, key string) time.Duration {
	v := m.Duration(key)
	if v == nil {
		return 0
	}
	d, err := time.ParseDuration(v.Text)
	if err != nil {
		p.Report(language.Malformed, v.Span, "a test knows its numbers; write 90s, 15m or 2h30m", "`%s` must be a duration", key)
	}
	return d
}

var SaysSeveral = codes.Error("IR0507", "an outcome, an answer or an event says several things",
	"Each stands for one thing that happens. Several attempts, or several answers, are a list of them.")

// oneOf reports mappings that do not say exactly one thing, and returns what
// they say. None is fine unless must is set.
func (p *parser) oneOf(m *language.Mapping, what string, must bool, words ...string) runbook.Text {
	var said []runbook.Text
	for _, w := range words {
		if m.Has(w) {
			said = append(said, m.Key(w))
		}
	}
	switch {
	case len(said) > 1:
		p.Report(SaysSeveral, said[1].Span, "keep one of them", "%s cannot be `%s` and `%s` at once", what, said[0].Value, said[1].Value)
	case len(said) == 0 && must && m != nil:
		p.Report(language.MissingKey, m.Span(), "add one of `"+strings.Join(words, "`, `")+"`", "%s says nothing", what)
	}
	if len(said) == 0 {
		return runbook.Text{}
	}
	return said[0]
}
