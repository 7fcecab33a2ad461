package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/pkg/event"
)

// stage is a world without a process: what is written goes into out.
func stage(t *testing.T) (*app, *bytes.Buffer) {
	t.Helper()
	dir, out := t.TempDir(), &bytes.Buffer{}
	return &app{World: World{
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
	var got running
	cmd := newRunCmd(a, func(_ context.Context, w running) error { got = w; return nil })
	require.NoError(t, parse(t, cmd, "containment", "-i", "incident=INC-1", "--input", "accounts=a=b,c", "--wait", "-n"))
	require.Equal(t, running{
		runbook: "containment", inputs: map[string]string{"incident": "INC-1", "accounts": "a=b,c"}, dryRun: true, wait: true,
	}, got)
}

func TestVerbFlags(t *testing.T) {
	tests := []struct {
		make func(*app, verbRunner) *cobra.Command
		args []string
		say  saying
		word speaker
	}{
		{newApproveCmd, []string{"01", "a/b", "--as", "dana", "--role", "commander", "-m", "go"}, saying{run: "01"},
			answer{step: "a/b", as: "dana", role: "commander", comment: "go", yes: true}},
		{newRejectCmd, []string{"01", "a", "--reason", "no"}, saying{run: "01"}, answer{step: "a", comment: "no"}},
		{newSkipCmd, []string{"01", "a", "--resume"}, saying{run: "01", resume: true}, skip{step: "a"}},
		{newRetryCmd, []string{"01", "a"}, saying{run: "01"}, retry{step: "a"}},
		{newResolveCmd, []string{"01", "a", "--did-not-happen", "--reason", "looked"}, saying{run: "01"},
			resolve{step: "a", reason: "looked"}},
		{newPauseCmd, []string{"01"}, saying{run: "01"}, pause{}},
		{newCancelCmd, []string{"01", "-m", "x"}, saying{run: "01", resume: true}, cancel{"x"}},
		{newRollbackCmd, []string{"01", "--only", "a", "--resume=false"}, saying{run: "01"}, rollback{only: "a"}},
		{newNoteCmd, []string{"01", "text", "--step", "a"}, saying{run: "01"}, note{"a", "text"}},
		{newDoneCmd, []string{"01", "a", "--set", "reference=B=1"}, saying{run: "01"},
			done{step: "a", set: map[string]string{"reference": "B=1"}}},
	}
	for _, test := range tests {
		a, _ := stage(t)
		var say saying
		var word speaker
		cmd := test.make(a, func(_ context.Context, s saying, w speaker) error { say, word = s, w; return nil })
		t.Run(cmd.Name(), func(t *testing.T) {
			require.NoError(t, parse(t, cmd, test.args...))
			require.Equal(t, test.say, say)
			require.Equal(t, test.word, word)
		})
	}
}

// TestManuals walks the whole tree: every command has a manual with an example
// and its exit statuses, and nobody has to scroll sideways.
func TestManuals(t *testing.T) {
	a, out := stage(t)
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		if cmd.Hidden {
			return
		}
		out.Reset()
		a.help(cmd)
		text := out.String()
		require.Contains(t, text, "\nExample:\n", cmd.CommandPath())
		require.Contains(t, text, "\nExit status:\n  0    done\n", cmd.CommandPath())
		for line := range bytes.Lines(out.Bytes()) {
			require.LessOrEqual(t, len([]rune(string(line))), 81, "%s: %s", cmd.CommandPath(), line)
		}
		for _, c := range cmd.Commands() {
			walk(c)
		}
	}
	walk(newRoot(a))
}

func TestExitStatusesFollowTypes(t *testing.T) {
	seen := map[Exit]bool{}
	for _, row := range exits {
		require.False(t, seen[row.Code], row.Code)
		require.NotEmpty(t, row.Meaning)
		seen[row.Code] = true
	}
	for err, want := range map[error]Exit{
		errors.New("any"):                         ExitFailed,
		usagef("wrong"):                           ExitUsage,
		end(ExitWaiting):                          ExitWaiting,
		&store.LockedError{Run: "01"}:             ExitLocked,
		&store.AlteredError{Run: "01"}:            ExitAltered,
		&store.TruncatedError{Run: "01"}:          ExitAltered,
		&store.NotFoundError{Prefix: "01"}:        ExitUsage,
		&store.NotFoundError{}:                    ExitFailed,
		&store.AmbiguousError{Prefix: "01"}:       ExitUsage,
		&engine.IllegalError{Why: "no"}:           ExitFailed,
		&store.AppendError{Run: "01", Full: true}: ExitFailed,
		context.Canceled:                          ExitInterrupted,
	} {
		require.Equal(t, want, exitOf(err), "%T", err)
		require.Equal(t, want, exitOf(fmt.Errorf("while doing something: %w", err)), "wrapped %T", err)
	}
}

func TestWhoSpeaks(t *testing.T) {
	people := &environment.Environment{People: []environment.Person{
		{Name: "dana", FullName: "Dana Okafor", Roles: []string{"commander"}, User: "dana", Phone: "+1 555 0101"},
		{Name: "sam", FullName: "Sam Rivera", Roles: []string{"it-lead", "commander"}, User: "*"},
		{Name: "alex", FullName: "Alex Haddad", Roles: []string{"legal"}, User: "alex"},
	}}
	commander := []string{"commander"}

	got, err := whoSpeaks(people, "dana", commander, "", "")
	require.NoError(t, err)
	require.Equal(t, hat{"dana", "commander"}, got, "one's own name comes before one that is open to all")

	got, err = whoSpeaks(people, "somebody", commander, "", "")
	require.NoError(t, err)
	require.Equal(t, hat{"sam", "commander"}, got)

	got, err = whoSpeaks(people, "dana", commander, "sam", "")
	require.NoError(t, err)
	require.Equal(t, hat{"sam", "commander"}, got)

	_, err = whoSpeaks(people, "dana", []string{"legal"}, "", "")
	var p *problem
	require.ErrorAs(t, err, &p)
	require.Equal(t, ExitFailed, p.exit)
	require.Equal(t, []string{"ask Alex Haddad (alex, legal)"}, p.next)

	_, err = whoSpeaks(people, "alex", commander, "dana", "")
	require.ErrorAs(t, err, &p)
	require.Contains(t, p.next, "ask Dana Okafor (dana, commander), +1 555 0101")

	_, err = whoSpeaks(people, "dana", commander, "", "legal")
	require.Equal(t, ExitUsage, exitOf(err))

	got, err = whoSpeaks(nil, "root", commander, "", "")
	require.NoError(t, err)
	require.Equal(t, hat{"", "commander"}, got, "without people, whoever may write may answer")
}

func TestNearest(t *testing.T) {
	names := []string{"status", "resume", "rollback"}
	require.Equal(t, "status", nearest("statsu", names))
	require.Equal(t, "rollback", nearest("rolback", names))
	require.Equal(t, "", nearest("containment", names))
}

func TestLineEnds(t *testing.T) {
	line := []byte(`{"seq":1203,"time":"x","hash":"` + string(bytes.Repeat([]byte("a"), 64)) + `"}`)
	require.Equal(t, int64(1203), seqOf(line))
	require.Equal(t, string(bytes.Repeat([]byte("a"), 64)), hashOf(line))
	require.Equal(t, "", hashOf([]byte("{}")))
}

func TestExitOfEvents(t *testing.T) {
	require.Equal(t, ExitWaiting, exitOfRun(engine.New(&plan.Plan{Entry: plan.None})), "what is not known to have ended has not")
	require.False(t, closedBy(false, []byte(`{"time":"2026-03-01T03:00:00Z","type":"note_added","text":"x"}`)))
	require.True(t, closedBy(false, []byte(`{"time":"2026-03-01T03:00:00Z","type":"run_ended","status":"`+string(event.Succeeded)+`"}`)))
}

func TestNobodyHearsThatNobodyReads(t *testing.T) {
	a, _ := stage(t)
	r, w, err := os.Pipe()
	require.NoError(t, err)
	require.NoError(t, r.Close())
	t.Cleanup(func() { _ = w.Close() })
	said := &bytes.Buffer{}
	a.Stdout, a.Stderr, a.Args = w, said, []string{"action", "list"}
	require.Equal(t, int(ExitFailed), Main(a.World))
	require.Empty(t, said.String(), "as in `irctl action list | head -1`")
}
