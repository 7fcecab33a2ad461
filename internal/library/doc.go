// Package library leads from a name to a checked plan.
//
// A [Library] is made from a [Config] with [New]. [Library.Prepare] is the way
// of `irctl run`: the file that a name means, its plan, the environment, what
// the machine's policy demands, the inputs. [Library.Gather] and
// [Library.Check] are the way of `irctl validate`: from paths to findings.
// [Library.Tests] finds the tests of runbooks.
//
// A library reads files and nothing else: it knows no flags, streams or exit
// statuses, reads no variable of the process and reaches no system. What it
// cannot do is an error whose type says who acts on it (errors.go). Its methods
// may be called from several goroutines.
//
// Files, in reading order: library.go, document.go, connectors.go, scenarios.go, errors.go (what can keep a
// file from being used), environments.go and policy.go, inputs.go,
// part.go, prepare.go, saved.go,
// playbooks.go, playbookcommands.go, signatures.go, vouched.go, convert.go, kinds.go (what
// the files of irctl are), gather.go, check.go, fix.go, tests.go, begin.go, fornew.go,
// codes.go.
package library
