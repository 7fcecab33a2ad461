package expr

import (
	"cmp"
	_ "embed"
	"regexp/syntax"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // a machine may have no time zones of its own
	"unicode/utf8"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/internal/suggest"
)

// walk goes through a syntax tree once. It binds each reference to a slot of
// the language and collects what CEL would not report in our words.
type walk struct {
	text       string // as the author wrote it
	tree       *ast.AST
	symbols    Symbols
	make       ast.ExprFactory
	nextID     int64
	bound      []string // variables of the macros around, innermost last
	loops      int
	slots      map[string]int // slot -> reference; ^reference if has() asks for it
	byName     map[string]string
	used       map[Type]int
	places     map[int64][2]int // node -> bytes of the reference that it was
	references []Reference
	problems   []Problem
	bytes      []int // where each character of the text begins; nil if all are ASCII
}

// maxProblems is how many problems of one expression are told.
const maxProblems = 10

func newWalk(text string, tree *ast.AST, symbols Symbols) *walk {
	w := &walk{
		text: text, tree: tree, symbols: symbols, make: ast.NewExprFactory(), nextID: ast.MaxID(tree) + 1,
		slots: map[string]int{}, byName: map[string]string{}, used: map[Type]int{}, places: map[int64][2]int{},
	}
	if utf8.RuneCountInString(text) < len(text) {
		for i := range text {
			w.bytes = append(w.bytes, i)
		}
	}
	return w
}

func (w *walk) expr(e ast.Expr) {
	switch e.Kind() {
	case ast.IdentKind, ast.SelectKind:
		w.chain(e)
	case ast.CallKind:
		w.call(e)
	case ast.ListKind:
		for _, item := range e.AsList().Elements() {
			w.expr(item)
		}
	case ast.MapKind:
		for _, entry := range e.AsMap().Entries() {
			w.expr(entry.AsMapEntry().Key())
			w.expr(entry.AsMapEntry().Value())
		}
	case ast.StructKind:
		start, end := w.span(e)
		w.report(RuleSyntax, start, end, "`{` cannot stand here", "a map is written `{'key': value}`")
	case ast.ComprehensionKind:
		w.comprehension(e)
	}
}

func (w *walk) comprehension(e ast.Expr) {
	c := e.AsComprehension()
	w.expr(c.IterRange())
	w.expr(c.AccuInit())
	start, end := w.span(e)
	vars := []string{c.IterVar(), c.IterVar2(), c.AccuVar()}
	for _, v := range vars {
		if Reserved(v) {
			w.report(RuleName, start, end, "`"+v+"` cannot be the variable of a loop: it means something else", "take another name")
			return
		}
	}
	if w.loops++; w.loops > maxLoops {
		w.report(RuleLimit, start, end, "more than three loops stand inside each other", "compute the inner ones in a `set` step before")
		return
	}
	w.bound = append(w.bound, vars...)
	w.expr(c.LoopCondition())
	w.expr(c.LoopStep())
	w.expr(c.Result())
	w.bound = w.bound[:len(w.bound)-len(vars)]
	w.loops--
}

func (w *walk) call(e ast.Expr) {
	c := e.AsCall()
	name, args := c.FunctionName(), c.Args()
	if name == selecting && !c.IsMemberFunction() {
		w.selection(e, args)
		return
	}
	if c.IsMemberFunction() {
		t := c.Target()
		if t.Kind() != ast.IdentKind || w.isBound(t.AsIdent()) || !slices.Contains(namespaces, t.AsIdent()) {
			w.expr(t)
		}
		if other, ok := bounded[name]; ok {
			e.SetKindCase(w.make.NewMemberCall(e.ID(), other, t, args...))
		}
	}
	for _, a := range args {
		w.expr(a)
	}
	switch name {
	case operators.Equals, operators.NotEquals:
		w.compareWithNull(e, name, args)
	case "duration", "timestamp":
		if len(args) == 1 && !c.IsMemberFunction() {
			w.literalTime(name, args[0])
		}
	case "getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear", "getHours", "getMinutes", "getSeconds", "getMilliseconds":
		if len(args) == 1 && c.IsMemberFunction() {
			w.literalZone(args[0])
		}
	case "matches":
		if len(args) > 0 {
			w.literalPattern(args[len(args)-1])
		}
	}
}

