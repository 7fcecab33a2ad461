package described

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/config"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/pkg/action"
)

// description is a target's config: what is sent to look and to change, and
// what the answers mean.
type description struct {
	// Of `http`.
	base, caFile, keyHeader string
	bearer                  action.Secret
	basic                   *login
	headers                 map[string]any
	// Of `command`.
	dir string
	env map[string]any

	timeout, settle time.Duration
	via             host.Via
	deduplicates    bool
	status          *section
	verbs           map[string]*section // by name
}

type login struct {
	user     string
	password action.Secret
}

// section is what is sent once, and how its answer is read.
type section struct {
	// A request.
	method, path  string
	headers, form map[string]any
	body          any
	// A command.
	argv  []string
	stdin any
	env   map[string]any

	expect  *condition
	when    map[string]*condition // by the state that they tell
	outputs map[string]*place     // by the name of the output
	check   *section
}

// condition is what an answer has to be like; nil is like anything.
type condition struct {
	codes             []any // HTTP statuses or exit codes
	json              map[string]any
	contains, matches string
}

// place is where a value stands in an answer.
type place struct{ json, match, header string }

// form is how the targets of a type are described.
type form struct {
	name, summary, what, expect string

	own       func(*description) config.Fields
	message   func(s *section, method string) config.Fields
	condition func(*condition) config.Fields
	place     func(*place) config.Fields
	mistakes  func(System, *description) []action.Problem
	// telling are the codes that a look takes for an answer if a condition names
	// one: a thing that is not there, or a program's own exit code, below 126,
	// where the shell's begin.
	telling []int
}

var overHTTP = form{
	name: HTTP, summary: "any system with an HTTP API, described by its requests", what: "request",
	expect: "What the answer must be; by default any status from 200 to 299.",
	own: func(d *description) config.Fields {
		return config.Fields{
			config.Into(&d.base, action.Field{Name: "base_url", Required: true, Pattern: `https?://[^\s?#]+`, Example: "https://mail.example.com/admin", Description: "What every path is added to."}),
			config.Nested(action.Field{Name: "auth", Description: "How irctl proves who it is; nothing by default.", Example: "{bearer: {secret: MAIL_TOKEN}}"}, config.Fields{
				config.Into(&d.bearer, action.Field{Name: "bearer", Description: "A token, sent as a bearer token."}),
				config.Part(action.Field{Name: "basic", Description: "A user and a password, sent as basic authentication."}, func(l *login) config.Fields {
					return config.Fields{
						config.Into(&l.user, action.Field{Name: "user", Required: true, Description: "The user's name."}),
						config.Into(&l.password, action.Field{Name: "password", Required: true, Description: "The user's password."}),
					}
				}, func(l *login) { d.basic = l }),
			}),
			config.Into(&d.headers, action.Field{Name: "headers", Items: action.String, Secret: true, Description: "Headers of every request."}),
			config.Into(&d.caFile, action.Field{Name: "ca_file", Path: true, Description: "PEM file of certificate authorities to trust beside the machine's own.", Example: "ca.pem"}),
			config.Into(&d.timeout, action.Field{Name: "timeout", Default: "30s", Description: "How long one request may take."}),
			config.Into(&d.keyHeader, action.Field{Name: "idempotency_header", Default: "Idempotency-Key", Description: "Header that carries the step's idempotency key on every request that changes something."}),
		}
	},
	message: func(s *section, method string) config.Fields {
		return config.Fields{
			config.Into(&s.method, action.Field{Name: "method", Type: action.Enum, Enum: []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}, Default: method, Description: "The HTTP method."}),
			config.Into(&s.path, action.Field{Name: "path", Required: true, Example: "/status", Description: "Added to base_url; may have a query."}),
			config.Into(&s.headers, action.Field{Name: "headers", Items: action.String, Secret: true, Description: "Headers of this request."}),
			config.Any(&s.body, action.Field{Name: "body", Secret: true, Example: `{notice: "{notice}"}`, Description: "A map or list, sent as JSON."}),
			config.Into(&s.form, action.Field{Name: "form", Items: action.String, Secret: true, Description: "Sent as a form instead of a body."}),
		}
	},
	condition: func(c *condition) config.Fields {
		return config.Fields{
			config.Into(&c.codes, action.Field{Name: "status", Items: action.Int, Example: "[200]", Description: "The status is one of these. For a look, 404 and 410 are answers too then; other failures never are."}),
			config.Into(&c.json, action.Field{Name: "json", Items: action.Any, Example: "{mail.state: suspended}", Description: "The answer's JSON has this value at each path."}),
			config.Into(&c.contains, action.Field{Name: "contains", Description: "The answer contains this text."}),
			config.Into(&c.matches, action.Field{Name: "matches", Description: "The answer matches this regular expression (RE2) somewhere."}),
		}
	},
	place: func(p *place) config.Fields {
		return append(places(p), config.Into(&p.header, action.Field{Name: "header", Example: "Location", Description: "A header of the answer."}))
	},
	mistakes: System.mistakenRequests,
	telling:  []int{404, 410},
}

