package host

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/internal/host/shell"
	"github.com/irctl/irctl/pkg/action"
)

// runThere runs a command over ssh.
func (h *Host) runThere(ctx context.Context, c process.Command, out action.Sink) (process.Result, error) {
	failed := process.Result{ExitCode: -1}
	id, _ := process.Marked(ctx)
	argv, stdin, err := wrapped(c, h.sudo, id)
	if err != nil {
		return failed, err
	}
	text := "echo " + mark + "$$ >&2; PATH=$PATH" + adminPath + "; "
	if id != "" {
		text += "export " + process.Marker + "=" + Quote([]string{id}) + "; " + process.Limit(id)
	}
	text += "exec " + Quote(argv)
	if len(text) > maxText {
		return failed, &action.Error{Message: fmt.Sprintf("the arguments of %s are longer than %d KiB", programName(c), maxText>>10), Hint: "give it long texts by its input", Permanent: true}
	}
	if err := h.signIn(ctx); err != nil {
		return failed, err
	}
	local := h.client([]string{"-T"}, text)
	local.Name, local.Stdin, local.Success, local.Grace = programName(c)+" on "+h.String(), stdin, c.Success, c.Grace
	max := c.Max
	if max <= 0 {
		max = process.DefaultMax
	}
	local.Max = max + len(mark) + 32
	marked := &markSink{Sink: out}
	perform := func() (process.Result, error) { return local.Run(ctx, marked) }
	held := h.shared.held.Load()
	if held != nil {
		select {
		case <-held.turn:
			defer func() { held.turn <- struct{}{} }()
			perform = func() (process.Result, error) { return held.carry(ctx, local, text, marked) }
		default: // another command has the shell
			held = nil
		}
	}
	ended, known := make(chan struct{}), 0
	keep := context.AfterFunc(ctx, func() { // meanwhile ssh waits for the end there
		defer close(ended)
		known = int(marked.pid.Load())
		_ = h.sweep(process.Cut(ctx, known))
		if held != nil { // the shell has said so by now, or never will
			time.AfterFunc(time.Second, held.Kill)
		}
	})
	res, err := perform()
	if !keep() {
		<-ended
		if late := int(marked.pid.Load()); late != known { // it said who it is after it was cut off
			_ = h.sweep(process.Cut(ctx, late))
		}
	}
	marked.end()
	pid, rest := unmark(res.Stderr)
	res.Stdout, res.Cut = clip(res.Stdout, max, res.Cut)
	res.Stderr, res.Cut = clip(rest, max, res.Cut)
	switch {
	case errors.Is(err, shell.ErrLost), err != nil && ctx.Err() == nil && res.ExitCode == sshFailed:
		return res, h.lost(local.Name, res.Stderr, pid > 0)
	case err == nil || ctx.Err() != nil || res.ExitCode < 0:
		return res, err
	case held != nil && res.ExitCode > signaled && res.ExitCode <= signaled+64:
		return res, h.lost(local.Name, res.Stderr, true) // nobody knows how far it came
	}
	c.Name = local.Name
	return res, h.explain(c, res, local.Ended(res)) // without the marked line
}

// RunLine runs a command line there as it is, for a program that any shell
// starts alike; the host's shell need not be a POSIX one. Of c only Name,
// Stdin, Success, Max and Grace count, and sudo does not. When the context ends
// the connection is cut, and what runs there may go on.
func (h *Host) RunLine(ctx context.Context, line string, c process.Command, out action.Sink) (process.Result, error) {
	failed := process.Result{ExitCode: -1}
	if h.Local() {
		return failed, &action.Error{Message: "a command line as it is runs on another host only", Permanent: true}
	}
	if err := h.connect(ctx); err != nil {
		return failed, err
	}
	local := h.client([]string{"-T"}, line)
	local.Name, local.Stdin, local.Success, local.Max, local.Grace = c.Name+" on "+h.String(), c.Stdin, c.Success, c.Max, c.Grace
	res, err := local.Run(ctx, out)
	if err != nil && ctx.Err() == nil && res.ExitCode == sshFailed {
		return res, h.lost(local.Name, res.Stderr, true)
	}
	return res, err
}

// adminPath is where programs for administrators lie, which servers leave out
// of the PATH of everybody but root.
const adminPath = ":/usr/local/sbin:/usr/sbin:/sbin"

// signaled is what a shell adds to the number of the signal that ended a command
// (POSIX, Shell Command Language, section 2.8.2).
const signaled = 128

// sshFailed is how ssh ends when it failed itself; a command may end so too.
const sshFailed = 255

func clip(text string, max int, cut bool) (string, bool) {
	if len(text) <= max {
		return text, cut
	}
	return text[:max], true
}
