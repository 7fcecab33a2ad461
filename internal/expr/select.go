package expr

import (
	"strings"

	"cel.dev/cel-go/common/ast"

	"github.com/irctl/irctl/internal/selector"
	"github.com/irctl/irctl/pkg/action"
)

// selection puts a name, "targets.SELECTOR", in the place of targets('SELECTOR'):
// who resolves names knows the targets.
func (w *walk) selection(e ast.Expr, args []ast.Expr) {
	_, end := w.span(e) // CEL says where the parenthesis stands
	start := max(0, strings.LastIndex(w.text[:end], selecting))
	text, plain := "", false
	if len(args) == 1 {
		text, plain = literalString(args[0])
	}
	if !plain {
		w.report(RuleType, start, end, "targets() takes one plain text", "write for example `targets('zone=dmz')`")
		return
	}
	s, err := selector.Parse(text)
	if err != nil {
		start, end := w.span(args[0])
		w.report(RuleType, start, end, err.Error(), "write for example `targets('group:web, zone=dmz, role!=db')`")
		return
	}
	w.bind(e, Reference{selecting + "." + s.String(), []string{selecting, s.String()}, Type{action.List, action.String}, start, end})
}
