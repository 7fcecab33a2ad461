//go:build unix

package proof

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// stubborn is a step that fails until a file is there, beside a branch that
// waits at a gate until the failure is known and then has more to do.
const stubborn = `irctl: v1
name: stubborn
title: Fail three times
steps:
  - {id: first, uses: exec, with: {shell: "echo first >> traces"}, undo: {uses: exec, with: {shell: "echo first undone >> traces"}}}
  - id: contain
    parallel:
      - {id: bad, uses: exec, with: {shell: "echo tried >> tries; test -e repaired"}, retry: {attempts: 3, delay: 1ms}FALLBACK}
      - id: beside
        steps:
          - {id: slow, uses: exec, with: {argv: [cat, GATE]}}
          - {id: more, uses: exec, with: {shell: "echo beside >> traces"}}
  - {id: last, uses: exec, with: {shell: "echo last >> traces"}}
`

// stubbornRun runs stubborn until only a person can move it on.
func stubbornRun(t *testing.T, fallback string) (*place, end) {
	p := newPlace(t)
	g := p.gate("gate")
	book := p.write("stubborn.yaml", strings.NewReplacer("GATE", g.path, "FALLBACK", fallback).Replace(stubborn))
	run := p.start("run", book)
	g.reached(run)
	for p.status().steps()["contain/bad"] == "running" { // three attempts, a millisecond apart
	}
	require.Equal(t, "running", p.status().steps()["contain/beside/slow"])
	g.open()
	e := run.end()
	require.Equal(t, 4, e.code, e.text())
	require.Len(t, p.lines("tries"), 3)
	return p, e
}

// TestFallback: a step that fails three times and has a fallback becomes a
// manual step, and a person finishes it.
func TestFallback(t *testing.T) {
	p, e := stubbornRun(t, ", fallback: Pull the plug.")
	run := p.run()
	require.Contains(t, e.stderr, "Pull the plug.")
	require.Contains(t, e.stderr, "irctl done "+run+" contain/bad")
	s := p.status()
	require.Equal(t, "waiting", s.Status)
	require.Equal(t, []waiting{{"contain/bad", "manual", "irctl done " + run + " contain/bad"}}, s.Waiting)
	require.Equal(t, map[string]string{
		"first": "succeeded", "contain": "running", "contain/bad": "waiting", "contain/beside": "succeeded",
		"contain/beside/slow": "succeeded", "contain/beside/more": "succeeded", "last": "pending",
	}, s.steps())
	p.must(0, "done", run, "contain/bad")
	p.must(0, "resume", run)
	require.Equal(t, "first\nbeside\nlast\n", p.read("traces"))
	require.Len(t, p.lines("tries"), 3)
}

// TestFailedStep: one without a fallback stops the run with the three commands
// that go on from there, each of which does.
func TestFailedStep(t *testing.T) {
	for _, verb := range []string{"retry", "skip", "rollback"} {
		t.Run(verb, func(t *testing.T) {
			t.Parallel()
			p, e := stubbornRun(t, "")
			run := p.run()
			commands := map[string]string{
				"retry": "irctl retry " + run + " contain/bad", "skip": "irctl skip " + run + ` contain/bad --reason ""`, "rollback": "irctl rollback " + run,
			}
			for _, c := range commands {
				require.Contains(t, strings.Split(strings.ReplaceAll(e.stderr, "next: ", ""), "\n"), "    "+c)
			}
			s := p.status()
			require.Equal(t, []waiting{{"contain/bad", "decision", commands["retry"]}}, s.Waiting)
			require.Subset(t, s.Next, []string{commands["retry"], commands["skip"], commands["rollback"]})
			require.Equal(t, map[string]string{
				"first": "succeeded", "contain": "running", "contain/bad": "failed", "contain/beside": "succeeded",
				"contain/beside/slow": "succeeded", "contain/beside/more": "succeeded", "last": "pending",
			}, s.steps())

			p.write("repaired", "")
			p.must(0, strings.Fields(strings.ReplaceAll(commands[verb], `""`, "known"))[1:]...)
			switch verb {
			case "rollback":
				require.Equal(t, "first\nbeside\nfirst undone\n", p.read("traces"))
				require.Equal(t, "undone", p.status().Status)
				return
			case "retry":
				p.must(0, "resume", run)
				require.Len(t, p.lines("tries"), 4)
			case "skip":
				p.must(0, "resume", run)
				require.Len(t, p.lines("tries"), 3)
				require.Equal(t, "skipped", p.status().steps()["contain/bad"])
			}
			require.Equal(t, "first\nbeside\nlast\n", p.read("traces"))
			require.Equal(t, "succeeded", p.status().Status)
		})
	}
}
