package desk

import (
	"cmp"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/claim"
	"github.com/irctl/irctl/internal/drive"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/request"
	"github.com/irctl/irctl/pkg/event"
)

// Recheck asks every target of a run whether what the run brought about is
// still so. It changes nothing and writes nothing.
func (d *Desk) Recheck(ctx context.Context, r *Reading) ([]projection.Look, error) {
	s := r.state
	over := d.overs()
	unsure := d.unsure(s, over)
	return d.lookAt(ctx, r, append(d.lasting(s, over), unsure...), func(driver *drive.Driver, l *projection.Look) {
		seen := driver.Recheck(ctx, s, l.Path)
		l.Now, l.Note = seen.Current, seen.Note
		switch {
		case seen.Failed:
			l.State = projection.NotSeen
		case slices.Contains(unsure, l.Path):
			st, _ := s.Step(l.Path)
			l.State, l.Note = doubt(st)
			switch byHand := l.State == projection.ByHand; {
			case seen.Known && seen.Desired:
				l.State = projection.StillSo
			case seen.Known && byHand:
				l.State = projection.Undone
				l.Note += ", and the target does not show it"
			case seen.Known:
				l.State = projection.NotSo
			}
		case l.State == projection.Expired && (seen.Desired || !seen.Known):
		case !seen.Known:
			l.State = projection.CannotTell
		case seen.Desired:
			l.State = projection.StillSo
		default:
			l.State = projection.Undone
		}
	})
}

// look is what the journal says of what a step brought about.
func (d *Desk) look(r *Reading, path string) projection.Look {
	s := r.state
	st, _ := s.Step(path)
	n := s.Plan().Node(st.Node)
	did := string(n.Kind) // of what a person did
	if n.Action != nil {
		did = n.Action.Action
	}
	l := projection.Look{Path: path, Action: did, Target: st.Target, Since: projection.Time{Time: st.Since}, State: projection.Contained}
	if within, err := time.ParseDuration(n.Expires); err == nil {
		started, _, _ := s.Started()
		l.Expires, l.Owner = projection.Time{Time: st.Since.Add(within)}, cmp.Or(n.Owner, s.Plan().Owner)
		if r.Archive() != "" { // until it is a run again
			l.Commands = append(l.Commands, projection.Command("import", r.Archive()))
			return l.At(d.utc())
		}
		if len(s.Undoable("", path)) > 0 {
			l.Commands = append(l.Commands, projection.Command("rollback", started.Run, "--only", path))
		}
		l.Commands = append(l.Commands, projection.Command("note", started.Run, "why it stays", "--step", path))
	}
	return l.At(d.utc())
}

// Foresee says what a rollback, or a cancel, would do now, step by step, and
// what the targets say. It changes nothing. What the run refuses it refuses.
func (d *Desk) Foresee(ctx context.Context, prefix string, req request.Request) ([]projection.Look, error) {
	r, err := d.Read(prefix)
	if err != nil {
		return nil, err
	}
	s := r.state
	decision, err := d.decide(r, req)
	if err == nil {
		_, err = engine.Apply(s, d.after(s.Last()).eventOf(decision))
		if illegal := (*engine.IllegalError)(nil); errors.As(err, &illegal) {
			err = &RefusedError{Run: r.ID(), Err: err}
		}
	}
	if err != nil {
		return nil, err
	}
	back, undoes := decision.Body.(event.RollbackStarted)
	if !undoes {
		var open []string
		for _, st := range s.Open() {
			if st.Phase == engine.Attempting {
				open = append(open, st.Path)
			}
		}
		return d.lookAt(ctx, r, append(open, d.contained(s)...), func(driver *drive.Driver, l *projection.Look) {
			if slices.Contains(open, l.Path) {
				l.State = projection.WouldStop
				return
			}
			l.State, l.Now = projection.WouldStay, driver.Recheck(ctx, s, l.Path).Current
		})
	}
	paths := s.Undoable(back.To, back.Only)
	rows, err := d.lookAt(ctx, r, paths, func(driver *drive.Driver, l *projection.Look) {
		seen := driver.Recheck(ctx, s, l.Path)
		l.State, l.Now, l.Note = projection.WouldUndo, seen.Current, seen.Note
		if why := driver.CannotUndo(s, l.Path); why != "" {
			l.State, l.Note = projection.CannotUndo, why
		} else if keeps := strings.HasPrefix(l.Action, "evidence.") || l.Action == "investigation.open"; keeps {
			l.State, l.Note = projection.WouldKeep, "what it holds stays, and it is told that the run was rolled back"
		} else if to := d.newer(s, l.Path); to.Run != "" {
			l.State, l.Note = projection.WouldStay, to.Name+" relies on it, and would put it back"
		}
	})
	if err != nil || back.Only != "" {
		return rows, err
	}
	status := projection.Of(projection.Source{State: s, Now: d.utc()})
	for _, path := range status.Stays {
		rows = append(rows, d.stays(r, path, "it is irreversible"))
	}
	for _, path := range status.ByHand {
		st, _ := s.Step(path)
		_, said := doubt(st)
		i := slices.IndexFunc(rows, func(l projection.Look) bool { return l.Path == path })
		if i < 0 {
			i, rows = len(rows), append(rows, d.stays(r, path, said+" by hand; ask them to undo it"))
		} else {
			rows[i].Note = "irctl puts back its own part; " + said + " by hand, too: ask them to undo that"
		}
		rows[i].Hand = true
	}
	return rows, nil
}

// stays is the row of a step that no rollback undoes.
func (d *Desk) stays(r *Reading, path, why string) projection.Look {
	l := d.look(r, path)
	l.State, l.Note = projection.CannotUndo, why
	return l
}

// newer is who came to rely later on what a step did; zero if nobody has.
func (d *Desk) newer(s engine.State, path string) claim.Hold {
	st, _ := s.Step(path)
	spec, _ := d.spec(s.Plan().Node(st.Node).Action.Action)
	of, ok := claim.Of(s, st, spec)
	started, _, _ := s.Started()
	if !ok {
		return claim.Hold{}
	}
	to, err := claims{d: d, run: started.Run}.Newest(of)
	if err != nil || !st.Since.Before(to.Since) {
		return claim.Hold{}
	}
	return to
}

// lookAt makes a row of each step, by a driver that changes nothing.
func (d *Desk) lookAt(ctx context.Context, r *Reading, paths []string, tell func(*drive.Driver, *projection.Look)) ([]projection.Look, error) {
	if err := d.drivable(r); err != nil {
		return nil, err
	}
	d, err := d.asOf(r)
	if err != nil {
		return nil, err
	}
	env, err := d.ownEnvironment(r)
	if err != nil {
		return nil, err
	}
	started, _, _ := r.state.Started()
	driver, err := d.driver(looking(started, r.ID()), env)
	if err != nil {
		return nil, err
	}
	out := []projection.Look{}
	for _, path := range paths {
		l := d.look(r, path)
		tell(driver, &l)
		out = append(out, l)
	}
	return out, ctx.Err()
}

// looking is what a driver works with that only looks.
func looking(started event.RunStarted, run string) drive.Config {
	// A look changes nothing, so that it has nothing to keep: no file can be made
	// below this path.
	dir := filepath.Join(os.DevNull, "nothing-is-kept")
	drop := func(r io.Reader) (string, int64, string, error) {
		n, err := io.Copy(io.Discard, r)
		return "", n, "", err
	}
	return drive.Config{Run: run, Secrets: environment.SecretsAt(started.SecretRefs), Keep: drop, Dir: dir}
}
