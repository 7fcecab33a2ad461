// Package exec opens with [Exec]: run a command on this machine, or on another one.
package exec

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	osexec "os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/pkg/action"
)

// maxOutput is the most of each stream that becomes an output, in bytes.
const maxOutput = 64 << 10

// maxJSON is the most of the standard output that is read as JSON, in bytes.
const maxJSON = 16 << 20

// Exec returns the action exec.
func Exec() action.Action { return command{} }

type command struct{}

// Spec implements action.Action.
func (command) Spec() action.Spec { return spec() }

// spec is asked for several times in each step.
var spec = sync.OnceValue(func() action.Spec {
	return action.Spec{
		Name:    "exec",
		Summary: "Run a command on this machine, or by ssh on another",
		Description: "Runs a program with arguments, or, when `shell` says so, a text in the machine's shell. " +
			"The command gets PATH, HOME, the language and a few other variables of irctl's environment and those in `env`; values go into a shell text by `env` alone. " +
			"Output is shown as it comes and kept whole beside the journal; up to 64 KiB of it become the outputs. " +
			"When the step's time is up the command and all that it started are told to stop and five seconds later killed; so they are when irctl dies, and before anything else is done to the step. On another machine that waits for irctl's next contact with it. What left its process group is found on Linux alone, and what a service started on the command's behalf (systemd-run, at, a container) is not. " +
			"A shell text stops at the first command that fails, as after set -e; set +e in its first line, or || true after a command, goes on. Of a pipe the last command counts, because not every /bin/sh can tell of the others. " +
			"A text that begins with #!, such as #!/bin/bash, is run by that program as its own script, and the program's own rules hold: there set -euo pipefail does the same and more. " +
			"irctl cannot see what a command did: after a crash a person is asked, unless the step says `idempotent: true`, and undoing is what the step's own `undo` says. " +
			"A command that only reads says `effect: read`: then it may verify another step, is run again after a crash and needs no way back. irctl takes the author's word for it.",
		Effect: action.Change,
		ReadIf: action.Choice{Input: "effect", Values: []string{"read"}},
		Inputs: []action.Field{
			{Name: "argv", Type: action.List, Items: action.String, Argv: true, Description: "The program and its arguments. No shell reads them. A secret is refused here, because every user of the machine can read arguments, and so is a value that begins with -, unless -- stands before it.", Example: "[systemctl, stop, postfix]"},
			{Name: "shell", Type: action.String, Description: "A text for /bin/sh, which stops at the first command that fails, or for the program that its line #! names (cmd on Windows), instead of argv.", Example: `df -P "$FOLDER" | tail -1`},
			{Name: "stdin", Type: action.String, Secret: true, Description: "What the command reads. It may be a secret."},
			{Name: "env", Type: action.Map, Items: action.String, Secret: true, Description: "Environment variables. They may be secrets.", Example: `{FOLDER: /var/spool}`},
			{Name: "dir", Type: action.String, Description: "The folder in which the command runs; by default, and if it is no whole path seen from there, the one in which irctl was started when the run began, also after a resume from elsewhere. On another machine it is a folder there.", Example: "/var/spool"},
			via(),
			{Name: "effect", Type: action.Enum, Enum: []string{"change", "read"}, Default: "change", Description: "Whether the command changes something, or only reads."},
			{Name: "success", Type: action.List, Items: action.Int, Default: []any{int64(0)}, Description: "Exit codes that mean success.", Example: "[0, 1]"},
			{Name: "stdout_max", Type: action.Int, Default: int64(maxOutput), Description: "How many bytes of each stream become outputs, at most 65536. If that is said, what is longer is cut there; else it has no value, and a step that reads it fails.", Example: "4096"},
		},
		Outputs: []action.Field{
			{Name: "stdout", Type: action.String, Description: "The standard output, made harmless to show."},
			{Name: "stderr", Type: action.String, Description: "The error output, made harmless to show."},
			{Name: "exit_code", Type: action.Int, Description: "The exit code."},
			{Name: "json", Type: action.Any, Description: "The standard output as data, if it is JSON of at most 16 MiB."},
		},
		Example: `- id: queue
  uses: exec
  with: {argv: [postqueue, -j], success: [0, 69]}
  timeout: 30s
`,
	}
})

// via is the field of targets, for a command.
func via() action.Field {
	f := host.ViaField()
	f.Description = "The machine on which the command runs, by your own ssh, and whether as root by sudo; it gets no more of irctl's environment than LC_ALL. Without it, this machine."
	return f
}

