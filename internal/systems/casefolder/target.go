package casefolder

import (
	"github.com/irctl/irctl/internal/config"
	"github.com/irctl/irctl/pkg/action"
)

// Target describes the target type case-folder. Undo is a word of each action.
func Target(undo bool) action.TargetType {
	return config.Describe[Config](action.TargetType{
		Name:    "case-folder",
		Summary: "a folder of cases that people can read without any program",
		Example: `cases:
  type: case-folder
  owner: security-oncall@example.com
  fallback: Keep notes on paper, with the time of each.
  config:
    folder: /srv/cases
`,
		Undo: undo,
	})
}

// Config is a target's config.
type Config struct {
	Folder    string
	Elsewhere bool
}

// Fields implements config.Config.
func (c *Config) Fields() config.Fields {
	return config.Fields{
		config.Into(&c.Folder, action.Field{Name: "folder", Path: true, Required: true, Description: "The folder that holds one folder per case. It must exist.", Example: "/srv/cases"}),
		config.Into(&c.Elsewhere, action.Field{Name: "cases_elsewhere", Default: false, Description: "The cases are kept in another system, such as a ticket system; the evidence of each run gets a folder here."}),
	}
}

// Of returns the store that a target names.
func Of(t action.Target) (Store, error) {
	c, err := config.Read[Config](t)
	return Store{c.Folder, c.Elsewhere}, err
}
