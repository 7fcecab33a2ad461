package cli

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/library"
	"github.com/irctl/irctl/internal/manual"
	"github.com/irctl/irctl/internal/outside"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/request"
	"github.com/irctl/irctl/internal/suggest"
)

// stage is a world without a process: what is written goes into out.
func stage(t *testing.T) (*app, *bytes.Buffer) {
	t.Helper()
	dir, out := t.TempDir(), &bytes.Buffer{}
	return &app{World: outside.World{
		Stdin: bytes.NewReader(nil), Stdout: out, Stderr: out,
		Getenv: func(string) string { return "" },
		Now:    func() time.Time { return time.Date(2026, 3, 1, 3, 0, 0, 0, time.UTC) },
		Dir:    dir, Config: filepath.Join(dir, "config"), SystemConfig: filepath.Join(dir, "etc"), State: filepath.Join(dir, "state"),
		User: func() string { return "dana" }, Host: "host", PID: 1,
	}}, out
}

// parse runs a command's flags and nothing else.
func parse(t *testing.T, cmd *cobra.Command, args ...string) error {
	t.Helper()
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	cmd.SetOut(io.Discard)
	cmd.SetErr(io.Discard)
	cmd.SetArgs(args)
	return cmd.Execute()
}

func TestRunFlags(t *testing.T) {
	a, _ := stage(t)
	var got runOptions
	cmd := newRunCmd(a, func(_ context.Context, w runOptions) error { got = w; return nil })
	require.NoError(t, parse(t, cmd, "containment", "-i", "incident=INC-1", "--input", "accounts=a=b,c", "--wait", "-n"))
	require.Equal(t, runOptions{
		runbook: "containment", given: []string{"incident=INC-1", "accounts=a=b,c"}, dryRun: true, driveOptions: driveOptions{wait: true},
	}, got)
}

func TestVerbFlags(t *testing.T) {
	tests := []struct {
		args []string
		o    verbOptions
		req  request.Request
	}{
		{[]string{"approve", "01", "a/b", "--as", "dana", "--role", "commander", "-m", "go"}, verbOptions{run: "01"},
			request.Answer{Step: "a/b", As: "dana", Role: "commander", Comment: "go", Yes: true}},
		{[]string{"reject", "01", "a", "--reason", "no"}, verbOptions{run: "01"}, request.Answer{Step: "a", Comment: "no"}},
		{[]string{"skip", "01", "a", "--resume"}, verbOptions{run: "01", resume: true}, request.Skip{Step: "a"}},
		{[]string{"retry", "01", "a"}, verbOptions{run: "01"}, request.Retry{Step: "a"}},
		{[]string{"resolve", "01", "a", "--did-not-happen", "--reason", "looked"}, verbOptions{run: "01"},
			request.Resolve{Step: "a", Reason: "looked"}},
		{[]string{"approve", "01", "a", "--break-glass", "--reason", "fire"}, verbOptions{run: "01"},
			request.Answer{Step: "a", Comment: "fire", Yes: true, BreakGlass: true}},
		{[]string{"delegate", "01", "--to", "sam", "--role", "commander", "--until", "2026-03-01T06:00:00Z", "-m", "tired"}, verbOptions{run: "01"},
			request.Delegate{To: "sam", Role: "commander", Until: time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC), Reason: "tired"}},
		{[]string{"pause", "01"}, verbOptions{run: "01"}, request.Pause{}},
		{[]string{"hold", "01", "--reason", "Legal"}, verbOptions{run: "01"}, request.Hold{Reason: "Legal"}},
		{[]string{"cancel", "01", "-m", "x"}, verbOptions{run: "01", resume: true}, request.Cancel{Reason: "x"}},
		{[]string{"rollback", "01", "--only", "a", "--resume=false"}, verbOptions{run: "01"}, request.Rollback{Only: "a"}},
		{[]string{"note", "01", "text", "--step", "a"}, verbOptions{run: "01"}, request.Note{Step: "a", Text: "text"}},
		{[]string{"done", "01", "a", "--set", "reference=B=1"}, verbOptions{run: "01"},
			request.Done{Step: "a", Set: map[string]string{"reference": "B=1"}}},
	}
	tried := map[string]bool{}
	for _, test := range tests {
		a, _ := stage(t)
		root := &cobra.Command{}
		var o verbOptions
		var req request.Request
		root.AddGroup(&cobra.Group{ID: groupRun})
		root.AddCommand(newVerbCmds(a, func(_ context.Context, given verbOptions, r request.Request) error { o, req = given, r; return nil })...)
		t.Run(test.args[0], func(t *testing.T) {
			require.NoError(t, parse(t, root, test.args...))
			require.Equal(t, test.o, o)
			require.Equal(t, test.req, req)
			tried[test.args[0]] = true
		})
	}
	require.Len(t, tried, len(verbs))
}

