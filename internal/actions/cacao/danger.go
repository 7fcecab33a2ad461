package cacao

import (
	"path"
	"regexp"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// danger says why the place at hand would not take a value as data, although
// its quotes are right; "" if it would. It looks at everything that the place
// is inside of.
//
// A shell evaluates some words once more: arithmetic, names with subscripts,
// eval. Other programs are shells themselves. All of the shell's own are
// refused here, and of other programs those that people use.
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
	case *syntax.Stmt:
		return fedTo(n, child)
	case *syntax.BinaryCmd:
		if (n.Op == syntax.Pipe || n.Op == syntax.PipeAll) && child == syntax.Node(n.X) && readsProgram(n.Y) {
			return "in what another shell or interpreter reads as its program"
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

// fedTo refuses what a statement's redirections feed to an interpreter.
func fedTo(n *syntax.Stmt, child syntax.Node) string {
	for _, r := range n.Redirs {
		fed := r.Hdoc != nil || r.Op == syntax.WordHdoc
		if child == syntax.Node(r) && fed && readsProgram(n) {
			return "in what another shell or interpreter reads as its program"
		}
	}
	return ""
}

// shells read a program from an argument after -c, or else from their input.
var shells = wordSet("sh bash dash ash ksh mksh zsh fish csh tcsh busybox su runuser rbash")

// interpreters do, too; the option differs.
var interpreters = wordSet("python python2 python3 perl ruby node nodejs php lua tclsh expect osascript pwsh powershell psql mysql sqlite3 gdb ssh")

// evaluators are commands all of whose words may be evaluated.
var evaluators = wordSet("eval trap let unset read mapfile readarray source . alias getopts complete compgen bind enable watch parallel tmux screen make ansible")

// starters run the program that their arguments name.
var starters = wordSet("sudo doas env exec command builtin nohup nice timeout setsid stdbuf time xargs ionice chrt unshare nsenter chroot pkexec systemd-run")

// scripts take a program in a language of their own as an argument.
var scripts = wordSet("awk gawk mawk nawk sed jq")

func wordSet(words string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(words) {
		out[w] = true
	}
	return out
}

// programOption is an option after which a program stands.
var programOption = regexp.MustCompile(`^(-[A-Za-z]*[cerEC]|--eval|--command|--execute|-[Cc]ommand|--run)$`)

// assignment is a word that sets a variable for the program that env or sudo
// starts.
var assignment = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*=`)

// called refuses values that name the program of a command, and values that
// the program would evaluate.
func called(n *syntax.CallExpr, child syntax.Node) string {
	at := -1
	for i, w := range n.Args {
		if child == syntax.Node(w) {
			at = i
		}
	}
	if at < 0 {
		return "" // an assignment before the command
	}
	words := make([]string, len(n.Args))
	for i, w := range n.Args {
		words[i] = literalWord(w)
	}
	switch program := programName(words[0]); {
	case at == 0:
		return "where the program is named: which program runs is not for a variable to say"
	case evaluators[program]:
		return "in the arguments of " + program + ", which would evaluate it"
	case starters[program] && !assignment.MatchString(words[at]) && words[at-1] != "-u" && words[at-1] != "-g" && !namesProgram(words[1:at]):
		return "where " + program + " may take it as the program to run"
	case program == "" && programOption.MatchString(words[at-1]):
		return "in a program for what a variable names"
	case strings.HasPrefix(words[at-1], "-exec") || strings.HasPrefix(words[at-1], "-ok"):
		return "where the program is named: which program runs is not for a variable to say"
	case (program == "printf" || program == "test" || program == "[") && (words[at-1] == "-v" || words[at-1] == "-R"):
		return "where the name of a shell's variable is wanted"
	}
	return interpreted(words, at, n.Args[at])
}

// interpreted refuses a value in an argument that an interpreter among the
// words before it takes as a program.
func interpreted(words []string, at int, arg *syntax.Word) string {
	for i, word := range words[:at] {
		switch name := programName(word); {
		case evaluators[name] && namesProgramOnly(words[:i]):
			return "in the arguments of " + name + ", which would evaluate it"
		case name == "ssh":
			if remoteCommand(words[i+1 : at]) {
				return "in a command for ssh, which the other machine's shell would evaluate"
			}
		case scripts[name] && firstProgram(words[i+1:at]):
			return "in a program for " + name
		case shells[name] || interpreters[name]:
			if programOption.MatchString(words[at-1]) || strings.HasPrefix(words[at], "-") {
				return "in a program for " + name
			}
			if holdsProcess(arg) {
				return "in what " + name + " reads as its program"
			}
		case (name == "script" || name == "flock") && words[at-1] == "-c":
			return "in a program for " + name
		}
	}
	return ""
}

// namesProgram reports whether words after a starter hold something other than
// options, assignments and further starters.
func namesProgram(words []string) bool {
	for i, w := range words {
		option := strings.HasPrefix(w, "-") || strings.Contains(w, "=") || starters[programName(w)]
		value := i > 0 && strings.HasPrefix(words[i-1], "-") // it may be the option's
		number := w != "" && strings.Trim(w, "0123456789.smhd") == ""
		if !option && !value && !number {
			return true
		}
	}
	return false
}

// namesProgramOnly reports whether all words are starters, so that the next
// one is the program.
func namesProgramOnly(words []string) bool {
	for _, w := range words {
		if !starters[programName(w)] {
			return false
		}
	}
	return true
}

// sshWithValue are ssh's options that take a value in the next word (ssh(1)).
const sshWithValue = "BbcDEeFIiJLlmOoPpQRSWw"

// remoteCommand reports whether the words after ssh have named the host, so
// that what follows is a command for it.
func remoteCommand(words []string) bool {
	for i := 0; i < len(words); i++ {
		w := words[i]
		if !strings.HasPrefix(w, "-") {
			return true
		}
		if len(w) == 2 && strings.Contains(sshWithValue, w[1:]) {
			i++
		}
	}
	return false
}

// firstProgram reports whether the next word is the program of awk, sed or jq:
// none has come yet, or an option announces it.
func firstProgram(words []string) bool {
	for i := 0; i < len(words); i++ {
		switch w := words[i]; {
		case w == "-e" || w == "--expression":
			return i == len(words)-1
		case strings.HasPrefix(w, "--arg") || w == "--slurpfile" || w == "--rawfile":
			i += 2 // a name and a value
		case w == "-v" || w == "-F":
			i++
		case !strings.HasPrefix(w, "-"):
			return false
		}
		if i >= len(words) {
			return false // the word is an option's
		}
	}
	return true
}

// readsProgram reports whether a part of a statement reads its input as a
// program.
func readsProgram(s *syntax.Stmt) bool {
	found := false
	syntax.Walk(s, func(n syntax.Node) bool {
		if call, ok := n.(*syntax.CallExpr); ok && len(call.Args) > 0 {
			words := make([]string, len(call.Args))
			for i, w := range call.Args {
				words[i] = literalWord(w)
			}
			found = found || inputIsProgram(words)
		}
		return !found
	})
	return found
}

// inputPrograms are commands that always take their input for one, or several.
var inputPrograms = wordSet("su runuser psql mysql sqlite3 gdb xargs parallel source . at batch crontab")

func inputIsProgram(words []string) bool {
	if words[0] == "" {
		return true // which program it is, a variable says
	}
	for i, word := range words {
		rest := words[i+1:]
		switch name := programName(word); {
		case inputPrograms[name]:
			return true
		case name == "ssh":
			return !remoteCommand(rest[:max(len(rest)-1, 0)])
		case shells[name] || interpreters[name]:
			return !namesScript(rest)
		}
	}
	return false
}

// namesScript reports whether words after a shell or interpreter say where its
// program is, so that it does not read it from its input.
func namesScript(words []string) bool {
	for _, w := range words {
		switch {
		case w == "-s" || w == "-" || strings.HasPrefix(w, "/dev/"):
			return false
		case programOption.MatchString(w) || w == "-m" || !strings.HasPrefix(w, "-"):
			return true
		}
	}
	return false
}

// programName is a word as the name of a program, without its folder; "" if
// the word is not known.
func programName(word string) string {
	if word == "" {
		return ""
	}
	return path.Base(word)
}

// holdsProcess reports whether a word holds <( ).
func holdsProcess(w *syntax.Word) bool {
	found := false
	syntax.Walk(w, func(n syntax.Node) bool {
		_, is := n.(*syntax.ProcSubst)
		found = found || is
		return !found
	})
	return found
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
