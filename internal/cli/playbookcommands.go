package cli

import (
	"github.com/irctl/irctl/internal/cacao"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

const codeUnsafePlace = "IR0790"

// playbookCodes are the codes of what actions find in a playbook's commands.
func playbookCodes() []runbook.Code {
	return []runbook.Code{{
		ID: codeUnsafePlace, Severity: runbook.Warning, Title: "command that irctl would refuse to run", Unshown: "a whole playbook is too long for an example",
		Explanation: "A variable stands where the shell, or a program that the command starts, would read its value as a part of a program: as the command itself, inside backquotes or arithmetic, in the arguments of eval, in a command for ssh or bash -c. The standard wants the text of the value there; irctl puts values in as data or not at all. Rewrite the command so that the variable is a word of its own or stands inside plain quotes. irctl run refuses such a playbook before anything is done.",
	}}
}

// shellCommands are the types of commands that are texts for a shell, with the
// actions that run them. What is wrong with a request is found with the
// playbook.
var shellCommands = map[string]string{"bash": "cacao.bash", "ssh": "cacao.ssh", "powershell": "cacao.powershell"}

// refusedCommands finds the commands that could not run whatever their
// variables hold. Strict is for a plan that is to run.
func (p *playbooks) refusedCommands(strict bool) runbook.Diagnostics {
	var d runbook.Decoder
	report := d.Warn
	if strict {
		report = d.Report
	}
	for _, pb := range p.all {
		for _, s := range pb.Steps {
			for _, c := range s.Commands {
				for _, found := range p.a.examined(c) {
					at := c.Span
					if text := c.Command; text != nil {
						at = text.Span
					}
					report(codeUnsafePlace, at, found.Hint, "%s", found.Message)
				}
			}
		}
	}
	return d.Diagnostics()
}

// examined is what the action that runs a command finds in its text.
func (a *app) examined(c *cacao.Command) []action.Problem {
	act, ok := a.actions().Lookup(shellCommands[c.Type.Value])
	if !ok {
		return nil
	}
	v, ok := act.(action.Validator)
	if !ok {
		return nil
	}
	with := action.Values{}
	for name, text := range map[string]*runbook.Value{"command": c.Command, "command_b64": c.CommandB64} {
		if text != nil {
			with[name] = text.Text
		}
	}
	return v.Validate(with, "")
}
