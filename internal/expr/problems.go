package expr

import (
	"regexp"
	"slices"
	"strings"

	"cel.dev/cel-go/common"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/internal/suggest"
	"github.com/irctl/irctl/pkg/action"
)

// The rules that expressions break by themselves. Rules about names come from
// [Symbols].
const (
	RuleSyntax = "syntax" // the text cannot be read
	RuleName   = "name"   // a name or function means nothing
	RuleType   = "type"   // values do not go together
	RuleLimit  = "limit"  // too large
	RuleWork   = "work"   // too much together with the others of the file
)

// Problem is one mistake in an expression or a template.
type Problem struct {
	Rule       string
	Message    string
	Hint       string
	Meant      string // what must stand there instead, "" if that is not certain
	Start, End int    // bytes of the text
}

// translation turns one kind of message of CEL's into ours. The parameters of
// rewrite are the groups of the pattern.
type translation struct {
	pattern func() *regexp.Regexp
	rewrite func(m []string) (message, hint string)
}

var syntaxTranslations = []translation{
	{pattern.Late(`<EOF>`), fixed("the expression ends too early", "finish it, or close what is still open")},
	{pattern.Late(`^expected ':'`), fixed("`? :` needs a second part", "write `condition ? value : other`")},
	{pattern.Late(`expected identifier after`), fixed("a name must follow the dot", "")},
	{pattern.Late(`unexpected token after expression`), fixed("something is missing before this", "join parts with `&&`, `||`, `==`, `+` ...; a text stands in quotes")},
	{pattern.Late(`expected '?([])}])'?`), func(m []string) (string, string) { return "`" + m[1] + "` is missing before this", "" }},
	{pattern.Late(`reserved identifier: (\w+)`), func(m []string) (string, string) {
		return "`" + m[1] + "` is a word of the expression language", "a text stands in quotes: `'" + m[1] + "'`"
	}},
	{pattern.Late(`invalid u?int literal`), fixed("the number is too large", "")},
	{pattern.Late(`invalid double literal`), fixed("the number is too large", "")},
	{pattern.Late(`recursion limit|expression count`), fixed("the expression is nested too deeply or too large", "compute parts of it in a `set` step before")},
	{pattern.Late(`invalid argument to has`), fixed("`has` needs a name with a dot", "write for example `has(inputs.name)`")},
	{pattern.Late(`(?i)unterminated string|unterminated`), fixed("the text in quotes is not closed", "add the closing quote")},
}

func fixed(message, hint string) func([]string) (string, string) {
	return func([]string) (string, string) { return message, hint }
}

// syntaxProblems tells the first mistake: what follows it is rarely true.
func syntaxProblems(text string, src common.Source, errs []*common.Error) []Problem {
	if len(errs) == 0 {
		return nil
	}
	start := place(text, src, errs[0].Location)
	p := Problem{Rule: RuleSyntax, Start: start, End: wordEnd(text, start)}
	raw := strings.TrimPrefix(errs[0].Message, "Syntax error: ")
	p.Message = "this cannot be read here: " + raw
	for _, t := range syntaxTranslations {
		if m := t.pattern().FindStringSubmatch(raw); m != nil {
			p.Message, p.Hint = t.rewrite(m)
			break
		}
	}
	if hint := commonMistake(text, start); hint != "" {
		p.Hint = hint
	}
	return []Problem{p}
}

// commonMistake recognises what people write who come from other languages.
func commonMistake(text string, at int) string {
	rest := text[at:]
	switch {
	case strings.HasPrefix(rest, "=") || at > 0 && text[at-1] == '=' && !strings.HasPrefix(text[max(0, at-2):], "=="):
		return "compare with `==`"
	case strings.HasPrefix(rest, "&") || strings.HasPrefix(rest, "and "):
		return "write `&&` for and"
	case strings.HasPrefix(rest, "|") || strings.HasPrefix(rest, "or "):
		return "write `||` for or"
	case strings.HasPrefix(strings.TrimLeft(text, " "), "not "):
		return "write `!` for not"
	case strings.HasPrefix(rest, "$"):
		return "names stand alone inside an expression, without `$`"
	}
	return ""
}

