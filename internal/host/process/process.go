package process

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/irctl/irctl/pkg/action"
)

// DefaultMax is how much of each output stream a Result keeps, in bytes.
const DefaultMax = 64 << 10

// DefaultGrace is how long a process group has between being told to stop and
// being killed, and how long a child that outlives its parent may keep the
// output open.
const DefaultGrace = 5 * time.Second

// Command is a program to run. Argv must not be empty; the rest may.
type Command struct {
	Argv    []string
	Name    string         // what errors call it; "" is the program's name
	Dir     string         // "" is the current folder
	Env     map[string]any // texts and Secrets, beside the few that are inherited
	Stdin   action.Secret  // plain text is wrapped
	Success []int          // exit codes that are good; nil is 0 alone
	Max     int            // bytes kept of each stream; 0 is DefaultMax
	Grace   time.Duration  // 0 is DefaultGrace
	Files   []*os.File     // what else the command has open, from descriptor 3 on; for Open
	Bare    bool           // of irctl's own environment nothing is inherited but what a context passes
}

// Result is how a process ended. The texts are raw: clean them before a person
// sees them.
type Result struct {
	ExitCode       int // -1 if it did not exit by itself
	Stdout, Stderr string
	Cut            bool // a stream was longer than what is kept
}

// Argv turns a list of inputs into arguments. It refuses secrets.
func Argv(list []any) ([]string, error) {
	out := make([]string, len(list))
	for i, v := range list {
		switch v := v.(type) {
		case action.Secret:
			return nil, &action.Error{
				Message:   fmt.Sprintf("argument %d is a secret, and every user of the machine could read it", i),
				Hint:      "pass it by stdin or in the environment of the command",
				Permanent: true,
			}
		case nil, []any, map[string]any:
			return nil, &action.Error{Message: fmt.Sprintf("argument %d is not a text", i), Permanent: true}
		default:
			out[i] = fmt.Sprint(v)
		}
		if strings.ContainsRune(out[i], 0) {
			return nil, &action.Error{Message: fmt.Sprintf("argument %d holds a NUL character", i), Permanent: true}
		}
	}
	if len(out) == 0 || out[0] == "" {
		return nil, &action.Error{Message: "there is no program to run", Permanent: true}
	}
	return out, nil
}

// Run runs the command and waits for its end. Output goes to out's streams
// "stdout" and "stderr" as it comes, whole; out may be nil. The Result is
// filled in as far as possible also when there is an error, and the error says
// nothing of the arguments beyond the program's name.
func (c Command) Run(ctx context.Context, out action.Sink) (Result, error) {
	if len(c.Argv) == 0 {
		return Result{ExitCode: -1}, &action.Error{Message: "there is no program to run", Permanent: true}
	}
	if ctx.Err() != nil {
		return Result{ExitCode: -1}, c.NotStarted(ctx.Err())
	}
	env, err := c.environ(ctx)
	if err != nil {
		return Result{ExitCode: -1}, err
	}
	of := attemptOf(ctx)
	said := c.Output(out)
	cmd := exec.Command(c.Argv[0], c.Argv[1:]...)
	if err := c.anybodys(cmd.Path); err != nil {
		return Result{ExitCode: -1}, err
	}
	cmd.Dir, cmd.Env = c.Dir, append(env, of.mark()...)
	outputs, err := connect(cmd, said.Stdout, said.Stderr)
	if err != nil {
		return Result{ExitCode: -1}, c.NotStarted(err)
	}
	defer outputs.close()
	if !c.Stdin.IsZero() {
		cmd.Stdin = strings.NewReader(c.Stdin.Reveal())
	} else if null := null(); null != nil {
		cmd.Stdin = null
	}
	cmd.WaitDelay = c.Patience()
	own(cmd)
	err = of.start(cmd)
	outputs.started()
	if err != nil {
		return Result{ExitCode: -1}, c.NotStarted(err)
	}
	var cutOff atomic.Pointer[time.Time] // when, if it was
	told, swept := make(chan struct{}), make(chan error, 1)
	left := context.AfterFunc(ctx, func() {
		defer close(told)
		now := time.Now()
		cutOff.Store(&now)
		go func() { swept <- of.sweep(cmd.Process.Pid, c.Patience()) }()
		_ = stop(cmd)
		time.AfterFunc(c.Patience(), func() { _ = cmd.Process.Kill() })
	})
	outputs.read(cmd, c.Patience(), cutOff.Load)
	err = cmd.Wait()
	if !left() {
		<-told
		kill(cmd) // whoever of the group did not stop when told to
	}
	res := said.Result(cmd.ProcessState.ExitCode())
	if cutOff.Load() != nil {
		return res, c.CutOff(ctx, <-swept)
	}
	return res, c.outcome(res, err)
}

