//go:build unix

package real

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/child"
)

// office is a folder with an environment and runbooks, and irctl processes
// that work in it.
type office struct {
	t      testing.TB
	dir    string
	target string // the YAML of its one target
	env    []string
}

// newOffice has an environment whose one target is written as its YAML.
func newOffice(t testing.TB, target string) *office {
	o := &office{t: t, dir: t.TempDir(), target: target}
	o.write("environment.yaml", `irctl: v1
kind: environment
name: office
allow: {loopback: true}
new_secrets: {folder: new-secrets}
people:
  dana: {name: Dana Okafor, roles: [commander], user: "*"}
secrets:
  PASSWORD: {file: password}
targets:
  system:
    owner: identity@example.com
    fallback: Call the identity team.
`+target)
	return o
}

func (o *office) path(name string) string { return filepath.Join(o.dir, name) }

// write makes a file and returns its path.
func (o *office) write(name, text string) string {
	o.t.Helper()
	require.NoError(o.t, os.WriteFile(o.path(name), []byte(text), 0o600))
	return o.path(name)
}

// step writes a runbook of one step and returns its path.
func (o *office) step(name, yaml string) string {
	o.t.Helper()
	return o.write(name+".yaml", `irctl: v1
name: `+name+`
title: One step
owner: security@example.com
steps:
  - id: step
    target: system
`+yaml)
}

// end is how a process ended.
type end struct {
	code   int
	killed bool
	stdout string
	stderr string
}

// text is everything that a person saw.
func (e end) text() string { return e.stdout + e.stderr }

// irctl runs a command to its end.
func (o *office) irctl(args ...string) end {
	o.t.Helper()
	return o.dying("", args...)
}

// dying runs a command whose process dies at a moment of an action.
func (o *office) dying(at string, args ...string) end {
	o.t.Helper()
	cmd := child.Command(o.t, o.path("home"), append(append(child.Dying(at, ""), "IRCTL_ENV="+o.path("environment.yaml"), "HOME="+o.dir), o.env...), args...)
	// Files, not pipes: an ssh that outlives a killed irctl for a while would
	// keep a pipe open, and the test would wait for it.
	stdout, stderr := o.stream("stdout"), o.stream("stderr")
	cmd.Stdout, cmd.Stderr = stdout, stderr
	show("\n$ irctl " + strings.Join(args, " ") + "\n")
	ended := cmd.Run()
	out := end{stdout: o.said(stdout), stderr: o.said(stderr)}
	show(out.text())
	var err error
	out.code, out.killed, err = child.Ended(ended)
	require.NoError(o.t, err)
	if out.killed {
		show("(its process was killed here)\n")
	}
	return out
}

// stream is an empty file for what a process says; said returns that, and
// removes the file.
func (o *office) stream(name string) *os.File {
	o.t.Helper()
	f, err := os.CreateTemp(o.dir, name)
	require.NoError(o.t, err)
	return f
}

func (o *office) said(f *os.File) string {
	o.t.Helper()
	require.NoError(o.t, f.Close())
	text, err := os.ReadFile(f.Name())
	require.NoError(o.t, err)
	require.NoError(o.t, os.Remove(f.Name()))
	return string(text)
}

// show lets a person who asked for it watch what the tests do (make company).
func show(text string) {
	if os.Getenv("IRCTL_SHOW") != "" {
		_, _ = os.Stdout.WriteString(text)
	}
}

// must runs a command that has to end well.
func (o *office) must(args ...string) end {
	o.t.Helper()
	e := o.irctl(args...)
	require.Zero(o.t, e.code, "irctl %v\n%s", args, e.text())
	return e
}

// killed runs a command that has to die at a moment of an action.
func (o *office) killed(at string, args ...string) {
	o.t.Helper()
	e := o.dying(at, args...)
	require.True(o.t, e.killed, "irctl %v did not die %s, but ended with %d\n%s", args, at, e.code, e.text())
}

// status is what is known of the newest run.
type status struct {
	Run    string `json:"run"`
	Status string `json:"status"`
	Steps  []struct {
		Path    string         `json:"path"`
		Status  string         `json:"status"`
		Outputs map[string]any `json:"outputs"`
		Summary string         `json:"summary"`
		Attempt int            `json:"attempt"`
	} `json:"steps"`
}

func (o *office) status() status {
	o.t.Helper()
	var s status
	require.NoError(o.t, json.Unmarshal([]byte(o.must("status", "-o", "json").stdout), &s))
	return s
}
