//go:build unix

package cacao

import (
	"context"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/internal/coerce"
	"github.com/irctl/irctl/internal/realtest"
	"github.com/irctl/irctl/pkg/action"
)

// perform runs an action as a driver does.
func perform(t *testing.T, act action.Action, target action.Values, with map[string]any) (action.Result, *actiontest.Sink, error) {
	t.Helper()
	out := &actiontest.Sink{}
	res, err := act.Run(t.Context(), action.Request{With: inputsOf(t, act, with), Allow: action.Allow{Loopback: true}, Target: action.Target{Config: target}}, out)
	return res, out, err
}

// machines are the actions that run shell commands, with a target for each.
func machines(t *testing.T) map[string]func(with map[string]any) (action.Result, *actiontest.Sink, error) {
	target := sshConfig(t, realtest.StartSSHD(t), nil)
	return map[string]func(with map[string]any) (action.Result, *actiontest.Sink, error){
		"bash": func(with map[string]any) (action.Result, *actiontest.Sink, error) {
			return perform(t, Bash(), nil, with)
		},
		"ssh": func(with map[string]any) (action.Result, *actiontest.Sink, error) {
			return perform(t, SSH(), target, with)
		},
	}
}

// sshConfig is the config of a target that leads to a server. More wins.
func sshConfig(t *testing.T, s *realtest.SSHD, more map[string]any) action.Values {
	t.Helper()
	given := map[string]any{
		"host": s.Host(), "user": s.User, "port": int64(s.Port()), "identity": s.Identity(), "known_hosts": s.KnownHosts(), "config": "/dev/null",
	}
	for k, v := range more {
		given[k] = v
	}
	config, problems := coerce.Fields(sshTarget().Fields, given)
	require.Empty(t, problems)
	require.Empty(t, sshTarget().Check(config))
	return config
}

func TestACommandRunsAndItsOutputBecomesValues(t *testing.T) {
	for name, run := range machines(t) {
		t.Run(name, func(t *testing.T) {
			res, out, err := run(map[string]any{
				"command_b64": base64.StdEncoding.EncodeToString([]byte("read -r line || true; echo \"input: [$line]\"; printf '{\"id\": 7, \"name\": \"%s\"}\\n' __x__:value\necho 'a \x1b[2J b' >&2\n")),
				"variables":   map[string]any{"__x__": "it's", "__unused__": nil},
				"take": map[string]any{
					"__out__": map[string]any{"from": "stdout"}, "__err__": map[string]any{"from": "stderr"}, "__code__": map[string]any{"from": "exit"},
					"__word__": map[string]any{"from": "regex", "pattern": `"name": "(.*)"`},
				},
			})
			require.NoError(t, err)
			stdout := "input: []\n{\"id\": 7, \"name\": \"it's\"}\n"
			require.Equal(t, map[string]any{
				"stdout": stdout, "stderr": "a ␛[2J b\n", "exit_code": int64(0),
				"values": map[string]any{"__out__": strings.TrimSuffix(stdout, "\n"), "__err__": "a \x1b[2J b", "__code__": int64(0), "__word__": "it's"},
			}, res.Outputs)
			require.True(t, res.Changed)
			require.Equal(t, stdout, out.Stream("stdout"))
		})
	}
}

func TestAPartOfAnOutputNeverPassesForTheWhole(t *testing.T) {
	for name, run := range machines(t) {
		t.Run(name, func(t *testing.T) {
			res, _, err := run(map[string]any{"command": "head -c 65537 /dev/zero | tr '\\0' x; head -c 65536 /dev/zero | tr '\\0' y >&2"})
			require.NoError(t, err)
			require.EqualError(t, res.Outputs["stdout"].(error), "the standard output is longer than 65536 bytes, the most that becomes a text")
			require.Equal(t, strings.Repeat("y", 65536), res.Outputs["stderr"])
		})
	}
}

// TestAValueIsDataOnEveryMachine: the places of the shell's own test, through
// the whole action.
func TestAValueIsDataOnEveryMachine(t *testing.T) {
	for name, run := range machines(t) {
		t.Run(name, func(t *testing.T) {
			for _, value := range []string{"'; rm -rf / #", `$(touch x) "`, "a\nEOF\n é 漢"} {
				_, out, err := run(map[string]any{"command": places, "variables": map[string]any{"__x__": action.NewSecret(value)}})
				require.NoError(t, err)
				require.Equal(t, wanted(value), strings.Split(strings.TrimSuffix(out.Stream("stdout"), "\x00"), "\x00"))
			}
		})
	}
}

