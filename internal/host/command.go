package host

import (
	"fmt"
	"maps"
	"os/exec"
	"path"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/pkg/action"
)

// maxText is how long a command for another machine's shell may be: Linux
// takes one argument of 128 KiB at most.
const maxText = 120 << 10

// Quote writes arguments so that a POSIX shell reads them back unchanged
// (IEEE Std 1003.1-2017, Shell Command Language, section 2.2.2).
func Quote(argv []string) string {
	quoted := make([]string, len(argv))
	for i, a := range argv {
		if a != "" && strings.Trim(a, plainLetters) == "" {
			quoted[i] = a
			continue
		}
		quoted[i] = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
	}
	return strings.Join(quoted, " ")
}

// plainLetters mean themselves to every shell.
const plainLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:,@%+"

// wrapped is the command as plain arguments and input: its folder is entered
// and its environment set by a shell, where secrets are read from the input's
// first lines, and sudo comes first. The id is the attempt's.
func wrapped(c process.Command, sudo bool, id string) ([]string, action.Secret, error) {
	none := action.Secret{}
	if len(c.Argv) == 0 || c.Argv[0] == "" || strings.HasPrefix(c.Argv[0], "-") {
		return nil, none, &action.Error{Message: "there is no program to run", Permanent: true}
	}
	var script, input strings.Builder
	var outer []string
	if sudo && id != "" {
		script.WriteString(process.Limit(id)) // sudo resets limits and environment
	}
	if c.Dir != "" {
		script.WriteString(`cd -- "$1" || exit 125; shift; `)
		outer = append(outer, c.Dir)
	}
	var plain []string
	for _, name := range slices.Sorted(maps.Keys(c.Env)) {
		if !isVariable(name) {
			return nil, none, &action.Error{Message: fmt.Sprintf("%q cannot be an environment variable", action.CleanLine(name, 60)), Permanent: true}
		}
		secret, ok := c.Env[name].(action.Secret)
		if !ok {
			plain = append(plain, name+"="+fmt.Sprint(c.Env[name]))
			continue
		}
		if strings.ContainsAny(secret.Reveal(), "\n\x00") {
			return nil, none, &action.Error{Message: "the secret for the variable " + name + " has several lines", Hint: "give the command this secret by its input", Permanent: true}
		}
		fmt.Fprintf(&script, "IFS= read -r %s || exit 125; export %s; ", name, name)
		input.WriteString(secret.Reveal() + "\n")
	}
	argv := c.Argv
	if len(plain) > 0 {
		argv = slices.Concat([]string{"env"}, plain, argv)
	}
	if script.Len() > 0 {
		script.WriteString(`exec "$@"`)
		argv = slices.Concat([]string{"sh", "-c", script.String(), "sh"}, outer, argv)
	}
	if sudo {
		argv = append(asRoot(id), argv...)
	}
	for i, a := range argv {
		if strings.ContainsRune(a, 0) {
			return nil, none, &action.Error{Message: fmt.Sprintf("argument %d of %s holds a NUL character", i, programName(c)), Permanent: true}
		}
	}
	return argv, action.NewSecret(input.String() + c.Stdin.Reveal()), nil
}

// isVariable reports whether every shell takes the name for a variable.
func isVariable(name string) bool {
	return name != "" && (name[0] < '0' || name[0] > '9') && isWord(strings.ReplaceAll(name, "_", "x"))
}

func withLocale(env map[string]any) map[string]any {
	if _, ok := env["LC_ALL"]; ok {
		return env
	}
	out := maps.Clone(env)
	if out == nil {
		out = map[string]any{}
	}
	out["LC_ALL"] = "C"
	return out
}

// programName is what errors call a command.
func programName(c process.Command) string {
	if c.Name != "" || len(c.Argv) == 0 {
		return c.Name
	}
	return action.CleanLine(path.Base(c.Argv[0]), 60)
}

func lookPath(program string) (string, error) { return exec.LookPath(program) }

// asSent is a command for the log of an attempt. Of a script, which is one of
// irctl's own, the beginning tells which.
func asSent(c process.Command) string {
	argv := slices.Clone(c.Argv)
	for i, word := range argv {
		if begin, rest, _ := strings.Cut(word, "\n"); rest != "" {
			argv[i] = begin + " ..."
		}
	}
	text := Quote(argv)
	if n := len(c.Stdin.Reveal()); n > 0 {
		text += fmt.Sprintf(" < (%d bytes)", n)
	}
	return text
}
