package connector

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/expr"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/internal/suggest"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

var (
	BadExpression = codes.Error("IR0805", "expression of a connector is not right",
		"Expressions are CEL, as in runbooks. They may mention `config.NAME`, `inputs.NAME`, `record.NAME` (what was kept), `run.id`, `run.key`, `run.runbook`, `run.started`, `step`, `target`, and the results of requests that were sent before; `answer` where an answer is judged, `item` with `each`.")
	UnknownAction = codes.Error("IR0806", "action that is not there",
		"A connector does actions of irctl, by their names, for one more type of target; or it brings an action of its own, which then says its `summary`, `description` and `effect`.")
	SecretShown = codes.Error("IR0807", "secret where it would be seen",
		"Paths and queries are written into logs, and what expressions work out is shown. A secret goes into `auth`, a header, a body or a form.")
	UnknownOutput = codes.Error("IR0808", "output that the action does not have",
		"`irctl action show NAME` lists the outputs of an action.")
	Unfinished = codes.Warning("IR0809", "connector that is not finished",
		"`irctl connector new` marks with `# TODO` what a description does not tell: how requests prove who sends them, what to look at, what tells that it is done, how it is put back. Without a look a lost answer leaves a person to decide.")
)

// Check finds what is wrong with the expressions of a file, and with its actions
// beside those that there are.
func (f *File) Check(spec func(name string) (action.Spec, bool), names []string) runbook.Diagnostics {
	c := &checker{file: f}
	c.unfinished()
	s := scope{config: f.Config, plain: []string{"step", "target"}}
	alone := scope{config: f.Config}
	c.text(f.Base, alone)
	for _, t := range f.Reach {
		c.text(t, alone)
	}
	c.auth(alone)
	c.pairs(f.Headers, s, false)
	for _, r := range f.Errors {
		judged := s.with("answer")
		judged.anyInput = true
		c.condition(r.When, judged)
		c.template(r.Say, judged, true)
		c.template(r.Hint, judged, true)
	}
	c.requests(f.Ready, s)
	for _, a := range f.Actions {
		c.action(a, s, spec, names)
	}
	return c.Diagnostics()
}

// unfinished reports what the file says is still to be done.
func (c *checker) unfinished() {
	offset := 0
	for n, line := range bytes.Split(c.file.Source, []byte("\n")) {
		if i := bytes.Index(line, []byte("# TODO")); i >= 0 {
			at := runbook.Position{Line: n + 1, Column: i + 1, Offset: offset + i}
			end := runbook.Position{Line: n + 1, Column: len(line) + 1, Offset: offset + len(line)}
			what := action.CleanLine(strings.TrimLeft(string(line[i+len("# TODO"):]), ": "), 160)
			c.Report(Unfinished, runbook.Span{File: c.file.Path, Start: at, End: end}, "do it, and remove the comment", "still to be done: %s", what)
		}
		offset += len(line) + 1
	}
}

type checker struct {
	language.Decoder
	file     *File
	compiler expr.Compiler
}

func (c *checker) auth(s scope) {
	a := c.file.Auth
	if a.Bearer != nil {
		c.template(a.Bearer, s, false)
	}
	for _, n := range []*Named{a.Basic, a.Header, a.Query, a.OAuth2, a.Device, a.AWS, a.Certificate} {
		if n != nil {
			c.pairs(n.Pairs, s, false)
		}
	}
}

func (c *checker) action(a *Action, s scope, spec func(string) (action.Spec, bool), known []string) {
	described, there := spec(a.Name.Value)
	switch {
	case a.New != nil:
		described = *a.New
	case !there:
		c.Report(UnknownAction, a.Name.Span, cmp.Or(suggest.DidYouMean(a.Name.Value, known), "describe it with `summary`, `description` and `effect`"), "there is no action `%s`", action.CleanLine(a.Name.Value, 60))
		s.anyInput = true
	}
	s.inputs, s.password = described.Inputs, makesSecret(a.Name.Value)
	s = c.requests(a.Look, s)
	c.condition(a.Missing, s)
	for _, p := range a.Keep {
		c.expression(p.Value, s)
	}
	kept := s
	for _, p := range a.Keep {
		kept.record = append(kept.record, p.Key.Value)
	}
	c.condition(a.Desired, kept) // null before anything was kept
	c.value(a.State, s)
	after := c.requests(a.Run, kept)
	for _, p := range a.Outputs {
		c.expression(p.Value, after)
		if _, is := described.Output(p.Key.Value); !is && a.New == nil && there {
			c.Report(UnknownOutput, p.Key.Span, "remove it", "`%s` has no output `%s`", a.Name.Value, action.CleanLine(p.Key.Value, 60))
		}
	}
	if v := a.Verify; v != nil {
		c.condition(v.Holds, c.requests(v.Look, after))
	}
	if u := a.Undo; u != nil {
		c.condition(u.When, kept)
		c.requests(u.Run, kept)
		c.condition(u.Undone, kept)
	}
}

