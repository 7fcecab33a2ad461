package requesttracker

import (
	"strings"

	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/httpclient"
	"github.com/irctl/irctl/pkg/action"
)

// Target describes the target type request-tracker. Undo is a word of each
// action.
func Target(undo bool) action.TargetType {
	return action.TargetType{
		Name:    "request-tracker",
		Summary: "a queue of Request Tracker (RT 5), where each case is a ticket",
		Fields: []action.Field{
			{Name: "url", Type: action.String, Required: true, Pattern: `https?://.+`, Description: "Where people open Request Tracker; its REST 2 interface is below.", Example: "https://rt.example.com"},
			{Name: "queue", Type: action.String, Required: true, Description: "The queue that new tickets go to.", Example: "Incidents"},
			{Name: "token", Type: action.String, Secret: true, Description: "An authentication token of irctl's user in Request Tracker.", Example: "{secret: RT_TOKEN}"},
			{Name: "username", Type: action.String, Description: "Who irctl signs in as, without a token.", Example: "irctl"},
			{Name: "password", Type: action.String, Secret: true, Description: "The password of username.", Example: "{secret: RT_PASSWORD}"},
			{Name: "closed", Type: action.List, Items: action.String, Default: []any{"resolved", "rejected", "deleted"}, Description: "The statuses in which a ticket counts as closed. The first is the one that closing gives it."},
			{Name: "ca_file", Type: action.String, Path: true, Description: "Further certificate authorities, in PEM."},
			httpclient.Plaintext(),
			host.ViaField(),
		},
		Example: `cases:
  type: request-tracker
  owner: security-oncall@example.com
  fallback: Keep notes on paper, with the time of each.
  config:
    url: https://rt.example.com
    queue: Incidents
    token: {secret: RT_TOKEN}
`,
		Check: check,
		Undo:  undo,
	}
}

func check(config action.Values) []action.Problem {
	problems := append(host.CheckVia(config), httpclient.CheckURL(config, "token", "password")...)
	add := func(input, message, hint string) {
		problems = append(problems, action.Problem{Input: input, Message: message, Hint: hint})
	}
	switch {
	case config.Has("token") == config.Has("username"):
		add("token", "is needed, or username and password, and not both", "a token can be revoked on its own")
	case config.Has("username") != config.Has("password"):
		add("password", "goes with username", "give both, or a token")
	}
	if closed := config.Strings("closed"); config.Has("closed") && (len(closed) == 0 || strings.TrimSpace(closed[0]) == "") {
		add("closed", "names no status", "give at least the one that closing sets")
	}
	return problems
}
