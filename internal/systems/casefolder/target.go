package casefolder

import "github.com/irctl/irctl/pkg/action"

// Target describes the target type case-folder. Undo is a word of each action.
func Target(undo bool) action.TargetType {
	return action.TargetType{
		Name:    "case-folder",
		Summary: "a folder of cases that people can read without any program",
		Fields: []action.Field{{
			Name: "folder", Type: action.String, Path: true, Required: true,
			Description: "The folder that holds one folder per case. It must exist.",
			Example:     "/srv/cases",
		}},
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