// place returns the byte where CEL's location is.
func place(text string, src common.Source, loc common.Location) int {
	if loc.Line() < 1 {
		return 0
	}
	offset, ok := src.LocationOffset(loc)
	if !ok {
		return len(text)
	}
	return byteOffset(text, int(offset))
}

// wordEnd returns the end of the word, or else the character, at start.
func wordEnd(text string, start int) int {
	if n := wordLength(text[start:], false); n > 0 {
		return start + n
	}
	return start + byteOffset(text[start:], 1)
}

var typeTranslations = []translation{
	{pattern.Late(`^found no matching overload for '(.+?)' applied to '(.*)'$`), noOverload},
	{pattern.Late(`^undeclared reference to '([^']+)'`), noFunction},
	{pattern.Late(`^type '(.*)' does not support field selection`), func(m []string) (string, string) {
		return typeWord(m[1]) + " has no fields", "only maps have fields"
	}},
	{pattern.Late(`^expected type '(.*)' but found '(.*)'`), func(m []string) (string, string) {
		return "this must be " + typeWord(m[1]) + ", but it is " + typeWord(m[2]), ""
	}},
	{pattern.Late(`^expression of type '(.*)' cannot be range`), func(m []string) (string, string) {
		return "a loop needs a list or a map, but this is " + typeWord(m[1]), ""
	}},
}

func (w *walk) typeProblems(src common.Source, errs []*common.Error) []Problem {
	var out []Problem
	for _, e := range errs[:min(len(errs), maxProblems)] {
		p := Problem{Rule: RuleType}
		if at, ok := w.places[e.ExprID]; ok {
			p.Start, p.End = at[0], at[1]
		} else {
			p.Start = place(w.text, src, e.Location)
			p.End = wordEnd(w.text, p.Start)
			if r, ok := w.tree.SourceInfo().GetOffsetRange(e.ExprID); ok {
				p.End = max(p.End, w.byteOffset(int(r.Stop)))
			}
		}
		message := unbounded.Replace(e.Message)
		p.Message = "this does not fit: " + message
		for _, t := range typeTranslations {
			if m := t.pattern().FindStringSubmatch(message); m != nil {
				p.Message, p.Hint = t.rewrite(m)
				break
			}
		}
		if strings.HasPrefix(e.Message, "undeclared") {
			p.Rule = RuleName
			if p.Start > 0 && w.text[p.Start] == '(' { // a call's place is its parenthesis
				p.Start, p.End = wordStart(w.text, p.Start), p.Start
			}
		}
		out = append(out, p)
	}
	return out
}

// wordStart returns where the word before end begins.
func wordStart(text string, end int) int {
	i := end
	for i > 0 && isWordByte(text[i-1]) {
		i--
	}
	return i
}

// signs are CEL's names of operators.
var signs = map[string]string{
	"_==_": "==", "_!=_": "!=", "_<_": "<", "_<=_": "<=", "_>_": ">", "_>=_": ">=", "_+_": "+", "_-_": "-", "_*_": "*",
	"_/_": "/", "_%_": "%", "@in": "in", "!_": "!", "-_": "-", "_[_]": "[]", "_?_:_": "? :",
}

func noOverload(m []string) (string, string) {
	name, args := m[1], argumentTypes(m[2])
	sign, operator := signs[name]
	if !operator {
		if len(args) == 0 {
			return "`" + name + "` needs a value to work on", ""
		}
		return "`" + name + "` does not take " + words(args), ""
	}
	switch {
	case name == "_?_:_":
		if len(args) == 3 && args[0] != "bool" && args[0] != "dyn" {
			return "the condition before `?` must be a bool, but it is " + typeWord(args[0]), ""
		}
		return "both sides of `:` must have the same type; here they are " + words(args[1:]), ""
	case name == "_[_]":
		return typeWord(args[0]) + " has no element for " + words(args[1:]), "lists are indexed by number, maps by text"
	case len(args) == 1:
		return "`" + sign + "` does not take " + words(args), ""
	}
	hint := ""
	if sign == "+" && slices.Contains(args, "string") {
		hint = "turn the other one into text with `string(...)`"
	} else if slices.Contains(args, "int") && slices.Contains(args, "double") {
		hint = "turn the int into a float with `double(...)`"
	}
	if sign == "==" || sign == "!=" {
		return "`" + sign + "` cannot compare " + words(args), hint
	}
	return "`" + sign + "` does not take " + words(args), hint
}

