package cacao

import (
	"maps"
	"net/url"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/httpclient"
	"github.com/irctl/irctl/pkg/action"
)

// sshTarget is a machine that commands run on.
func sshTarget() action.TargetType {
	fields := []action.Field{
		{Name: "host", Type: action.String, Required: true, Pattern: `[^-\s][^\s]*`, Description: "The machine as ssh names it: a host, or a Host of ssh_config.", Example: "web1.example.com"},
	}
	for _, f := range host.ViaField().Fields {
		if f.Name != "ssh" {
			fields = append(fields, f)
		}
	}
	return action.TargetType{
		Name:    "ssh",
		Summary: "A machine that a CACAO playbook runs commands on, by ssh",
		Fields: append(fields,
			action.Field{Name: "shell", Type: action.Enum, Enum: []string{"bash", "sh"}, Description: "The shell there that reads a playbook's ssh commands; bash if nothing is said."},
			action.Field{Name: "powershell", Type: action.Enum, Enum: []string{"pwsh", "powershell"}, Description: "The program there that reads a playbook's PowerShell commands: pwsh if nothing is said, or powershell, the one of Windows. Said, target check looks for it."},
		),
		Example: `web-server:
  type: ssh
  config: {host: web1.example.com, user: responder}
`,
		Check: checkSSH,
	}
}

// asVia is the config of an ssh target as the field `via` of other targets.
func asVia(config action.Values) action.Values {
	via := map[string]any(maps.Clone(config))
	via["ssh"] = config.String("host")
	return action.Values{"via": via}
}

func checkSSH(config action.Values) []action.Problem {
	problems := host.CheckVia(asVia(config))
	for i := range problems {
		problems[i].Input = strings.TrimPrefix(problems[i].Input, "via.")
	}
	return problems
}

// httpTarget is a system with an HTTP interface.
func httpTarget() action.TargetType {
	return action.TargetType{
		Name:    "http-api",
		Summary: "A system that a CACAO playbook sends HTTP requests to",
		Fields: []action.Field{
			{Name: "url", Type: action.String, Required: true, Pattern: `https?://[^?#]+`, Description: "Where requests go; what the playbook asks for comes after it.", Example: "https://firewall.example.com"},
			{Name: "auth", Type: action.Map, Description: "How requests prove who sends them; it takes the place of what the playbook says.", Fields: []action.Field{
				{Name: "bearer", Type: action.String, Secret: true, Description: "A token (RFC 6750)."},
				{Name: "basic", Type: action.Map, Description: "A user and password (RFC 7617).", Fields: []action.Field{
					{Name: "user", Type: action.String, Required: true, Description: "The user."},
					{Name: "password", Type: action.String, Required: true, Secret: true, Description: "The password."},
				}},
			}},
			{Name: "headers", Type: action.Map, Items: action.String, Secret: true, Description: "Headers of every request, in the place of the playbook's. They may be secrets.", Example: "{X-Api-Key: {secret: FIREWALL_KEY}}"},
			{Name: "ca_file", Type: action.String, Path: true, Description: "PEM file of certificate authorities to trust beside the machine's own."},
			{Name: "timeout", Type: action.Duration, Default: "30s", Description: "How long a request may take if the playbook's step has no timeout."},
		},
		Example: `firewall:
  type: http-api
  config:
    url: https://firewall.example.com
    auth: {bearer: {secret: FIREWALL_TOKEN}}
`,
		Check: checkHTTP,
	}
}

func checkHTTP(config action.Values) []action.Problem {
	var out []action.Problem
	u, err := url.Parse(config.String("url"))
	switch {
	case err != nil || u.Hostname() == "":
		out = append(out, action.Problem{Input: "url", Message: "is not a URL with a host"})
	case u.User != nil:
		out = append(out, action.Problem{Input: "url", Message: "must not hold a user or password", Hint: "give them as auth, from a secret"})
	}
	if auth := config.Map("auth"); auth.Has("bearer") && auth.Has("basic") {
		out = append(out, action.Problem{Input: "auth", Message: "holds both bearer and basic", Hint: "keep the one that the system wants"})
	}
	return out
}

// client sends requests to a target. left is how long the step has, 0 if there
// is no limit.
func client(req action.Request, left time.Duration) (*httpclient.Client, error) {
	config := req.Target.Config
	auth, basic := config.Map("auth"), config.Map("auth").Map("basic")
	limit := config.Duration("timeout")
	if left > 0 {
		limit = left
	}
	return httpclient.New(req.Allow, httpclient.Options{
		Timeout: limit, CAFile: config.String("ca_file"),
		Auth: httpclient.Auth{Bearer: auth.Secret("bearer"), User: basic.String("user"), Password: basic.Secret("password")},
	})
}