// null is the input of a command that has none, opened once and not for each. If
// it cannot be opened, os/exec says so.
var null = sync.OnceValue(func() *os.File {
	f, err := os.Open(os.DevNull)
	if err != nil {
		return nil
	}
	return f
})

// name is the program as errors may show it.
func (c Command) name() string {
	if c.Name != "" {
		return action.CleanLine(c.Name, 120)
	}
	return action.CleanLine(filepath.Base(c.Argv[0]), 60)
}

func (c Command) max() int {
	if c.Max > 0 {
		return c.Max
	}
	return DefaultMax
}

// Patience is Grace, or what that is without any.
func (c Command) Patience() time.Duration {
	if c.Grace > 0 {
		return c.Grace
	}
	return DefaultGrace
}

// inherited are the variables that a command gets from irctl's own
// environment. The rest stays out: it may hold secrets of irctl's user.
var inherited = []string{
	"PATH", "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "TZ", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "LC_MESSAGES",
	"SSH_AUTH_SOCK", "SSH_AGENT_PID", "SSH_ASKPASS", "KRB5CCNAME", "KRB5_CONFIG", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS",
	// what Windows programs do not start without
	"SystemRoot", "SystemDrive", "windir", "ComSpec", "PATHEXT", "TEMP", "TMP", "USERPROFILE", "USERNAME", "APPDATA", "LOCALAPPDATA", "ProgramData", "ProgramFiles",
}

type passKey struct{}

// Passing returns a context whose commands inherit more variables: those of
// these names that irctl itself has.
func Passing(ctx context.Context, names []string) context.Context {
	return context.WithValue(ctx, passKey{}, names)
}

func (c Command) environ(ctx context.Context) ([]string, error) {
	var env []string
	passed, _ := ctx.Value(passKey{}).([]string)
	names := slices.Concat(inherited, passed)
	if c.Bare {
		names = passed
	}
	for _, name := range names {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Env)) {
		text := fmt.Sprint(c.Env[name])
		if s, ok := c.Env[name].(action.Secret); ok {
			text = s.Reveal()
		}
		if name == "" || strings.ContainsAny(name, "=\x00") || strings.ContainsRune(text, 0) {
			return nil, &action.Error{Message: fmt.Sprintf("%q cannot be an environment variable", action.CleanLine(name, 60)), Permanent: true}
		}
		env = append(env, name+"="+text)
	}
	return env, nil
}

// Output takes what a command writes: the beginning of each stream is kept, and
// all of it goes to a sink, which may be nil.
func (c Command) Output(out action.Sink) *Output {
	o := &Output{out: bounded{max: c.max()}, errs: bounded{max: c.max()}}
	o.Stdout, o.Stderr = shown(&o.out, out, "stdout"), shown(&o.errs, out, "stderr")
	return o
}

// Output is what a command has written so far. One goroutine may write to each
// stream.
type Output struct {
	Stdout, Stderr io.Writer
	out, errs      bounded
}

// Result is how the command ended that nobody writes for any more.
func (o *Output) Result(code int) Result {
	return Result{ExitCode: code, Stdout: o.out.String(), Stderr: o.errs.String(), Cut: o.out.cut || o.errs.cut}
}

// shown joins what is kept of a stream and what is shown. A sink that fails to
// write must not stop the command in the middle of its work.
func shown(kept io.Writer, out action.Sink, stream string) io.Writer {
	if out == nil {
		return kept
	}
	return io.MultiWriter(kept, patient{out.Output(stream)})
}
