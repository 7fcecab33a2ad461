// Package evidence opens with [Collect]: take files, the output of commands
// and the answers of addresses into a case, hashed while they are copied.
//
// Files, in reading order: evidence.go, case_folder.go, sources.go, restic.go.
package evidence

import (
	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/pkg/action"
)

// Collect returns the action evidence.collect.
//
// Its effect is a change that undo leaves in place: evidence is never deleted,
// not even by a rollback, so undo adds an entry to the timeline and that is
// all. Were the effect irreversible, every rollback past a collection would
// ask a person about something that nobody wants taken back; were it read, the
// record that a rollback leaves in the case would be missing.
func Collect() action.Action {
	return kind.New(action.Spec{
		Name:    "evidence.collect",
		Summary: "Collect files, command output and addresses into a case",
		Description: "Copies every source into the case, hashing on the way, and keeps evidence/SHA256SUMS, which sha256sum -c checks. " +
			"A manifest says for each piece where it is from, its size, its time of change, when it was collected and by which run. " +
			"Commands are kept with their exit code, whatever it is; addresses with status and headers. A symbolic link, a folder or a device is refused. " +
			"A source that cannot be collected fails the step after all others were, unless optional; a repetition collects only what is missing. " +
			"Into a repository of restic it goes as one snapshot, tagged with case and run, which is then read back and held against the digests. " +
			"Evidence is never deleted: undo keeps it, and the timeline of a case folder says that the run was rolled back.",
		Effect:     action.Change,
		Idempotent: true,
		Traits:     []action.Trait{action.KeepsEvidence, action.OnlyAdds},
		Inputs: []action.Field{
			{Name: "case", Type: action.String, Required: true, Description: "The id that investigation.open returned.", Example: "${{ steps.open-investigation.outputs.case }}"},
			{Name: "name", Type: action.String, Required: true, Description: "The name of this collection: a folder in the case's evidence.", Example: "portal-logs"},
			{Name: "files", Type: action.List, Items: action.String, Default: []any{}, Description: "Paths of files.", Example: "[/var/log/auth.log]"},
			{Name: "commands", Type: action.List, Items: action.List, Argv: true, Default: []any{}, Description: "Commands, each a list of arguments. No shell is involved.", Example: "[[ps, aux]]"},
			{Name: "urls", Type: action.List, Items: action.String, Default: []any{}, Description: "Addresses to fetch.", Example: "[https://portal.example.com/status]"},
			{Name: "optional", Type: action.Bool, Default: false, Description: "Succeed although something could not be collected."},
		},
		Outputs: []action.Field{
			{Name: "items", Type: action.List, Items: action.Map, Description: "The pieces: file, kind, source, size, sha256."},
			{Name: "count", Type: action.Int, Description: "How many pieces there are."},
			{Name: "folder", Type: action.String, Description: "Where the pieces lie, in a folder of cases."},
			{Name: "manifest", Type: action.String, Description: "The SHA-256 of evidence/SHA256SUMS when the step ended."},
			{Name: "snapshot", Type: action.String, Description: "The id of the snapshot, in a repository of restic."},
			{Name: "tree", Type: action.String, Description: "The digest by which restic names all that is in the snapshot."},
		},
		Example: `- id: evidence
  uses: evidence.collect
  target: cases
  with:
    case: ${{ steps.open-investigation.outputs.case }}
    name: portal-logs
    files: [/var/log/auth.log]
    commands: [[ps, aux]]
`,
	}, inFolder(), inVault())
}
