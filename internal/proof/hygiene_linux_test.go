package proof

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

const inHand = `irctl: v1
name: in-hand
title: Hold a secret
inputs:
  token: {type: string, secret: true, required: true}
steps:
  - {id: hold, uses: exec, with: {shell: 'cat GATE', env: {TOKEN: "${{ inputs.token }}"}}}
`

// unlimited begins a program that may leave a core of any size, in a folder of its
// own, with Go's most talkative traces.
func unlimited(cmd *exec.Cmd, dir string) *exec.Cmd {
	args := append([]string{"-c", `ulimit -c unlimited && exec "$@"`, "sh"}, append([]string{cmd.Path}, cmd.Args[1:]...)...)
	cmd.Path, cmd.Args, cmd.Dir = "/bin/sh", append([]string{"sh"}, args...), dir
	cmd.Env = append(cmd.Environ(), "GOTRACEBACK=crash")
	return cmd
}

// TestNoCoreAndNoTraceHoldsASecret: a driver with a secret in hand that is told to
// abort leaves no core, although its limits permit one, and its trace shows
// nothing. What it starts keeps the limits that it was given.
func TestNoCoreAndNoTraceHoldsASecret(t *testing.T) {
	p := newPlace(t)
	// Where nobody's abort leaves a core (kernel.core_pattern), the trace and the
	// limits are looked at all the same; TestTheAccountCannotLookIntoADriver shows
	// everywhere that the kernel holds a driver for one that must not be dumped.
	plain := exec.CommandContext(t.Context(), "/bin/sh", "-c", "kill -ABRT $$")
	_ = unlimited(plain, t.TempDir()).Run()
	if !plain.ProcessState.Sys().(syscall.WaitStatus).CoreDump() {
		t.Log("this machine writes no cores of any program")
	}

	g := p.gate("gate")
	book := p.write("in-hand.yaml", strings.ReplaceAll(inHand, "GATE", "/proc/self/limits > "+p.path("limits")+"; cat "+g.path))
	run := p.with("TOKEN="+canaries["TOKEN"]).command("run", book, "--input", "token=env:TOKEN")
	unlimited(run.cmd, p.dir)
	g.reached(run.begin())
	require.Regexp(t, `Max core file size +unlimited`, p.read("limits"))
	require.NoError(t, run.cmd.Process.Signal(syscall.SIGABRT))
	e := run.end()
	status := run.cmd.ProcessState.Sys().(syscall.WaitStatus)
	require.True(t, status.Signaled(), e.text())
	require.False(t, status.CoreDump())
	cores, err := filepath.Glob(filepath.Join(p.dir, "core*"))
	require.NoError(t, err)
	require.Empty(t, cores)
	require.Contains(t, e.stderr, "goroutine ")
	noSecret(t, e.text(), canaries["TOKEN"])
}

// TestAPanicShowsNoSecret: an action that panics with a secret in hand, as a value
// and in a text, and one that takes the whole process with it.
func TestAPanicShowsNoSecret(t *testing.T) {
	for _, how := range []string{"value", "text", "process"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			book := p.write("in-hand.yaml", strings.ReplaceAll(inHand, "cat GATE", "true"))
			e := p.with("TOKEN="+canaries["TOKEN"], panics+"="+how, "GOTRACEBACK=all", witnessTo+"="+p.path("seen")).irctl("run", book, "--input", "token=env:TOKEN")
			if how == "process" {
				require.Equal(t, 2, e.code, e.text())
				require.Contains(t, e.stderr, "panic: ")
			} else {
				require.Equal(t, 7, e.code, e.text())
				require.Contains(t, e.text(), "the action is broken")
			}
			noSecret(t, e.text(), canaries["TOKEN"])
			for _, text := range snapshot(t, p.home) {
				noSecret(t, text, canaries["TOKEN"])
			}
		})
	}
}

func noSecret(t *testing.T, text, secret string) {
	t.Helper()
	for form, hidden := range disguises(secret) {
		require.NotContains(t, text, hidden, form)
	}
}

