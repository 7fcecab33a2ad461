//go:build unix

package proof

import (
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// slowBook waits at a gate and then has one more step.
func (p *place) slowBook(g *gate) string {
	return p.write("slow.yaml", `irctl: v1
name: slow
title: Wait at a gate
steps:
  - {id: slow, uses: exec, with: {argv: [cat, `+g.path+`]}, timeout: 1h}
  - {id: last, uses: exec, with: {shell: "echo last >> traces"}}
`)
}

// goRound returns when the driver has looked twice at what it is told: two
// notes were answered, one after the other. What it was told before them it
// has heard.
func (p *place) goRound() {
	p.t.Helper()
	p.must(0, "note", p.run(), "Was it heard?")
	p.must(0, "note", p.run(), "And now?")
}

// TestStopInOrder: the first Ctrl-C, a hang-up or a plea to end let finish
// what runs and start nothing new. The run can be resumed.
func TestStopInOrder(t *testing.T) {
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP) // or children ignore it, where these tests run by nohup
	for _, sent := range []syscall.Signal{syscall.SIGINT, syscall.SIGHUP, syscall.SIGTERM} {
		t.Run(sent.String(), func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			g := p.gate("gate")
			c := p.start("run", p.slowBook(g))
			g.reached(c)
			require.NoError(t, c.cmd.Process.Signal(sent))
			p.goRound()
			g.open()
			e := c.end()
			require.Equal(t, 130, e.code, e.text())
			require.Contains(t, e.stderr, "irctl resume "+p.run())
			require.Equal(t, map[string]string{"slow": "succeeded", "last": "pending"}, p.status().steps())
			require.Contains(t, p.must(0, "audit", "show").stdout, sent.String())
			require.Empty(t, p.read("traces"))
			p.must(0, "resume", p.run())
			require.Equal(t, "last\n", p.read("traces"))
			require.Equal(t, "intact", p.verify().Verdict)
		})
	}
}

// TestStopAtOnce: the second Ctrl-C ends what runs, with everything that it
// started, and what became of it is for a resume to find out.
func TestStopAtOnce(t *testing.T) {
	p := newPlace(t)
	g := p.gate("gate")
	book := p.write("slow.yaml", `irctl: v1
name: slow
title: Sleep for long
steps:
  - {id: slow, uses: exec, with: {shell: "sleep 3600 & echo $$ $! > pids; cat `+g.path+`; wait"}, timeout: 2h}
  - {id: last, uses: exec, with: {shell: "echo last >> traces"}}
`)
	c := p.start("run", book)
	g.reached(c)
	pids := strings.Fields(p.read("pids"))
	require.Len(t, pids, 2)
	require.NoError(t, c.cmd.Process.Signal(syscall.SIGINT))
	p.goRound()
	require.NoError(t, c.cmd.Process.Signal(syscall.SIGINT))
	e := c.end()
	require.Equal(t, 130, e.code, e.text())
	require.Contains(t, e.stderr, "irctl resume "+p.run())
	for _, text := range pids {
		pid, err := strconv.Atoi(text)
		require.NoError(t, err)
		require.True(t, gone(pid), "process %d of the step is still there", pid)
	}
	require.Empty(t, p.read("traces"))
	p.must(7, "resume", p.run())
	require.Equal(t, "unknown", p.status().Waiting[0].For)
	p.must(0, "resolve", p.run(), "slow", "--happened", "--reason", "looked", "--resume")
	require.Equal(t, "last\n", p.read("traces"))
	require.Equal(t, "intact", p.verify().Verdict)
}

// gone reports whether a process has ended: it is not there, or nobody has
// asked yet how it ended.
func gone(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err == nil {
		return strings.Contains(string(stat), ") Z ")
	}
	return syscall.Kill(pid, 0) == syscall.ESRCH
}

// TestClosedOutput: a reader that goes away loses what it would have read, and
// the run nothing.
func TestClosedOutput(t *testing.T) {
	for name, flags := range map[string][]string{"text": nil, "json": {"-o", "json"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			g := p.gate("gate")
			r, w, err := os.Pipe()
			require.NoError(t, err)
			c := p.command(append([]string{"run", p.slowBook(g)}, flags...)...)
			c.cmd.Stdout, c.cmd.Stderr = w, w
			c.begin()
			require.NoError(t, w.Close())
			g.reached(c)
			require.NoError(t, r.Close())
			g.open()
			require.Equal(t, 0, c.end().code)
			require.Equal(t, "succeeded", p.status().Status)
			require.Equal(t, "last\n", p.read("traces"))
			require.Equal(t, "intact", p.verify().Verdict)
		})
	}
}

// TestLinesOfARunAreItsJournal: with -o json a run's output is its journal.
func TestLinesOfARunAreItsJournal(t *testing.T) {
	p := newPlace(t)
	r, w, err := os.Pipe()
	require.NoError(t, err)
	c := p.command("run", p.effectsBook(), "-o", "json")
	c.cmd.Stdout = w
	c.begin()
	require.NoError(t, w.Close())
	got, err := io.ReadAll(r)
	require.NoError(t, err)
	require.Equal(t, 0, c.end().code)
	require.Equal(t, p.read(p.journal()), string(got))
	require.Equal(t, string(got), p.must(0, "audit", "show", "-o", "json").stdout)
}