func TestTheEndOfACommand(t *testing.T) {
	for name, run := range machines(t) {
		t.Run(name, func(t *testing.T) {
			_, _, err := run(map[string]any{"command": "echo no such queue >&2; exit 3"})
			require.ErrorContains(t, err, "bash")
			require.ErrorContains(t, err, "ended with exit code 3: no such queue")
			require.False(t, action.IsDoubtful(err))
			_, _, err = run(map[string]any{"command": "kill -9 $$"})
			require.Error(t, err)
			_, _, err = run(map[string]any{"command": "head -c 100000 /dev/zero | tr '\\0' x", "take": map[string]any{"__x__": map[string]any{"from": "stdout"}}})
			require.EqualError(t, err, "the command has run, but __x__ is without a value: it is longer than 64 KiB")
			_, _, err = run(map[string]any{"command": "head -c 2000000 /dev/zero | tr '\\0' x", "take": map[string]any{"__x__": map[string]any{"from": "regex", "pattern": "y"}}})
			require.EqualError(t, err, "the command has run, but __x__ is without a value: the standard output is longer than 1024 KiB")
			_, _, err = run(map[string]any{"command": "printf '\\377'", "take": map[string]any{"__x__": map[string]any{"from": "stdout"}}})
			require.ErrorContains(t, err, "it is not UTF-8 text")
			_, _, err = run(map[string]any{"command": "echo {", "take": map[string]any{"__x__": map[string]any{"from": "json", "path": "$.a"}}})
			require.ErrorContains(t, err, "the standard output is not JSON")
			_, _, err = run(map[string]any{"command": "eval __x__:value", "variables": map[string]any{"__x__": "touch x"}})
			require.ErrorContains(t, err, "where eval reads a program")
			_, _, err = run(map[string]any{})
			require.EqualError(t, err, "there is no command")
		})
	}
}

// TestACommandStopsWhereItFails: what stands behind a failing command is not
// done, unless the text says that it is to go on.
func TestACommandStopsWhereItFails(t *testing.T) {
	for name, run := range machines(t) {
		t.Run(name, func(t *testing.T) {
			for _, text := range []string{"cp /nonexistent /x\necho done", "set -e; false; echo done", "f() { false; echo done; }; f; echo done", "x=__x__:value; false\necho $x done"} {
				_, out, err := run(map[string]any{"command": text, "variables": map[string]any{"__x__": "a b"}})
				require.ErrorContains(t, err, "ended with exit code 1", text)
				require.Empty(t, out.Stream("stdout"), text)
			}
			for _, text := range []string{"set +e\nfalse\necho done", "false || true; echo done", "if false; then exit 1; fi; echo done", "! true; echo done"} {
				_, out, err := run(map[string]any{"command": text})
				require.NoError(t, err, text)
				require.Equal(t, "done\n", out.Stream("stdout"), text)
			}
		})
	}
}

// TestNothingIsAnArgument looks at every argument list and environment on the
// machine, since both ends are on it.
func TestNothingIsAnArgument(t *testing.T) {
	if _, err := os.Stat("/proc/self/cmdline"); err != nil {
		return // there are no such lists to read on this system
	}
	for name, run := range machines(t) {
		t.Run(name, func(t *testing.T) {
			_, out, err := run(map[string]any{
				"command":   "true lonely-canary-in-text __x__:value; cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' ' '; true",
				"variables": map[string]any{"__x__": action.NewSecret("lonely-canary-value")},
			})
			require.NoError(t, err)
			require.Contains(t, out.Stream("stdout"), "cat /proc/", "the list holds what runs")
			require.NotContains(t, out.Stream("stdout"), "lonely-canary-")
		})
	}
}

func TestACommandWhoseTimeIsUpIsEnded(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	fifo := filepath.Join(t.TempDir(), "fifo")
	require.NoError(t, syscall.Mkfifo(fifo, 0o600))
	ended := make(chan error, 1)
	go func() {
		_, err := Bash().Run(ctx, action.Request{With: action.Values{"command": "sleep 600 & echo begun > __f__:value; wait", "variables": map[string]any{"__f__": fifo}}}, &actiontest.Sink{})
		ended <- err
	}()
	begun, err := os.ReadFile(fifo) // waits for the command to write
	require.NoError(t, err)
	require.Equal(t, "begun\n", string(begun))
	cancel()
	err = <-ended
	require.ErrorContains(t, err, "bash was ended because it was told to stop")
	require.True(t, action.IsDoubtful(err))
}

func TestAShellThatIsNotBash(t *testing.T) {
	target := sshConfig(t, realtest.StartSSHD(t), map[string]any{"shell": "sh"})
	res, _, err := perform(t, SSH(), target, map[string]any{"command": `echo "$0" __x__:value`, "variables": map[string]any{"__x__": "$(id)"}})
	require.NoError(t, err)
	require.Equal(t, "sh $(id)\n", res.Outputs["stdout"])
	require.Equal(t, "sh on 127.0.0.1 ended with exit code 0", res.Summary)
}