// Validate implements action.Validator.
func (command) Validate(with action.Values, _ string) []action.Problem {
	var problems []action.Problem
	if with.Has("argv") && with.Has("shell") {
		problems = append(problems, action.Problem{Input: "shell", Message: "cannot stand beside argv", Hint: "keep the one that is meant"})
	}
	if list, ok := with["argv"].([]any); ok && len(list) == 0 {
		problems = append(problems, action.Problem{Input: "argv", Message: "names no program", Hint: "for example: [systemctl, stop, postfix]"})
	}
	if max := with.Int("stdout_max"); max < 0 || max > maxOutput {
		problems = append(problems, action.Problem{Input: "stdout_max", Message: fmt.Sprintf("must be from 0 to %d", maxOutput)})
	}
	if elsewhere(with) && isScript(with.String("shell")) {
		problems = append(problems, action.Problem{Input: "shell", Message: "begins with #!, and such a text runs on this machine only", Hint: "name its program in argv and give it the text as stdin"})
	}
	return append(problems, host.CheckVia(with)...)
}

// Run implements action.Action.
func (command) Run(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	argv, err := arguments(req.With)
	if err != nil {
		return action.Result{}, err
	}
	dir, err := folder(req)
	if err != nil {
		return action.Result{}, err
	}
	if text := req.With.String("shell"); isScript(text) {
		file, err := keepScript(req.Dir, text)
		if err != nil {
			return action.Result{}, err
		}
		defer func() { _ = os.Remove(file) }()
		argv = append(argv, file)
	}
	cmd := process.Command{Argv: argv, Dir: dir, Env: req.With.Map("env"), Stdin: req.With.Secret("stdin"), Success: codes(req.With), Max: maxJSON + 1}
	res, err := on(ctx, req, cmd, out)
	if err != nil {
		return action.Result{}, err
	}
	max := limit(req.With)
	outputs := map[string]any{
		"stdout":    whole(res.Stdout, max, "the standard output", req.With),
		"stderr":    whole(res.Stderr, max, "the error output", req.With),
		"exit_code": int64(res.ExitCode),
	}
	if len(res.Stdout) > maxJSON {
		outputs["json"] = &action.Error{
			Message: fmt.Sprintf("the standard output of %s is longer than %d bytes, the most that is read as JSON", program(req.With), maxJSON),
			Hint:    "let it print less, or write a file",
		}
	} else if value, err := data.Decode([]byte(res.Stdout)); err == nil {
		outputs["json"] = data.Clean(value)
	}
	return action.Result{Outputs: outputs, Changed: req.With.String("effect") != "read", Summary: fmt.Sprintf("%s ended with exit code %d", program(req.With), res.ExitCode)}, nil
}

// on runs the command on the machine that the step names, or here.
func on(ctx context.Context, req action.Request, cmd process.Command, out action.Sink) (process.Result, error) {
	if !req.With.Has("via") {
		return cmd.Run(ctx, out)
	}
	h, err := host.New(req.With, req.Allow)
	if err != nil {
		return process.Result{}, err
	}
	defer h.Close()
	return h.Run(ctx, cmd, out)
}

// folder is where the command runs: what the step says, seen from where irctl
// was started when the run began, wherever it was resumed.
func folder(req action.Request) (string, error) {
	dir := req.With.String("dir")
	if elsewhere(req.With) || filepath.IsAbs(dir) || req.Folder == "" {
		return dir, nil
	}
	if info, err := os.Stat(req.Folder); err != nil || !info.IsDir() {
		return "", &action.Error{
			Message: fmt.Sprintf("the folder %s, in which this run was started, is not there, so the command did not run", action.CleanLine(req.Folder, 200)),
			Hint:    "make it again and retry the step; a whole path as `dir` does not depend on it", Permanent: true,
		}
	}
	return filepath.Join(req.Folder, dir), nil
}

// elsewhere reports whether the command runs on another machine.
func elsewhere(with action.Values) bool { return with.Map("via").String("ssh") != "" }

