// Package trial holds connectors to what they promise before an incident: each of
// their actions is played against a server that keeps the state of the system, as
// a file beside the connector describes it, and that takes and gives nothing but
// what the vendor's description has.
//
// [Load] reads a connector with its file of cases, NAME.test.yaml. [Try] plays every
// case, holds each action to the contract of actions, with a death at every request,
// and has each request meet everything that can befall it: refusals, limits, silence,
// answers that are cut off, endless, hostile or of another shape.
//
// Files, in reading order: file.go, keys.go and parse.go (the file), server.go (the
// system), effect.go (what a request does to it), trouble.go (what befalls a
// request), stage.go (one case on the server), try.go (all of it), recorded.go
// and note.go (a look at the real system, played again and written), subject.go (a
// connector with what lies beside it).
package trial
