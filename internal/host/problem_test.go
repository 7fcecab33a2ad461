//go:build unix

package host_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/coerce"
	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/internal/realtest"
	"github.com/irctl/irctl/pkg/action"
)

func TestWhyNobodyCouldSignIn(t *testing.T) {
	s := realtest.StartSSHD(t)
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	known, err := os.ReadFile(s.KnownHosts())
	require.NoError(t, err)
	accepted, err := os.ReadFile(s.Identity() + ".pub")
	require.NoError(t, err)
	other := strings.Fields(string(known))[0] + " " + string(accepted)
	key, err := os.ReadFile(s.File("host_key"))
	require.NoError(t, err)
	for name, c := range map[string]struct {
		more    map[string]any
		message string
		hint    string
	}{
		"unknown host key": {map[string]any{"known_hosts": file("empty", "")}, "its host key is not known", "ssh-keyscan"},
		"changed host key": {map[string]any{"known_hosts": file("changed", other)}, "the machine shows another host key than the one that is known", "somebody may be in between"},
		"refused key":      {map[string]any{"identity": file("other", string(key))}, "it does not let us sign in", "check user and identity"},
		"no server":        {map[string]any{"port": int64(1)}, "the connection was refused", "runs an SSH server"},
		"no such name":     {map[string]any{"ssh": "no-such-host.invalid"}, "its name is not known", "check the spelling"},
		"unknown option":   {map[string]any{"options": map[string]any{"NoSuchOption": "x"}}, "ssh does not know an option", "correct `options`"},
	} {
		t.Run(name, func(t *testing.T) {
			h := to(t, s, c.more)
			_, err := h.Run(t.Context(), process.Command{Argv: []string{"true", "canary"}}, nil)
			var e *action.Error
			require.ErrorAs(t, err, &e)
			require.Contains(t, e.Message, c.message)
			require.Contains(t, e.Hint, c.hint)
			require.False(t, e.Doubt, "nothing was done")
			require.NotContains(t, e.Error()+e.Hint, "canary")
			require.Equal(t, []error{err}, h.Check(t.Context()))
		})
	}
}

func TestWithoutSSHThereIsNoWay(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	h, err := host.New(action.Values{"via": map[string]any{"ssh": "web1"}}, open)
	require.NoError(t, err)
	_, err = h.Output(t.Context(), "true")
	var e *action.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, "there is no way to web1: cannot start ssh: there is no such program on this machine", e.Message)
	require.Equal(t, "install OpenSSH's client (the package openssh-client) on this machine", e.Hint)
}

func TestHowACommandEndedThere(t *testing.T) {
	h := to(t, realtest.StartSSHD(t), nil)
	for name, c := range map[string]struct {
		argv    []string
		message string
		doubt   bool
	}{
		"no program":  {[]string{"irctl-no-such-program"}, "irctl-no-such-program on 127.0.0.1 ended with exit code 127", false},
		"exit code":   {[]string{"sh", "-c", "echo no such queue >&2; exit 3"}, "sh on 127.0.0.1 ended with exit code 3: no such queue", false},
		"as if lost":  {[]string{"sh", "-c", "exit 255"}, "the connection was lost while sh on 127.0.0.1 ran", true},
		"killed":      {[]string{"sh", "-c", "kill -9 $$"}, "the connection was lost while sh on 127.0.0.1 ran", true},
		"NUL":         {[]string{"echo", "a\x00b"}, "argument 1 of echo holds a NUL character", false},
		"nothing":     {nil, "there is no program to run", false},
		"very long":   {[]string{"echo", strings.Repeat("x", 200<<10)}, "the arguments of echo are longer than 120 KiB", false},
		"dash option": {[]string{"-oProxyCommand=id"}, "there is no program to run", false},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := h.Run(t.Context(), process.Command{Argv: c.argv}, nil)
			require.ErrorContains(t, err, c.message)
			require.Equal(t, c.doubt, action.IsDoubtful(err))
		})
	}
	errs := h.Check(t.Context(), "sh", "irctl-no-such-program", "cat")
	require.Len(t, errs, 1)
	require.EqualError(t, errs[0], "the program irctl-no-such-program is not on 127.0.0.1")
	require.EqualError(t, here(t).Check(t.Context(), "irctl-no-such-program")[0], "the program irctl-no-such-program is not on this machine")
}

func TestAConnectionThatBreaksLeavesACommandInDoubt(t *testing.T) {
	s := realtest.StartSSHD(t)
	h := to(t, s, nil)
	// The command ends the process of the server that serves it.
	_, err := h.Run(t.Context(), process.Command{Argv: []string{"sh", "-c", `p=$$; while [ "$(ps -o comm= -p $p)" != sshd ]; do p=$(ps -o ppid= -p $p | tr -d ' '); done; kill -9 $p; sleep 600`}}, nil)
	require.True(t, action.IsDoubtful(err), "%v", err)
}

// TestACommandWhoseBeginningWasNotHeardIsInDoubt: what is cut off at once may
// have done its work before the line by which it says that it begins was on its
// way.
func TestACommandWhoseBeginningWasNotHeardIsInDoubt(t *testing.T) {
	s := realtest.StartSSHD(t, `ForceCommand case $SSH_ORIGINAL_COMMAND in *touch*) (eval "$SSH_ORIGINAL_COMMAND") 2>/dev/null; kill -9 $PPID;; esac`)
	h := to(t, s, nil)
	done := filepath.Join(t.TempDir(), "done")
	_, err := h.Run(t.Context(), process.Command{Argv: []string{"touch", done}}, nil)
	require.FileExists(t, done)
	require.True(t, action.IsDoubtful(err), "%v", err)
	require.ErrorContains(t, err, "the connection was lost before touch on 127.0.0.1 said that it runs")
	require.NotContains(t, err.Error(), "nothing was done")
}

func TestMistakesInVia(t *testing.T) {
	for name, c := range map[string]struct {
		via  map[string]any
		want []action.Problem
	}{
		"good":        {map[string]any{"ssh": "web1", "options": map[string]any{"ProxyJump": "bastion"}}, nil},
		"here, sudo":  {map[string]any{"sudo": true}, nil},
		"no machine":  {map[string]any{"user": "irctl"}, []action.Problem{{Input: "via.user", Message: "means nothing without ssh", Hint: "write the machine as ssh: HOST, or remove this"}}},
		"port":        {map[string]any{"ssh": "web1", "port": int64(70000)}, []action.Problem{{Input: "via.port", Message: "is 70000, and ports are 1 to 65535"}}},
		"no checking": {map[string]any{"ssh": "web1", "options": map[string]any{"stricthostkeychecking": "no"}}, []action.Problem{{Input: "via.options.stricthostkeychecking", Message: "cannot be set here", Hint: "a machine whose key nobody checked may be the attacker's: put its key into known_hosts"}}},
		"smuggled":    {map[string]any{"ssh": "web1", "options": map[string]any{"Port=1 -o X": "y"}}, []action.Problem{{Input: "via.options.Port=1 -o X", Message: "is not an option of ssh_config(5)", Hint: "write {Name: value}, each on one line"}}},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, host.CheckVia(action.Values{"via": c.via}))
		})
	}
	for _, bad := range []string{"-oProxyCommand=id", "two words", ""} {
		_, problems := coerce.Fields([]action.Field{host.ViaField()}, action.Values{"via": map[string]any{"ssh": bad}})
		require.NotEmpty(t, problems, bad)
	}
}
