package casefolder

import "github.com/irctl/irctl/pkg/action"

// Target describes the target type case-folder. Undo is a word of each action.
func Target(undo bool) action.TargetType {
	return action.TargetType{
		Name:    "case-folder",
		Summary: "a folder of cases that people can read without any program",
		Fields: []action.Field{
			{Name: "folder", Type: action.String, Path: true, Required: true, Description: "The folder that holds one folder per case. It must exist.", Example: "/srv/cases"},
			{Name: "cases_elsewhere", Type: action.Bool, Default: false, Description: "The cases are kept in another system, such as a ticket system; the evidence of each run gets a folder here."},
		},
		Example: `cases:
  type: case-folder
  owner: security-oncall@example.com
  fallback: Keep notes on paper, with the time of each.
  config:
    folder: /srv/cases
`,
		Undo: undo,
	}
}

// Of returns the store that a target names.
func Of(t action.Target) Store { return Open(t.Config.String("folder")) }
