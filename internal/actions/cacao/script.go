package cacao

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"os/exec"
	"unicode/utf16"

	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/pkg/action"
)

// script is the action for a type of command that is a text for a shell: what
// is said of it, how values get into its text, and how it is run.
type script struct {
	name, summary, about, command, example, target string
	write                                          func(text string, vars values) (string, error)
	// run runs the finished script. It returns what ran it, for people.
	run   func(ctx context.Context, req action.Request, text action.Secret, out action.Sink) (by string, res process.Result, err error)
	check func(ctx context.Context, req action.Request) []error
}

// stops says when a shell's command has failed.
const stops = "It stops at the first command that fails, as after set -e; set +e in its first line, or || true after a command, goes on. Any exit code but 0 is a failure."

// Bash returns the action cacao.bash.
func Bash() action.Action {
	return script{
		name: "cacao.bash", summary: "Run a playbook's bash command on this machine", command: "The text for bash.",
		about: "Runs the text in bash on the machine that irctl runs on. References to variables become variables of the shell, so that a value is one word, whatever it holds; a command in which the shell would read a value as a part of its program is refused. " +
			"The command gets PATH, HOME, the language and a few other variables of irctl's environment, and no input. " + stops,
		example: "touch __path__:value", write: shellScript,
		run: func(ctx context.Context, _ action.Request, text action.Secret, out action.Sink) (string, process.Result, error) {
			res, err := fromInput("bash", text).Run(ctx, out)
			return "bash", res, err
		},
		check: func(context.Context, action.Request) []error {
			if _, err := exec.LookPath("bash"); err != nil {
				return []error{permanent("there is no bash on this machine", "install it")}
			}
			return nil
		},
	}
}

// SSH returns the action cacao.ssh.
func SSH() action.Action {
	return script{
		name: "cacao.ssh", summary: "Run a playbook's command on another machine by ssh", command: "The text for the shell there.",
		about: "Runs the text in the target's shell, over the system's OpenSSH with the person's own configuration, keys and known hosts. References to variables become variables of that shell, so that a value is one word, whatever it holds; a command in which the shell would read a value as a part of its program is refused. " +
			"The text and the values travel by the connection and stand in no argument list. " + stops,
		example: "systemctl stop __service__:value", target: "web-server", write: shellScript,
		run: func(ctx context.Context, req action.Request, text action.Secret, out action.Sink) (string, process.Result, error) {
			shell := cmp.Or(req.Target.Config.String("shell"), "bash")
			return remote(req, shell, func(h *host.Host) (process.Result, error) {
				return h.Run(ctx, fromInput(shell, text), out)
			})
		},
		check: func(ctx context.Context, req action.Request) []error {
			config := req.Target.Config
			h, err := host.New(asVia(config), req.Allow)
			if err != nil {
				return []error{err}
			}
			defer h.Close()
			if config.Has("powershell") && !config.Has("shell") {
				return h.Check(ctx) // a machine for PowerShell alone needs no other shell
			}
			return h.Check(ctx, cmp.Or(config.String("shell"), "bash"))
		},
	}
}

// PowerShell returns the action cacao.powershell.
func PowerShell() action.Action {
	return script{
		name: "cacao.powershell", summary: "Run a playbook's PowerShell command on another machine by ssh", command: "The text for PowerShell.",
		about: "Runs the text in PowerShell on the target, over the system's OpenSSH; the machine's own shell may be cmd, PowerShell or a POSIX shell. References to variables become variables of PowerShell; a command in which a value could be read as a part of the program is refused. " +
			"The text and the values travel by the connection and stand in no argument list. An error that stops the script, and any exit code but 0 of the last program that it ran, is a failure; an error of a cmdlet stops the script.",
		example: "Disable-ADAccount -Identity __user__:value", target: "domain-controller", write: powershellScript,
		run: func(ctx context.Context, req action.Request, text action.Secret, out action.Sink) (string, process.Result, error) {
			return power(ctx, req, powershellReader, action.NewSecret(base64.StdEncoding.EncodeToString([]byte(text.Reveal()))+".\n"), out)
		},
		check: func(ctx context.Context, req action.Request) []error {
			if !req.Target.Config.Has("powershell") {
				return nil
			}
			if _, _, err := power(ctx, req, "exit 0", action.Secret{}, nil); err != nil {
				return []error{err}
			}
			return nil
		},
	}
}

