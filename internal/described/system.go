package described

import (
	"context"
	"slices"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/kind"
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
	// gives to Change. Their names may stand in descriptions as {name}; a
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
	var out []action.TargetType
	for _, f := range []form{overHTTP, byCommand} {
		out = append(out, action.TargetType{
			Name: f.name, Summary: f.summary, Fields: f.fields(s, &description{}).Describe(), Example: s.example(f), Undo: len(s.states()) > 0,
			Check: func(values action.Values) []action.Problem {
				_, problems := f.read(s, values)
				return problems
			},
		})
	}
	return out
}

// Kinds returns the kinds `http` and `command` for one of the verbs.
func (s System) Kinds(verb string) []kind.Kind {
	return each.Of(s.Targets(), func(t action.TargetType) kind.Kind { return s.Change(t, verb, nil) })
}

// Change is one of the verbs on targets of a type of Targets. Given are values
// that are not inputs of the action, such as a new password, under names that
// the System declares among its Inputs.
func (s System) Change(t action.TargetType, verb string, given map[string]any) kind.Change {
	v := s.Verbs[slices.IndexFunc(s.Verbs, func(v Verb) bool { return v.Name == verb })]
	checked := t.Check
	t.Check = func(values action.Values) []action.Problem {
		if !values.Has(verb) {
			return []action.Problem{{Input: verb, Message: "is missing", Hint: "add a section that says how to " + v.Summary}}
		}
		return checked(values)
	}
	return kind.Change{
		Type: t,
		Open: func(_ context.Context, req action.Request) (kind.Work, error) { return s.open(v, req, given) },
	}
}

// states are those that the verbs bring about.
func (s System) states() []string {
	var out []string
	for _, v := range s.Verbs {
		if v.State != "" {
			out = append(out, v.State)
		}
	}
	return out
}

// other returns the verb that brings about the other state.
func (s System) other(v Verb) Verb {
	return s.Verbs[slices.IndexFunc(s.Verbs, func(o Verb) bool { return o.State != "" && o.State != v.State })]
}
