package alertmanager

import (
	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/httpclient"
	"github.com/irctl/irctl/pkg/action"
)

// Target describes the target type alertmanager.
func Target() action.TargetType {
	return action.TargetType{
		Name:    "alertmanager",
		Summary: "an Alertmanager of Prometheus, or a cluster of them",
		Fields: []action.Field{
			{Name: "url", Type: action.String, Required: true, Pattern: `https?://.+`, Description: "Where people open it; its API is below. Any member of a cluster will do.", Example: "https://alerts.example.com"},
			{Name: "token", Type: action.String, Secret: true, Description: "A bearer token, if something in front of it asks for one."},
			{Name: "username", Type: action.String, Description: "Who irctl signs in as, if it asks.", Example: "irctl"},
			{Name: "password", Type: action.String, Secret: true, Description: "The password of username.", Example: "{secret: ALERTS_PASSWORD}"},
			{Name: "ca_file", Type: action.String, Path: true, Description: "Further certificate authorities, in PEM."},
			httpclient.Plaintext(),
			host.ViaField(),
		},
		Example: `alerts:
  type: alertmanager
  owner: operations@example.com
  fallback: Ask the operations team to silence the alerts.
  config:
    url: https://alerts.example.com
    username: irctl
    password: {secret: ALERTS_PASSWORD}
`,
		Check: func(config action.Values) []action.Problem {
			problems := append(host.CheckVia(config), httpclient.CheckURL(config, "token", "password")...)
			switch {
			case config.Has("token") && config.Has("username"):
				problems = append(problems, action.Problem{Input: "token", Message: "goes against username", Hint: "give one way to sign in"})
			case config.Has("username") != config.Has("password"):
				problems = append(problems, action.Problem{Input: "password", Message: "goes with username", Hint: "give both"})
			}
			return problems
		},
		Undo: true,
	}
}