// Preflight implements action.Preflighter. It looks where the command would be
// looked for: a program with a slash in its name is a path from the folder in
// which it runs.
func (command) Preflight(ctx context.Context, req action.Request) []error {
	if !req.With.Has("argv") && !req.With.Has("shell") {
		return nil // only the run will know
	}
	argv, err := arguments(req.With)
	if err != nil {
		return []error{err}
	}
	program, dir := argv[0], req.With.String("dir")
	if req.With.Has("via") {
		h, err := host.New(req.With, req.Allow)
		if err != nil {
			return []error{err}
		}
		defer h.Close()
		return h.Check(ctx, program)
	}
	if dir != "" {
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return []error{&action.Error{
				Message: fmt.Sprintf("there is no folder %s on this machine", action.CleanLine(dir, 100)),
				Hint:    "make it, or correct `dir`", Permanent: true,
			}}
		}
	}
	if filepath.Base(program) != program && !filepath.IsAbs(program) {
		program = filepath.Join(dir, program)
	}
	_, err = osexec.LookPath(program)
	switch {
	case err == nil, errors.Is(err, osexec.ErrDot):
		return nil
	case errors.Is(err, fs.ErrPermission):
		return []error{&action.Error{
			Message: fmt.Sprintf("%s is there but cannot be run", action.CleanLine(program, 100)),
			Hint:    "make it a program: chmod +x", Permanent: true,
		}}
	}
	return []error{&action.Error{
		Message: fmt.Sprintf("there is no program %s on this machine", action.CleanLine(program, 100)),
		Hint:    "install it, or give its whole path", Permanent: true,
	}}
}

func arguments(with action.Values) ([]string, error) {
	text := with.String("shell")
	switch {
	case text != "" && with.Has("argv"):
		return nil, &action.Error{Message: "both argv and shell are given", Hint: "keep the one that is meant", Permanent: true}
	case isScript(text) && elsewhere(with):
		return nil, &action.Error{Message: "a text that begins with #! runs on this machine only", Hint: "name its program in argv and give it the text as stdin", Permanent: true}
	case text != "" && elsewhere(with):
		return []string{"/bin/sh", "-e", "-c", text}, nil
	case isScript(text) && runtime.GOOS == "windows":
		return nil, &action.Error{Message: "Windows runs no text that begins with #!", Hint: "name the program in argv", Permanent: true}
	case text != "" && runtime.GOOS == "windows":
		return []string{"cmd", "/d", "/s", "/c", text}, nil
	case isScript(text):
		return interpreter(text)
	case text != "":
		return []string{"/bin/sh", "-e", "-c", text}, nil
	}
	return process.Argv(with.List("argv"))
}

func isScript(text string) bool { return strings.HasPrefix(text, "#!") }

// interpreter is what a script's first line names: a program, and at most one
// argument, as execve(2) has it.
func interpreter(text string) ([]string, error) {
	line, _, _ := strings.Cut(text[2:], "\n")
	name, argument, _ := strings.Cut(strings.TrimSpace(line), " ")
	if !filepath.IsAbs(name) {
		return nil, &action.Error{Message: "the first line of the shell text names no program by its whole path", Hint: "for example: #!/bin/bash", Permanent: true}
	}
	if argument = strings.TrimSpace(argument); argument != "" {
		return []string{name, argument}, nil
	}
	return []string{name}, nil
}

// keepScript writes a script down for the time that it runs. No secret can be
// in it.
func keepScript(dir, text string) (string, error) {
	f, err := os.CreateTemp(dir, "script-*")
	if err == nil {
		_, err = f.WriteString(text)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		return "", &action.Error{Message: "the script cannot be kept while it runs, so nothing was done", Cause: err}
	}
	return f.Name(), nil
}

// whole is a stream as an output: all of it, or the beginning that the step asks
// for. A part that nobody asked for must not pass for the whole.
func whole(text string, max int, stream string, with action.Values) any {
	if len(text) > max && max == maxOutput {
		return &action.Error{
			Message: fmt.Sprintf("%s of %s is longer than %d bytes, the most that becomes a text", stream, program(with), maxOutput),
			Hint:    fmt.Sprintf("let it print less, read `json`, or say `stdout_max: %d` for its beginning", maxOutput-1),
		}
	}
	return action.CleanHead(text, max)
}

func program(with action.Values) string {
	if with.String("shell") != "" {
		return "the shell"
	}
	return action.CleanLine(with.Strings("argv")[0], 60)
}

func codes(with action.Values) []int {
	out := []int{}
	for _, v := range with.List("success") {
		if i, ok := v.(int64); ok {
			out = append(out, int(i))
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

func limit(with action.Values) int {
	if max := with.Int("stdout_max"); with.Has("stdout_max") && max >= 0 && max <= maxOutput {
		return int(max)
	}
	return maxOutput
}
