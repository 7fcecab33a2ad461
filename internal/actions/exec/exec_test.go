//go:build unix

package exec_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actions/exec"
	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/internal/coerce"
	"github.com/irctl/irctl/internal/realtest"
	"github.com/irctl/irctl/pkg/action"
)

func run(t *testing.T, with map[string]any) (action.Result, error) {
	t.Helper()
	act := exec.Exec()
	values, problems := coerce.Fields(act.Spec().Inputs, with)
	require.Empty(t, problems)
	return act.Run(context.Background(), action.Request{With: values}, &actiontest.Sink{})
}

func TestArgumentsReachTheProgramAsTheyAre(t *testing.T) {
	got, err := run(t, map[string]any{"argv": []any{"printf", "%s|", "a b", "$(id)", "; x", int64(7)}})
	require.NoError(t, err)
	require.Equal(t, action.Result{
		Changed: true, Summary: "printf ended with exit code 0",
		Outputs: map[string]any{"stdout": "a b|$(id)|; x|7|", "stderr": "", "exit_code": int64(0)},
	}, got)
}

func TestShellTakesValuesFromTheEnvironment(t *testing.T) {
	got, err := run(t, map[string]any{"shell": `read -r x; printf '{"x":"%s","env":"%s"}' "$x" "$NAME"`, "stdin": "secret\n", "env": map[string]any{"NAME": "a;b"}})
	require.NoError(t, err)
	require.Equal(t, map[string]any{"x": "secret", "env": "a;b"}, got.Outputs["json"])
	require.Equal(t, "the shell ended with exit code 0", got.Summary)
}

func TestForeignOutputIsHarmlessAndBounded(t *testing.T) {
	got, err := run(t, map[string]any{"shell": `printf '\033[2J\377'; head -c 200000 /dev/zero | tr '\0' x`, "stdout_max": int64(65000)})
	require.NoError(t, err)
	text := got.Outputs["stdout"].(string)
	require.True(t, strings.HasPrefix(text, "␛[2J\uFFFDx"))
	require.Less(t, len(text), 66000)
	got, err = run(t, map[string]any{"argv": []any{"echo", "abcdef"}, "stdout_max": int64(3)})
	require.NoError(t, err)
	require.Equal(t, "abc\n…", got.Outputs["stdout"])
	got, err = run(t, map[string]any{"shell": `printf '["\\u001b[2J"]'`})
	require.NoError(t, err)
	require.Equal(t, []any{"␛[2J"}, got.Outputs["json"])
}

// TestAPartOfTheOutputDoesNotPassForTheWhole: who reads what was too long fails,
// unless the step asks for the beginning alone.
func TestAPartOfTheOutputDoesNotPassForTheWhole(t *testing.T) {
	got, err := run(t, map[string]any{"shell": `head -c 65536 /dev/zero | tr '\0' x; { head -c 65537 /dev/zero | tr '\0' y; } >&2`})
	require.NoError(t, err)
	require.Equal(t, strings.Repeat("x", 65536), got.Outputs["stdout"])
	var e *action.Error
	require.ErrorAs(t, got.Outputs["stderr"].(error), &e)
	require.Equal(t, "the error output of the shell is longer than 65536 bytes, the most that becomes a text", e.Message)
	require.Contains(t, e.Hint, "`stdout_max: 65535`")
}

func TestAShellTextStopsAtTheFirstFailingCommand(t *testing.T) {
	_, err := run(t, map[string]any{"shell": "cp /nonexistent /x\necho done"})
	require.ErrorContains(t, err, "ended with exit code 1")
	got, err := run(t, map[string]any{"shell": "cp /nonexistent /x || true\nset +e\nfalse\necho done"})
	require.NoError(t, err)
	require.Equal(t, "done\n", got.Outputs["stdout"], "the ways out")
}

func TestAScriptIsRunByTheProgramThatItNames(t *testing.T) {
	got, err := run(t, map[string]any{"shell": "#!/usr/bin/env -S sh -u\nread -r x; false\necho \"$x $#\"; case $- in *u*) echo u ;; esac", "stdin": "in\n"})
	require.NoError(t, err)
	require.Equal(t, "in 0\nu\n", got.Outputs["stdout"])
	got, err = run(t, map[string]any{"shell": "#!/bin/cat\nas it stands"})
	require.NoError(t, err)
	require.Equal(t, "#!/bin/cat\nas it stands", got.Outputs["stdout"])
	_, err = run(t, map[string]any{"shell": "#!bash\ntrue"})
	require.EqualError(t, err, "the first line of the shell text names no program by its whole path")
	_, err = run(t, map[string]any{"shell": "#!/nowhere/bash\ntrue"})
	require.ErrorContains(t, err, "cannot start bash")
}

func TestSuccessIsWhatTheStepSays(t *testing.T) {
	_, err := run(t, map[string]any{"shell": "exit 4"})
	require.EqualError(t, err, "sh ended with exit code 4")
	got, err := run(t, map[string]any{"shell": "exit 4", "success": []any{int64(4)}})
	require.NoError(t, err)
	require.Equal(t, int64(4), got.Outputs["exit_code"])
}

