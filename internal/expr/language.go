package expr

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/checker"
	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/decls"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/ext"
	"cel.dev/cel-go/parser"

	"github.com/irctl/irctl/pkg/action"
)

// The bounds of an expression.
const (
	maxText    = 8 << 10 // bytes of an expression
	maxDepth   = 60      // of nesting
	maxNodes   = 4000    // of the syntax tree, after macros
	maxLoops   = 3       // macros such as map and filter inside each other
	maxSlots   = 40      // different names of one type
	maxRange   = 10_000  // elements that lists.range makes
	maxCost    = 2_000_000
	maxMemory  = 4 << 20 // elements and bytes, as CEL counts them
	maxValue   = 400_000 // values inside a value that is measured
	maxResult  = 4 << 20 // bytes that replace and join may make
	maxRegexps = 1000    // instructions of a compiled pattern

	maxTemplate = 64 << 10 // bytes of a text that holds ${{ }}
	maxParts    = 1000     // expressions in one text
)

// language is CEL as irctl speaks it: one parser, one checker, one planner for
// all expressions. The checker knows a fixed set of variables, some for each
// type (slots); an expression's references are bound to these, so that no
// environment has to be made per expression.
type language struct {
	parser  *parser.Parser
	checker *checker.Env
	env     *cel.Env
	slots   map[Type][]string
}

// theLanguage is made on first use and never changes; it is safe for
// concurrent use.
var theLanguage = sync.OnceValue(func() *language {
	l, err := newLanguage()
	if err != nil {
		panic("expr: the language cannot be configured: " + err.Error())
	}
	return l
})

func newLanguage() (*language, error) {
	env, err := cel.NewEnv(append([]cel.EnvOption{
		cel.CustomTypeAdapter(adapter{types.DefaultTypeAdapter}),
		cel.CrossTypeNumericComparisons(true),
		cel.DefaultUTCTimeZone(true),
		cel.RegexProgramSizeLimit(maxRegexps),
		ext.Strings(ext.StringsVersion(5)),
		ext.Math(),
		ext.Lists(ext.ListsMaxRangeSize(maxRange)),
	}, slices.Concat(boundedFunctions(), ownFunctions())...)...)
	if err != nil {
		return nil, err
	}
	p, err := parser.NewParser(
		parser.Macros(env.Macros()...),
		parser.EnablePrattParser(true),
		parser.EnableHiddenAccumulatorName(true),
		parser.MaxRecursionDepth(maxDepth),
		parser.MaxExpressionNodeCount(maxNodes),
		parser.ExpressionSizeCodePointLimit(maxText),
		parser.ErrorRecoveryLimit(1), // what follows a first mistake is rarely true
	)
	if err != nil {
		return nil, err
	}
	c, err := checker.NewEnv(env.Container, env.CELTypeProvider(), checker.CrossTypeNumericComparisons(true))
	if err != nil {
		return nil, err
	}
	for _, f := range env.Functions() {
		if f.IsDeclarationDisabled() {
			continue
		}
		if err := c.AddFunctions(f); err != nil {
			return nil, err
		}
	}
	slots, variables := makeSlots()
	return &language{p, c, env, slots}, c.AddIdents(append(env.Variables(), variables...)...)
}

// adapter hands values to CEL. A number beyond 64 bits, of which CEL would round
// off digits, is a text there.
type adapter struct{ types.Adapter }

// NativeToValue implements types.Adapter.
func (a adapter) NativeToValue(v any) ref.Val {
	switch v := v.(type) {
	case json.Number:
		return types.String(v)
	case []any:
		return types.NewDynamicList(a, v)
	case map[string]any:
		return types.NewStringInterfaceMap(a, v)
	}
	return a.Adapter.NativeToValue(v)
}

// makeSlots makes the variables that stand for references, by their types. No
// author can write their names.
func makeSlots() (map[Type][]string, []*decls.VariableDecl) {
	all := []Type{Any, {Of: action.List}, {Of: action.Map}}
	for s := range scalars {
		all = append(all, Type{Of: s}, Type{action.List, s}, Type{action.Map, s})
	}
	names := map[Type][]string{}
	var out []*decls.VariableDecl
	for _, t := range all {
		for i := range maxSlots {
			name := fmt.Sprintf("@%s.%s.%d", t.Of, t.Items, i)
			names[t] = append(names[t], name)
			out = append(out, decls.NewVariable(name, t.cel()))
		}
	}
	return names, out
}

// parse returns the syntax tree, or what CEL has against the text.
func (l *language) parse(src common.Source) (*ast.AST, []*common.Error) {
	tree, errs := l.parser.Parse(src)
	return tree, errs.GetErrors()
}

// check gives every node a type.
func (l *language) check(tree *ast.AST, src common.Source) (*ast.AST, []*common.Error) {
	checked, errs := checker.Check(tree, src, l.checker)
	return checked, errs.GetErrors()
}

// plan makes a checked tree executable. By itself CEL takes a value for endless
// that is nested more than five deep, as answers of systems are.
func (l *language) plan(checked *ast.AST) (cel.Program, error) {
	measure := types.NewSizeCalculator(types.SizeCalculatorMaxDepth(maxDepth*2), types.SizeCalculatorMaxTraversal(maxValue))
	return l.env.PlanProgram(checked, cel.CostLimit(maxCost), cel.MemoryTracking(types.MemoryTrackerSizeCalculator(measure), types.MemoryTrackerSampleInterval(16)), cel.MemoryLimit(maxMemory), cel.EvalOptions(cel.OptOptimize))
}