// requests checks requests in order, and returns the scope with their results.
func (c *checker) requests(requests []*Request, s scope) scope {
	for _, r := range requests {
		c.condition(r.When, s)
		c.value(r.Each, s)
		in := s
		if r.Each.Given() {
			in = s.with("item")
		}
		c.path(r.Path, in)
		c.pairs(r.Query, in, true)
		c.pairs(r.Headers, in, false)
		c.pairs(r.Form, in, false)
		c.template(r.Body, in, false)
		judged := in.with("answer")
		c.condition(r.Expect, judged)
		if r.Pages != nil {
			c.value(r.Pages.Items, judged)
			if r.Pages.Next.Value != "link" {
				c.value(r.Pages.Next, judged)
			}
		}
		if r.Wait != nil {
			c.path(r.Wait.Get, judged)
			c.condition(r.Wait.Until, judged)
			c.condition(r.Wait.Failed, judged)
		}
		if !r.As.Given() {
			continue
		}
		if slices.Contains(s.plain, r.As.Value) {
			c.Report(TakenName, r.As.Span, "give it another name", "`%s` is the result of another request", r.As.Value)
		}
		s = s.with(r.As.Value)
	}
	return s
}

// path checks a template of a path. One that is a single ${{ }} may lead to any
// path, and so it comes from the system, never from an input.
func (c *checker) path(v *runbook.Value, s scope) {
	if v == nil {
		return
	}
	refs := c.template(v, s, true)
	parts, _ := expr.ParseTemplate(v.Text)
	if _, whole := expr.Whole(parts); whole && slices.ContainsFunc(refs, func(r expr.Reference) bool { return r.Path[0] == "inputs" }) {
		c.Report(BadRequest, v.Span, "write a path with the value as one part of it: /users/${{ inputs.account }}", "an input would decide about the whole path")
	}
}

func (c *checker) pairs(pairs []runbook.Pair, s scope, shown bool) {
	for _, p := range pairs {
		c.template(p.Value, s, shown)
	}
}

// template checks the texts of a value that may hold ${{ }}; shown says that they
// must not be made of secrets.
func (c *checker) template(v *runbook.Value, s scope, shown bool) (all []expr.Reference) {
	if v == nil {
		return nil
	}
	for part := range v.All() {
		if part.Kind != runbook.StringValue {
			continue
		}
		_, refs, problems := c.compiler.Template(part.Text, s, expr.Type{})
		c.report(problems, part.Place)
		if shown {
			c.secrets(refs, part.Place)
		}
		all = append(all, refs...)
	}
	return all
}

func (c *checker) text(t runbook.Text, s scope) {
	_, refs, problems := c.compiler.Template(t.Value, s, expr.String)
	c.report(problems, whole(t.Span))
	c.secrets(refs, whole(t.Span))
}

// condition checks CEL that is true or false, value CEL of any type.
func (c *checker) condition(t runbook.Text, s scope) { c.cel(t.Value, s, expr.Bool, whole(t.Span)) }

func (c *checker) value(t runbook.Text, s scope) { c.cel(t.Value, s, expr.Type{}, whole(t.Span)) }

func (c *checker) expression(v *runbook.Value, s scope) { c.cel(v.Text, s, expr.Type{}, v.Place) }

func whole(at runbook.Span) func(from, to int) runbook.Span {
	return func(int, int) runbook.Span { return at }
}

func (c *checker) cel(text string, s scope, want expr.Type, at func(from, to int) runbook.Span) {
	if text == "" {
		return
	}
	bare, shift, problem := expr.Bare(text)
	if problem != nil {
		c.report([]expr.Problem{*problem}, at)
		return
	}
	p, problems := c.compiler.Compile(bare, s, want)
	for i := range problems {
		problems[i].Start += shift
		problems[i].End += shift
	}
	c.report(problems, at)
	if p != nil {
		c.secrets(p.References(), at)
	}
}

func (c *checker) report(problems []expr.Problem, at func(from, to int) runbook.Span) {
	for _, p := range problems {
		d := c.Report(BadExpression, at(p.Start, p.End), p.Hint, "%s", p.Message)
		if from, to := d.Span.Start.Offset, d.Span.End.Offset; p.Meant != "" && to <= len(c.file.Source) && to-from == p.End-p.Start {
			d.Fix = &runbook.Edit{Span: d.Span, Text: p.Meant}
		}
	}
}

// secrets reports names of secrets among references.
func (c *checker) secrets(refs []expr.Reference, at func(from, to int) runbook.Span) {
	for _, r := range refs {
		if r.Path[0] == "new" {
			c.Report(SecretShown, at(r.Start, r.End), "pass it in a header, a body or a form", "`%s` is a secret and would be seen here", r.Name)
		}
		if len(r.Path) == 2 && r.Path[0] == "config" && slices.ContainsFunc(c.file.Config, func(f action.Field) bool { return f.Secret && f.Name == r.Path[1] }) {
			c.Report(SecretShown, at(r.Start, r.End), "pass it by `auth`, in a header, a body or a form", "`%s` is a secret and would be seen here", r.Name)
		}
	}
}
