package library

import (
	"github.com/irctl/irctl/internal/cacao"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/internal/registry"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

const codeUnsafePlace = "IR0790"

// playbookCodes are the codes of what actions find in a playbook's commands.
func playbookCodes() []language.Code {
	return []language.Code{{
		ID: codeUnsafePlace, Severity: runbook.Warning, Title: "command that irctl would refuse to run", Unshown: "a whole playbook is too long for an example",
		Explanation: "A variable stands where the shell, or a program that the command starts, would read its value as a part of a program: as the command itself, inside backquotes or arithmetic, in the arguments of eval, in a command for ssh or bash -c. The standard wants the text of the value there; irctl puts values in as data or not at all. Rewrite the command so that the variable is a word of its own or stands inside plain quotes. The same goes for a binding whose path is not a JSONPath. irctl run refuses such a playbook before anything is done.",
	}}
}

// refusedCommands finds the commands that could not run whatever their
// variables hold, and what cannot be taken of their results.
type refusedCommands struct {
	actions *registry.Registry
	strict  bool // the plan is to run
	seen    map[*cacao.Command]bool
	found   language.Decoder
}

// look takes one command from the lowering.
func (r *refusedCommands) look(c *cacao.Command, name string, with action.Values) {
	act, _ := r.actions.Lookup(name)
	v, ok := act.(action.Validator)
	if !ok || r.seen[c] {
		return
	}
	r.seen[c] = true
	report := r.found.Warn
	if r.strict {
		report = r.found.Report
	}
	at := c.Span
	if c.Command != nil {
		at = c.Command.Span
	}
	for _, found := range v.Validate(with, "") {
		report(codeUnsafePlace, at, found.Hint, "%s", found.Message)
	}
}
