package proof

import (
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/realtest"
)

// builtIrctl builds the real binary.
func builtIrctl(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "irctl")
	said, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, "github.com/irctl/irctl/cmd/irctl").CombinedOutput()
	require.NoError(t, err, string(said))
	return path
}

// traced is what a process asked the kernel for.
type traced struct {
	end
	calls []call
}

// call is one system call, as strace writes it.
type call struct {
	name, args, result string
}

var traceLine = regexp.MustCompile(`^\d+ +(\w+)\((.*)\) += (.*)$`)

// trace runs irctl under strace. Calls that were interrupted by those of
// another thread are put together again.
func (p *place) trace(irctl string, args ...string) traced {
	p.t.Helper()
	log := filepath.Join(p.t.TempDir(), "trace")
	strace := realtest.Need(p.t, "strace")
	cmd := exec.CommandContext(p.t.Context(), strace, append([]string{
		"-f", "-qq", "-s", "65536", "-e", "signal=none", "-o", log,
		"-e", "trace=%file,%network,execve,execveat,fork,vfork,ftruncate,fallocate,fchmod,fchown,mknodat", irctl,
	}, args...)...)
	cmd.Dir = p.dir
	cmd.Env = append([]string{"IRCTL_HOME=" + p.home, "HOME=" + p.dir, "PATH=" + os.Getenv("PATH"), "TMPDIR=" + p.t.TempDir()}, p.env...)
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	_ = cmd.Run()
	require.NotNil(p.t, cmd.ProcessState)
	out := traced{end: end{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}}
	text, err := os.ReadFile(log)
	require.NoError(p.t, err)
	begun := map[string]string{} // by thread
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		thread, rest, _ := strings.Cut(line, " ")
		if head, ok := strings.CutSuffix(line, " <unfinished ...>"); ok {
			begun[thread] = head
			continue
		}
		if rest = strings.TrimSpace(rest); strings.HasPrefix(rest, "<... ") {
			_, tail, ok := strings.Cut(rest, " resumed>")
			require.True(p.t, ok, line)
			line = begun[thread] + tail
		}
		if m := traceLine.FindStringSubmatch(line); m != nil {
			out.calls = append(out.calls, call{m[1], m[2], m[3]})
		}
	}
	require.NotEmpty(p.t, out.calls, "strace saw nothing: %s", out.text())
	return out
}

// named returns the calls with one of some names.
func (tr traced) named(names ...string) []call {
	var out []call
	for _, c := range tr.calls {
		if slices.Contains(names, c.name) {
			out = append(out, c)
		}
	}
	return out
}

var quotedPath = regexp.MustCompile(`"((?:[^"\\]|\\.)*)"`)

// path is the first text among a call's arguments, absolute.
func (c call) path(t *testing.T, dir string) string {
	m := quotedPath.FindStringSubmatch(c.args)
	require.NotNil(t, m, c)
	path, err := strconv.Unquote(`"` + octal.ReplaceAllStringFunc(m[1], wideOctal) + `"`)
	require.NoError(t, err, c.args)
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	return path
}

// strace writes an octal escape with as few digits as will do, Go takes three.
var octal = regexp.MustCompile(`\\[0-7]{1,3}`)