// fromInput is the command that makes a shell read its whole input and then run
// that. So neither the script nor a value is an argument, and the commands in
// the script find their input at its end. An input without the mark at its end
// was cut off, because irctl died while it wrote, and half a script never runs.
// The script stops at the first command that fails: the standard leaves open what
// makes a step fail, and a step that went on behind a failure would be reported
// as done.
func fromInput(shell string, text action.Secret) process.Command {
	end := rand.Text()
	program := `set -- "$(cat)"; case $1 in *` + end + `) eval "set -e; shift; ${1%?` + end + `}" ;; *) echo "irctl ended before the whole script had arrived, so none of it ran" >&2; exit 125 ;; esac`
	return process.Command{Argv: []string{shell, "-c", program}, Stdin: action.NewSecret(text.Reveal() + "\n" + end), Max: maxKept}
}

// powershellReader is the program that PowerShell is started with. It never
// changes: the script comes by its input, in base64, since neither the shell
// between nor the encoding of the input may touch it. The point at its end says
// that nothing is missing.
const powershellReader = `$ErrorActionPreference = 'Stop'
[Console]::OutputEncoding = New-Object Text.UTF8Encoding $false
$irctl = [Console]::In.ReadToEnd().Trim()
if (-not $irctl.EndsWith('.')) { exit 125 }
$irctl = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($irctl.TrimEnd('.')))
& ([ScriptBlock]::Create($irctl))
if ($LASTEXITCODE) { exit $LASTEXITCODE }
`

// power starts PowerShell with a program of ours, which -EncodedCommand takes
// as UTF-16 in base64.
func power(ctx context.Context, req action.Request, program string, input action.Secret, out action.Sink) (string, process.Result, error) {
	var encoded []byte
	for _, u := range utf16.Encode([]rune(program)) {
		encoded = binary.LittleEndian.AppendUint16(encoded, u)
	}
	shell := cmp.Or(req.Target.Config.String("powershell"), "pwsh")
	return remote(req, shell, func(h *host.Host) (process.Result, error) {
		return h.RunLine(ctx, shell+" -NoProfile -NonInteractive -EncodedCommand "+base64.StdEncoding.EncodeToString(encoded), process.Command{
			Name: shell, Stdin: input, Max: maxKept,
		}, out)
	})
}

// remote does something on the machine that an ssh target names.
func remote(req action.Request, shell string, do func(h *host.Host) (process.Result, error)) (string, process.Result, error) {
	h, err := host.New(asVia(req.Target.Config), req.Allow)
	if err != nil {
		return "", process.Result{}, err
	}
	defer h.Close()
	res, err := do(h)
	return shell + " on " + h.String(), res, err
}

// Spec implements action.Action.
func (s script) Spec() action.Spec {
	spec := action.Spec{
		Name: s.name, Summary: s.summary, Description: s.about + " Undoing is what the step's own `undo` says.", Effect: action.Change,
		Inputs: inputs(s.command, `"`+s.example+`"`), Outputs: shellOutputs(),
		Example: "- id: run\n  uses: " + s.name + "\n",
	}
	if s.target != "" {
		spec.Targets = []action.TargetType{sshTarget()}
		spec.Example += "  target: " + s.target + "\n"
	}
	variable := references(s.example, nil)[0].Name
	spec.Example += "  with:\n    command: \"" + s.example + "\"\n    variables: {" + variable + ": example}\n"
	return spec
}

// Validate implements action.Validator.
func (s script) Validate(with action.Values, _ string) []action.Problem {
	return validate(with, func(text string, vars values) error {
		_, err := s.write(text, vars)
		return err
	})
}

// Run implements action.Action.
func (s script) Run(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	text, err := s.text(req.With)
	if err != nil {
		return action.Result{}, err
	}
	by, res, err := s.run(ctx, req, text, out)
	if err != nil {
		return action.Result{}, err
	}
	got, err := takeAll(req.With.Map("take"), answer{res: res, shell: true})
	if err != nil {
		return action.Result{}, err
	}
	return action.Result{Changed: true, Summary: by + " ended with exit code 0", Outputs: map[string]any{
		"stdout":    whole(res.Stdout, "the standard output"),
		"stderr":    whole(res.Stderr, "the error output"),
		"exit_code": int64(res.ExitCode),
		"values":    got,
	}}, nil
}

// text puts the values into a command's text.
func (s script) text(with action.Values) (action.Secret, error) {
	text, err := commandText(with)
	if err != nil {
		return action.Secret{}, err
	}
	out, err := s.write(text, values(with.Map("variables")))
	return action.NewSecret(out), err
}

// Inspect implements action.Inspector: nobody can see what a command did, but
// that no value can be put into it safely is found here.
func (s script) Inspect(_ context.Context, req action.Request) (action.Inspection, error) {
	if _, err := s.text(req.With); err != nil {
		return action.Inspection{}, err
	}
	return action.Inspection{Current: "not looked at", Want: "the command has run"}, nil
}

// Preflight implements action.Preflighter.
func (s script) Preflight(ctx context.Context, req action.Request) []error { return s.check(ctx, req) }
