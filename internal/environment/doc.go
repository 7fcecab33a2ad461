// Package environment binds the names in runbooks to real systems, people and
// secrets.
//
// [Parse] reads an environment file; [Environment.Check] holds it against what
// the actions need. [Environment.Resolve] then gives an action its target, with
// every secret resolved at that moment and not before, and
// [Environment.NewSecrets] is where actions put the credentials that they make.
//
// A secret never stands in the file: it names where the secret lies (a file, a
// variable of the process's environment, a program that prints it). No error
// of this package holds a secret, nor what such a program wrote.
//
// Files, in reading order: environment.go, keys.go, parse.go, people.go, targets.go, groups.go, gather.go (their machines), protect.go, playbooks.go, signing.go,
// anchors.go, notify.go, clocks.go (the file), check.go (against the actions), policy.go (against the
// machine's), resolve.go, secrets.go, age.go,
// secretcheck.go (are they there?), store.go, helper.go (for new ones), show.go,
// codes.go.
package environment
