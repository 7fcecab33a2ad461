package connector

import (
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/expr"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

// Parse reads a connector. It reports every problem at once, but what is wrong
// with expressions, and returns what it could read; the file is nil if nothing
// could be, and then there is at least one error.
func Parse(path string, src []byte) (*File, runbook.Diagnostics) {
	p := &parser{}
	m := p.File(path, src, "connector", "a connector", fileTable)
	if m == nil {
		return nil, p.Diagnostics()
	}
	f := &File{
		Path: path, Source: src, texts: &expr.Evaluator{Names: names{}},
		Name: m.Name("name", language.StepName), Title: m.Text("title"), Summary: m.Text("summary"),
		Base: m.Text("base"), Reach: m.Texts("reach"), Timeout: p.duration(m, "timeout"), RateReset: m.Text("rate_reset"),
		Headers: m.Entries("headers", language.AnyName), Config: p.fields(m, "config", configTable),
	}
	p.file = f
	f.Lists = each.Of(m.Texts("xml_lists"), func(t runbook.Text) string { return t.Value })
	if s := m.Fields("source", "`source`", sourceTable); s != nil {
		f.Origin = Origin{s.Text("title"), s.Text("url"), s.Text("date"), s.Text("description"), s.Text("checked"), s.Text("sha256")}
	}
	if k := m.Fields("idempotency", "`idempotency`", idempotencyTable); k != nil {
		f.Key.Header = k.Text("header")
		f.Key.Deduplicates, _ = k.Bool("deduplicates")
	}
	f.Auth = p.auth(m.Fields("auth", "`auth`", authTable))
	for _, v := range m.Items("errors") {
		p.rule(p.Fields(v, "an entry of `errors`", ruleTable))
	}
	f.Ready = p.requests(m, "check")
	for _, pair := range m.Entries("actions", language.AnyName) {
		if a := p.action(pair); a != nil {
			f.Actions = append(f.Actions, a)
		}
	}
	return f, p.Diagnostics()
}

type parser struct {
	language.Decoder
	file *File
}

var (
	BadAction = codes.Error("IR0801", "action of a connector is not clear",
		"An action looks (`look`, `desired`), changes (`run`) and can put back (`keep`, `undo`); one without a look is done once, and a lost answer to it leaves a person to decide. The action of a connector has a name with a dot, such as account.disable.")
	TakenName = codes.Error("IR0802", "name that is taken",
		"Results of requests, and fields of `config`, are names in expressions beside `config`, `inputs`, `record`, `new`, `run`, `step`, `target`, `answer` and `item`, and beside `via`, `ca_file` and `plaintext`, which every target of a connector has. Each has one meaning.")
	UnclearAuth = codes.Error("IR0803", "proof of who sends requests is not clear",
		"Requests bear one proof: `bearer`, `basic`, `header`, `query`, `oauth2`, `device` or `aws`. A `certificate` may stand beside it.")
	BadRequest = codes.Error("IR0804", "request that cannot be sent",
		"A request has a path that begins with a slash, without a query, which has a key of its own; a body or a form; and changes nothing in `look`, `check` and `verify`, unless the system has no other way to ask, and then `post`.")
)

// wayNames are the fields that every target of a connector has.
var wayNames = []string{"via", "ca_file", "plaintext"}

// taken are the names that mean something in every expression of a connector.
var taken = []string{"config", "record", "new", "step", "target", "answer", "item"}

func (p *parser) duration(m *language.Mapping, key string) time.Duration {
	v := m.Duration(key)
	if v == nil {
		return 0
	}
	d, err := time.ParseDuration(v.Text)
	if err != nil {
		p.Report(language.Malformed, v.Span, "write numbers with units, such as 20s", "`%s` must be a duration", key)
	}
	return d
}

// fields reads declarations as the fields that they are.
func (p *parser) fields(m *language.Mapping, key string, t language.Table) []action.Field {
	var out []action.Field
	for _, in := range p.Inputs(m, key, t) {
		f := action.Field{
			Name: in.Name.Value, Type: action.Type(in.Type.Value), Items: action.Type(in.Items.Value), Required: in.Required,
			Default: in.Default.Data(), Pattern: in.Pattern.Value, Secret: in.Secret, Description: in.Description.Value,
		}
		for _, v := range in.Enum {
			f.Enum = append(f.Enum, v.Value)
		}
		if v := m.Value(key).Get(f.Name); v != nil && v.Kind == runbook.MapValue {
			more := p.Mapping(v, "`"+f.Name+"`")
			f.Example = more.Text("example").Value
			f.Path, _ = more.Bool("path")
			f.Subject, _ = more.Bool("subject")
			if word := more.Text("touches"); slices.Contains(touchWords, word.Value) {
				f.Touches = action.Touch(word.Value)
			} else if word.Given() {
				p.Report(language.UnknownWord, word.Span, "write account, machine or address", "`touches` does not know %q", action.CleanLine(word.Value, 60))
			}
		}
		if key == "config" && slices.Contains(wayNames, f.Name) {
			p.Report(TakenName, in.Name.Span, "give it another name", "every target of a connector has a field `%s`", f.Name)
			continue
		}
		out = append(out, f)
	}
	return out
}

func (p *parser) auth(m *language.Mapping) Auth {
	var a Auth
	if m == nil {
		return a
	}
	a.Span = m.Span()
	part := func(key string) *Named {
		k, _ := authTable.Key(key)
		inner := m.Fields(key, "`"+key+"`", *k.Forms[0].Keys)
		if inner == nil {
			return nil
		}
		n := &Named{}
		for _, pair := range inner.Pairs() {
			if inner.Text(pair.Key.Value).Given() {
				n.Pairs = append(n.Pairs, pair)
			}
		}
		return n
	}
	a.Bearer = m.Scalar("bearer")
	a.Basic, a.Header, a.Query, a.OAuth2, a.Device, a.AWS, a.Certificate =
		part("basic"), part("header"), part("query"), part("oauth2"), part("device"), part("aws"), part("certificate")
	proofs := 0
	for _, key := range []string{"bearer", "basic", "header", "query", "oauth2", "device", "aws"} {
		if m.Has(key) {
			proofs++
		}
	}
	if proofs > 1 || proofs == 0 && !m.Has("certificate") {
		p.Report(UnclearAuth, a.Span, "keep one of bearer, basic, header, query, oauth2, device and aws", "requests bear %d proofs", proofs)
	}
	return a
}

func (p *parser) rule(m *language.Mapping) {
	if m == nil {
		return
	}
	r := &Rule{When: m.Text("when"), Say: m.Scalar("say"), Hint: m.Scalar("hint")}
	r.Absent, _ = m.Bool("absent")
	for key, into := range map[string]**bool{"permanent": &r.Permanent, "doubt": &r.Doubt} {
		if v, given := m.Bool(key); given {
			*into = &v
		}
	}
	p.file.Errors = append(p.file.Errors, r)
}

func (p *parser) action(pair runbook.Pair) *Action {
	m := p.Fields(pair.Value, "`"+action.CleanLine(pair.Key.Value, 60)+"`", actionTable)
	if m == nil {
		return nil
	}
	a := &Action{
		Name: pair.Key, Missing: m.Text("missing"), Desired: m.Text("desired"), State: m.Text("state"),
		Look: p.looks(m), Run: p.requests(m, "run"), Keep: m.Entries("keep", language.VariableName), Settle: p.duration(m, "settle"),
	}
	a.Once, _ = m.Bool("once")
	a.New = p.spec(m, a)
	a.Outputs = p.outputs(m, a)
	if v := m.Fields("verify", "`verify`", verifyTable); v != nil {
		a.Verify = &Verify{p.looks(v), v.Text("holds")}
	}
	if u := m.Fields("undo", "`undo`", undoTable); u != nil {
		a.Undo = &Undo{u.Text("when"), p.requests(u, "run"), u.Text("undone")}
	}
	refuse := func(hint, format string, args ...any) { p.Report(BadAction, pair.Key.Span, hint, format, args...) }
	name := action.CleanLine(a.Name.Value, 60)
	reads := a.New != nil && a.New.Effect == action.Read
	switch {
	case !actionName().MatchString(a.Name.Value):
		refuse("write NOUN.VERB in small letters, as in account.disable", "`%s` is not the name of an action", name)
	case len(a.Run) == 0 && !reads:
		refuse("add `run: [{post: /path}]`", "`%s` does not say what to do", name)
	case len(a.Run) > 0 && reads:
		refuse("look with `look`, or say `effect: change`", "`%s` changes nothing by its effect, and has `run`", name)
	case reads && len(a.Look) == 0:
		refuse("add `look: {found: {get: /path}}`", "`%s` does not say where to look", name)
	case a.Undo != nil && !a.Desired.Given():
		refuse("add `desired`, by which a look tells whether there is something to put back", "`%s` can be undone, and nobody can see whether it was done", name)
	case a.Desired.Given() && len(a.Look) == 0:
		refuse("add `look: {found: {get: /path}}`", "`%s` has `desired` and nothing to look at", name)
	}
	return a
}

// spec is the description of a new action, nil if the file gives none.
func (p *parser) spec(m *language.Mapping, a *Action) *action.Spec {
	if !slices.ContainsFunc([]string{"summary", "description", "effect", "inputs"}, m.Has) {
		return nil
	}
	for _, key := range []string{"summary", "description", "effect"} {
		if !m.Has(key) {
			p.Report(BadAction, a.Name.Span, "add `"+key+":`", "`%s` is described as a new action and lacks `%s`", action.CleanLine(a.Name.Value, 60), key)
		}
	}
	s := &action.Spec{
		Name: a.Name.Value, Summary: m.Text("summary").Value, Description: m.Text("description").Value,
		Effect: action.Effect(m.Word("effect").Value), Counterpart: m.Text("counterpart").Value,
		Idempotent: a.Desired.Given() && !a.Once || p.file.Key.Deduplicates,
		Inputs:     p.fields(m, "inputs", inputTable),
	}
	for _, t := range m.Texts("traits") {
		s.Traits = append(s.Traits, action.Trait(t.Value))
	}
	return s
}

func (p *parser) outputs(m *language.Mapping, a *Action) []runbook.Pair {
	var out []runbook.Pair
	for _, pair := range m.Entries("outputs", language.VariableName) {
		field := action.Field{Name: pair.Key.Value, Type: action.Any, Description: "As the system says it."}
		if pair.Value.Kind == runbook.MapValue {
			inner := p.Fields(pair.Value, "`"+pair.Key.Value+"`", outputTable)
			declared := p.Inputs(m, "outputs", outputTable)
			i := slices.IndexFunc(declared, func(in *runbook.Input) bool { return in.Name.Value == field.Name })
			field.Type, field.Items, field.Description = action.Type(declared[i].Type.Value), action.Type(declared[i].Items.Value), declared[i].Description.Value
			pair.Value = inner.Scalar("value")
		} else {
			p.Text(pair)
		}
		if a.New != nil {
			a.New.Outputs = append(a.New.Outputs, field)
		}
		if pair.Value != nil {
			out = append(out, pair)
		}
	}
	return out
}

// looks reads requests by the names of their results.
func (p *parser) looks(m *language.Mapping) []*Request {
	var out []*Request
	for _, pair := range m.Entries("look", language.VariableName) {
		inner := p.Fields(pair.Value, "`"+pair.Key.Value+"`", requestTable)
		if inner == nil {
			continue
		}
		if inner.Has("as") {
			p.Report(BadRequest, inner.Key("as").Span, "remove `as`", "the result has the name `%s`", pair.Key.Value)
		}
		r := p.request(inner)
		r.As = pair.Key
		if r.Method != "GET" && r.Method != "HEAD" && r.Method != "POST" {
			p.Report(BadRequest, r.Span, "look with get, or with post where the system searches by it", "a look changes nothing, and %s does", r.Method)
		}
		out = append(out, p.named(r))
	}
	return out
}

func (p *parser) requests(m *language.Mapping, key string) []*Request {
	var out []*Request
	for _, v := range m.Items(key) {
		if inner := p.Fields(v, "a request", requestTable); inner != nil {
			r := p.request(inner)
			r.As = inner.Name("as", language.VariableName)
			out = append(out, p.named(r))
		}
	}
	return out
}

func (p *parser) named(r *Request) *Request {
	if slices.Contains(taken, r.As.Value) || expr.Reserved(r.As.Value) {
		p.Report(TakenName, r.As.Span, "give it another name", "`%s` means something else in expressions", r.As.Value)
	}
	return r
}

func (p *parser) request(m *language.Mapping) *Request {
	r := &Request{
		Span: m.Span(), Query: m.Entries("query", language.AnyName), Headers: m.Entries("headers", language.AnyName), Body: m.Value("body"),
		Form: m.Entries("form", language.AnyName), When: m.Text("when"), Each: m.Text("each"), Expect: m.Text("expect"),
	}
	given := 0
	for _, verb := range methods {
		if m.Has(verb) {
			given++
			r.Method, r.Path = strings.ToUpper(verb), m.Scalar(verb)
		}
	}
	for _, pair := range r.Headers {
		p.Text(pair)
	}
	for _, v := range m.Items("absent") {
		if v.Kind != runbook.IntValue || v.Int < 100 || v.Int > 599 {
			p.Report(language.Malformed, v.Span, "write statuses, as in [404]", "an entry of `absent` must be a status of HTTP")
			continue
		}
		r.Absent = append(r.Absent, int(v.Int))
	}
	if pages := m.Fields("pages", "`pages`", pagesTable); pages != nil {
		r.Pages = &Pages{pages.Text("list"), pages.Text("next"), pages.Text("query"), 10000}
		if pages.Has("most") {
			r.Pages.Most = int(pages.Int("most"))
		}
	}
	if w := m.Fields("wait", "`wait`", waitTable); w != nil {
		r.Wait = &Wait{w.Scalar("get"), w.Text("until"), w.Text("failed"), p.duration(w, "every"), p.duration(w, "within")}
	}
	switch {
	case given != 1:
		p.Report(BadRequest, r.Span, "write one of "+strings.Join(methods, ", ")+", with the path", "a request has one method, not %d", given)
	case r.Path != nil && !wellFormed(r.Path.Text):
		p.Report(BadRequest, r.Path.Span, "write /path; the query has the key `query`", "`%s` is not a path", action.CleanLine(r.Path.Text, 60))
	case r.Body != nil && len(r.Form) > 0:
		p.Report(BadRequest, r.Span, "keep one of them", "a request has a body or a form, not both")
	}
	return r
}

// wellFormed reports whether a text is a path, or one ${{ }}, which may be an
// URL then.
func wellFormed(path string) bool {
	parts, problem := expr.ParseTemplate(path)
	if problem != nil {
		return true // Check says what it is
	}
	if _, whole := expr.Whole(parts); whole {
		return true
	}
	for i, part := range parts {
		if i == 0 && !strings.HasPrefix(part.Text, "/") || !part.IsExpr && strings.ContainsAny(part.Text, "?#\\ ") {
			return false
		}
	}
	return len(parts) > 0
}
