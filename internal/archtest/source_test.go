package archtest

import (
	"fmt"
	"go/ast"
	"strconv"
	"strings"
)

// checkSource looks at the text of the files: their length, and the calls and
// declarations that irctl does without.
func (t *Tree) checkSource(p *pkg) {
	for _, f := range p.files {
		most := maxLines
		if f.test {
			most = maxTestLines
		}
		if f.lines > most {
			t.report(f.path, fmt.Sprintf("has %d lines", f.lines),
				fmt.Sprintf("a file is read in one go: at most %d lines", most))
		}
		t.checkComments(f)
		names := importNames(f.ast)
		for _, d := range f.ast.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				t.report(t.at(fn.Pos()), "declares an init function", "nothing happens before main; cli wires everything, in one place")
			}
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				if base, ok := n.X.(*ast.Ident); ok {
					t.checkSelector(p, f, names[base.Name], n)
				}
			case *ast.CallExpr:
				if id, ok := n.Fun.(*ast.Ident); ok && (id.Name == "println" || id.Name == "print") && !f.test {
					t.report(t.at(n.Pos()), "calls "+id.Name, "commands compute, views speak")
				}
			}
			return true
		})
	}
}

// checkSelector looks at a use of something from an imported package.
func (t *Tree) checkSelector(p *pkg, f *file, imported string, n *ast.SelectorExpr) {
	name := n.Sel.Name
	if f.test {
		return
	}
	where := t.at(n.Pos())
	switch {
	case imported == "fmt" && strings.HasPrefix(name, "Print") && !matchesAny(speakers, p.dir):
		t.report(where, "calls fmt."+name, "commands compute, views speak: nothing is printed outside internal/view")
	case imported == "os" && p.dir != "cmd/irctl" && f.path != systemFile && f.path != serveFile && processWide[name]:
		t.report(where, "uses os."+name, "the process is given to irctl in one place, "+systemFile+", so that tests can give another")
	case imported == "github.com/charmbracelet/lipgloss" && name == "NewStyle":
		t.report(where, "uses lipgloss.NewStyle", "one renderer per stream: the package-level one looks at the wrong terminal")
	case imported == "time" && p.dir == "internal/engine" && contains(clock, name):
		t.report(where, "the engine uses time."+name, "times come from events, so that a replay gives the same state")
	}
}

// systemFile is the only file that knows the real process.
const systemFile = "internal/outside/system.go"

// serveFile speaks for a plugin, which is a process of its own.
const serveFile = "pkg/action/serve.go"

// processWide is what belongs to the process as a whole.
var processWide = map[string]bool{
	"Stdin": true, "Stdout": true, "Stderr": true, "Args": true, "Exit": true, "Chdir": true, "Setenv": true, "Unsetenv": true,
}

// checkComments looks for promises in place of work.
func (t *Tree) checkComments(f *file) {
	for _, group := range f.ast.Comments {
		for _, c := range group.List {
			for _, word := range []string{"TODO", "FIXME", "XXX", "HACK"} {
				if rest, ok := strings.CutPrefix(strings.TrimLeft(c.Text, "/* \t"), word); ok && !isWord(rest) {
					t.report(t.at(c.Pos()), "has a "+word, "what is missing is an issue, not a comment")
				}
			}
		}
	}
}

// isWord reports whether a text goes on with a letter.
func isWord(s string) bool {
	return s != "" && (s[0] >= 'A' && s[0] <= 'Z' || s[0] >= 'a' && s[0] <= 'z')
}

// importNames maps the name under which a file knows a package to its path.
func importNames(f *ast.File) map[string]string {
	out := map[string]string{}
	for _, spec := range f.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue
		}
		name := imported[strings.LastIndex(imported, "/")+1:]
		if spec.Name != nil {
			name = spec.Name.Name
		}
		out[name] = imported
	}
	return out
}
