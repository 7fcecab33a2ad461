package expr

import (
	"strings"
	"sync"

	"github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/pkg/action"
)

// maxPrograms is how many programs an Evaluator keeps.
const maxPrograms = 4096

// Evaluator evaluates the texts of a plan, which was checked when it was made.
// It keeps what it compiled. The zero value is ready; its methods may be
// called from several goroutines at once.
type Evaluator struct {
	// Names is which names there are; nil is those of runbooks, and any other one.
	Names Symbols

	mu       sync.Mutex
	programs map[string]*Program
}

// NewEvaluator returns an Evaluator.
func NewEvaluator() *Evaluator { return &Evaluator{} }

// Eval evaluates an expression (without ${{ }}). The value is tainted if it
// was computed from a secret.
func (e *Evaluator) Eval(text string, resolve Resolver) (value any, tainted bool, err error) {
	p, err := e.program(text)
	if err != nil {
		return nil, false, err
	}
	return p.Eval(resolve)
}

// Value fills in every ${{ }} in data (a plan.Value's Raw) and returns new
// data. Every text in it that was computed from a secret is an action.Secret;
// tainted says that there is something of that kind.
func (e *Evaluator) Value(raw any, resolve Resolver) (value any, tainted bool, err error) {
	value = data.Each(raw, func(v any) any {
		text, is := v.(string)
		if !is || err != nil {
			return v
		}
		filled, secret, problem := e.text(text, resolve)
		tainted, err = tainted || secret, problem
		return filled
	})
	if err != nil {
		return nil, tainted, err
	}
	return value, tainted, nil
}

func (e *Evaluator) text(text string, resolve Resolver) (any, bool, error) {
	if !strings.Contains(text, opening) {
		return text, false, nil
	}
	parts, problem := ParseTemplate(text)
	if problem != nil {
		return nil, false, problem
	}
	if whole, ok := Whole(parts); ok {
		v, tainted, err := e.Eval(whole.Expr, resolve)
		if tainted {
			v = conceal(v)
		}
		return v, tainted, err
	}
	var out strings.Builder
	anyTaint := false
	for _, p := range parts {
		if !p.IsExpr {
			out.WriteString(p.Text)
			continue
		}
		v, tainted, err := e.Eval(p.Expr, resolve)
		if err != nil {
			return nil, anyTaint || tainted, err
		}
		anyTaint = anyTaint || tainted
		out.WriteString(Text(v))
	}
	if anyTaint {
		return action.NewSecret(out.String()), true, nil
	}
	return out.String(), false, nil
}

func (e *Evaluator) program(text string) (*Program, error) {
	e.mu.Lock()
	p, ok := e.programs[text]
	e.mu.Unlock()
	if ok {
		return p, nil
	}
	names := e.Names
	if names == nil {
		names = anything{}
	}
	p, err := dynamic(text, names)
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.programs == nil || len(e.programs) >= maxPrograms {
		e.programs = map[string]*Program{}
	}
	e.programs[text] = p
	return p, nil
}
