package expr

import (
	"fmt"
	"strings"

	"cel.dev/cel-go/common"
)

// Symbols know what names mean in the place where an expression stands.
type Symbols interface {
	// Lookup returns the type of a qualified name, given in segments:
	// inputs.NAME, vars.NAME, run.NAME, env.NAME, error.NAME, attempt,
	// steps.ID.status, steps.ID.error, steps.ID.attempts,
	// steps.ID.outputs.NAME, steps.ID.outputs, or a single segment for a loop's variable.
	Lookup(name []string) (Type, *Miss)
}

// Miss says why a name means nothing, and which of its segments is to blame.
type Miss struct {
	Rule    string // the code of the finding; "" is [RuleName]
	Segment int
	Message string
	Hint    string
}

func (m *Miss) problem(start, end int) Problem {
	rule := m.Rule
	if rule == "" {
		rule = RuleName
	}
	return Problem{Rule: rule, Message: m.Message, Hint: m.Hint, Start: start, End: end}
}

// Reference is one name in an expression.
type Reference struct {
	Name       string // "steps.open-investigation.outputs.case"
	Path       []string
	Type       Type
	Start, End int // bytes of the text
}

// Compile parses and checks an expression (without ${{ }}). The result must
// fit want; the zero Type wants nothing in particular. With problems there is
// no program.
func Compile(text string, symbols Symbols, want Type) (*Program, []Problem) {
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
	if path, start, end, ok := simple(text); ok {
		return compileSimple(text, path, start, end, symbols, want)
	}
	if references, ok := compared(text, symbols); ok && (want.Of == "" || Fits(Bool, want)) {
		return &Program{text: text, typ: Bool, references: references, later: true}, nil
	}
	return compileCEL(text, symbols, want)
}

// compileCEL is Compile for a text that only CEL can read.
func compileCEL(text string, symbols Symbols, want Type) (*Program, []Problem) {
	l := theLanguage()
	src := common.NewTextSource(mangle(text))
	tree, errs := l.parse(src)
	if len(errs) > 0 {
		return nil, syntaxProblems(text, src, errs)
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

// Dynamic compiles an expression that was checked before: every name stands
// for a value of any type.
func Dynamic(text string) (*Program, error) {
	p, problems := Compile(text, anything{}, Type{})
	if len(problems) > 0 {
		return nil, fmt.Errorf("the expression `%s` is not valid: %s", text, problems[0].Message)
	}
	return p, nil
}

type anything struct{}

func (anything) Lookup([]string) (Type, *Miss) { return Any, nil }
