package cacao

import (
	"bytes"
	"regexp"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// danger says why the place at hand would not take a value as data, although
// its quotes are right; "" if it would. It looks at everything that the place
// is inside of: a shell evaluates some words once more, such as arithmetic,
// names with subscripts and the arguments of eval.
func (s *shellText) danger() string {
	for i, n := range s.stack {
		var child syntax.Node
		if i+1 < len(s.stack) {
			child = s.stack[i+1]
		}
		if why := inside(n, child); why != "" {
			return why
		}
	}
	return ""
}

func inside(n, child syntax.Node) string {
	switch n := n.(type) {
	case *syntax.ArithmExp, *syntax.ArithmCmd, *syntax.LetClause, *syntax.CStyleLoop, *syntax.ParenArithm, *syntax.BinaryArithm, *syntax.UnaryArithm:
		return "in arithmetic, where the shell would evaluate it"
	case *syntax.ParamExp:
		return "inside ${ }, where the shell would evaluate it"
	case *syntax.CmdSubst:
		if n.Backquotes {
			return "inside backquotes; write $( ) instead"
		}
	case *syntax.ExtGlob, *syntax.TestDecl, *syntax.CoprocClause:
		return "in a place where the shell would not take it as data"
	case *syntax.Assign:
		if child != syntax.Node(n.Value) && child != syntax.Node(n.Array) {
			return "in a variable's name"
		}
	case *syntax.ArrayElem:
		if child != syntax.Node(n.Value) {
			return "in a subscript, where the shell would evaluate it"
		}
	case *syntax.DeclClause:
		return declares(n, child)
	case *syntax.BinaryTest:
		switch n.Op {
		case syntax.TsEql, syntax.TsNeq, syntax.TsLeq, syntax.TsGeq, syntax.TsLss, syntax.TsGtr:
			return "in an arithmetic comparison of [[ ]], which the shell would evaluate; write [ ] instead"
		}
	case *syntax.UnaryTest:
		if n.Op == syntax.TsVarSet || n.Op == syntax.TsRefVar || n.Op == syntax.TsOptSet {
			return "where the name of a shell's variable is wanted"
		}
	case *syntax.Redirect:
		switch {
		case child == syntax.Node(n.Word) && (n.Op == syntax.Hdoc || n.Op == syntax.DashHdoc):
			return "in the end mark of a here-document"
		case child != syntax.Node(n.Word) && child != syntax.Node(n.Hdoc):
			return "where a redirection's number is wanted"
		}
	case *syntax.CallExpr:
		return called(n, child)
	}
	return ""
}

// declares refuses words of declare and its relatives that are no plain
// assignment.
func declares(n *syntax.DeclClause, child syntax.Node) string {
	for _, a := range n.Args {
		if child == syntax.Node(a) && a.Name == nil {
			return "where " + n.Variant.Value + " wants the name of a variable"
		}
		if a.Naked && a.Value != nil && a.Name == nil && strings.ContainsAny(literalWord(a.Value), "inaA") {
			return "in an assignment that " + n.Variant.Value + " " + literalWord(a.Value) + " would evaluate"
		}
	}
	return ""
}

// evaluators are the shell's own commands that read a word as a part of a
// program or as a name (bash(1), SHELL BUILTIN COMMANDS).
var evaluators = wordSet("eval trap let unset read mapfile readarray source . alias getopts complete compgen bind enable")

// starters are those that run the program that their first argument names.
var starters = wordSet("exec command builtin")

func wordSet(words string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(words) {
		out[w] = true
	}
	return out
}

// called refuses values that name the program of a command, and values that
// the shell would evaluate.
func called(n *syntax.CallExpr, child syntax.Node) string {
	at := argument(n, child)
	if at < 0 {
		return "" // an assignment before the command
	}
	first := 0
	for first < at && (starters[literalWord(n.Args[first])] || strings.HasPrefix(literalWord(n.Args[first]), "-")) {
		first++
	}
	program, before := literalWord(n.Args[first]), ""
	if at > 0 {
		before = literalWord(n.Args[at-1])
	}
	switch {
	case at == first:
		return "where the program is named: which program runs is not for a variable to say"
	case evaluators[program]:
		return "in the arguments of " + program + ", which would evaluate it"
	case (program == "printf" || program == "test" || program == "[") && (before == "-v" || before == "-R"):
		return "where the name of a shell's variable is wanted"
	}
	return ""
}

func argument(n *syntax.CallExpr, child syntax.Node) int {
	for i, w := range n.Args {
		if child == syntax.Node(w) {
			return i
		}
	}
	return -1
}

// programOption is an option behind which many programs take a program.
var programOption = regexp.MustCompile(`^(-[A-Za-z]*[ceEC]|-exec|-ok|--eval|--command|--execute|-[Cc]ommand|--run)$`)

// plain is a value that means nothing but itself to a shell or to any other
// language of commands: a name, a number, an address, a path.
var plain = regexp.MustCompile(`^(-?[0-9.]+|[\p{L}\p{N}_.,:@%+=/][\p{L}\p{N}_.,:@%+=/-]*)?$`)

// mayBeProgram reports whether the place at hand is one at which a program that
// the command starts could take the word for a program of its own: a word with
// more in it than one name, as in ssh host "rm __x__:value", or behind an
// option such as -c. Such a place takes plain values alone.
func (s *shellText) mayBeProgram() bool {
	innermost := true
	for i := len(s.stack) - 1; i > 0; i-- {
		word, ok := s.stack[i].(*syntax.Word)
		if !ok {
			continue
		}
		if innermost && s.severalNames(word) {
			return true
		}
		innermost = false
		if call, ok := s.stack[i-1].(*syntax.CallExpr); ok {
			if at := argument(call, word); at > 0 && programOption.MatchString(literalWord(call.Args[at-1])) {
				return true
			}
		}
	}
	return false
}

// severalNames reports whether a word holds more than one name: blanks, quotes
// inside its own, or what means something in a program.
func (s *shellText) severalNames(word *syntax.Word) bool {
	start, end := int(word.Pos().Offset()), int(word.End().Offset())
	text := []byte(s.text[start:end])
	for _, ref := range s.within(word) {
		for i := ref.Start - start; i < ref.End-start; i++ {
			text[i] = 'x'
		}
	}
	if i := bytes.LastIndexByte(text, '\n'); i >= 0 && !bytes.ContainsAny(text[i:], `"'`) {
		text = text[:i] // the end mark of a here-document
	}
	return strings.ContainsAny(strings.Trim(strings.TrimSpace(string(text)), `"'`), " \t\n'\"\\;|&<>()$`{}*?!#~")
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