func TestMistakes(t *testing.T) {
	act := exec.Exec()
	_, problems := coerce.Fields(act.Spec().Inputs, map[string]any{"argv": []any{"x", action.NewSecret("canary")}})
	require.Len(t, problems, 1)
	require.Equal(t, "argv[1]", problems[0].Input)
	v := act.(action.Validator)
	require.Len(t, v.Validate(action.Values{"argv": []any{"x"}, "shell": "x"}, ""), 1)
	require.Len(t, v.Validate(action.Values{"argv": []any{}}, ""), 1)
	require.Len(t, v.Validate(action.Values{"stdout_max": int64(1 << 20)}, ""), 1)
	require.Empty(t, v.Validate(action.Values{}, ""), "what holds expressions is absent")
	_, err := run(t, map[string]any{})
	require.ErrorContains(t, err, "no program")
	_, err = run(t, map[string]any{"argv": []any{"x"}, "shell": "x"})
	require.ErrorContains(t, err, "both argv and shell")
}

func TestItCannotLookAndSaysBeforehandWhatIsMissing(t *testing.T) {
	act := exec.Exec()
	_, looks := act.(action.Inspector)
	require.False(t, looks)
	p := act.(action.Preflighter)
	look := func(with action.Values) []error { return p.Preflight(t.Context(), action.Request{With: with}) }
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "tool"), []byte("#!/bin/sh\n"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "notes"), nil, 0o600))
	require.Empty(t, look(action.Values{"argv": []any{"sh"}, "dir": dir}))
	require.Empty(t, look(action.Values{"argv": []any{"./tool"}, "dir": dir}), "a path starts at the folder in which the command runs")
	require.EqualError(t, errors.Join(look(action.Values{"argv": []any{"irctl-no-such-program"}, "dir": dir})...), "there is no program irctl-no-such-program on this machine")
	require.ErrorContains(t, errors.Join(look(action.Values{"argv": []any{"./gone"}, "dir": dir})...), "gone on this machine")
	require.ErrorContains(t, errors.Join(look(action.Values{"argv": []any{"./notes"}, "dir": dir})...), "cannot be run")
	require.EqualError(t, errors.Join(look(action.Values{"argv": []any{"sh"}, "dir": "/nowhere"})...), "there is no folder /nowhere on this machine")
}

// TestACommandThatOnlyReadsHasChangedNothing: the author says so, and irctl
// takes the word.
func TestACommandThatOnlyReadsHasChangedNothing(t *testing.T) {
	got, err := run(t, map[string]any{"argv": []any{"true"}, "effect": "read"})
	require.NoError(t, err)
	require.False(t, got.Changed)
	spec := exec.Exec().Spec()
	require.Equal(t, action.Read, spec.EffectWith("read"))
	require.Equal(t, action.Change, spec.EffectWith(""))
}

// TestACommandRunsOnTheMachineThatViaNames: there, with none of this machine's
// environment, and as quietly refused as here.
func TestACommandRunsOnTheMachineThatViaNames(t *testing.T) {
	s := realtest.StartSSHD(t)
	via := map[string]any{
		"ssh": "127.0.0.1", "user": s.User, "port": int64(s.Port()), "identity": s.Identity(), "known_hosts": s.KnownHosts(), "config": "/dev/null",
	}
	t.Setenv("LANG", "xx_XX")
	act, dir := exec.Exec(), t.TempDir()
	perform := func(with map[string]any) (action.Result, error) {
		with["via"] = via
		values, problems := coerce.Fields(act.Spec().Inputs, with)
		require.Empty(t, problems)
		require.Empty(t, act.(action.Validator).Validate(values, ""))
		return act.Run(t.Context(), action.Request{With: values, Folder: "/gone", Allow: action.Allow{Loopback: true}}, &actiontest.Sink{})
	}
	got, err := perform(map[string]any{"shell": `echo "$SSH_CONNECTION|$LANG|$NAME"; pwd`, "env": map[string]any{"NAME": "a;b"}, "dir": dir})
	require.NoError(t, err)
	require.Regexp(t, `^127\.0\.0\.1 .*\|\|a;b\n`+dir+`\n$`, got.Outputs["stdout"])
	_, err = perform(map[string]any{"argv": []any{"sh", "-c", "exit 3"}})
	require.ErrorContains(t, err, "exit code 3")
	_, err = perform(map[string]any{"shell": "cp /nonexistent /x\necho done"})
	require.ErrorContains(t, err, "exit code 1", "it stops there at the first failing command as here")
	_, err = run(t, map[string]any{"shell": "#!/bin/sh\necho", "via": via})
	require.EqualError(t, err, "a text that begins with #! runs on this machine only")
}

func TestACommandRunsInTheFolderOfItsRun(t *testing.T) {
	dir := t.TempDir()
	values, _ := coerce.Fields(exec.Exec().Spec().Inputs, map[string]any{"argv": []any{"pwd"}})
	got, err := exec.Exec().Run(t.Context(), action.Request{With: values, Folder: dir}, &actiontest.Sink{})
	require.NoError(t, err)
	require.Equal(t, dir+"\n", got.Outputs["stdout"])
	_, err = exec.Exec().Run(t.Context(), action.Request{With: values, Folder: filepath.Join(dir, "gone")}, &actiontest.Sink{})
	require.EqualError(t, err, "the folder "+filepath.Join(dir, "gone")+", in which this run was started, is not there, so the command did not run")
}
