package described

import (
	"fmt"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/pkg/action"
)

func (s System) httpFields() []action.Field {
	fields := []action.Field{
		{Name: "base_url", Type: action.String, Required: true, Pattern: `https?://[^\s?#]+`, Example: "https://mail.example.com/admin", Description: "What every path is added to."},
		{Name: "auth", Type: action.Map, Description: "How irctl proves who it is; nothing by default.", Example: "{bearer: {secret: MAIL_TOKEN}}", Fields: []action.Field{
			{Name: "bearer", Type: action.String, Secret: true, Description: "A token, sent as a bearer token."},
			{Name: "basic", Type: action.Map, Description: "A user and a password, sent as basic authentication.", Fields: []action.Field{
				{Name: "user", Type: action.String, Required: true, Description: "The user's name."},
				{Name: "password", Type: action.String, Secret: true, Required: true, Description: "The user's password."},
			}},
		}},
		{Name: "headers", Type: action.Map, Items: action.String, Secret: true, Description: "Headers of every request."},
		{Name: "ca_file", Type: action.String, Path: true, Description: "PEM file of certificate authorities to trust beside the machine's own.", Example: "ca.pem"},
		{Name: "timeout", Type: action.Duration, Default: "30s", Description: "How long one request may take."},
		{Name: "idempotency_header", Type: action.String, Default: "Idempotency-Key", Description: "Header that carries the step's idempotency key on every request that changes something."},
	}
	fields = append(fields, s.sharedFields()...)
	if s.hasStates() {
		fields = append(fields, action.Field{
			Name: "status", Type: action.Map, Required: true, Example: s.statusExample(HTTP),
			Description: "The request that tells the state. It must change nothing.",
			Fields:      slices.Concat(requestFields("GET"), s.whenFields(httpCondition()), s.statusOutputs(httpOutput())),
		})
	}
	for _, v := range s.Verbs {
		section := append(requestFields("POST"),
			action.Field{Name: "expect", Type: action.Map, Fields: httpCondition(), Description: "What the answer must be; by default any status from 200 to 299."})
		section = append(section, outputFields(v.Outputs, httpOutput())...)
		if v.State == "" {
			check := append(requestFields("GET"), doneWhen(httpCondition()))
			check = append(check, outputFields(v.Outputs, httpOutput())...)
			section = append(section, checkField(check, "The request"))
		}
		fields = append(fields, s.verbField(v, section, v.ExampleHTTP, "{path: /"+v.Name+"}", "The request to "))
	}
	return fields
}

func (s System) commandFields() []action.Field {
	fields := []action.Field{
		{Name: "dir", Type: action.String, Path: true, Description: "Folder in which every command runs; absolute when via leads to another machine."},
		{Name: "env", Type: action.Map, Items: action.String, Secret: true, Description: "Environment variables of every command, beside PATH, HOME and a few others."},
		{Name: "timeout", Type: action.Duration, Default: "1m", Description: "How long one command may take."},
	}
	fields = append(fields, s.sharedFields()...)
	if s.hasStates() {
		fields = append(fields, action.Field{
			Name: "status", Type: action.Map, Required: true, Example: s.statusExample(Command),
			Description: "The command that tells the state. It must change nothing.",
			Fields:      slices.Concat(commandPart(), s.whenFields(commandCondition()), s.statusOutputs(commandOutput())),
		})
	}
	for _, v := range s.Verbs {
		section := append(commandPart(),
			action.Field{Name: "expect", Type: action.Map, Fields: commandCondition(), Description: "What the outcome must be; by default exit code 0."})
		section = append(section, outputFields(v.Outputs, commandOutput())...)
		if v.State == "" {
			check := append(commandPart(), doneWhen(commandCondition()))
			check = append(check, outputFields(v.Outputs, commandOutput())...)
			section = append(section, checkField(check, "The command"))
		}
		fields = append(fields, s.verbField(v, section, v.ExampleCommand, "{argv: [/usr/local/sbin/"+v.Name+"]}", "The command to "))
	}
	return fields
}

func (s System) sharedFields() []action.Field {
	return []action.Field{
		host.ViaField(),
		{Name: "deduplicates", Type: action.Bool, Default: false, Description: "The system carries out nothing twice that bears the same idempotency key, so that after a crash a request can be sent again."},
		{Name: "settle", Type: action.Duration, Default: "10s", Description: "How long the system may take until its status follows."},
	}
}

func (s System) verbField(v Verb, section []action.Field, example, plain, what string) action.Field {
	if example == "" {
		example = plain
	}
	return action.Field{
		Name: v.Name, Type: action.Map, Fields: section, Required: !v.Optional, Example: example,
		Description: what + v.Summary + ". " + s.placeholderHelp(),
	}
}

func (s System) placeholderHelp() string {
	var names []string
	for _, in := range s.Inputs {
		names = append(names, "{"+in.Name+"}")
	}
	return strings.Join(append(names, "{key}", "{run}", "{runbook}", "{step}", "{target}"), ", ") + " are filled in as data."
}

