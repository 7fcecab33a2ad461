package expr

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"

	"github.com/irctl/irctl/internal/data"
)

// Resolver returns the value of a qualified name ("steps.website.status",
// "inputs.accounts"), in the author's spelling: data (package data),
// time.Duration, time.Time or action.Secret, which may also stand inside lists
// and maps; or an error, with which the evaluation fails, if the value cannot be
// had. It reports false for a name that does not exist; a name without a value
// yet is nil and true. It is asked only for what the evaluation really needs.
type Resolver func(name string) (any, bool)

// Absent is an error of a [Resolver] about a value that does not exist, and says
// why: has() is false of it, and whoever needs it fails.
type Absent string

// Error implements error.
func (a Absent) Error() string { return string(a) }

// Program is a checked expression. It never changes and may be evaluated by
// several goroutines at once.
type Program struct {
	text       string
	typ        Type
	tree       *ast.AST // nil: the text is a single name
	references []Reference
	slots      map[string]int // variable of the language -> reference
	later      bool           // CEL has not seen the text: see compare.go
	once       sync.Once      // most programs are only checked, so planning waits for the first evaluation
	planned    cel.Program
	planError  error
	whole      *Program // what CEL made of the text, if later
}

// Type is the type of the result.
func (p *Program) Type() Type { return p.typ }

// References returns every name in the expression, in the order of the text's
// syntax; a name that is used twice is there twice.
func (p *Program) References() []Reference { return p.references }

// Eval computes the value. It is tainted if a secret was looked at on the way.
// Errors name values by their names, never by their content.
func (p *Program) Eval(resolve Resolver) (value any, tainted bool, err error) {
	if p.later {
		if p.once.Do(p.complete); p.planError != nil {
			return nil, false, p.planError
		}
		return p.whole.Eval(resolve)
	}
	a := &activation{program: p, resolve: resolve}
	if p.tree == nil {
		if value, err = a.evalSimple(); err != nil {
			return nil, a.tainted, err
		}
		return value, a.tainted, nil
	}
	p.once.Do(func() { p.planned, p.planError = theLanguage().plan(p.tree) })
	if p.planError != nil {
		return nil, false, fmt.Errorf("the expression `%s` cannot be evaluated: %s", p.text, unbounded.Replace(p.planError.Error()))
	}
	out, _, err := p.planned.Eval(a)
	if err != nil {
		return nil, a.tainted, a.explain(err)
	}
	if value, err = plain(out); err != nil {
		return nil, a.tainted, fmt.Errorf("the expression `%s` has no usable value: %w", p.text, err)
	}
	return value, a.tainted, nil
}

// complete compiles what was only compared.
func (p *Program) complete() {
	whole, problems := new(Compiler).compileCEL(p.text, known(p.references), Type{})
	if len(problems) > 0 {
		p.planError = fmt.Errorf("the expression `%s` is not valid: %s", p.text, problems[0].Message)
	}
	p.whole = whole
}

// activation answers CEL's questions for values and remembers what it saw.
type activation struct {
	program *Program
	resolve Resolver
	tainted bool
	missing []string // unknown to the resolver
	failed  error    // why a value cannot be had
	empty   []string // known, without a value
}

// Parent implements cel.Activation.
func (a *activation) Parent() cel.Activation { return nil }

// ResolveName implements cel.Activation.
func (a *activation) ResolveName(slot string) (any, bool) {
	i, ok := a.program.slots[slot]
	if !ok {
		return nil, false
	}
	return a.lookup(i)
}

// lookup returns the value of a reference, or of ^reference for has(), secrets
// revealed.
func (a *activation) lookup(reference int) (any, bool) {
	asked := reference < 0 // by has()
	if asked {
		reference = ^reference
	}
	name := a.program.references[reference].Name
	v, ok := a.resolve(name)
	if _, absent := v.(Absent); absent && asked {
		v = nil
	}
	if !ok {
		a.missing = append(a.missing, name)
		return nil, false
	}
	if err, cannot := v.(error); cannot {
		a.failed = err
		return nil, false
	}
	if v == nil {
		a.empty = append(a.empty, name)
	}
	v, secret := data.Reveal(v)
	a.tainted = a.tainted || secret
	return v, true
}

// errNoValue is CEL's words for a name that the resolver does not know.
var errNoValue = errors.New("no such attribute")

// explain turns CEL's error into ours. What CEL says may quote values, so
// nothing of it is repeated once a secret was involved.
func (a *activation) explain(err error) error {
	prefix := "the expression `" + a.program.text + "` failed: "
	message := err.Error()
	switch {
	case a.failed != nil:
		return fmt.Errorf("`%s` cannot be worked out: %w", strings.TrimSpace(a.program.text), a.failed)
	case len(a.missing) > 0:
		return errors.New(prefix + "`" + a.missing[0] + "` does not exist")
	case strings.Contains(message, "cost limit exceeded"), strings.Contains(message, "memory limit exceeded"):
		return errors.New(prefix + "it takes too much work; simplify it")
	case a.tainted:
		return errors.New(prefix + "a value does not fit; it involves a secret, so it is not shown")
	case len(a.empty) > 0 && strings.Contains(message, "no such overload"):
		return errors.New(prefix + "`" + a.empty[0] + "` has no value")
	case strings.Contains(message, "no such overload"):
		return errors.New(prefix + "its values have types that do not go together")
	case strings.Contains(message, "no such key"):
		return errors.New(prefix + strings.Replace(message, "no such key", "there is no entry", 1))
	}
	return errors.New(prefix + unbounded.Replace(message))
}
