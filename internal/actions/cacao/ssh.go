package cacao

import (
	"cmp"
	"context"

	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/pkg/action"
)

// SSH returns the action cacao.ssh.
func SSH() action.Action { return ssh{} }

type ssh struct{}

// Spec implements action.Action.
func (ssh) Spec() action.Spec {
	return action.Spec{
		Name:    "cacao.ssh",
		Summary: "Run a playbook's command on another machine by ssh",
		Description: "Runs the text in the target's shell, over the system's OpenSSH with the person's own configuration, keys and known hosts. References to variables become variables of that shell, so that a value is one word, whatever it holds; a command in which the shell would read a value as a part of its program is refused. " +
			"The text and the values travel by the connection and stand in no argument list. Any exit code but 0 is a failure. Undoing is what the step's own `undo` says.",
		Effect:  action.Change,
		Inputs:  inputs("The text for the shell there.", `"systemctl stop __service__:value"`),
		Outputs: shellOutputs(),
		Targets: []action.TargetType{sshTarget()},
		Example: `- id: stop
  uses: cacao.ssh
  target: web-server
  with:
    command: "systemctl stop __service__:value"
    variables: {__service__: nginx}
`,
	}
}

// Validate implements action.Validator.
func (ssh) Validate(with action.Values, _ string) []action.Problem {
	return validate(with, checked(shellScript))
}

// Run implements action.Action.
func (ssh) Run(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	res, err := runSSH(ctx, req, out)
	return res, named(req.With, err)
}

func runSSH(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	script, err := scriptOf(req.With, shellScript)
	if err != nil {
		return action.Result{}, err
	}
	h, err := machine(req)
	if err != nil {
		return action.Result{}, err
	}
	defer h.Close()
	shell := cmp.Or(req.Target.Config.String("shell"), "bash")
	res, err := h.Run(ctx, process.Command{Argv: []string{shell, "-c", fromInput}, Stdin: script, Max: maxKept}, out)
	if err != nil {
		return action.Result{}, err
	}
	return ended(req.With, shell+" on "+h.String(), res)
}

// machine is the host that an ssh target names.
func machine(req action.Request) (*host.Host, error) {
	return host.New(asVia(req.Target.Config), req.Allow)
}

// Inspect implements action.Inspector.
func (ssh) Inspect(_ context.Context, req action.Request) (action.Inspection, error) {
	return unseen(req.With, shellScript)
}

// Preflight implements action.Preflighter.
func (ssh) Preflight(ctx context.Context, req action.Request) []error {
	h, err := machine(req)
	if err != nil {
		return []error{err}
	}
	defer h.Close()
	config := req.Target.Config
	if config.Has("powershell") && !config.Has("shell") {
		return h.Check(ctx) // a machine for PowerShell alone needs no other shell
	}
	return h.Check(ctx, cmp.Or(config.String("shell"), "bash"))
}