var byCommand = form{
	name: Command, summary: "any system with a command-line tool, described by its commands", what: "command",
	expect: "What the outcome must be; by default exit code 0.",
	own: func(d *description) config.Fields {
		return config.Fields{
			config.Into(&d.dir, action.Field{Name: "dir", Path: true, Description: "Folder in which every command runs; absolute when via leads to another machine."}),
			config.Into(&d.env, action.Field{Name: "env", Items: action.String, Secret: true, Description: "Environment variables of every command, beside PATH, HOME and a few others."}),
			config.Into(&d.timeout, action.Field{Name: "timeout", Default: "1m", Description: "How long one command may take."}),
		}
	},
	message: func(s *section, _ string) config.Fields {
		return config.Fields{
			config.Into(&s.argv, action.Field{Name: "argv", Required: true, Example: "[/usr/local/sbin/mailctl, status]", Description: "The program and its arguments; no shell reads them."}),
			config.Any(&s.stdin, action.Field{Name: "stdin", Secret: true, Example: `"{notice}"`, Description: "What the command reads: a text, or a map or list that becomes JSON."}),
			config.Into(&s.env, action.Field{Name: "env", Items: action.String, Secret: true, Description: "Environment variables of this command."}),
		}
	},
	condition: func(c *condition) config.Fields {
		return config.Fields{
			config.Into(&c.codes, action.Field{Name: "exit_code", Items: action.Int, Example: "[3]", Description: "The exit code is one of these. For a look, every exit code below 126 is an answer then; otherwise only 0 is."}),
			config.Into(&c.json, action.Field{Name: "json", Items: action.Any, Example: "{mail.state: suspended}", Description: "The output's JSON has this value at each path."}),
			config.Into(&c.contains, action.Field{Name: "stdout_contains", Example: "suspended", Description: "The output contains this text."}),
			config.Into(&c.matches, action.Field{Name: "stdout_matches", Description: "The output matches this regular expression (RE2) somewhere."}),
		}
	},
	place:    places,
	mistakes: System.mistakenCommands,
	telling:  below(126),
}

func below(end int) []int {
	var out []int
	for code := 1; code < end; code++ {
		out = append(out, code)
	}
	return out
}

func places(p *place) config.Fields {
	return config.Fields{
		config.Into(&p.json, action.Field{Name: "json", Example: "case.id", Description: "A path in the answer's JSON."}),
		config.Into(&p.match, action.Field{Name: "match", Example: `Created (\S+)`, Description: "A regular expression (RE2); its last group is taken."}),
	}
}

