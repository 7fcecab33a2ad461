//go:build unix

package proof

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/child"
)

// place is a folder with runbooks and a home for runs, and irctl processes
// that work in it.
type place struct {
	t    *testing.T
	dir  string
	home string
	env  []string
}

func newPlace(t *testing.T) *place {
	dir := t.TempDir()
	return &place{t: t, dir: dir, home: filepath.Join(dir, "home")}
}

// with is the same place, for processes with more in their environment.
func (p *place) with(env ...string) *place {
	q := *p
	q.env = append(slices.Clone(p.env), env...)
	return &q
}

func (p *place) path(name string) string { return filepath.Join(p.dir, name) }

// write makes a file and returns its path.
func (p *place) write(name, text string) string {
	p.t.Helper()
	require.NoError(p.t, os.WriteFile(p.path(name), []byte(text), 0o600))
	return p.path(name)
}

// read returns a file's text, "" if there is none.
func (p *place) read(name string) string {
	p.t.Helper()
	data, err := os.ReadFile(p.path(name))
	if !errors.Is(err, os.ErrNotExist) {
		require.NoError(p.t, err)
	}
	return string(data)
}

// lines returns the lines of a file, none if it is empty or not there.
func (p *place) lines(name string) []string {
	p.t.Helper()
	return slices.Collect(strings.Lines(p.read(name)))
}

// end is how a process ended.
type end struct {
	code   int
	stdout string
	stderr string
}

// text is everything that a person saw.
func (e end) text() string { return e.stdout + e.stderr }

// process is an irctl that may still run.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	stdout bytes.Buffer
	stderr bytes.Buffer
	ended  chan struct{} // closed at its end
}

// command prepares an irctl process; Stdout and Stderr may be changed.
func (p *place) command(args ...string) *process {
	p.t.Helper()
	c := &process{t: p.t, cmd: child.Command(p.t, p.home, append([]string{"HOME=" + p.dir}, p.env...), args...), ended: make(chan struct{})}
	c.cmd.Dir = p.dir
	c.cmd.Stdout, c.cmd.Stderr = &c.stdout, &c.stderr
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // signals of the tests' terminal are not meant for it
	return c
}

// begin starts the process. It does not outlive the test.
func (c *process) begin() *process {
	c.t.Helper()
	require.NoError(c.t, c.cmd.Start())
	var once sync.Once
	reap := func() { once.Do(func() { _ = c.cmd.Wait(); close(c.ended) }) }
	go reap()
	c.t.Cleanup(func() {
		_ = c.cmd.Process.Kill()
		<-c.ended
	})
	return c
}

// end waits for the process.
func (c *process) end() end {
	c.t.Helper()
	<-c.ended
	return end{c.cmd.ProcessState.ExitCode(), c.stdout.String(), c.stderr.String()}
}

// start begins a command.
func (p *place) start(args ...string) *process {
	p.t.Helper()
	return p.command(args...).begin()
}

// irctl runs a command to its end.
func (p *place) irctl(args ...string) end {
	p.t.Helper()
	return p.start(args...).end()
}

// must runs a command that has to end with a status.
func (p *place) must(code int, args ...string) end {
	p.t.Helper()
	e := p.irctl(args...)
	require.Equal(p.t, code, e.code, "irctl %s\n%s%s", strings.Join(args, " "), e.stdout, e.stderr)
	return e
}

// runs lists the runs of the place, newest first, as they lie on the disk.
func (p *place) runs() []string {
	p.t.Helper()
	entries, err := os.ReadDir(filepath.Join(p.home, "runs"))
	if !errors.Is(err, os.ErrNotExist) {
		require.NoError(p.t, err)
	}
	var ids []string
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") {
			ids = append([]string{e.Name()}, ids...)
		}
	}
	return ids
}

// listed is what irctl says that the runs are.
func (p *place) listed() []string {
	p.t.Helper()
	var rows []struct{ Run string }
	require.NoError(p.t, json.Unmarshal([]byte(p.must(0, "list", "-o", "json").stdout), &rows))
	var ids []string
	for _, r := range rows {
		ids = append(ids, r.Run)
	}
	return ids
}

// run is the one run of the place.
func (p *place) run() string {
	p.t.Helper()
	ids := p.runs()
	require.Len(p.t, ids, 1)
	return ids[0]
}

// folder is where the one run of the place lies, below the place.
func (p *place) folder() string { return filepath.Join("home", "runs", p.run()) }

// journal is the journal of the one run of the place, below the place.
func (p *place) journal() string { return filepath.Join(p.folder(), "journal.jsonl") }

// status is `irctl status -o json`, as far as these tests look at it.
type status struct {
	Run     string
	Status  string
	Steps   []step
	Waiting []waiting
	Next    []string
}

type step struct {
	Path, Status string
	Attempts     int
	Outputs      map[string]any
}

type waiting struct{ Path, For, Command string }

func (p *place) status() status {
	p.t.Helper()
	var s status
	require.NoError(p.t, json.Unmarshal([]byte(p.must(0, "status", "-o", "json").stdout), &s))
	return s
}

// steps is how each step stands, by path.
func (s status) steps() map[string]string {
	out := map[string]string{}
	for _, step := range s.Steps {
		out[step.Path] = step.Status
	}
	return out
}

// verdict is what `irctl audit verify -o json` says.
type verdict struct {
	Run      string
	Verdict  string
	Entries  int64
	Closed   bool
	Findings []struct {
		Seq, Offset int64
		Problem     string
	}
}

// verify lets irctl judge the one run; its status must fit what it says.
func (p *place) verify() verdict {
	p.t.Helper()
	e := p.irctl("audit", "verify", "-o", "json")
	var v verdict
	require.NoError(p.t, json.Unmarshal([]byte(e.stdout), &v), e.stderr)
	want := 5
	if v.Verdict == "intact" {
		want = 0
	}
	require.Equal(p.t, want, e.code, v)
	return v
}

// gate is a FIFO at which a step of a runbook waits: `cat PATH`.
type gate struct {
	t    *testing.T
	path string
	end  *os.File
}

func (p *place) gate(name string) *gate {
	p.t.Helper()
	g := &gate{t: p.t, path: p.path(name)}
	require.NoError(p.t, syscall.Mkfifo(g.path, 0o600))
	return g
}

// reached returns when a step waits at the gate. Opening a FIFO for writing
// takes until somebody reads it.
func (g *gate) reached(by ...*process) {
	g.t.Helper()
	opened := make(chan *os.File, 1)
	go func() {
		f, _ := os.OpenFile(g.path, os.O_WRONLY, 0)
		opened <- f
	}()
	all := make(chan struct{})
	go func() {
		for _, c := range by {
			<-c.ended
		}
		close(all)
	}()
	select {
	case g.end = <-opened:
		require.NotNil(g.t, g.end)
		g.t.Cleanup(func() { _ = g.end.Close() })
	case <-all:
		free, err := os.OpenFile(g.path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
		require.NoError(g.t, err)
		_ = (<-opened).Close()
		_ = free.Close()
		var said []string
		for _, c := range by {
			said = append(said, c.end().text())
		}
		g.t.Fatalf("nothing came to the gate: %q", said)
	}
}

// open lets the step go on.
func (g *gate) open() {
	g.t.Helper()
	require.NoError(g.t, g.end.Close())
}