func requestFields(method string) []action.Field {
	return []action.Field{
		{Name: "method", Type: action.Enum, Enum: []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}, Default: method, Description: "The HTTP method."},
		{Name: "path", Type: action.String, Required: true, Example: "/status", Description: "Added to base_url; may have a query."},
		{Name: "headers", Type: action.Map, Items: action.String, Secret: true, Description: "Headers of this request."},
		{Name: "body", Type: action.Any, Secret: true, Example: `{notice: "{notice}"}`, Description: "A map or list, sent as JSON."},
		{Name: "form", Type: action.Map, Items: action.String, Secret: true, Description: "Sent as a form instead of a body."},
	}
}

func commandPart() []action.Field {
	return []action.Field{
		{Name: "argv", Type: action.List, Items: action.String, Required: true, Example: "[/usr/local/sbin/mailctl, status]", Description: "The program and its arguments; no shell reads them."},
		{Name: "stdin", Type: action.Any, Secret: true, Example: `"{notice}"`, Description: "What the command reads: a text, or a map or list that becomes JSON."},
		{Name: "env", Type: action.Map, Items: action.String, Secret: true, Description: "Environment variables of this command."},
	}
}

func httpCondition() []action.Field {
	return []action.Field{
		{Name: "status", Type: action.List, Items: action.Int, Example: "[200]", Description: "The status is one of these. For a look, 404 and 410 are answers too then; other failures never are."},
		{Name: "json", Type: action.Map, Items: action.Any, Example: "{mail.state: suspended}", Description: "The answer's JSON has this value at each path."},
		{Name: "contains", Type: action.String, Description: "The answer contains this text."},
		{Name: "matches", Type: action.String, Description: "The answer matches this regular expression (RE2) somewhere."},
	}
}

func commandCondition() []action.Field {
	return []action.Field{
		{Name: "exit_code", Type: action.List, Items: action.Int, Example: "[3]", Description: "The exit code is one of these. For a look, every exit code below 126 is an answer then; otherwise only 0 is."},
		{Name: "json", Type: action.Map, Items: action.Any, Example: "{mail.state: suspended}", Description: "The output's JSON has this value at each path."},
		{Name: "stdout_contains", Type: action.String, Example: "suspended", Description: "The output contains this text."},
		{Name: "stdout_matches", Type: action.String, Description: "The output matches this regular expression (RE2) somewhere."},
	}
}

func httpOutput() []action.Field {
	return append(commandOutput(), action.Field{Name: "header", Type: action.String, Example: "Location", Description: "A header of the answer."})
}

func commandOutput() []action.Field {
	return []action.Field{
		{Name: "json", Type: action.String, Example: "case.id", Description: "A path in the answer's JSON."},
		{Name: "match", Type: action.String, Example: `Created (\S+)`, Description: "A regular expression (RE2); its last group is taken."},
	}
}

func outputFields(outputs []action.Field, where []action.Field) []action.Field {
	if len(outputs) == 0 {
		return nil
	}
	fields := make([]action.Field, len(outputs))
	for i, o := range outputs {
		fields[i] = action.Field{Name: o.Name, Type: action.Map, Fields: where, Description: fmt.Sprintf("Where %s stands in the answer. %s", o.Name, o.Description)}
	}
	return []action.Field{{Name: "outputs", Type: action.Map, Fields: fields, Description: "Where in the answer the step's outputs stand.", Example: fmt.Sprintf("{%s: {json: %s}}", outputs[0].Name, outputs[0].Name)}}
}

// statusOutputs are the outputs of all verbs that bring about a state.
func (s System) statusOutputs(where []action.Field) []action.Field {
	var all []action.Field
	for _, v := range s.Verbs {
		for _, o := range v.Outputs {
			if v.State != "" && !slices.ContainsFunc(all, func(f action.Field) bool { return f.Name == o.Name }) {
				all = append(all, o)
			}
		}
	}
	return outputFields(all, where)
}

func (s System) whenFields(condition []action.Field) []action.Field {
	var out []action.Field
	for _, v := range s.Verbs {
		if v.State != "" {
			out = append(out, action.Field{
				Name: whenName(v.State), Type: action.Map, Fields: condition,
				Description: fmt.Sprintf("How to tell that the state is %q; if only one of the two is given, anything else is the other.", v.State),
			})
		}
	}
	return out
}

func doneWhen(condition []action.Field) action.Field {
	return action.Field{Name: whenName(done), Type: action.Map, Fields: condition, Required: true, Description: "How to tell that it was done."}
}

func checkField(fields []action.Field, what string) action.Field {
	return action.Field{Name: "check", Type: action.Map, Fields: fields, Description: what + " that tells whether it was done, asked before, after and following a crash. It must change nothing."}
}
