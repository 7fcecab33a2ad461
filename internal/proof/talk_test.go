//go:build unix

package proof

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// talkBook stops for every kind of word that people have.
const talkBook = `irctl: v1
name: talk
title: Wait for people
steps:
  - {id: bad, uses: exec, with: {shell: "echo tried >> tries; test -e repaired"}}
  - {id: worse, uses: exec, with: {argv: ["false"]}}
  - {id: authorise, approve: {roles: [commander]}}
  - {id: ask, manual: Call the bank., outputs: {reference: string}}
  - {id: slow, uses: exec, with: {argv: [cat, GATE]}, timeout: 1h}
  - {id: last, uses: exec, with: {shell: "echo last >> traces"}}
`

// talkers is an environment in which whoever runs the tests is dana.
const talkers = `irctl: v1
kind: environment
name: here
people:
  dana: {name: Dana Fields, roles: [commander], user: "*"}
`

// TestWordsReachALiveRun: what people say in other terminals reaches the
// process that drives the run. Each command returns when its word is durable.
func TestWordsReachALiveRun(t *testing.T) {
	p, g := talkPlace(t)
	c := p.start("run", p.path("talk.yaml"), "--wait")
	say := func(args ...string) {
		t.Helper()
		e := p.must(0, append(args, "-o", "json")...)
		var reply struct{ Driven bool }
		require.NoError(t, json.Unmarshal([]byte(e.stdout), &reply))
		require.True(t, reply.Driven, "%v", args)
	}
	p.until(c, "bad")
	p.write("repaired", "")
	say("retry", p.run(), "bad", "--reason", "it is repaired")
	p.until(c, "worse")
	require.Len(t, p.lines("tries"), 2)
	say("skip", p.run(), "worse", "--reason", "not needed")
	p.until(c, "authorise")
	say("approve", p.run(), "authorise", "--as", "dana")
	p.until(c, "ask")
	say("note", p.run(), "The line is busy.")
	require.Contains(t, p.must(0, "audit", "show").stdout, "The line is busy.")
	say("done", p.run(), "ask", "--set", "reference=R-1")
	g.reached(c)
	say("pause", p.run(), "--reason", "lunch")
	g.open()
	for p.status().steps()["slow"] == "running" {
	}
	require.Equal(t, "pending", p.status().steps()["last"])
	say("cancel", p.run(), "--reason", "false alarm")
	require.Equal(t, 8, c.end().code, c.end().text())
	require.Equal(t, "canceled", p.status().Status)
	require.Empty(t, p.read("traces"))
	require.Equal(t, "intact", p.verify().Verdict)
}

// TestWordsReachAnAbandonedRun: the same words with no process that drives.
func TestWordsReachAnAbandonedRun(t *testing.T) {
	p, g := talkPlace(t)
	p.must(4, "run", p.path("talk.yaml"))
	id := p.run()
	say := func(args ...string) {
		t.Helper()
		e := p.must(0, append(args, "-o", "json")...)
		var reply struct {
			Driven bool
			Run    string
		}
		require.NoError(t, json.Unmarshal([]byte(e.stdout), &reply))
		require.Equal(t, id, reply.Run)
		require.False(t, reply.Driven, "%v", args)
	}
	p.write("repaired", "")
	say("retry", id, "bad", "--reason", "it is repaired")
	p.must(4, "resume", id)
	say("skip", id, "worse", "--reason", "not needed")
	p.must(4, "resume", id)
	say("approve", id, "authorise", "--as", "dana")
	p.must(4, "resume", id)
	say("note", id, "The line is busy.")
	say("pause", id, "--reason", "lunch")
	say("done", id, "ask", "--set", "reference=R-1")
	require.Equal(t, "pending", p.status().steps()["slow"])
	c := p.start("resume", id)
	g.reached(c)
	g.open()
	require.Equal(t, 0, c.end().code, c.end().text())
	require.Equal(t, "last\n", p.read("traces"))
	require.Len(t, p.lines("tries"), 2)

	q, _ := talkPlace(t)
	q.must(4, "run", q.path("talk.yaml"))
	q.must(0, "cancel", q.run())
	require.Equal(t, "canceled", q.status().Status)
	require.Equal(t, "intact", q.verify().Verdict)
}

func talkPlace(t *testing.T) (*place, *gate) {
	p := newPlace(t)
	g := p.gate("gate")
	p.write("talk.yaml", strings.Replace(talkBook, "GATE", g.path, 1))
	return p.with("IRCTL_ENV=" + p.write("here.yaml", talkers)), g
}

// until returns when the one run waits for a person at a step.
func (p *place) until(c *process, path string) {
	p.t.Helper()
	for {
		if len(p.runs()) == 1 {
			if s := p.status(); len(s.Waiting) > 0 && s.Waiting[0].Path == path {
				return
			}
		}
		select {
		case <-c.ended:
			p.t.Fatalf("it ended before it waited at %s: %s", path, c.end().text())
		default:
		}
	}
}