func wideOctal(s string) string { return `\` + strings.Repeat("0", 4-len(s)) + s[1:] }

// system are the folders and files that the dynamic linker, the C library and
// Go's runtime open in every process, and irctl's own.
var system = []string{
	"/etc/ld.so.", "/lib", "/usr/lib", "/proc/self/", "/proc/stat", "/sys/kernel/mm/transparent_hugepage/", "/sys/fs/cgroup/",
	"/sys/devices/system/cpu/", "/etc/localtime", "/usr/share/zoneinfo/", "/etc/irctl/",
}

// requireOnlyLooks fails if a process did more than read: started a program,
// changed a file, or opened one that is neither below a place that it was
// given nor the system's.
func (tr traced) requireOnlyLooks(t *testing.T, dir, irctl string, may ...string) {
	t.Helper()
	require.Len(t, tr.named("execve", "execveat"), 1, "it started a program")
	require.Empty(t, tr.named("fork", "vfork"))
	require.Empty(t, tr.named(
		"creat", "unlink", "unlinkat", "rename", "renameat", "renameat2", "mkdir", "mkdirat", "rmdir", "link", "linkat", "symlink", "symlinkat",
		"mknod", "mknodat", "truncate", "ftruncate", "fallocate", "chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat",
		"utime", "utimes", "utimensat", "futimesat", "setxattr", "lsetxattr", "removexattr", "mount", "umount2", "chroot",
	), "it changed something")
	opened := 0
	for _, c := range tr.named("open", "openat", "openat2") {
		path := c.path(t, dir)
		require.NotRegexp(t, `O_(WRONLY|RDWR|CREAT|TRUNC|APPEND)`, c.args, "it opened %s for writing", path)
		if strings.HasPrefix(path, dir) {
			opened++
		}
		exercise := path == filepath.Join(dir, "home", "exercise.json") // whether what this home holds is real
		known := path == irctl || exercise || slices.ContainsFunc(append(slices.Clone(system), may...), func(prefix string) bool { return strings.HasPrefix(path, prefix) })
		require.True(t, known, "it opened %s: %s", path, c.result)
	}
	require.Positive(t, opened, "it looked at nothing")
}

// hostileFiles writes a folder of runbooks and others that want to be more than
// looked at, and a folder besides that nobody was given.
func hostileFiles(t *testing.T, p *place, address string) {
	t.Helper()
	for name, text := range map[string]string{
		"outside/passwd":                         "root:x:0:0:root:/root:/bin/sh\n",
		"outside/secret.yaml":                    "irctl: v1\nname: secret\nsteps: [{id: a, manual: Hand over.}]\n",
		"outside/token":                          "hunter2\n",
		"outside/called.yaml":                    "irctl: v1\nname: called\nsteps: [{id: a, manual: Hello.}]\n",
		"books/runs.yaml":                        "irctl: v1\nname: runs\nsteps:\n  - {id: a, run: ../outside/passwd}\n  - {id: b, run: /etc/shadow}\n  - {id: c, run: ../../../../../../etc/passwd}\n  - {id: d, run: ./pipe.yaml}\n  - {id: e, run: ../outside/called.yaml}\n",
		"books/touch.yaml":                       "irctl: v1\nname: touch\nsteps:\n  - {id: a, uses: exec, with: {argv: [touch, owned]}}\n  - {id: b, uses: exec, with: {shell: 'touch owned'}}\n  - {id: c, uses: file.write, with: {path: owned, text: x}}\n  - {id: d, uses: http, with: {url: 'http://" + address + "/owned'}}\n  - {id: e, uses: website.suspend, target: portal, with: {message: x}, undo: {uses: exec, with: {argv: [touch, owned]}}, verify: {uses: exec, with: {argv: [touch, owned]}}}\n",
		"books/deep.yaml":                        "irctl: v1\nname: deep\nsteps: " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + "\n",
		"books/bomb.yaml":                        "irctl: v1\na: &a [x, x, x]\nb: &b [*a, *a, *a]\nsteps: [*b, *b]\n",
		"books/\x1b]0;x\a\n::error::forged.yaml": "irctl: v1\nname: \"\\e]0;x\\a\"\nsteps: [{id: a, uses: \"$(touch owned)\"}]\n",
		"books/env.yaml":                         "irctl: v1\nkind: environment\nname: env\nallow: {loopback: true}\nsecrets:\n  A: {exec: [touch, owned]}\n  B: {file: ../outside/token}\n  C: {env: HOME}\ntargets:\n  portal: {type: http, config: {base_url: 'http://" + address + "', auth: {bearer: {secret: A}}, status: {path: /state, suspended_when: {status: [503]}}, suspend: {path: /owned}, restore: {path: /owned}}}\n  more: {type: http, config: {base_url: 'http://" + address + "', auth: {bearer: {secret: B}}, status: {path: /state, suspended_when: {status: [503]}}, suspend: {path: /owned}, restore: {path: /owned}}}\n",
		"books/scenario.yaml":                    "irctl: v1\nkind: scenario\nname: s\nrunbook: ../outside/passwd\n",
		"books/test.yaml":                        "irctl: v1\nkind: test\nname: t\nrunbook: ../outside/passwd\n",
		"books/playbook.json":                    `{"type": "playbook", "spec_version": "cacao-2.0", "id": "playbook--1", "external_references": [{"name": "x", "url": "http://` + address + `/owned"}], "workflow_start": "start--1", "workflow": {}}`,
		"books/others.yaml":                      "services: {web: {command: touch owned}}\n",
	} {
		path := p.path(name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	pipe := p.path("books/pipe.yaml")
	require.NoError(t, exec.CommandContext(t.Context(), "mkfifo", pipe).Run())
	require.NoError(t, os.Symlink("../outside/secret.yaml", p.path("books/link.yaml")))
	require.NoError(t, os.Symlink("../outside", p.path("books/folder")))
	huge, err := os.Create(p.path("books/huge.yaml"))
	require.NoError(t, err)
	require.NoError(t, huge.Truncate(1<<36))
	require.NoError(t, huge.Close())
}

// TestTraced: what irctl asks the kernel for when it only looks at hostile
// files.
func TestTraced(t *testing.T) {
	t.Parallel()
	irctl := builtIrctl(t)
	t.Run("validate", func(t *testing.T) { validateOnlyReads(t, irctl) })
	t.Run("plan", func(t *testing.T) { planOnlyLooks(t, irctl) })
	t.Run("test", func(t *testing.T) { testOnlyReads(t, irctl) })
}

// validateOnlyReads: validate starts nothing, connects to nothing, changes
// nothing, and opens only what it was given and what a `run` leads to.
func validateOnlyReads(t *testing.T, irctl string) {
	p := newPlace(t)
	hostileFiles(t, p, "127.0.0.1:9")
	may := []string{p.path("books"), p.path("outside/called.yaml"), p.path(".config/irctl/"), p.path("runbooks/"), p.path("environments/")}
	for _, args := range [][]string{
		{"validate", "books"},
		{"validate", "books", "--env", "./books/env.yaml", "--format", "github"},
		{"validate", "books/*.yaml", "books/**/*.json", "--format", "sarif", "--strict"},
	} {
		if strings.Contains(args[1], "*") { // a pattern names the pipe, which nobody writes to
			require.NoError(t, os.Remove(p.path("books/pipe.yaml")))
		}
		tr := p.trace(irctl, args...)
		require.Equal(t, 3, tr.code, tr.text())
		tr.requireOnlyLooks(t, p.dir, irctl, may...)
		require.Empty(t, tr.named("socket", "connect", "bind", "sendto", "sendmsg", "sendmmsg"), "it spoke to somebody")
		require.NotContains(t, tr.text(), "hunter2")
		require.NotContains(t, tr.text(), "root:x:0")
		require.NotContains(t, tr.text(), "\x1b")
	}
	require.NoFileExists(t, p.path("owned"))
	require.NoFileExists(t, p.path("books/owned"))
	require.NoDirExists(t, p.home)

	written := p.trace(irctl, "runbook", "new", "mine")
	require.Zero(t, written.code, written.text())
	require.True(t, slices.ContainsFunc(written.named("openat"), func(c call) bool { return strings.Contains(c.args, "O_CREAT") }), "strace sees what is written")
}

// planOnlyLooks: plan talks to the targets that it looks at and to nobody
// else. It reads the secrets of those targets and runs nothing.
func planOnlyLooks(t *testing.T, irctl string) {
	p := newPlace(t)
	asked := make(chan string, 100)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.Method + " " + r.URL.Path
	}))
	t.Cleanup(server.Close)
	address := server.Listener.Addr().String()
	hostileFiles(t, p, address)
	book := p.write("plan.yaml", `irctl: v1
name: plan
steps:
  - {id: a, uses: exec, with: {argv: [touch, owned]}}
  - {id: b, uses: exec, with: {shell: touch owned}}
  - {id: c, uses: http, with: {url: 'http://127.0.0.1:9/owned', method: POST}}
  - id: d
    uses: website.suspend
    target: more
    with: {message: x}
    undo: {uses: exec, with: {argv: [touch, owned]}}
    verify: {uses: assert, with: {that: true}}
  - {id: e, manual: "$(touch owned)"}
  - {id: f, uses: investigation.open, target: cases, with: {title: x}}
`)
	env := p.read("books/env.yaml") + "  cases: {type: case-folder, config: {folder: ../outside/cases}}\n"
	tr := p.trace(irctl, "plan", book, "--env", p.write("books/env.yaml", env))
	require.Equal(t, 1, tr.code, "the folder for cases is not there: "+tr.text())
	tr.requireOnlyLooks(t, p.dir, irctl, book, p.path("books/env.yaml"), p.path("outside/token"), p.path("outside/cases"), p.path(".config/irctl/"),
		p.path("home/runs"),                 // where other runs say what they claim
		"/etc/nsswitch.conf", "/etc/passwd") // the C library looks up who runs it
	_, port, err := net.SplitHostPort(address)
	require.NoError(t, err)
	connected := 0
	for _, c := range tr.named("connect", "sendto", "sendmsg", "sendmmsg") {
		switch {
		case strings.Contains(c.args, "sin_port=htons("+port+`), sin_addr=inet_addr("127.0.0.1")`):
			connected++
		case strings.Contains(c.args, `sun_path="/var/run/nscd/socket"`): // the C library asks who runs it
		default:
			require.Fail(t, "it spoke to somebody else", "%s(%s)", c.name, c.args)
		}
	}
	require.Positive(t, connected)
	server.Close()
	close(asked)
	for what := range asked {
		require.Equal(t, "GET /state", what)
	}
	require.NotContains(t, tr.text(), "hunter2")
	require.NoFileExists(t, p.path("owned"))
	require.NoDirExists(t, p.path("outside/cases"))
	require.NoDirExists(t, p.home)
}

// testOnlyReads: the tests of a runbook that would do much are carried out, and
// nothing is started, reached, written, or read besides the files.
func testOnlyReads(t *testing.T, irctl string) {
	p := newPlace(t)
	hostileFiles(t, p, "127.0.0.1:9")
	p.write("books/touch.yaml", `irctl: v1
