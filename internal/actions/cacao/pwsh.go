package cacao

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/binary"
	"unicode/utf16"

	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/pkg/action"
)

// PowerShell returns the action cacao.powershell.
func PowerShell() action.Action { return powershell{} }

type powershell struct{}

// Spec implements action.Action.
func (powershell) Spec() action.Spec {
	return action.Spec{
		Name:    "cacao.powershell",
		Summary: "Run a playbook's PowerShell command on another machine by ssh",
		Description: "Runs the text in PowerShell on the target, over the system's OpenSSH; the machine's own shell may be cmd, PowerShell or a POSIX shell. References to variables become variables of PowerShell; a command in which a value could be read as a part of the program is refused. " +
			"The text and the values travel by the connection and stand in no argument list. An error that stops the script, and any exit code but 0 of the last program that it ran, is a failure; an error of a cmdlet stops the script. Undoing is what the step's own `undo` says.",
		Effect:  action.Change,
		Inputs:  inputs("The text for PowerShell.", `"Disable-ADAccount -Identity __user__:value"`),
		Outputs: shellOutputs(),
		Targets: []action.TargetType{sshTarget()},
		Example: `- id: disable
  uses: cacao.powershell
  target: domain-controller
  with:
    command: "Disable-ADAccount -Identity __user__:value"
    variables: {__user__: jdoe}
`,
	}
}

// powershellReader is the program that PowerShell is started with. It never
// changes: the script comes by its input, in base64, since neither the shell
// between nor the encoding of the input may touch it.
const powershellReader = `$ErrorActionPreference = 'Stop'
[Console]::OutputEncoding = New-Object Text.UTF8Encoding $false
$irctl = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String([Console]::In.ReadToEnd()))
& ([ScriptBlock]::Create($irctl))
if ($LASTEXITCODE) { exit $LASTEXITCODE }
`

// encodedCommand is a program as -EncodedCommand takes it: UTF-16 in base64.
func encodedCommand(program string) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(program)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return base64.StdEncoding.EncodeToString(b)
}

// Validate implements action.Validator.
func (powershell) Validate(with action.Values, _ string) []action.Problem {
	return validate(with, checked(powershellScript))
}

// Run implements action.Action.
func (powershell) Run(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	res, err := runPowerShell(ctx, req, out)
	return res, named(req.With, err)
}

func runPowerShell(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	script, err := scriptOf(req.With, powershellScript)
	if err != nil {
		return action.Result{}, err
	}
	h, err := machine(req)
	if err != nil {
		return action.Result{}, err
	}
	defer h.Close()
	program := cmp.Or(req.Target.Config.String("powershell"), "pwsh")
	res, err := h.RunLine(ctx, program+" -NoProfile -NonInteractive -EncodedCommand "+encodedCommand(powershellReader), process.Command{
		Name: program, Stdin: action.NewSecret(base64.StdEncoding.EncodeToString([]byte(script.Reveal())) + "\n"), Max: maxKept,
	}, out)
	if err != nil {
		return action.Result{}, err
	}
	return ended(req.With, program+" on "+h.String(), res)
}

// Inspect implements action.Inspector.
func (powershell) Inspect(_ context.Context, req action.Request) (action.Inspection, error) {
	return unseen(req.With, powershellScript)
}

// Preflight implements action.Preflighter: it starts PowerShell and ends it, if
// the target says that it is there.
func (powershell) Preflight(ctx context.Context, req action.Request) []error {
	program := req.Target.Config.String("powershell")
	if program == "" {
		return nil
	}
	h, err := machine(req)
	if err != nil {
		return []error{err}
	}
	defer h.Close()
	if _, err := h.RunLine(ctx, program+" -NoProfile -NonInteractive -EncodedCommand "+encodedCommand("exit 0"), process.Command{Name: program}, nil); err != nil {
		return []error{err}
	}
	return nil
}
