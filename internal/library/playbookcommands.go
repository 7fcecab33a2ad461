package library

import (
	"strings"

	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

var unsafePlace = playbookCodes.Error("IR0790", "command that irctl would refuse to run",
	"A variable stands where the shell would read its value as a part of a program: as the command itself, inside backquotes or arithmetic, in the arguments of eval. The standard wants the text of the value there; irctl puts values in as data or not at all. Rewrite the command so that the variable is a word of its own or stands inside plain quotes. The same goes for a binding whose path is not a JSONPath. irctl run refuses such a playbook before anything is done.")

// refusedCommands finds the commands that could not run whatever their
// variables hold, and what cannot be taken of their results.
func (l *Library) refusedCommands(all []*runbook.Runbook) runbook.Diagnostics {
	var found language.Decoder
	seen := map[runbook.Span]bool{} // of a step that several branches share
	for _, rb := range all {
		for s := range runbook.All(rb.Steps) {
			if s.Uses == nil || seen[s.Span] {
				continue
			}
			seen[s.Span] = true
			act, _ := l.Actions.Lookup(s.Uses.Action.Value)
			v, ok := act.(action.Validator)
			if !ok {
				continue
			}
			with, at := action.Values{}, s.Span
			for _, p := range s.Uses.With {
				switch p.Key.Value {
				case "command":
					at = p.Value.Span
					fallthrough
				case "take", "command_b64":
					with[p.Key.Value] = p.Value.Data()
					if text, is := with[p.Key.Value].(string); is {
						with[p.Key.Value] = strings.ReplaceAll(text, "$${{", "${{")
					}
				}
			}
			for _, one := range v.Validate(with, "") {
				found.Report(unsafePlace, at, one.Hint, "%s", one.Message)
			}
		}
	}
	return found.Diagnostics()
}
