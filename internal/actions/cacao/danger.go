package cacao

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/irctl/irctl/internal/cacao/reference"
	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/internal/programs"
)

const notData = "in a place where the shell would not take it as data"

// special are variables whose values the shell, or the loader, acts on.
var special = pattern.Late(`^(PATH|IFS|ENV|BASH_.*|PS[0-4]|PROMPT_COMMAND|LD_.*|SHELLOPTS)$`)

// around says why a node on the way down to the place at hand would not take a
// value as data, "" if it would. What is not known to do so does not.
func (s *shellText) around(at int) string {
	child := s.stack[at+1]
	switch n := s.stack[at].(type) {
	case *syntax.File, *syntax.Stmt, *syntax.Block, *syntax.Subshell, *syntax.IfClause, *syntax.WhileClause, *syntax.ForClause, *syntax.CaseClause, *syntax.CaseItem,
		*syntax.FuncDecl, *syntax.TimeClause, *syntax.ProcSubst, *syntax.TestClause, *syntax.ParenTest, *syntax.Word, *syntax.DblQuoted, *syntax.ArrayExpr:
		return ""
	case *syntax.WordIter:
		if child != syntax.Node(n.Name) {
			return ""
		}
	case *syntax.CmdSubst:
		if !n.Backquotes {
			return ""
		}
	case *syntax.CallExpr:
		if i := argument(n, child); i >= 0 {
			return readBy(programs.Reads(words(n), i))
		}
		return "" // an assignment before the command
	case *syntax.BinaryCmd:
		if child == syntax.Node(n.X) && n.Op != syntax.AndStmt && n.Op != syntax.OrStmt {
			return readBy(readsInput(n.Y))
		}
		return ""
	case *syntax.Redirect:
		if child == syntax.Node(n.Word) && n.Op == syntax.WordHdoc {
			return readBy(readsInput(s.stack[at-1]))
		}
		if child == syntax.Node(n.Word) && n.Op != syntax.Hdoc && n.Op != syntax.DashHdoc {
			return ""
		}
	case *syntax.Assign:
		if (child == syntax.Node(n.Value) || child == syntax.Node(n.Array)) && n.Name != nil && !special().MatchString(n.Name.Value) {
			return ""
		}
	case *syntax.ArrayElem:
		if child == syntax.Node(n.Value) {
			return ""
		}
	case *syntax.DeclClause:
		if n.Args[0].Name != nil { // no options
			return ""
		}
	case *syntax.BinaryTest:
		if !arithmetic(n.Op) {
			return ""
		}
	case *syntax.UnaryTest:
		if n.Op != syntax.TsVarSet && n.Op != syntax.TsRefVar && n.Op != syntax.TsOptSet {
			return ""
		}
	}
	return notData
}

func readBy(program string) string {
	if program == "" {
		return ""
	}
	return "where " + program + " reads a program: which program runs is not for a variable to say"
}

// readsInput returns a program that reads its input as a program.
func readsInput(n syntax.Node) (by string) {
	syntax.Walk(n, func(n syntax.Node) bool {
		if call, ok := n.(*syntax.CallExpr); ok && len(call.Args) > 0 && by == "" {
			by = programs.Reads(words(call), len(call.Args))
		}
		return true
	})
	return by
}

func arithmetic(op syntax.BinTestOperator) bool { return op >= syntax.TsEql && op <= syntax.TsGtr }

// simple reports whether a text evaluates none of its variables once more, so
// that it may assign a value to one of them: arithmetic does, names of names,
// declarations, prompts. A text that hands its own variables to a program as a
// program takes no values at all.
func simple(file *syntax.File, text string, refs []reference.Place) (ok bool, err error) {
	ok = true
	syntax.Walk(file, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.ArithmExp, *syntax.ArithmCmd, *syntax.LetClause, *syntax.CStyleLoop:
			ok = false
		case *syntax.ParamExp:
			ok = ok && !n.Excl && fixed(n.Index) && n.Slice == nil && (n.Exp == nil || n.Exp.Op != syntax.OtherParamOps)
		case *syntax.DeclClause:
			ok = ok && (len(n.Args) == 0 || n.Args[0].Name != nil)
		case *syntax.BinaryTest:
			ok = ok && !arithmetic(n.Op)
		case *syntax.CallExpr:
			all := words(n)
			for i, w := range all {
				if by := programs.Reads(all, i); w == "" && by != "" && len(n.Args[i].Parts) > 0 && err == nil {
					err = refusal(text, refs[0], "in a command that gives variables of its own to "+by+", which reads them as a program")
				}
			}
		}
		return true
	})
	return ok, err
}

// fixed reports whether an index evaluates no variable.
func fixed(index syntax.ArithmExpr) bool {
	word, ok := index.(*syntax.Word)
	return index == nil || ok && strings.Trim(literalWord(word), "0123456789@*") == "" && literalWord(word) != ""
}

func argument(n *syntax.CallExpr, child syntax.Node) int {
	for i, w := range n.Args {
		if child == syntax.Node(w) {
			return i
		}
	}
	return -1
}

// words are what the words of a command say, "" for those that hold
// expansions.
func words(n *syntax.CallExpr) []string {
	out := make([]string, len(n.Args))
	for i, w := range n.Args {
		out[i] = literalWord(w)
	}
	return out
}

// mightBeProgram reports whether a program that is started might read the word
// at hand as a program of its own.
func (s *shellText) mightBeProgram() bool {
	rest, innermost := "", true
	for i := len(s.stack) - 1; i > 0; i-- {
		word, ok := s.stack[i].(*syntax.Word)
		if !ok {
			continue
		}
		if innermost {
			at, end := int(word.Pos().Offset()), int(word.End().Offset())
			for _, ref := range s.refs {
				if ref.Start >= at && ref.End <= end {
					rest, at = rest+s.text[at:ref.Start], ref.End
				}
			}
			rest += s.text[at:end]
		}
		var all []string
		at := 0
		if call, ok := s.stack[i-1].(*syntax.CallExpr); ok {
			all, at = words(call), max(argument(call, word), 0)
		}
		if programs.Might(all, at, rest) {
			return true
		}
		rest, innermost = "", false
	}
	return false
}

// literalWord is what a word says without expansions, its quotes taken off; ""
// if it holds an expansion.
func literalWord(w *syntax.Word) string {
	var out strings.Builder
	for _, p := range w.Parts {
		switch p := p.(type) {
		case *syntax.Lit:
			out.WriteString(strings.ReplaceAll(p.Value, `\`, ""))
		case *syntax.SglQuoted:
			out.WriteString(p.Value)
		case *syntax.DblQuoted:
			for _, inner := range p.Parts {
				lit, ok := inner.(*syntax.Lit)
				if !ok {
					return ""
				}
				out.WriteString(lit.Value)
			}
		default:
			return ""
		}
	}
	return out.String()
}
