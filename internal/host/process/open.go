package process

import (
	"context"
	"os"
	"os/exec"
	"time"

	"github.com/irctl/irctl/pkg/action"
)

// Open is a command that runs while somebody talks to it by its streams. Read
// Stdout and Stderr to their ends, then call Wait. Who does not know whether they
// end calls Gone, Sweep and Close instead, in this order.
type Open struct {
	Stdin, Stdout, Stderr *os.File // ours
	cmd                   *exec.Cmd
	of                    *attempt
}

// Open starts the command and leaves its streams to the caller; Stdin, Max,
// Success and Grace mean nothing then. Kill ends it early, and
// so does the end of the attempt that ctx tells of, if that was cut off.
func (c Command) Open(ctx context.Context) (*Open, error) {
	if len(c.Argv) == 0 {
		return nil, &action.Error{Message: "there is no program to run", Permanent: true}
	}
	env, err := c.environ(ctx)
	if err != nil {
		return nil, err
	}
	o := &Open{cmd: exec.Command(c.Argv[0], c.Argv[1:]...), of: attemptOf(ctx)}
	if err := c.anybodys(o.cmd.Path); err != nil {
		return nil, err
	}
	o.cmd.Dir, o.cmd.Env, o.cmd.ExtraFiles = c.Dir, append(env, o.of.mark()...), c.Files
	own(o.cmd)
	var its [3]*os.File
	its[0], o.Stdin, err = os.Pipe()
	if err == nil {
		o.Stdout, its[1], err = os.Pipe()
	}
	if err == nil {
		o.Stderr, its[2], err = os.Pipe()
	}
	if err == nil {
		o.cmd.Stdin, o.cmd.Stdout, o.cmd.Stderr = its[0], its[1], its[2]
		err = o.of.start(o.cmd)
	}
	for _, f := range its {
		_ = f.Close() // of nil too
	}
	if err != nil {
		o.Close()
		return nil, c.NotStarted(err)
	}
	return o, nil
}

// Wait returns how the command ended, and closes the streams.
func (o *Open) Wait() error {
	defer o.Close()
	return o.cmd.Wait()
}

// Gone returns how the command itself ended, whoever still holds its streams.
func (o *Open) Gone() error { return o.cmd.Wait() }

// Close gives up the streams.
func (o *Open) Close() {
	for _, f := range []*os.File{o.Stdin, o.Stdout, o.Stderr} {
		_ = f.Close()
	}
}

// Sweep ends what the command has left running: its process group and all that
// belongs to its attempt. What ends by itself within patience was not left. It
// reports whether anything was.
func (o *Open) Sweep(patience time.Duration) (left bool, err error) {
	r := Remains{Group: o.cmd.Process.Pid, Grace: DefaultGrace / 5}
	if o.of != nil {
		r.Attempts = []string{o.of.id}
	}
	for until := time.Now().Add(patience); r.any(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(until) {
			return true, r.End(context.Background(), "this machine")
		}
	}
	return false, nil
}

// Kill ends the command with its children, at once. It may be called from any
// goroutine until Wait has returned.
func (o *Open) Kill() {
	_ = stop(o.cmd)
	kill(o.cmd)
}
