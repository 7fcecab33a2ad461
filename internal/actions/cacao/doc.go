// Package cacao carries out the commands of CACAO 2.0 playbooks.
//
// There is an action for each type of command that irctl has an adapter for:
// [Bash], [SSH], [PowerShell] (over ssh), [HTTP] (http-api) and [OpenC2]
// (openc2-http). [Unbound] stands for every other type: it plans, and always
// fails when it is run.
//
// All take a command as the playbook holds it, with references such as
// __ip__:value in it, and the variables beside it. Values are put in here, as
// data: in a shell text a value is always one word or a part of one, in a
// request it is escaped for the place where it stands, and where neither can
// be had the command is refused before anything has run. `take` says which
// part of what comes back becomes which variable.
//
// Nobody can see from outside what a command did, so that none is idempotent:
// after a crash a person decides, except for HTTP methods that only read.
//
// Files, in reading order: call.go (what the actions share), bash.go, ssh.go,
// pwsh.go, http.go, unbound.go (the actions), targets.go, variables.go, shell.go, danger.go,
// spread.go,
// powershell.go, startline.go, content.go (values into commands), take.go
// (answers into values).
package cacao
