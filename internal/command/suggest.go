package command

import (
	"errors"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/irctl/irctl/internal/suggest"
)

// OtherWords are what people type for what irctl calls otherwise. Where it
// changes something they are led to its manual and nothing is done.
var OtherWords = map[string]string{
	"apply": "run", "start": "run", "execute": "run", "exec": "run", "play": "run",
	"continue": "resume", "abort": "cancel", "stop": "cancel", "kill": "cancel", "undo": "rollback", "revert": "rollback",
	"yes": "approve", "accept": "approve", "no": "reject", "deny": "reject", "complete": "done", "again": "retry", "comment": "note",
	"ps": "list", "history": "list", "tail": "logs", "lint": "validate", "init": "runbook new", "new": "runbook new", "create": "runbook new", "correct": "done", "lift": "halt", "simulate": "test", "preflight": "doctor",
	"rm": "list", "delete": "list", "remove": "list", "clean": "list", // runs are evidence: prune deletes archived ones alone
}

// nearestFlag returns the flag of the command that a wrong one resembles.
func nearestFlag(cmd *cobra.Command, err error) string {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return ""
	}
	var names []string
	add := func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	}
	cmd.Flags().VisitAll(add)
	cmd.InheritedFlags().VisitAll(add)
	return suggest.Near(unknown.GetSpecifiedName(), names)
}

// Meant adds the command with the word that was probably meant instead of one
// that is not known, or else other advice.
func (p *Problem) Meant(command, word string, known []string, otherwise ...string) *Problem {
	if near := suggest.Near(word, known); near != "" {
		return p.With(command + " " + near)
	}
	return p.With(otherwise...)
}