func noFunction(m []string) (string, string) {
	name := m[1][strings.LastIndex(m[1], ".")+1:]
	var known []string
	l := theLanguage()
	for f := range l.env.Functions() {
		f = f[strings.LastIndex(f, ".")+1:]
		if wordLength(f, false) == len(f) && f != "" && f[0] != '_' {
			known = append(known, f)
		}
	}
	for _, macro := range l.env.Macros() {
		known = append(known, macro.Function())
	}
	slices.Sort(known)
	if slices.Contains(known, name) {
		return "`" + name + "` is not called like this", ""
	}
	known = suggest.Nearest(name, slices.Compact(known))
	hint := "the functions are `" + strings.Join(known, "`, `") + "`"
	if near := suggest.DidYouMean(name, known); near != "" {
		hint = near + " " + hint
	}
	return "there is no function `" + name + "`", hint
}

// argumentTypes splits "string.(int, dyn)" or "(string, int)" into CEL's type names.
func argumentTypes(signature string) []string {
	var out []string
	open := strings.IndexByte(signature, '(')
	if open < 0 {
		return nil
	}
	// A receiver may have parameters itself: "list(string).(int)".
	if i := strings.Index(signature, ".("); i >= 0 {
		out, open = append(out, signature[:i]), i+1
	}
	depth, start := 0, open+1
	for i := open + 1; i < len(signature); i++ {
		switch signature[i] {
		case '(':
			depth++
		case ')', ',':
			if depth == 0 {
				if t := strings.TrimSpace(signature[start:i]); t != "" {
					out = append(out, t)
				}
				start = i + 1
			}
			if signature[i] == ')' {
				depth--
			}
		}
	}
	return out
}

// typeWord is CEL's name of a type as prose.
func typeWord(name string) string {
	name, param, _ := strings.Cut(strings.TrimSuffix(name, ")"), "(")
	items := scalarWord(param[strings.LastIndex(param, " ")+1:])
	switch t := scalarWord(name); t {
	case "list", "map":
		if scalars[items] == nil {
			items = ""
		}
		return Type{t, items}.String()
	case action.Any, action.String, action.Int, action.Float, action.Bool, action.Duration, action.Time:
		return Type{Of: t}.String()
	default:
		return string(t)
	}
}

func scalarWord(name string) action.Type {
	switch name {
	case "double":
		return action.Float
	case "uint":
		return action.Int
	case "timestamp", "google.protobuf.Timestamp":
		return action.Time
	case "google.protobuf.Duration":
		return action.Duration
	case "dyn", "any":
		return action.Any
	case "null", "null_type", "google.protobuf.NullValue":
		return "null"
	}
	return action.Type(name)
}

func words(args []string) string {
	out := each.Of(args, typeWord)
	return strings.Join(out, " and ")
}

// mismatch says that an expression as a whole has the wrong type.
func mismatch(text string, got, want Type) Problem {
	start := len(text) - len(strings.TrimLeft(text, " \t\n"))
	p := Problem{
		Rule: RuleType, Message: "this must be " + want.String() + ", but it is " + got.String(),
		Start: start, End: len(strings.TrimRight(text, " \t\n")),
	}
	switch want.Of {
	case action.String, action.Enum:
		if got.Of == action.Float || got.Of == action.Bool {
			p.Hint = "turn it into text with `string(...)`"
		}
	case action.Int:
		if got.Of == action.String || got.Of == action.Float {
			p.Hint = "turn it into a number with `int(...)`"
		}
	case action.Bool:
		p.Hint = "compare it with something: `==`, `!=`, `<`, `>`, `in`"
	case action.List:
		p.Hint = "put it in brackets: `[...]`"
	}
	return p
}

// Error implements error.
func (p *Problem) Error() string {
	if p.Hint == "" {
		return p.Message
	}
	return p.Message + " (" + p.Hint + ")"
}