// compareWithNull lets everything be compared with null: any output may be
// missing, which CEL's types cannot say.
func (w *walk) compareWithNull(e ast.Expr, op string, args []ast.Expr) {
	if len(args) != 2 || !isNull(args[0]) && !isNull(args[1]) {
		return
	}
	e.SetKindCase(w.make.NewCall(e.ID(), op, w.dyn(args[0]), w.dyn(args[1])))
}

func isNull(e ast.Expr) bool { return e.Kind() == ast.LiteralKind && e.AsLiteral() == types.NullValue }

func (w *walk) dyn(e ast.Expr) ast.Expr { return w.make.NewCall(w.id(e.ID()), "dyn", e) }

// id returns a fresh id whose place is that of another.
func (w *walk) id(like int64) int64 {
	id := w.nextID
	w.nextID++
	if r, ok := w.tree.SourceInfo().GetOffsetRange(like); ok {
		w.tree.SourceInfo().SetOffsetRange(id, r)
	}
	return id
}

func (w *walk) literalTime(function string, arg ast.Expr) {
	s, ok := literalString(arg)
	if !ok {
		return
	}
	start, end := w.span(arg)
	if function == "duration" {
		if _, err := time.ParseDuration(s); err != nil {
			w.report(RuleType, start, end, "`"+s+"` is not a duration", "write for example `duration('90s')` or `duration('2h30m')`")
		}
		return
	}
	if _, err := time.Parse(time.RFC3339, s); err != nil {
		w.report(RuleType, start, end, "`"+s+"` is not a time", "write it like `timestamp('2026-01-31T17:00:00Z')`")
	}
}

func (w *walk) literalZone(arg ast.Expr) {
	s, ok := literalString(arg)
	if !ok || offset().MatchString(s) {
		return
	}
	if _, err := time.LoadLocation(s); err == nil && s != "Local" {
		return
	}
	start, end := w.span(arg)
	w.report(RuleType, start, end, "there is no time zone `"+s+"`", cmp.Or(suggest.DidYouMean(s, strings.Fields(zones)), "write the name of a time zone such as `'Europe/Berlin'`, or an offset such as `'+02:00'`"))
}

// offset is a time zone that is written as what is added to UTC.
var offset = pattern.Late(`^[-+]?[0-9]{1,2}:[0-9]{2}$`)

// zones are the names of time zones, one a line.
//
//go:embed zones.txt
var zones string

func (w *walk) literalPattern(arg ast.Expr) {
	if s, ok := literalString(arg); ok {
		// What a pattern means is not made here: it may be large.
		if _, err := syntax.Parse(s, syntax.Perl); err != nil {
			start, end := w.span(arg)
			w.report(RuleType, start, end, "the pattern cannot be read: "+strings.TrimPrefix(err.Error(), "error parsing regexp: "), "patterns have the syntax of RE2")
		}
	}
}

func literalString(e ast.Expr) (string, bool) {
	if e.Kind() != ast.LiteralKind {
		return "", false
	}
	s, ok := e.AsLiteral().(types.String)
	return string(s), ok
}

// chain binds a name and the fields that are selected from it.
func (w *walk) chain(e ast.Expr) {
	nodes := []ast.Expr{e}
	root := e
	for root.Kind() == ast.SelectKind {
		root = root.AsSelect().Operand()
		nodes = append(nodes, root)
	}
	slices.Reverse(nodes)
	if root.Kind() != ast.IdentKind {
		w.expr(root)
		return
	}
	if w.isBound(root.AsIdent()) || strings.HasPrefix(root.AsIdent(), "@") {
		return
	}
	path, spans := w.segments(nodes)
	if len(path) == 1 && len(nodes) == 1 && slices.Contains(typeNames, path[0]) {
		return
	}
	n := shape(path, w.symbols)
	if n == 0 {
		p := malformed(path)
		p.Start, p.End = spans[0][0], spans[len(path)-1][1]
		w.indexRemedy(&p, path)
		w.report(p.Rule, p.Start, p.End, p.Message, p.Hint)
		return
	}
	path = path[:n]
	typ, miss := w.symbols.Lookup(path)
	if miss != nil {
		at := spans[min(miss.Segment, n-1)]
		p := miss.problem(at[0], at[1])
		w.report(p.Rule, p.Start, p.End, p.Message, p.Hint)
		return
	}
	w.bind(nodes[n-1], Reference{strings.Join(path, "."), path, typ.canonical(), spans[0][0], spans[n-1][1]})
}