// fields tie a description of the system to how people write it in this form.
func (f form) fields(s System, d *description) config.Fields {
	d.verbs = map[string]*section{}
	fields := append(f.own(d), d.via.Field(),
		config.Into(&d.deduplicates, action.Field{Name: "deduplicates", Default: false, Description: "The system carries out nothing twice that bears the same idempotency key, so that after a crash a request can be sent again."}),
		config.Into(&d.settle, action.Field{Name: "settle", Default: "10s", Description: "How long the system may take until its status follows."}),
	)
	if states := s.states(); len(states) > 0 {
		fields = append(fields, config.Part(action.Field{
			Name: "status", Required: true, Example: s.statusExample(f), Description: "The " + f.what + " that tells the state. It must change nothing.",
		}, func(t *section) config.Fields {
			return slices.Concat(f.message(t, "GET"), f.whens(t, states), f.outputs(t, s.stateOutputs()))
		}, func(t *section) { d.status = t }))
	}
	for _, v := range s.Verbs {
		fields = append(fields, config.Part(action.Field{
			Name: v.Name, Required: !v.Optional, Example: v.example(f),
			Description: "The " + f.what + " to " + v.Summary + ". " + s.placeholderHelp(),
		}, func(t *section) config.Fields { return f.verb(t, v) }, func(t *section) { d.verbs[v.Name] = t }))
	}
	return fields
}

func (f form) verb(t *section, v Verb) config.Fields {
	fields := append(f.message(t, "POST"),
		config.Part(action.Field{Name: "expect", Description: f.expect}, f.condition, func(c *condition) { t.expect = c }))
	fields = append(fields, f.outputs(t, v.Outputs)...)
	if v.State != "" {
		return fields
	}
	return append(fields, config.Part(action.Field{
		Name: "check", Description: "The " + f.what + " that tells whether it was done, asked before, after and following a crash. It must change nothing.",
	}, func(c *section) config.Fields {
		return slices.Concat(f.message(c, "GET"), f.whens(c, []string{done}), f.outputs(c, v.Outputs))
	}, func(c *section) { t.check = c }))
}

// whens are the conditions by which states are told apart.
func (f form) whens(t *section, states []string) config.Fields {
	t.when = map[string]*condition{}
	var out config.Fields
	for _, state := range states {
		field := action.Field{Name: whenName(state), Description: fmt.Sprintf("How to tell that the state is %q; if only one of the two is given, anything else is the other.", state)}
		if state == done {
			field.Description, field.Required = "How to tell that it was done.", true
		}
		out = append(out, config.Part(field, f.condition, func(c *condition) { t.when[state] = c }))
	}
	return out
}

func (f form) outputs(t *section, declared []action.Field) config.Fields {
	if len(declared) == 0 {
		return nil
	}
	t.outputs = map[string]*place{}
	var inner config.Fields
	for _, o := range declared {
		inner = append(inner, config.Part(action.Field{Name: o.Name, Description: fmt.Sprintf("Where %s stands in the answer. %s", o.Name, o.Description)},
			f.place, func(p *place) { t.outputs[o.Name] = p }))
	}
	return config.Fields{config.Nested(action.Field{
		Name: "outputs", Description: "Where in the answer the step's outputs stand.", Example: fmt.Sprintf("{%s: {json: %s}}", declared[0].Name, declared[0].Name),
	}, inner)}
}

// stateOutputs are the outputs of all verbs that bring about a state.
func (s System) stateOutputs() []action.Field {
	var all []action.Field
	for _, v := range s.Verbs {
		for _, o := range v.Outputs {
			if v.State != "" && !slices.ContainsFunc(all, func(f action.Field) bool { return f.Name == o.Name }) {
				all = append(all, o)
			}
		}
	}
	return all
}

func (s System) placeholderHelp() string {
	names := each.Of(s.Inputs, func(in action.Field) string { return "{" + in.Name + "}" })
	return strings.Join(append(names, "{key}", "{run}", "{runbook}", "{step}", "{target}"), ", ") + " are filled in as data."
}

func whenName(state string) string { return state + "_when" }
