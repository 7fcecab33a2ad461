//go:build unix

package crash

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/child"
	"github.com/irctl/irctl/internal/cli"
	"github.com/irctl/irctl/internal/lab"
	"github.com/irctl/irctl/internal/outside"
)

func TestMain(m *testing.M) { os.Exit(child.Main(m, nil)) }

// company is a lab, and irctl processes that act on it.
type company struct {
	t    *testing.T
	lab  *lab.Lab // nil if it needs none
	dir  string
	home string
	run  string // the one run, once it was seen
	env  string // the environment
}

func newCompany(t *testing.T) *company {
	dir := t.TempDir()
	l, err := lab.New(lab.Config{Dir: filepath.Join(dir, "lab")})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	return &company{t: t, lab: l, dir: filepath.Dir(l.Environment()), home: filepath.Join(dir, "home"), env: l.Environment()}
}

// end is how a process ended.
type end struct {
	code   int
	killed bool
	stdout string
	stderr string
	points []string
}

// irctl runs a command that dies at the point called at; "" is never. It
// returns when no process that the command started lives any more: a shell goes
// on when irctl is killed, and a person who looks for what it did waits for its
// end. All of them inherit one end of a pipe, which tells when the last is gone.
func (c *company) irctl(at string, args ...string) end {
	c.t.Helper()
	trace := filepath.Join(c.home, "..", "points")
	_ = os.Remove(trace)
	cmd := child.Command(c.t, c.home, append(child.Dying(at, trace), "IRCTL_ENV="+c.env), args...)
	cmd.Dir = c.dir
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	alive, inherited, err := os.Pipe()
	require.NoError(c.t, err)
	defer func() { _ = alive.Close() }()
	cmd.ExtraFiles = []*os.File{inherited}
	err = cmd.Start()
	_ = inherited.Close()
	require.NoError(c.t, err)
	ended := cmd.Wait()
	_, _ = io.Copy(io.Discard, alive)
	out := end{stdout: stdout.String(), stderr: stderr.String()}
	if names, readErr := os.ReadFile(trace); readErr == nil {
		out.points = strings.Split(strings.TrimSpace(string(names)), "\n")
	}
	out.code, out.killed, err = child.Ended(ended)
	require.NoError(c.t, err)
	return out
}

// verifies says that a run's journal is whole. If the last thing that was cut off
// is the checkpoint after the run's end, a resume has nothing to do but that.
func (c *company) verifies(run string) {
	c.t.Helper()
	e := c.look("audit", "verify", run)
	if strings.Contains(e.stdout, "the last line is incomplete") {
		resumed := c.irctl("", "resume", run)
		require.Contains(c.t, resumed.stderr, "There is nothing to resume.")
		e = c.look("audit", "verify", run)
	}
	require.Zero(c.t, e.code, e.stdout)
}

// look is irctl for a command that only reads; it needs no process of its own.
func (c *company) look(args ...string) end {
	var stdout, stderr bytes.Buffer
	env := map[string]string{"IRCTL_HOME": c.home, "IRCTL_ENV": c.env}
	code := cli.Main(outside.World{
		Args: args, Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr,
		Getenv: func(name string) string { return env[name] }, Now: time.Now,
		Dir: c.dir, User: func() string { return "reader" }, Host: "here", PID: os.Getpid(),
	})
	return end{code: code, stdout: stdout.String(), stderr: stderr.String()}
}

// status is what `irctl status -o json` says, as far as people act on it.
type status struct {
	Run     string           `json:"run"`
	Status  string           `json:"status"`
	Steps   []map[string]any `json:"steps"`
	Waiting []struct {
		Path string `json:"path"`
		For  string `json:"for"`
	} `json:"waiting"`
}

func (c *company) status() (status, bool) {
	c.t.Helper()
	shown := c.look("status", "-o", "json") // the newest run; there is never a second one
	if shown.code == 1 {
		require.Contains(c.t, shown.stderr, "there are no runs yet")
		return status{}, false
	}
	require.Zero(c.t, shown.code, shown.stderr)
	var s status
	require.NoError(c.t, json.Unmarshal([]byte(shown.stdout), &s))
	if c.run == "" {
		c.run = s.Run
	}
	require.Equal(c.t, c.run, s.Run, "a second run began")
	return s, true
}

// next is what a person types next; nil when the run has ended.
func (c *company) next() []string {
	c.t.Helper()
	s, any := c.status()
	switch {
	case !any:
		return []string{"run", "containment", "--input", "incident=INC-1"}
	case s.Status == "succeeded":
		return nil
	}
	for _, w := range s.Waiting {
		require.Equal(c.t, "approval", w.For, "step %s waits for a person", w.Path)
		return []string{"approve", s.Run, w.Path, "--as", "dana"}
	}
	return []string{"resume", s.Run}
}

// contain does what people do until the run has succeeded. The process number
// i of it dies at point kills[i]; it reports which ones did.
func (c *company) contain(kills ...string) (commands []string, ends []end) {
	c.t.Helper()
	for range 12 {
		args := c.next()
		if args == nil {
			return commands, ends
		}
		at := ""
		if len(ends) < len(kills) {
			at = kills[len(ends)]
		}
		e := c.irctl(at, args...)
		require.True(c.t, e.killed || slices.Contains([]int{0, 4}, e.code), "irctl %v: %d\n%s%s", args, e.code, e.stdout, e.stderr)
		commands, ends = append(commands, args[0]), append(ends, e)
	}
	c.t.Fatalf("the run does not end: %v", commands)
	return nil, nil
}

// outcome is everything that two runs must agree on: how the steps ended and
// what the company saw.
type outcome struct {
	Steps   map[string]string
	Effects []string
}

func (c *company) outcome() outcome {
	c.t.Helper()
	s, _ := c.status()
	out := outcome{Steps: map[string]string{}}
	for _, step := range s.Steps {
		outputs, _ := step["outputs"].(map[string]any)
		// What holds a time, a size or the run's id differs from run to run;
		// how many sessions a revocation ended is lost with its outcome.
		for _, changing := range []string{"manifest", "message_id", "items", "body", "headers", "revoked"} {
			delete(outputs, changing)
		}
		text, err := json.Marshal(outputs)
		require.NoError(c.t, err)
		out.Steps[fmt.Sprint(step["path"])] = c.neutral(s.Run, fmt.Sprintf("%v %s", step["status"], text))
	}
	entries, err := c.lab.Ledger()
	require.NoError(c.t, err)
	for _, e := range entries {
		if !e.Duplicate {
			out.Effects = append(out.Effects, c.neutral(s.Run, fmt.Sprintf("%s %s %s", e.System, e.Effect, e.Detail)))
		}
	}
	slices.Sort(out.Effects)
	return out
}

// storedName is the name of a stored credential, which ends in a random part.
var storedName = regexp.MustCompile(`(new-secrets/[a-z-]+)-[0-9a-f]{12}`)

// neutral takes out of a text what differs from company to company.
func (c *company) neutral(run, text string) string {
	now, err := lab.Look(c.t.Context(), c.dir)
	require.NoError(c.t, err)
	at := now.Addresses
	text = storedName.ReplaceAllString(text, "$1")
	return strings.NewReplacer(
		run, "RUN", strings.ToLower(run), "RUN", run[len(run)-6:], "RUN6", strings.ToLower(run[len(run)-6:]), "RUN6",
		c.dir, "LAB", at.Portal, "PORTAL", at.Outside, "OUTSIDE",
	).Replace(text)
}
