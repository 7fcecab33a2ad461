// Package described drives any system through its own requests or commands, as
// the environment describes them: the target types `http` and `command`.
//
// An action's author writes one [System]: its verbs, the state that each verb
// brings about, and the inputs that may stand in a description as {name}.
// [System.Targets] turns it into the two target types, fields and example
// included, and [System.Kinds] into the kinds of an action:
//
//	var mail = described.System{
//		Noun:   "mail",
//		Inputs: []action.Field{{Name: "notice", Type: action.String}},
//		Verbs: []described.Verb{
//			{Name: "suspend", State: "suspended", Summary: "stop accepting mail"},
//			{Name: "restore", State: "running", Summary: "accept mail again"},
//		},
//	}
//
//	return kind.New(spec, mail.Kinds("suspend")...)
//
// A verb either brings about a State, and then the target's `status` tells
// whether it is so (look, record the previous state, act, check; undo runs the
// other verb if the previous state was another), or it is done once, and then
// an optional `check` beside the request tells whether it was done.
//
// What a description gets filled in is data, never syntax: one argument of a
// command, one part of a path, one JSON value.
//
// Files, in reading order: system.go (what an author writes), fields.go (a
// target's description and its fields), example.go, work.go (a verb on a
// target), look.go (status and check), answer.go (conditions and outputs),
// template.go (placeholders), config.go (mistakes in a description), http.go,
// command.go.
package described
