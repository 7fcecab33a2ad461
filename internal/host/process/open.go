package process

import (
	"context"
	"fmt"
	"io"
	"os/exec"

	"github.com/irctl/irctl/pkg/action"
)

// Open is a command that runs while somebody talks to it by its streams. Read
// Stdout and Stderr to their ends, then call Wait.
type Open struct {
	Stdin          io.WriteCloser
	Stdout, Stderr io.Reader
	cmd            *exec.Cmd
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
	of := attemptOf(ctx)
	cmd := exec.Command(c.Argv[0], c.Argv[1:]...)
	cmd.Dir, cmd.Env = c.Dir, append(env, of.mark()...)
	own(cmd)
	o := &Open{cmd: cmd}
	if o.Stdin, err = cmd.StdinPipe(); err == nil {
		o.Stdout, err = cmd.StdoutPipe()
	}
	if err == nil {
		o.Stderr, err = cmd.StderrPipe()
	}
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", c.name(), err)
	}
	if err := of.start(cmd); err != nil {
		return nil, c.notStarted(err)
	}
	return o, nil
}

// Wait returns how the command ended.
func (o *Open) Wait() error { return o.cmd.Wait() }

// Kill ends the command with its children, at once. It may be called from any
// goroutine until Wait has returned.
func (o *Open) Kill() {
	_ = stop(o.cmd)
	kill(o.cmd)
}
