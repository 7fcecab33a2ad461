package requesttracker

import (
	"strings"

	"github.com/irctl/irctl/internal/config"
	"github.com/irctl/irctl/internal/systems/server"
	"github.com/irctl/irctl/pkg/action"
)

// Target describes the target type request-tracker. Undo is a word of each
// action.
func Target(undo bool) action.TargetType {
	return config.Describe[Config](action.TargetType{
		Name:    "request-tracker",
		Summary: "a queue of Request Tracker (RT 5), where each case is a ticket",
		Example: `cases:
  type: request-tracker
  owner: security-oncall@example.com
  fallback: Keep notes on paper, with the time of each.
  config:
    url: https://rt.example.com
    queue: Incidents
    token: {secret: RT_TOKEN}
`,
		Undo: undo,
	})
}

// Config is a target's config.
type Config struct {
	server.API
	Queue  string
	Closed []string
}

// Fields implements config.Config.
func (c *Config) Fields() config.Fields {
	return append(config.Fields{
		config.Into(&c.URL, action.Field{Name: "url", Required: true, Pattern: `https?://.+`, Description: "Where people open Request Tracker; its REST 2 interface is below.", Example: "https://rt.example.com"}),
		config.Into(&c.Queue, action.Field{Name: "queue", Required: true, Description: "The queue that new tickets go to.", Example: "Incidents"}),
		config.Into(&c.Token, action.Field{Name: "token", Description: "An authentication token of irctl's user in Request Tracker.", Example: "{secret: RT_TOKEN}"}),
		config.Into(&c.User, action.Field{Name: "username", Description: "Who irctl signs in as, without a token.", Example: "irctl"}),
		config.Into(&c.Password, action.Field{Name: "password", Description: "The password of username.", Example: "{secret: RT_PASSWORD}"}),
		config.Into(&c.Closed, action.Field{Name: "closed", Default: []any{"resolved", "rejected", "deleted"}, Description: "The statuses in which a ticket counts as closed. The first is the one that closing gives it."}),
	}, c.Way()...)
}

// Check implements config.Checker.
func (c *Config) Check() []action.Problem {
	problems := c.API.Check()
	add := func(input, message, hint string) {
		problems = append(problems, action.Problem{Input: input, Message: message, Hint: hint})
	}
	switch {
	case c.Token.IsZero() == (c.User == ""):
		add("token", "is needed, or username and password, and not both", "a token can be revoked on its own")
	case (c.User != "") == c.Password.IsZero():
		add("password", "goes with username", "give both, or a token")
	}
	if c.Closed != nil && (len(c.Closed) == 0 || strings.TrimSpace(c.Closed[0]) == "") {
		add("closed", "names no status", "give at least the one that closing sets")
	}
	return problems
}
