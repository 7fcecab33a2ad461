// Package checktest is a small fixed set of action specs, for tests of the
// rules, of lowering and of whatever needs a runbook without real actions.
package checktest

import (
	"slices"

	"github.com/irctl/irctl/internal/check"
	"github.com/irctl/irctl/pkg/action"
)

// Specs returns the descriptions of the actions, sorted by name.
func Specs() []action.Spec {
	page := []action.TargetType{{Name: "maintenance-page"}, {Name: "http"}}
	return []action.Spec{
		{Name: "account.disable", Effect: action.Change, Idempotent: true, Counterpart: "account.enable", Traits: []action.Trait{action.LocksOut}, Targets: []action.TargetType{{Name: "ldap"}}, Inputs: []action.Field{
			{Name: "account", Type: action.String, Required: true, Description: "Who cannot sign in any more."},
		}},
		{Name: "assert", Effect: action.Read, Idempotent: true, Inputs: []action.Field{
			{Name: "that", Type: action.Bool, Required: true, Description: "What must be so."},
			{Name: "message", Type: action.String},
		}},
		{Name: "credentials.rotate", Effect: action.Irreversible, Idempotent: true, Traits: []action.Trait{action.LocksOut}, Targets: []action.TargetType{{Name: "ldap"}}, Inputs: []action.Field{
			{Name: "account", Type: action.String, Required: true, Description: "Whose password is replaced."},
			{Name: "length", Type: action.Int, Default: int64(24)},
		}, Outputs: []action.Field{{Name: "account", Type: action.String}, {Name: "stored", Type: action.String}}},
		{Name: "email.restore", Effect: action.Change, Idempotent: true, Counterpart: "email.suspend", Targets: []action.TargetType{{Name: "http"}}},
		{Name: "email.suspend", Effect: action.Change, Idempotent: true, Counterpart: "email.restore", Traits: []action.Trait{action.TakesOffline, action.StopsMail}, Targets: []action.TargetType{{Name: "http"}}, Inputs: []action.Field{
			{Name: "notice", Type: action.String},
		}},
		{Name: "evidence.collect", Effect: action.Change, Idempotent: true, Traits: []action.Trait{action.KeepsEvidence, action.OnlyAdds}, Targets: []action.TargetType{{Name: "case-folder"}}, Inputs: []action.Field{
			{Name: "case", Type: action.String, Required: true, Description: "The case that the evidence belongs to."},
			{Name: "files", Type: action.List, Items: action.String},
			{Name: "commands", Type: action.List, Items: action.List, Argv: true},
		}, Outputs: []action.Field{{Name: "count", Type: action.Int}, {Name: "items", Type: action.List, Items: action.String}}},
		{Name: "exec", Effect: action.Change, ReadIf: action.Choice{Input: "effect", Values: []string{"read"}}, Inputs: []action.Field{
			{Name: "argv", Type: action.List, Items: action.String, Argv: true},
			{Name: "shell", Type: action.String},
			{Name: "stdin", Type: action.String, Secret: true},
			{Name: "env", Type: action.Map, Items: action.String, Secret: true},
			{Name: "effect", Type: action.Enum, Enum: []string{"change", "read"}, Default: "change"},
			{Name: "success", Type: action.List, Items: action.Int},
		}, Outputs: []action.Field{
			{Name: "stdout", Type: action.String}, {Name: "exit_code", Type: action.Int}, {Name: "json", Type: action.Any},
		}},
		{Name: "http", Effect: action.Change, ReadIf: action.Choice{Input: "method", Values: []string{"GET", "HEAD"}}, Inputs: []action.Field{
			{Name: "method", Type: action.Enum, Enum: []string{"GET", "HEAD", "POST"}, Default: "GET"},
			{Name: "url", Type: action.String, Required: true, Description: "Where to send the request."},
			{Name: "headers", Type: action.Map, Items: action.String, Secret: true},
			{Name: "expect", Type: action.Map, Fields: []action.Field{
				{Name: "status", Type: action.List, Items: action.Int}, {Name: "contains", Type: action.String},
			}},
		}, Outputs: []action.Field{{Name: "status", Type: action.Int}, {Name: "body", Type: action.String}}},
		{Name: "investigation.open", Effect: action.Change, Traits: []action.Trait{action.OnlyAdds, action.SaysDoubt}, Targets: []action.TargetType{{Name: "case-folder"}}, Inputs: []action.Field{
			{Name: "title", Type: action.String, Required: true, Description: "What happened, in one line."},
			{Name: "severity", Type: action.Enum, Enum: []string{"low", "medium", "high"}, Default: "high"},
			{Name: "labels", Type: action.List, Items: action.String},
		}, Outputs: []action.Field{{Name: "case", Type: action.String}, {Name: "opened", Type: action.Time}}},
		{Name: "notify.email", Effect: action.Irreversible, Traits: []action.Trait{action.TellsPeople, action.SendsMail, action.ThroughService, action.SaysDoubt}, Targets: []action.TargetType{{Name: "smtp"}}, Inputs: []action.Field{
			{Name: "body", Type: action.String, Required: true, Description: "The text of the message."},
		}},
		{Name: "notify.webhook", Effect: action.Irreversible, Traits: []action.Trait{action.TellsPeople, action.OnlyAdds, action.ThroughService, action.SaysDoubt}, Targets: []action.TargetType{{Name: "webhook"}}, Inputs: []action.Field{
			{Name: "text", Type: action.String, Required: true, Description: "The message."},
		}},
		{Name: "sessions.revoke", Effect: action.Irreversible, Idempotent: true, Traits: []action.Trait{action.EndsSessions}, Targets: []action.TargetType{{Name: "http"}}, Inputs: []action.Field{
			{Name: "account", Type: action.String, Required: true, Description: "Whose sessions end."},
		}},
		{Name: "website.restore", Effect: action.Change, Idempotent: true, Counterpart: "website.suspend", Targets: page},
		{Name: "website.suspend", Effect: action.Change, Idempotent: true, Counterpart: "website.restore", Traits: []action.Trait{action.TakesOffline}, Targets: page, Inputs: []action.Field{
			{Name: "message", Type: action.String, Required: true, Description: "What customers read."},
			{Name: "retry_after", Type: action.Duration, Default: "1h"},
			{Name: "alternatives", Type: action.List, Items: action.Map, Fields: []action.Field{
				{Name: "name", Type: action.String, Required: true, Description: "What the way to pay is called."},
				{Name: "contact", Type: action.String},
			}},
		}},
	}
}

// Deps returns what the rules ask about these actions. No runbook can be
// called, and exec cannot look at its target.
func Deps() check.Deps {
	specs := Specs()
	names := make([]string, len(specs))
	for i, s := range specs {
		names[i] = s.Name
	}
	return check.Deps{
		Names: func() []string { return names },
		Spec: func(name string) (action.Spec, bool) {
			i := slices.IndexFunc(specs, func(s action.Spec) bool { return s.Name == name })
			if i < 0 {
				return action.Spec{}, false
			}
			return specs[i], true
		},
		Inspects: func(name string) bool { return name != "exec" },
		Undoes:   func(name string) bool { return name != "exec" && name != "http" },
	}
}
