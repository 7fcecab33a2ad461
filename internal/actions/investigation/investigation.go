// Package investigation opens with [Open], [Update] and [Close]: a case that
// says what happened, from its opening to its resolution.
//
// Files, in reading order: investigation.go, case_folder.go,
// request_tracker.go, described.go.
package investigation

import (
	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/pkg/action"
)

// Open returns the action investigation.open.
func Open() action.Action {
	return kind.New(action.Spec{
		Name:    "investigation.open",
		Summary: "Open a case",
		Description: "Creates a case and returns its id for the steps that add to it. Repeated by the same step it returns the same case. " +
			"Undo keeps the case, because what was done must stay on record: in a case folder the timeline says that the run was rolled back, in Request Tracker a comment does. " +
			"A ticket is found again by a tag in its subject, which people have to leave there.",
		// Not Idempotent: a ticket system may open a second case. Inspect knows
		// better for a folder.
		Effect: action.Change,
		Traits: []action.Trait{action.OnlyAdds, action.SaysDoubt},
		Inputs: []action.Field{
			{Name: "title", Type: action.String, Required: true, Description: "What it is about, on one line.", Example: "Suspected breach INC-1"},
			{Name: "severity", Type: action.Enum, Enum: []string{"low", "medium", "high", "critical"}, Default: "high", Description: "How bad it may be."},
			{Name: "summary", Type: action.String, Description: "What is known so far.", Example: "An account signed in from two countries at once."},
			{Name: "labels", Type: action.List, Items: action.String, Default: []any{}, Description: "Words to find the case by.", Example: "[phishing, staff]"},
		},
		Outputs: []action.Field{
			{Name: "case", Type: action.String, Description: "The id of the case."},
			{Name: "location", Type: action.String, Description: "Where people find it."},
		},
		Counterpart: "investigation.close",
		Example: `- id: open-investigation
  uses: investigation.open
  target: cases
  with: {title: Suspected breach INC-1, severity: critical}
`,
	}, append([]kind.Kind{
		inFolder(false, func(f folder) kind.Work { return &opening{f} }),
		inTracker(func(k ticket) kind.Work { return &opens{k} }),
	}, tracker().Kinds("open")...)...)
}

// Update returns the action investigation.update.
func Update() action.Action {
	return kind.New(action.Spec{
		Name:    "investigation.update",
		Summary: "Add an entry to a case",
		Description: "Adds a text with the time to the case. Repeated by the same step it adds nothing. " +
			"In a case folder and in Request Tracker, where the entry is a comment, undo keeps it and adds another that says that the run was rolled back.",
		Effect: action.Change,
		Traits: []action.Trait{action.OnlyAdds, action.SaysDoubt},
		Inputs: []action.Field{
			caseField(),
			{Name: "text", Type: action.String, Required: true, Description: "What happened.", Example: "The website is out of service."},
		},
		Example: `- id: note
  uses: investigation.update
  target: cases
  with:
    case: ${{ steps.open-investigation.outputs.case }}
    text: The website is out of service.
`,
	}, append([]kind.Kind{
		inFolder(true, func(f folder) kind.Work { return update{f} }),
		inTracker(func(k ticket) kind.Work { return &comments{k} }),
	}, tracker().Kinds("update")...)...)
}

// Close returns the action investigation.close.
func Close() action.Action {
	return kind.New(action.Spec{
		Name:    "investigation.close",
		Summary: "Close a case",
		Description: "Marks the case as closed and adds the resolution to it. A case that is closed already stays as it is. " +
			"In a case folder undo opens the case again; in Request Tracker it gives the ticket the status that it had, unless somebody has given it another one since. What the resolution said is kept.",
		Effect:     action.Change,
		Idempotent: true,
		Inputs: []action.Field{
			caseField(),
			{Name: "resolution", Type: action.String, Required: true, Description: "What came of it.", Example: "The account was phished; its password and sessions were replaced."},
		},
		Counterpart: "investigation.open",
		Example: `- id: close
  uses: investigation.close
  target: cases
  with:
    case: ${{ steps.open-investigation.outputs.case }}
    resolution: The account was phished; its password and sessions were replaced.
`,
	}, append([]kind.Kind{
		inFolder(true, func(f folder) kind.Work { return closing{f} }),
		inTracker(func(k ticket) kind.Work { return &resolves{k} }),
	}, tracker().Kinds("close")...)...)
}

func caseField() action.Field {
	return action.Field{Name: "case", Type: action.String, Required: true, Description: "The id that investigation.open returned.", Example: "${{ steps.open-investigation.outputs.case }}"}
}
