package desk

import (
	"context"
	"errors"

	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/pkg/event"
)

// Follow tells what a run's journal says and goes on to say, whoever drives
// it, until the run has ended or the context has. It returns the run as it
// then stands.
func (d *Desk) Follow(ctx context.Context, id string, o Observer) (*Reading, error) {
	for {
		r, err := d.open(id)
		if err != nil {
			return nil, err
		}
		err = d.follow(ctx, r, o)
		if !errors.Is(err, store.ErrTakenBack) {
			return r, err
		}
		// The disk was full: what was shown did not happen.
	}
}

func (d *Desk) follow(ctx context.Context, r *Reading, o Observer) error {
	for entry, err := range r.Follow(ctx, nil) {
		if err != nil {
			return err
		}
		e, err := r.fold(entry)
		if err != nil {
			return err
		}
		state, head := r.state, r.head
		err = o.Observe(e, entry.Line, func() projection.Status {
			return projection.Of(projection.Source{State: state, Head: head, Driven: true, Now: d.utc()})
		})
		if err != nil {
			return err
		}
		if _, over := e.Body.(event.RunEnded); over {
			return nil
		}
	}
	return nil
}
