// Package cacao carries out the commands of CACAO 2.0 playbooks.
//
// There is an action for each type of command that irctl has an adapter for:
// [Bash], [SSH], [PowerShell] (over ssh), [HTTP] (http-api) and [OpenC2]
// (openc2-http). [Unbound] stands for every other type: it plans, and always
// fails when it is run.
//
// All take a command as the playbook holds it, with references such as
// __ip__:value in it, and the variables beside it. Values are put in here, as
// data: a value becomes a variable of the shell, which the text reads where the
// reference stood, and in a request it is escaped for the place where it
// stands. A command in which the shell itself would read a value as a part of
// its program is refused before anything has run. What the programs do that the
// shell starts, nobody can know: inside a longer text, or behind an option such
// as -c, only values are accepted that mean nothing but themselves to any of
// them. `take` says which part of what comes back becomes which variable.
//
// Nobody can see from outside what a command did, so that none is idempotent:
// after a crash a person decides, except for HTTP methods that only read.
//
// Files, in reading order: call.go (what the actions share), script.go (bash,
// ssh and PowerShell), http.go, unbound.go, targets.go; variables.go, shell.go,
// danger.go, powershell.go, startline.go, content.go (values into commands),
// take.go (answers into values).
package cacao