name: touch
inputs: {token: {type: string, secret: true, required: true}}
steps:
  - {id: a, uses: exec, with: {argv: [touch, owned], env: {TOKEN: "${{ inputs.token }}"}}}
  - {id: b, uses: exec, with: {shell: touch owned}}
  - {id: c, uses: http, with: {url: 'http://127.0.0.1:9/owned', method: POST}}
  - {id: d, run: ../outside/called.yaml}
`)
	p.write("books/touch.test.yaml", `irctl: v1
kind: test
given: {inputs: {token: hunter2}}
tests:
  - name: all is carried out
    answers: {d/a: {done: {}, by: dana}}
    expect: {end: succeeded, path: [a, b, c, d/a]}
  - name: and this fails
    expect: {end: failed}
`)
	may := []string{p.path("books"), p.path("outside/called.yaml"), p.path(".config/irctl/"), p.path("runbooks/"), p.path("environments/")}
	for _, args := range [][]string{
		{"test", "books/touch.test.yaml", "--coverage"},
		{"test", "books"},
		{"test", "books/touch.test.yaml", "--format", "junit", "--env", "./books/env.yaml"},
	} {
		tr := p.trace(irctl, args...)
		require.Contains(t, []int{1, 3}, tr.code, tr.text())
		tr.requireOnlyLooks(t, p.dir, irctl, may...)
		require.Empty(t, tr.named("socket", "connect", "bind", "sendto", "sendmsg", "sendmmsg"), "it spoke to somebody")
		require.NotContains(t, tr.text(), "hunter2")
		require.NotContains(t, tr.text(), "root:x:0")
		require.NotContains(t, tr.text(), "\x1b")
		if args[1] != "books" {
			require.Contains(t, tr.text(), "and this fails")
			require.NotContains(t, tr.stdout, "FAIL  all is carried out")
		}
		if slices.Contains(args, "--coverage") {
			require.Contains(t, tr.text(), "2 tests: 1 failed")
		}
	}
	require.NoFileExists(t, p.path("owned"))
	require.NoDirExists(t, p.home)
}
