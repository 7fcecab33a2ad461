package described

import (
	"fmt"

	"github.com/irctl/irctl/pkg/action"
)

// The target types.
const (
	HTTP    = "http"
	Command = "command"
)

// System is a kind of system as the author of its actions describes it. All
// actions on one kind of system share one System, so that a target in the
// environment serves all of them.
type System struct {
	// Noun stands in "mail at corporate-mail is suspended". It and the verbs'
	// summaries may hold placeholders.
	Noun string
	// Plural says that Noun takes "are": "the sessions are revoked".
	Plural bool
	// Inputs are all inputs of all its actions, and whatever else an action
	// gives with Call.Give. Their names may stand in descriptions as {name}; a
	// duration also as {name_seconds}. One that is Secret may stand anywhere
	// but in a command's arguments and in a path.
	Inputs []action.Field
	Verbs  []Verb
}

// Verb is one thing to do to a system.
type Verb struct {
	Name    string // "suspend": the section of the target's config
	Summary string // what it does: "stop accepting mail"
	// State is what the system is afterwards: "suspended". Either two verbs of
	// a System have one, and each undoes the other, or none has. Without a
	// state the verb is done once.
	State string
	// Done says of a verb without a state that it was done: "the sessions of
	// {account} have ended".
	Done string
	// Outputs are what may be taken from the answer. A verb that is done once
	// fails if a Required one cannot be found in it.
	Outputs []action.Field
	// Optional says that a target may leave the verb out.
	Optional bool
	// Example is what stands in the example target: the section's YAML in one
	// line, per target type; "" is a plain one.
	ExampleHTTP, ExampleCommand string
}

// common are the placeholders that every description may use.
var common = map[string]string{
	"key":     "the step's idempotency key",
	"run":     "the run's id",
	"runbook": "the runbook's name",
	"step":    "the step's path",
	"target":  "the target's name",
}

// Targets returns the target types `http` and `command` for the system.
func (s System) Targets() []action.TargetType {
	return []action.TargetType{
		{
			Name:    HTTP,
			Summary: "any system with an HTTP API, described by its requests",
			Fields:  s.httpFields(),
			Example: s.example(HTTP),
			Undo:    s.hasStates(),
			Check:   func(config action.Values) []action.Problem { return s.check(HTTP, config) },
		},
		{
			Name:    Command,
			Summary: "any system with a command-line tool, described by its commands",
			Fields:  s.commandFields(),
			Example: s.example(Command),
			Undo:    s.hasStates(),
			Check:   func(config action.Values) []action.Problem { return s.check(Command, config) },
		},
	}
}

// Describes reports whether a target is one that this package drives.
func Describes(t action.Target) bool { return t.Type == HTTP || t.Type == Command }

func (s System) verb(name string) (Verb, bool) {
	for _, v := range s.Verbs {
		if v.Name == name {
			return v, true
		}
	}
	return Verb{}, false
}

// other returns the verb that brings about the other state.
func (s System) other(v Verb) Verb {
	for _, o := range s.Verbs {
		if o.State != "" && o.State != v.State {
			return o
		}
	}
	panic(fmt.Sprintf("described: %s has no verb with another state than %q", s.Noun, v.State))
}

func (s System) hasStates() bool {
	for _, v := range s.Verbs {
		if v.State != "" {
			return true
		}
	}
	return false
}