// bind puts the slot of a reference in the place of a node.
func (w *walk) bind(node ast.Expr, r Reference) {
	asked := node.Kind() == ast.SelectKind && node.AsSelect().IsTestOnly()
	id := r.Name
	if asked {
		id = "has " + id
	}
	slot, known := w.byName[id]
	if !known {
		n := w.used[r.Type]
		if n >= maxSlots {
			w.report(RuleLimit, r.Start, r.End, "the expression mentions too many different values", "compute parts of it in a `set` step before")
			return
		}
		w.used[r.Type]++
		slot = theLanguage().slots[r.Type][n]
		w.byName[id] = slot
		if w.slots[slot] = len(w.references); asked {
			w.slots[slot] = ^len(w.references)
		}
	}
	w.references = append(w.references, r)
	w.places[node.ID()] = [2]int{r.Start, r.End}
	ident := w.make.NewIdent(node.ID(), slot)
	if asked {
		// has(inputs.name) asks whether the name has a value.
		null := w.make.NewLiteral(w.id(node.ID()), types.NullValue)
		ident = w.make.NewCall(node.ID(), operators.NotEquals, w.dyn(w.make.NewIdent(w.id(node.ID()), slot)), null)
	}
	node.SetKindCase(ident)
}

// indexRemedy improves the hint for steps['id'] and the like.
func (w *walk) indexRemedy(p *Problem, path []string) {
	rest := strings.TrimLeft(w.text[p.End:], " \t\n")
	if !strings.HasPrefix(rest, "[") {
		return
	}
	rest = strings.TrimLeft(rest[1:], " \t\n")
	n := opaque(rest)
	if n < 3 {
		return
	}
	key := strings.Trim(rest[:n], `'"`)
	p.Message = "`" + strings.Join(path, ".") + "` has no `[...]`"
	p.Hint = "write `" + strings.Join(append(path, key), ".") + "`"
}

// segments returns a chain's names as the author spelled them, with the bytes
// of the text where each stands. It ends early where the text is not a plain
// row of names and dots.
func (w *walk) segments(nodes []ast.Expr) (path []string, spans [][2]int) {
	start, _ := w.span(nodes[0])
	end := start + len(nodes[0].AsIdent())
	path, spans = append(path, w.text[start:end]), append(spans, [2]int{start, end})
	for _, node := range nodes[1:] {
		i := skipSpace(w.text, end)
		if i >= len(w.text) || w.text[i] != '.' {
			break
		}
		start = skipSpace(w.text, i+1)
		end = start + len(node.AsSelect().FieldName())
		if end > len(w.text) {
			break
		}
		path, spans = append(path, w.text[start:end]), append(spans, [2]int{start, end})
	}
	return path, spans
}

func skipSpace(text string, i int) int {
	for i < len(text) {
		switch {
		case strings.IndexByte(" \t\n\r\f", text[i]) >= 0:
			i++
		case strings.HasPrefix(text[i:], "//"):
			i += opaque(text[i:])
		default:
			return i
		}
	}
	return i
}

func (w *walk) isBound(name string) bool { return slices.Contains(w.bound, name) }

// span returns the bytes of the text that a node's token takes.
func (w *walk) span(e ast.Expr) (start, end int) {
	r, ok := w.tree.SourceInfo().GetOffsetRange(e.ID())
	if !ok {
		return 0, len(w.text)
	}
	start, end = w.byteOffset(int(r.Start)), w.byteOffset(int(r.Stop))
	return start, max(end, min(start+1, len(w.text)))
}

// byteOffset is the package's function of this name for the text, without
// counting anew for every place in it.
func (w *walk) byteOffset(characters int) int {
	switch {
	case characters <= 0:
		return 0
	case w.bytes == nil:
		return min(characters, len(w.text))
	case characters < len(w.bytes):
		return w.bytes[characters]
	}
	return len(w.text)
}

// byteOffset turns a number of characters into a number of bytes.
func byteOffset(text string, characters int) int {
	i := 0
	for ; characters > 0 && i < len(text); characters-- {
		_, n := utf8.DecodeRuneInString(text[i:])
		i += n
	}
	return i
}

func (w *walk) report(rule string, start, end int, message, hint string) {
	if len(w.problems) >= maxProblems {
		return
	}
	w.problems = append(w.problems, Problem{Rule: rule, Message: message, Hint: hint, Start: start, End: end})
}
