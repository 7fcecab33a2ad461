package drive

import (
	"context"
	"fmt"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/engine"
)

// Children are the processes that attempts start. Its methods may be called
// from several goroutines.
type Children interface {
	// Begin returns a context whose commands belong to the attempt with that id.
	// What the doubted attempts left on the machines that it reaches is ended
	// there first. The attempt is over when done is called.
	Begin(ctx context.Context, id string, doubted []string) (_ context.Context, done func())
	// End ends what attempts left on this machine. The error names what it could
	// not end.
	End(ctx context.Context, ids []string) error
}

// What an id says of the attempt: the step's own, its undoing, the same again
// after irctl ended, and a look.
const (
	doing   = ""
	undoing = "undo"
	redoing = "redo"
	looking = "look"
)

func (d *Driver) id(path, what string, attempt int) string {
	return fmt.Sprintf("%s:%s:%s%d.", d.cfg.Run, path, what, attempt)
}

// doubted are the attempts of a step, and to undo it, of which something may
// still run.
func (d *Driver) doubted(st engine.Step) []string {
	out := each.Of(st.Doubted, func(n int) string { return d.id(st.Path, doing, n) })
	for _, n := range st.Undo.Doubted {
		out = append(out, d.id(st.Path, undoing, n), d.id(st.Path, redoing, n))
	}
	return out
}

// own returns the context for one attempt, or an error if something that an
// earlier one started still runs and cannot be ended.
func (d *Driver) own(ctx context.Context, id string, doubted []string) (_ context.Context, done func(), err error) {
	if d.cfg.Children == nil {
		return ctx, func() {}, nil
	}
	if len(doubted) > 0 {
		if err := d.cfg.Children.End(ctx, doubted); err != nil {
			return ctx, func() {}, err
		}
	}
	ctx, done = d.cfg.Children.Begin(ctx, id, doubted)
	return ctx, done, nil
}
