package check

import (
	"path"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/pkg/runbook"
)

// shellWord is an argument that a shell would not pass on as it stands.
var shellWord = pattern.Late(`^(\||\|\||&&?|;|[0-9]?>>?(&[0-9])?|<|~(/.*)?|\$(\w+|\{\w+\})(/.*)?)$`)

// namesFiles are programs all of whose arguments are options and files, so that
// a `*` among them is meant for a shell.
var namesFiles = []string{"cat", "chmod", "chown", "cp", "gzip", "ls", "mkdir", "mv", "rm", "rmdir", "shred", "tail", "touch"}

var ShellInArgv = codes.Warning("IR0306", "an argument that only a shell would understand",
	"Nothing reads `argv` but the program: `|`, `>`, `&&`, `~`, `$NAME` and `*` arrive there as they stand, and a first item with spaces is looked for as a program of that name. Write each word as an item of its own, or give the line as `shell`, with values in `env`.")

var _ = rules.step.add((*reviewer).shellInArgv)

// shellInArgv: the command of a containment that was tried at a prompt is
// pasted as it stood there.
func (r *reviewer) shellInArgv(n *node) {
	a := r.acts[n]
	if a == nil {
		return
	}
	for _, argv := range commandLines(n.step.Uses, a.spec) {
		if len(argv) > 0 {
			r.shellWords(argv)
		}
	}
}

func (r *reviewer) shellWords(argv []*runbook.Value) {
	first := argv[0]
	if words := strings.Fields(first.Text); len(words) > 1 && !strings.Contains(words[0], "/") && !strings.Contains(first.Text, "${{") {
		r.report(ShellInArgv, first.Span, "no program is called `"+first.Text+"`: the whole item is looked for as a program",
			"write ["+strings.Join(words, ", ")+"]")
		return
	}
	files := slices.Contains(namesFiles, path.Base(first.Text))
	for _, item := range argv[1:] {
		text := item.Text
		switch {
		case text == "-c" || text == "-e": // what follows is a program
			return
		case shellWord().MatchString(text), files && strings.Contains(text, "*"):
			r.report(ShellInArgv, item.Span, "no shell reads `"+text+"`: the program gets it as it stands", "give the line as `shell`, or write what is meant")
			return
		}
	}
}
