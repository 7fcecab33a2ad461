package host

import (
	"context"
	"time"

	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/pkg/action"
)

// clearAway ends what earlier attempts left running there, once, before
// anything else is done. On this machine the driver has done it, unless root's
// rights were needed.
func (h *Host) clearAway(ctx context.Context) error {
	_, doubted := process.Marked(ctx)
	if len(doubted) == 0 || h.Local() && !h.sudo {
		return nil
	}
	if !h.Local() {
		if err := h.signIn(ctx); err != nil {
			return err
		}
	}
	<-h.shared.turn
	defer func() { h.shared.turn <- struct{}{} }()
	if h.shared.cleared {
		return nil
	}
	err := h.sweep(process.Remains{Attempts: doubted})
	h.shared.cleared = err == nil
	return err
}

// sweep ends there what is left of commands, as process.Command does here: the
// server gave each command a session of its own.
func (h *Host) sweep(r process.Remains) error {
	if r.Group == 0 && len(r.Attempts) == 0 {
		return nil
	}
	r.Grace = 2 * time.Second
	ctx, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	c := r.Command()
	if h.sudo {
		c.Argv = append(asRoot(""), c.Argv...)
	}
	if !h.Local() {
		input := c.Stdin
		c = h.client([]string{"-T"}, "exec "+Quote(c.Argv))
		c.Stdin = input
	}
	c.Name, c.Grace = "sh on "+h.String(), time.Second
	res, err := c.Run(ctx, nil)
	if err != nil {
		return &action.Error{Message: "nobody can tell whether an earlier attempt still runs on " + h.String(), Hint: "look there, and try again", Cause: err, Doubt: true}
	}
	return process.Left(res, h.String())
}

// asRoot is sudo. Its arguments name the attempt, because what runs as root
// hides its environment, and sudo empties it.
func asRoot(id string) []string {
	if id == "" {
		return []string{"sudo", "-n", "--"}
	}
	return []string{"sudo", "-n", "-p", id, "--"}
}
