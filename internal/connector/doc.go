// Package connector is actions on systems that speak HTTP, each system described
// in one YAML file: `kind: connector`. `irctl help connectors` is its manual.
//
// [Parse] reads a file and finds everything that is wrong with it by itself;
// [File.Check] holds it against the actions that there are. [Into] adds what the
// files describe to a registry: a connector's name is a type of targets, to
// actions that are there, and to those that it brings itself.
//
// What a file says is run by package kind, in the order that holds for every
// system: look, record, change, look again, put back. Requests carry what is
// filled in as data: a part of a path, a value of a query, a JSON value, a
// header. They go to the connector's base and to what it says it reaches, and
// nowhere else.
//
// Files, in reading order: file.go (what a file says), keys.go (its keys), parse.go,
// check.go and names.go (what its expressions may mention), codes.go; offer.go
// (actions and types of targets), work.go (an action on a target), scene.go (values
// filled in), send.go (one request, and what its answer means), pages.go (answers
// that go on), auth.go (how requests prove who sends them), login.go (a person who
// signs in for them), record.go (exchanges to be kept).
package connector