// TestNobodyElseIsSpokenTo: what people type most, followed through the kernel. No
// socket is opened that could leave the machine: irctl asks nobody for a newer
// version, and reports to nobody.
func TestNobodyElseIsSpokenTo(t *testing.T) {
	t.Parallel()
	irctl := builtIrctl(t)
	p := newPlace(t)
	book := p.write("local.yaml", strings.ReplaceAll(`irctl: v1
name: local
title: Local
owner: o@example.com
steps:
  - {id: one, uses: exec, with: {argv: ["true"]}}
  - {id: two, uses: file.write, with: {path: DIR/two.txt, content: two}}
  - {id: ask, manual: Look at it.}
`, "DIR", p.dir))
	for _, c := range []struct {
		code int
		args []string
	}{
		{0, []string{"version"}},
		{0, []string{"help", "security"}},
		{0, []string{"--help"}},
		{64, []string{"hlep"}},
		{0, []string{"validate", book}},
		{0, []string{"plan", book}},
		{4, []string{"run", book}},
		{0, []string{"status"}},
		{0, []string{"list"}},
		{0, []string{"logs", "one"}},
		{0, []string{"done", "ask", "--resume"}},
		{0, []string{"audit", "verify"}},
		{0, []string{"audit", "export"}},
		{0, []string{"runbook", "list"}},
		{0, []string{"rollback", "--help"}},
		{0, []string{"completion", "bash"}},
		{-1, []string{"doctor"}},
	} {
		if c.args[0] == "done" || c.args[0] == "logs" {
			c.args = append([]string{c.args[0], p.run()}, c.args[1:]...)
		}
		tr := p.trace(irctl, c.args...)
		if c.code >= 0 {
			require.Equal(t, c.code, tr.code, "%s: %s", c.args, tr.text())
		}
		for _, s := range tr.named("socket") {
			require.Regexp(t, `^AF_(UNIX|NETLINK)\b`, s.args, "%s", c.args) // the C library asks the machine who somebody is
		}
		for _, s := range tr.named("connect") {
			require.Contains(t, s.args, `sun_path="/var/run/nscd/socket"`, "%s", c.args)
		}
	}
	require.FileExists(t, p.path("two.txt"))

	// It would be seen.
	heard := p.trace(irctl, "run", p.write("far.yaml", `irctl: v1
name: far
title: Far
owner: o@example.com
steps:
  - {id: one, uses: http, with: {url: "http://127.0.0.1:9/"}}
`), "--env", p.write("far-env.yaml", "irctl: v1\nkind: environment\nname: far\nallow: {loopback: true}\n"))
	require.NotEmpty(t, heard.named("connect"), heard.text())
}

// TestTheAccountCannotLookIntoADriver: another process of the same account reads
// neither the environment of a driver nor its memory, and there is nothing in its
// arguments.
func TestTheAccountCannotLookIntoADriver(t *testing.T) {
	const nobody = 65534
	irctl := builtIrctl(t)
	dir, err := os.MkdirTemp("", "irctl-proof-")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	as := &syscall.SysProcAttr{}
	if os.Geteuid() == 0 { // who may look into everything
		as.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
		require.NoError(t, os.Chown(dir, nobody, nobody))
		require.NoError(t, os.Chmod(filepath.Dir(irctl), 0o755))
		require.NoError(t, os.Chmod(filepath.Dir(filepath.Dir(irctl)), 0o755))
	}
	command := func(name string, args ...string) *exec.Cmd {
		cmd := exec.CommandContext(t.Context(), name, args...)
		cmd.Dir, cmd.SysProcAttr = dir, as
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TOKEN=" + canaries["TOKEN"]}
		return cmd
	}
	gate, book := filepath.Join(dir, "gate"), filepath.Join(dir, "in-hand.yaml")
	require.NoError(t, syscall.Mkfifo(gate, 0o666))
	require.NoError(t, os.Chmod(gate, 0o666))
	require.NoError(t, os.WriteFile(book, []byte(strings.ReplaceAll(inHand, "cat GATE", "echo $$ > "+gate+"; cat "+gate)), 0o644))
	run := command(irctl, "run", book, "--input", "token=env:TOKEN")
	require.NoError(t, run.Start())
	child, err := os.ReadFile(gate) // it has begun
	require.NoError(t, err)
	look := func(pid, what string) (string, error) {
		said, err := command("cat", "/proc/"+pid+"/"+what).CombinedOutput()
		return string(said), err
	}
	driver := strconv.Itoa(run.Process.Pid)
	for _, what := range []string{"environ", "mem", "maps"} {
		said, err := look(driver, what)
		require.Error(t, err, what)
		require.Contains(t, said, "Permission denied", what)
	}
	said, err := look(driver, "cmdline")
	require.NoError(t, err)
	noSecret(t, said, canaries["TOKEN"])
	said, err = look(strings.TrimSpace(string(child)), "environ")
	require.NoError(t, err, "what it starts is as ever")
	require.Contains(t, said, canaries["TOKEN"])
	require.NoError(t, os.WriteFile(gate, nil, 0o600))
	require.NoError(t, run.Wait())
}