// TestManuals walks the whole tree: every command has a manual with an example
// and its exit statuses, and nobody has to scroll sideways.
func TestManuals(t *testing.T) {
	a, _ := stage(t)
	var walk func(cmd *cobra.Command)
	files, err := filepath.Glob("../manual/commands/*.txt")
	require.NoError(t, err)
	of := map[string]bool{}
	walk = func(cmd *cobra.Command) {
		of[strings.ReplaceAll(strings.TrimPrefix(cmd.CommandPath(), "irctl "), " ", "-")+".txt"] = true
		if cmd.Hidden {
			return
		}
		text := command.Help(cmd)
		require.Contains(t, text, "\nExample:\n", cmd.CommandPath())
		require.Contains(t, text, "\nExit status:\n  0    done\n", cmd.CommandPath())
		for line := range strings.Lines(text) {
			require.LessOrEqual(t, len([]rune(line)), 81, "%s: %s", cmd.CommandPath(), line)
		}
		for _, c := range cmd.Commands() {
			walk(c)
		}
	}
	root := newRoot(a)
	root.InitDefaultHelpCmd()
	walk(root)
	for _, f := range files {
		require.True(t, of[filepath.Base(f)], "%s is the manual of no command", f)
	}
	for _, topic := range manual.Topics() {
		text, _ := manual.Topic(topic.Name, "", nil)
		for line := range strings.Lines(text) {
			require.LessOrEqual(t, len([]rune(line)), 81, "help %s: %s", topic.Name, line)
		}
	}
	text, _ := manual.Command("irctl schema")
	for _, f := range library.Schemas() {
		require.Contains(t, text, f.Kind)
	}
}

func TestNearest(t *testing.T) {
	names := []string{"status", "resume", "rollback"}
	require.Equal(t, "status", suggest.Near("statsu", names))
	require.Equal(t, "rollback", suggest.Near("rolback", names))
	require.Equal(t, "", suggest.Near("containment", names))
}

func TestExitOfEvents(t *testing.T) {
	require.Equal(t, command.ExitWaiting, exitOfRun(engine.New(&plan.Plan{Entry: plan.None})), "what is not known to have ended has not")
}

func TestNobodyHearsThatNobodyReads(t *testing.T) {
	a, _ := stage(t)
	r, w, err := os.Pipe()
	require.NoError(t, err)
	require.NoError(t, r.Close())
	t.Cleanup(func() { _ = w.Close() })
	said := &bytes.Buffer{}
	a.Stdout, a.Stderr, a.Args = w, said, []string{"action", "list"}
	require.Equal(t, int(command.ExitFailed), Main(a.World))
	require.Empty(t, said.String(), "as in `irctl action list | head -1`")
}

// TestEveryOtherWordLeadsToACommand: what is offered instead of a word that is
// no command is one.
func TestEveryOtherWordLeadsToACommand(t *testing.T) {
	a, _ := stage(t)
	root := newRoot(a)
	for word, path := range command.OtherWords {
		cmd, rest, err := root.Find(strings.Fields(path))
		require.NoError(t, err, word)
		require.Empty(t, rest, word)
		require.Equal(t, "irctl "+path, cmd.CommandPath(), word)
	}
}
