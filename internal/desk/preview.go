package desk

import (
	"context"

	"github.com/irctl/irctl/internal/drive"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/plan"
)

// Preview walks what would run and tells it row by row: every target is looked
// at, nothing is changed, and nothing is written.
func (d *Desk) Preview(ctx context.Context, w Start, tell func(drive.Row)) error {
	secrets := environment.SecretsAt(w.Started.SecretRefs)
	if err := secrets.Check(); err != nil {
		return err
	}
	p, err := plan.Decode(w.Files.Plan)
	if err != nil {
		return err
	}
	w.Started.Run, w.Started.Irctl = "preview", d.Version
	d.driver(looking(w.Started, w.Started.Run), w.Environment).
		Preview(w.Environment.Passing(ctx), drive.Walk{Plan: p, Started: w.Started, By: d.Actor(""), Look: true}, tell)
	return nil
}
