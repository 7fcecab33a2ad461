package cli

import (
	"errors"
	"fmt"
	"iter"

	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/pkg/event"
	"github.com/irctl/irctl/pkg/journal"
)

// store returns the runs of this home.
func (a *app) store() *store.Store {
	return store.Open(a.abs(a.home), a.FS, store.Version(Version()), store.Clock(a.Now))
}

// reading is a run read from disk, without its lock.
type reading struct {
	*store.Reader
	files store.Files
	state engine.State
	head  projection.Head
	// seen holds the requests that the journal has answered.
	seen map[string]bool
}

// read finds a run by a prefix of its id, "" for the newest, and folds its
// journal.
func (a *app) read(prefix string) (*reading, error) {
	id, err := a.store().Find(prefix)
	if err != nil {
		return nil, err
	}
	return a.readRun(id)
}

func (a *app) readRun(id string) (*reading, error) {
	r, err := a.open(id)
	if err != nil {
		return nil, err
	}
	if r.state, err = engine.Fold(r.state.Plan(), r.events()); err != nil {
		var illegal *engine.IllegalError
		if errors.As(err, &illegal) {
			err = r.cannotFollow(r.head.Seq, err)
		}
		return nil, err
	}
	return r, nil
}

// events yields the journal's events and notes what they mean to a reader.
func (r *reading) events() iter.Seq2[event.Event, error] {
	return func(yield func(event.Event, error) bool) {
		for entry, err := range r.Entries() {
			var e event.Event
			if err == nil {
				e, err = r.note(entry)
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

// open prepares reading a run: its documents are there, its journal is unread.
func (a *app) open(id string) (*reading, error) {
	reader, err := a.store().Reader(id)
	if err != nil {
		return nil, err
	}
	r := &reading{Reader: reader, seen: map[string]bool{}}
	if r.files, err = reader.Files(); err != nil {
		return nil, err
	}
	p, err := plan.Decode(r.files.Plan)
	if err != nil {
		p := &problem{exit: ExitAltered, what: "the plan of run " + id + " is not what was written", cause: err}
		return nil, p.meaning("Nothing is done with it.").with(projection.Command("audit", "verify", id))
	}
	r.state = engine.New(p)
	return r, nil
}

// fold adds one line to the state.
func (r *reading) fold(entry journal.Entry) (event.Event, error) {
	e, err := r.note(entry)
	if err != nil {
		return e, err
	}
	if r.state, err = engine.Apply(r.state, e); err != nil {
		err = r.cannotFollow(entry.Seq, err)
	}
	return e, err
}

// note reads one line, of which the state does not know yet.
func (r *reading) note(entry journal.Entry) (event.Event, error) {
	e, err := event.Decode(entry.Line)
	if err != nil {
		return e, r.cannotFollow(entry.Seq, err)
	}
	if e.Request != "" {
		r.seen[e.Request] = true
	}
	r.head = projection.Head{Seq: entry.Seq, Hash: hashOf(entry.Line)}
	return e, nil
}

// cannotFollow says that an entry makes no sense where it stands.
func (r *reading) cannotFollow(seq int64, cause error) error {
	p := &problem{exit: ExitAltered, what: fmt.Sprintf("entry %d of run %s cannot follow those before it", seq, r.ID()), cause: cause}
	return p.meaning("The journal is not what irctl wrote, or a newer irctl wrote it.").with(projection.Command("audit", "verify", r.ID()))
}

// hashOf cuts the hash out of a line: `"hash":"<64 characters>"}` at its end.
func hashOf(line []byte) string {
	const tail = 64 + len(`"}`)
	if len(line) < tail {
		return ""
	}
	return string(line[len(line)-tail : len(line)-len(`"}`)])
}

// genuine makes sure that the documents beside the journal are those that the
// run was started with: the plan decides what is done, the environment to whom.
func (r *reading) genuine() error {
	started, _, _ := r.state.Started()
	wrong := (&folding{files: r.files}).documents(started)
	if len(wrong) == 0 {
		return nil
	}
	p := &problem{exit: ExitAltered, what: "run " + r.ID() + " was altered: " + wrong[0]}
	p.means = "irctl does not act on what it did not write. Nothing was done."
	return p.with(projection.Command("audit", "verify", r.ID()))
}

// doubt returns why an event does not fit a run: that its journal does not
// verify, if that is so, because then what the run seems to be says nothing.
func (r *reading) doubt(misfit error) error {
	report, err := r.Verify()
	switch {
	case err != nil:
		return misfit
	case report.Verdict == journal.Altered:
		return &store.AlteredError{Run: r.ID(), Report: report}
	case report.Verdict == journal.Truncated:
		return &store.TruncatedError{Run: r.ID(), Report: report}
	}
	return misfit
}

// status is what a reader sees of the run.
func (a *app) status(r *reading) (projection.Status, error) {
	_, driven, err := a.store().Driven(r.ID())
	if err != nil {
		return projection.Status{}, err
	}
	return projection.Of(projection.Source{State: r.state, Head: r.head, Driven: driven, Now: a.Now().UTC()}), nil
}

// ownEnvironment is the run's own copy of its environment: what the run was
// started with goes on to hold, whatever has become of the file since, within
// what the machine permits today.
func (a *app) ownEnvironment(r *reading) (*environment.Environment, error) {
	if r.files.Environment == nil {
		return nil, nil
	}
	started, _, _ := r.state.Started()
	env, ds := environment.Parse(started.EnvSource, r.files.Environment)
	if ds.HasErrors() {
		return nil, &problem{exit: ExitInvalid, what: "the environment of run " + r.ID() + " cannot be read", cause: errors.New(ds[0].Summary)}
	}
	policy, err := a.library().Policy()
	if err != nil {
		return nil, err
	}
	env, _ = env.Under(policy) // what it allows beyond is refused where it is used
	return env, nil
}

// stands prepares saying something about the run.
func (a *app) stands(r *reading) (standing, error) {
	env, err := a.ownEnvironment(r)
	return standing{r.state, env, a.User()}, err
}