func TestPreflightOfASSHTarget(t *testing.T) {
	s := realtest.StartSSHD(t)
	check := func(config action.Values) []error {
		return SSH().(action.Preflighter).Preflight(t.Context(), action.Request{Target: action.Target{Config: config}, Allow: action.Allow{Loopback: true}})
	}
	require.Empty(t, check(sshConfig(t, s, nil)))
	empty := filepath.Join(t.TempDir(), "known_hosts")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))
	require.Len(t, check(sshConfig(t, s, map[string]any{"known_hosts": empty})), 1)
	require.Empty(t, Bash().(action.Preflighter).Preflight(t.Context(), action.Request{}))
	t.Setenv("PATH", "/nowhere")
	require.Len(t, Bash().(action.Preflighter).Preflight(t.Context(), action.Request{}), 1)
}

func TestWhatIrctlHasNoAdapterForNeverSucceeds(t *testing.T) {
	with := map[string]any{"type": "sigma", "command_b64": "dGl0bGU6IEh1bnQK"}
	_, _, err := perform(t, Unbound(), nil, with)
	var e *action.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, "no adapter for sigma: irctl cannot carry out commands of this type, and nothing was done", e.Error())
	require.True(t, e.Permanent && !e.Doubt && e.Hint != "")
	in, err := Unbound().(action.Inspector).Inspect(t.Context(), action.Request{With: with})
	require.NoError(t, err)
	require.Equal(t, action.Inspection{Known: true, Repeatable: true, Current: "no adapter for sigma", Want: "somebody does it by hand: running it fails"}, in)
}

// TestACommandCannotBeLookedAt: after a crash a person decides. What could not
// run is found before.
func TestACommandCannotBeLookedAt(t *testing.T) {
	for _, act := range []action.Action{Bash(), SSH(), PowerShell()} {
		with := action.Values{"command": "echo __x__:value", "variables": map[string]any{"__x__": "v"}}
		in, err := act.(action.Inspector).Inspect(t.Context(), action.Request{With: with})
		require.NoError(t, err)
		require.Equal(t, action.Inspection{Current: "not looked at", Want: "the command has run"}, in)
		require.False(t, act.Spec().Idempotent)
		with["variables"] = map[string]any{}
		_, err = act.(action.Inspector).Inspect(t.Context(), action.Request{With: with})
		require.EqualError(t, err, "the variable __x__ is not defined")
	}
}

func TestMistakesThatNoValueMends(t *testing.T) {
	for _, c := range []struct {
		act  action.Action
		with action.Values
		want string
	}{
		{Bash(), action.Values{"command": "eval __x__:value"}, "__x__ in line 1 of the command stands where eval reads a program: which program runs is not for a variable to say"},
		{SSH(), action.Values{"command_b64": "X194X186dmFsdWU="}, "__x__ in line 1 of the command stands where the command line reads a program: which program runs is not for a variable to say"},
		{PowerShell(), action.Values{"command": "iex __x__:value"}, "__x__ in line 1 of the command stands in a command that uses iex, where a value could be read as a program or be missing"},
		{HTTP(), action.Values{"command": "GET get HTTP1.1"}, `"GET get HTTP1.1" is not the first line of a request`},
		{OpenC2(), action.Values{"command": "PUT / HTTP/1.1"}, "an OpenC2 command is sent by POST, not by PUT"},
		{Bash(), action.Values{"command": "echo __x__:value", "variables": map[string]any{}}, ""},
		{Bash(), action.Values{}, ""},
		{HTTP(), action.Values{"command": "GET /__x__:value HTTP/1.1"}, ""},
	} {
		var got string
		for _, p := range c.act.(action.Validator).Validate(c.with, "") {
			got += p.Message
			require.Equal(t, "command", p.Input)
			require.NotEmpty(t, p.Hint)
		}
		require.Equal(t, c.want, got)
	}
}

func TestPowerShellIsLookedForWhereItIsSaidToBe(t *testing.T) {
	dir := fakePowerShell(t, "0")
	s := realtest.StartSSHD(t, "SetEnv PATH="+dir+":/usr/bin:/bin")
	check := func(act action.Action, more map[string]any) []error {
		return act.(action.Preflighter).Preflight(t.Context(), action.Request{Target: action.Target{Config: sshConfig(t, s, more)}, Allow: action.Allow{Loopback: true}})
	}
	require.Empty(t, check(PowerShell(), nil))
	require.Empty(t, check(PowerShell(), map[string]any{"powershell": "pwsh"}))
	require.Len(t, check(PowerShell(), map[string]any{"powershell": "powershell"}), 1)
	require.Empty(t, check(SSH(), map[string]any{"powershell": "pwsh"}))
}
