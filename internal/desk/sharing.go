package desk

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/claim"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/request"
	"github.com/irctl/irctl/pkg/event"
)

// ClaimedError says that other runs claim what a run would change. Nothing was
// done.
type ClaimedError struct{ Claims []projection.Claim }

// Error implements error.
func (e *ClaimedError) Error() string {
	lines := each.Of(e.Claims, projection.Claim.String)
	return strings.Join(lines, "\n")
}

// Claims are what other runs claim of the targets that a run would change.
func (d *Desk) Claims(w Start) ([]projection.Claim, error) {
	p, err := plan.Decode(w.Files.Plan)
	if err != nil {
		return nil, err
	}
	s, err := engine.Apply(engine.New(p), d.mine(w.Started))
	if err != nil {
		return nil, err
	}
	return d.claims(s)
}

func (d *Desk) claims(s engine.State) (out []projection.Claim, err error) {
	started, _, _ := s.Started()
	mine := claim.Uses(s, d.spec)
	if started.Environment == "" || len(mine) == 0 {
		return nil, nil
	}
	err = d.others(started.Run, unfinished, func(r *Reading) {
		theirs, by, _ := r.state.Started()
		if !r.state.EndedAt().IsZero() || theirs.Environment != started.Environment {
			return
		}
		for _, u := range claim.Uses(r.state, d.spec) {
			if !slices.ContainsFunc(mine, func(m claim.Use) bool { return m.Target == u.Target }) {
				continue
			}
			c := projection.Claim{Target: u.Target, How: u.How.String(), Run: theirs.Run, Name: claim.Name(r.state), Since: u.Since, Shared: shares(s, u.Target, theirs.Run)}
			if by != nil {
				c.By = engine.Name(*by)
			}
			out = append(out, c)
		}
	})
	return out, err
}

// shares reports whether a run has been told that it shares a target with another.
func shares(s engine.State, target, with string) bool {
	return slices.ContainsFunc(s.Shared(), func(b event.TargetShared) bool { return b.Target == target && b.With == with })
}

// unfinished reports whether a journal may be that of a run that has not ended.
func unfinished(journal []byte) bool {
	return bytes.LastIndex(journal, []byte(`"type":"run_ended"`)) <= bytes.LastIndex(journal, []byte(`"type":"rollback_started"`))
}

// covers reports claims that are neither shared already nor by w as a
// *[ClaimedError].
func covers(w request.Share, claims []projection.Claim) error {
	refused := slices.DeleteFunc(slices.Clone(claims), func(c projection.Claim) bool { return c.Shared || slices.Contains(w.Targets, c.Target) })
	if len(refused) > 0 {
		return &ClaimedError{refused}
	}
	return nil
}

// Beginnable reports what would refuse to let a run begin now, before anybody is
// asked for a yes. [Desk.Begin] looks again.
func (d *Desk) Beginnable(w Start) error {
	if err := d.unhalted(); err != nil {
		return err
	}
	claims, err := d.Claims(w)
	if err != nil {
		return err
	}
	return covers(w.Share, claims)
}

// let tells the other runs which targets a run shares with them from now on, and
// returns the events for its own journal. Claims that share does not name are a
// *[ClaimedError], and then nobody is told anything. What another run was told by
// a process that died then, it is not told again.
func (d *Desk) let(ctx context.Context, run string, claims []projection.Claim, share request.Share) (own []event.Event, err error) {
	if err := covers(share, claims); err != nil {
		return nil, err
	}
	for _, c := range claims {
		if c.Shared {
			continue
		}
		other, err := d.ReadRun(c.Run)
		if err == nil && !shares(other.state, c.Target, run) {
			err = d.tell(ctx, c.Run, d.mine(event.TargetShared{Target: c.Target, With: run, Reason: share.Reason}))
		}
		if err != nil {
			return nil, err
		}
		own = append(own, d.mine(event.TargetShared{Target: c.Target, With: c.Run, Reason: share.Reason}))
	}
	return own, nil
}

// beginning is the lock under which a run looks for others and begins.
func (d *Desk) beginning(ctx context.Context) (release func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	return claim.Begin(ctx, d.Store.Root())
}

// Unclaimed reports the claims of other runs that would refuse a request, before
// anybody is asked for a yes. [Desk.Submit] looks again.
func (d *Desk) Unclaimed(prefix string, req request.Request) error {
	w, ok := request.Shares(req)
	if !ok {
		return nil
	}
	r, err := d.Read(prefix)
	if err != nil {
		return err
	}
	claims, err := d.claims(r.state)
	if err != nil {
		return err
	}
	return covers(w, claims)
}

// permit is let for a request about a run that has begun.
func (d *Desk) permit(ctx context.Context, state engine.State, req request.Request) ([]projection.Claim, error) {
	started, _, _ := state.Started()
	for _, e := range d.overrides(request.Touches(req)) {
		if err := d.tell(ctx, started.Run, e); err != nil {
			return nil, err
		}
	}
	w, ok := request.Shares(req)
	if !ok {
		return nil, nil
	}
	claims, err := d.claims(state)
	if err != nil {
		return nil, err
	}
	own, err := d.let(ctx, started.Run, claims, w)
	for _, e := range own {
		if err == nil {
			err = d.tell(ctx, started.Run, e)
		}
	}
	return claims, err
}
