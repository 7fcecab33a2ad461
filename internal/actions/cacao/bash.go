package cacao

import (
	"context"
	"os/exec"

	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/pkg/action"
)

// Bash returns the action cacao.bash.
func Bash() action.Action { return bash{} }

type bash struct{}

// fromInput makes a shell read its whole input and then run that. So neither
// the script nor a value is an argument, and the commands in the script find
// their input at its end.
const fromInput = `eval "$(cat)"`

// Spec implements action.Action.
func (bash) Spec() action.Spec {
	return action.Spec{
		Name:    "cacao.bash",
		Summary: "Run a playbook's bash command on this machine",
		Description: "Runs the text in bash on the machine that irctl runs on. References to variables become variables of the shell, so that a value is one word, whatever it holds; a command in which the shell would read a value as a part of its program is refused. " +
			"The command gets PATH, HOME, the language and a few other variables of irctl's environment, and no input. " +
			"Any exit code but 0 is a failure. Undoing is what the step's own `undo` says.",
		Effect:  action.Change,
		Inputs:  inputs("The text for bash.", `"touch __path__:value"`),
		Outputs: shellOutputs(),
		Example: `- id: mark
  uses: cacao.bash
  with:
    command: "touch __path__:value"
    variables: {__path__: /run/contained}
`,
	}
}

// Validate implements action.Validator.
func (bash) Validate(with action.Values, _ string) []action.Problem {
	return validate(with, checked(shellScript))
}

// Run implements action.Action.
func (bash) Run(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	res, err := runBash(ctx, req.With, out)
	return res, named(req.With, err)
}

func runBash(ctx context.Context, with action.Values, out action.Sink) (action.Result, error) {
	script, err := scriptOf(with, shellScript)
	if err != nil {
		return action.Result{}, err
	}
	cmd := process.Command{Argv: []string{"bash", "-c", fromInput}, Stdin: script, Max: maxKept}
	res, err := cmd.Run(ctx, out)
	if err != nil {
		return action.Result{}, err
	}
	return ended(with, "bash", res)
}

// scriptOf puts the values into a command's text.
func scriptOf(with action.Values, write func(string, values) (string, error)) (action.Secret, error) {
	text, err := commandText(with)
	if err != nil {
		return action.Secret{}, err
	}
	script, err := write(text, values(with.Map("variables")))
	return action.NewSecret(script), err
}

// Inspect implements action.Inspector.
func (bash) Inspect(_ context.Context, req action.Request) (action.Inspection, error) {
	return unseen(req.With, shellScript)
}

// Preflight implements action.Preflighter.
func (bash) Preflight(context.Context, action.Request) []error {
	if _, err := exec.LookPath("bash"); err != nil {
		return []error{permanent("there is no bash on this machine", "install it")}
	}
	return nil
}
