package host

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"time"

	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/internal/host/shell"
)

// connection is one ssh process that holds a shell on another machine, and a
// socket by which further ssh processes go over it.
type connection struct {
	*shell.Shell
	way  string // equal ways lead to the same machine as the same user
	dir  string // of the socket; "" where ssh has none
	open *process.Open
	gone chan struct{} // closed when the process has ended
	turn chan struct{} // holds one token while no command runs
	late *time.Timer   // ends it, while nobody uses it
}

// errNoShell says that somebody could sign in, and found no shell that can carry
// commands.
var errNoShell = errors.New("there is no shell")

// hold signs in and waits for the shell. What ssh said comes with an error.
func (h *Host) hold(ctx context.Context) (c *connection, said string, err error) {
	dir, more := "", []string{"-T", "-S", "none"}
	if shares() {
		if dir, err = socketDir(h); err != nil {
			return nil, "", err
		}
		more = []string{"-T", "-M", "-S", socketIn(dir), "-o", "ControlPersist=no"}
	}
	cmd := h.program(more, "exec /bin/sh -c "+Quote([]string{shell.Script}))
	cmd.Name = "ssh to " + h.String()
	open, err := cmd.Open(process.Unmarked(ctx)) // it outlives what it is made for
	if err != nil {
		_ = os.RemoveAll(dir)
		return nil, "", h.noSSH(err, process.Result{ExitCode: -1})
	}
	c = &connection{way: h.way(), dir: dir, open: open, gone: make(chan struct{}), turn: make(chan struct{}, 1)}
	c.turn <- struct{}{}
	c.Shell = shell.New(open.Stdin, open.Stdout, open.Stderr, c.cut)
	exit := -1
	go func() {
		var ended *exec.ExitError
		if errors.As(open.Gone(), &ended) {
			exit = ended.ExitCode()
		}
		close(c.gone)
	}()
	stop := context.AfterFunc(ctx, c.Kill)
	said, err = c.Ready()
	if stop() && err == nil {
		return c, said, nil
	}
	select { // a shell that does not greet may go on for ever
	case <-c.gone:
	case <-time.After(time.Second):
	}
	c.close()
	switch {
	case ctx.Err() != nil:
		return nil, said, Certain(h.noSSH(cmd.CutOff(ctx, nil), process.Result{ExitCode: exit}))
	case exit == sshFailed:
		return nil, said, h.refused(said)
	}
	return nil, said, errNoShell
}

// cut ends the process, if it runs.
func (c *connection) cut() {
	select {
	case <-c.gone:
	default:
		c.open.Kill()
	}
}

// close ends the connection and everything that goes over it.
func (c *connection) close() {
	c.Kill()
	<-c.gone
	c.open.Close()
	if c.dir != "" {
		_ = os.RemoveAll(c.dir)
	}
}

// over reports whether nothing can go over the connection any more.
func (c *connection) over() bool {
	select {
	case <-c.gone:
		return true
	default:
		return c.Broken()
	}
}

// answers asks whether somebody is still there.
func (c *connection) answers(ctx context.Context) bool {
	if c.over() {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, stopTime/2)
	defer cancel()
	defer context.AfterFunc(ctx, c.Kill)()
	_, err := c.Run(shell.Command{Grace: stopTime})
	return err == nil
}

// carry runs the text of a program there, as cmd says; its input is text too. An
// error of the shell's wraps shell.ErrLost.
func (c *connection) carry(ctx context.Context, cmd process.Command, text string, out *markSink) (process.Result, error) {
	if ctx.Err() != nil {
		return process.Result{ExitCode: -1}, cmd.NotStarted(ctx.Err())
	}
	said := cmd.Output(out)
	code, err := c.Run(shell.Command{Text: text, Input: cmd.Stdin.Reveal(), Stdout: said.Stdout, Stderr: said.Stderr, Grace: cmd.Patience()})
	res := said.Result(code)
	switch {
	case ctx.Err() != nil:
		c.Kill() // whatever it did meanwhile, nobody relies on it
		return res, cmd.CutOff(ctx, nil)
	case err != nil:
		return res, err
	case cmd.Good(code):
		return res, nil
	}
	return res, cmd.Ended(res)
}
