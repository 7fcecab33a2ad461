package alertmanager

import (
	"github.com/irctl/irctl/internal/config"
	"github.com/irctl/irctl/internal/systems/server"
	"github.com/irctl/irctl/pkg/action"
)

// Target describes the target type alertmanager.
func Target() action.TargetType {
	return config.Describe[Config](action.TargetType{
		Name:    "alertmanager",
		Summary: "an Alertmanager of Prometheus, or a cluster of them",
		Example: `alerts:
  type: alertmanager
  owner: operations@example.com
  fallback: Ask the operations team to silence the alerts.
  config:
    url: https://alerts.example.com
    username: irctl
    password: {secret: ALERTS_PASSWORD}
`,
		Undo: true,
	})
}

// Config is a target's config.
type Config struct{ server.API }

// Fields implements config.Config.
func (c *Config) Fields() config.Fields {
	return append(config.Fields{
		config.Into(&c.URL, action.Field{Name: "url", Required: true, Pattern: `https?://.+`, Description: "Where people open it; its API is below. Any member of a cluster will do.", Example: "https://alerts.example.com"}),
		config.Into(&c.Token, action.Field{Name: "token", Description: "A bearer token, if something in front of it asks for one."}),
		config.Into(&c.User, action.Field{Name: "username", Description: "Who irctl signs in as, if it asks.", Example: "irctl"}),
		config.Into(&c.Password, action.Field{Name: "password", Description: "The password of username.", Example: "{secret: ALERTS_PASSWORD}"}),
	}, c.Way()...)
}

// Check implements config.Checker.
func (c *Config) Check() []action.Problem {
	problems := c.API.Check()
	switch {
	case !c.Token.IsZero() && c.User != "":
		problems = append(problems, action.Problem{Input: "token", Message: "goes against username", Hint: "give one way to sign in"})
	case (c.User != "") == c.Password.IsZero():
		problems = append(problems, action.Problem{Input: "password", Message: "goes with username", Hint: "give both"})
	}
	return problems
}
