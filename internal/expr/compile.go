package expr

import (
	"cmp"
	"fmt"
	"strings"

	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"
)

// Symbols know what names mean in the place where an expression stands.
type Symbols interface {
	// Lookup returns the type of a qualified name, given in segments:
	// inputs.NAME, vars.NAME, run.NAME, env.NAME, error.NAME, attempt,
	// steps.ID.status, steps.ID.error, steps.ID.attempts,
	// steps.ID.outputs.NAME, steps.ID.outputs, or a single segment for a loop's variable.
	Lookup(name []string) (Type, *Miss)
}

// Qualified is Symbols in a place with more names of two segments than runbooks
// have: config.NAME.
type Qualified interface {
	Symbols
	// Qualified reports whether a name that begins with this word has a second one.
	Qualified(root string) bool
}

// Miss says why a name means nothing, and which of its segments is to blame.
type Miss struct {
	Rule    string // the code of the finding; "" is [RuleName]
	Segment int
	Message string
	Hint    string
	Meant   string // the segment as it must have been meant, "" if that is not certain
}

func (m *Miss) problem(start, end int) Problem {
	rule := m.Rule
	rule = cmp.Or(rule, RuleName)
	return Problem{Rule: rule, Message: m.Message, Hint: m.Hint, Meant: m.Meant, Start: start, End: end}
}

// Reference is one name in an expression.
type Reference struct {
	Name       string // "steps.open-investigation.outputs.case"
	Path       []string
	Type       Type
	Start, End int // bytes of the text
}

// Compiler compiles the expressions of one file. What many steps have in common
// is compiled once, and the work that all of them take together has a bound, so
// that a file which is made to cost much does not. The zero value is ready; it
// is for one goroutine.
type Compiler struct {
	known map[string]*Program // what CEL made of a text
	spent int
}

// maxWork is how much CEL may have to do for the expressions of one file. It is
// enough for some 600 that are all different, and there is no bound for names
// and for comparisons of names with plain values, which need no CEL. A unit takes
// from two to ten microseconds.
const maxWork = 6000

// Spent is the work so far: nothing for what needs no CEL, and for each other
// text three units and one for each node of its syntax tree and each 64 bytes.
func (c *Compiler) Spent() int { return c.spent }

// Compile is [Compile] for one of the file's expressions. Once the bound is
// exceeded, every expression that needs CEL has a problem of the rule
// [RuleWork].
func (c *Compiler) Compile(text string, symbols Symbols, want Type) (*Program, []Problem) {
	if len(text) > maxText {
		return nil, []Problem{{
			Rule:    RuleLimit,
			Message: fmt.Sprintf("the expression has %d bytes; the most is %d", len(text), maxText),
			Hint:    "compute parts of it in a `set` step before", End: len(text),
		}}
	}
	if strings.TrimSpace(text) == "" {
		return nil, []Problem{{
			Rule: RuleSyntax, Message: "the expression is empty", Hint: "write what it stands for, for example `inputs.name`", End: len(text),
		}}
	}
	if path, start, end, ok := simple(text, symbols); ok {
		return compileSimple(text, path, start, end, symbols, want)
	}
	if references, ok := compared(text, symbols); ok && (want.Of == "" || Fits(Bool, want)) {
		return &Program{text: text, typ: Bool, references: references, later: true}, nil
	}
	if p := c.known[text]; p != nil && p.holds(symbols) && (want.Of == "" || Fits(p.typ, want)) {
		return p, nil
	}
	p, problems := c.compileCEL(text, symbols, want)
	if p != nil {
		if c.known == nil {
			c.known = map[string]*Program{}
		}
		c.known[text] = p
	}
	return p, problems
}

// holds reports whether the names of a program mean the same in another place.
func (p *Program) holds(symbols Symbols) bool {
	for _, r := range p.references {
		if r.Path[0] == selecting {
			continue
		}
		if typ, miss := symbols.Lookup(r.Path); miss != nil || typ.canonical() != r.Type {
			return false
		}
	}
	return true
}

// spend notes work, and reports whether there is room for it.
func (c *Compiler) spend(units int) bool {
	if c.spent <= maxWork {
		c.spent += units
	}
	return c.spent <= maxWork
}

// compileCEL is Compile for a text that only CEL can read.
func (c *Compiler) compileCEL(text string, symbols Symbols, want Type) (*Program, []Problem) {
	tooMuch := []Problem{{
		Rule: RuleWork, Message: "the expressions of this file take too much work",
		Hint: "split it into runbooks that call each other with `run`, or give expressions that recur a name with `set`", End: len(text),
	}}
	if !c.spend(3 + len(text)/64) {
		return nil, tooMuch
	}
	l := theLanguage()
	src := common.NewTextSource(mangle(text))
	tree, errs := l.parse(src)
	if len(errs) > 0 {
		return nil, syntaxProblems(text, src, errs)
	}
	if !c.spend(int(ast.MaxID(tree))) {
		return nil, tooMuch
	}
	w := newWalk(text, tree, symbols)
	w.expr(tree.Expr())
	if len(w.problems) > 0 {
		return nil, w.problems
	}
	checked, errs := l.check(tree, src)
	if len(errs) > 0 {
		return nil, w.typeProblems(src, errs)
	}
	got := typeOf(checked.GetType(checked.Expr().ID()))
	if want.Of != "" && !Fits(got, want) {
		return nil, []Problem{mismatch(text, got, want)}
	}
	return &Program{text: text, typ: got, tree: checked, references: w.references, slots: w.slots}, nil
}

// Compile parses and checks an expression (without ${{ }}). The result must
// fit want; the zero Type wants nothing in particular. With problems there is
// no program.
func Compile(text string, symbols Symbols, want Type) (*Program, []Problem) {
	return new(Compiler).Compile(text, symbols, want)
}

// Dynamic compiles an expression that was checked before: every name stands
// for a value of any type.
func Dynamic(text string) (*Program, error) { return dynamic(text, anything{}) }

func dynamic(text string, names Symbols) (*Program, error) {
	p, problems := Compile(text, names, Type{})
	if len(problems) > 0 {
		return nil, fmt.Errorf("the expression `%s` is not valid: %s", text, problems[0].Message)
	}
	return p, nil
}

type anything struct{}

func (anything) Lookup([]string) (Type, *Miss) { return Any, nil }
