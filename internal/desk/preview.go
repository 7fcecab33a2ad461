package desk

import (
	"context"

	"github.com/irctl/irctl/internal/drive"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/projection"
)

// Preview walks what would run and tells it row by row: every target is looked
// at, nothing is changed, and nothing is written. unseen says that the target of
// a row could not be looked at.
func (d *Desk) Preview(ctx context.Context, w Start, tell func(row projection.PlanRow, unseen bool)) error {
	secrets := environment.SecretsAt(w.Started.SecretRefs)
	if err := secrets.Check(); err != nil {
		return err
	}
	p, err := plan.Decode(w.Files.Plan)
	if err != nil {
		return err
	}
	w.Started.Run, w.Started.Irctl = "preview", d.Version
	driver, err := d.driver(looking(w.Started, w.Started.Run), w.Environment)
	if err != nil {
		return err
	}
	driver.Preview(w.Environment.Passing(ctx), drive.Walk{Plan: p, Started: w.Started, By: d.Actor(""), Look: true}, func(r drive.Row) {
		tell(projection.PlanRow{
			With: r.Given(),
			Path: r.Path, Depth: r.Depth, Kind: string(r.Kind), Title: r.Title, Action: r.Action, Target: r.Target,
			Verdict: projection.Verdict(r.Verdict), Current: r.Current, Would: r.Would, Note: r.Note, Branch: r.Branch,
		}, r.Unseen)
	})
	return nil
}
