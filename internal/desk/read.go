package desk

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/irctl/irctl/internal/compile"
	"github.com/irctl/irctl/internal/drive"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
	"github.com/irctl/irctl/pkg/journal"
)

// Reading is a run read from its folder, without its lock.
type Reading struct {
	*store.Reader
	files store.Files
	state engine.State
	head  projection.Head
	// irctl is the version that wrote the last entries, as far as they say;
	// newer is the first event of a kind that this one does not know, and
	// newerBy the version that wrote it.
	irctl, newerBy string
	newer          event.Type
	// account is the one that the journal says the run belongs to: it started it, or
	// took it over. restarted says from where on other keys sign, and why.
	account   string
	restarted []string
	// reloaded is the environment that was read anew, if one was.
	reloaded event.Reloaded
	// seen holds the requests that the journal has answered.
	seen map[string]bool
}

// State is the run as it stood when it was read.
func (r *Reading) State() engine.State { return r.state }

// Read finds a run by a prefix of its id, "" for the newest, and folds its
// journal. The error may be an *[AlteredError].
func (d *Desk) Read(prefix string) (*Reading, error) {
	reader, err := d.Journal(prefix)
	if err != nil {
		return nil, err
	}
	return folded(reader, nil)
}

// ReadRun is Read for the whole id of a run.
func (d *Desk) ReadRun(id string) (*Reading, error) {
	return folded(d.Store.Reader(id))
}

// folded reads a journal while the plan is read, and decodes it ahead of the fold.
func folded(reader *store.Reader, err error) (*Reading, error) {
	if err != nil {
		return nil, err
	}
	return foldedBefore(reader, func(event.Event) {})
}

// foldedBefore is folded for somebody who is told every event meanwhile.
func foldedBefore(reader *store.Reader, tell func(event.Event)) (*Reading, error) {
	lines := ahead(reader)
	defer lines.close()
	r, err := opened(reader)
	if err != nil {
		return nil, err
	}
	if r.state, err = engine.Fold(r.state.Plan(), r.events(lines, tell), nil); err != nil {
		var illegal *engine.IllegalError
		if errors.As(err, &illegal) {
			err = r.cannotFollow(r.head.Seq, err)
		}
		return nil, err
	}
	return r, nil
}

// events yields the journal's events, notes what they mean to a reader, and
// tells them.
func (r *Reading) events(d *decoder, tell func(event.Event)) iter.Seq2[event.Event, error] {
	return func(yield func(event.Event, error) bool) {
		for batch := range d.lines {
			for _, l := range batch {
				err := r.note(l)
				if err == nil {
					tell(l.event)
				}
				if !yield(l.event, err) {
					return
				}
			}
		}
		if d.err != nil {
			yield(event.Event{}, d.err)
		}
	}
}

// open prepares reading a run: its documents are there, its journal is unread.
func (d *Desk) open(id string) (*Reading, error) {
	reader, err := d.Store.Reader(id)
	if err != nil {
		return nil, err
	}
	return opened(reader)
}

func opened(reader *store.Reader) (_ *Reading, err error) {
	r, id := &Reading{Reader: reader, seen: map[string]bool{}}, reader.ID()
	if r.files, err = reader.Files(); err != nil {
		return nil, err
	}
	p, err := plan.Decode(r.files.Plan)
	if err != nil {
		return nil, &AlteredError{Run: id, What: "the plan of run " + id + " is not what was written", Means: "Nothing is done with it.", Err: err}
	}
	r.state = engine.New(p)
	return r, nil
}

// fold adds one line to the state.
func (r *Reading) fold(entry journal.Entry) (event.Event, error) {
	l := decoded(entry)
	l.head.Hash = hashOf(entry.Line)
	err := r.note(l)
	if err != nil {
		return l.event, err
	}
	if r.state, err = engine.Apply(r.state, l.event); err != nil {
		err = r.cannotFollow(entry.Seq, err)
	}
	return l.event, err
}

// note takes down what a line means to a reader, of which the state does not
// know yet.
func (r *Reading) note(l line) error {
	if l.err != nil {
		return r.cannotFollow(l.head.Seq, l.err)
	}
	e := l.event
	switch b := e.Body.(type) {
	case event.RunStarted:
		if r.irctl, r.account = b.Irctl, accountOf(e); b.Run != r.ID() {
			return &AlteredError{Run: r.ID(), What: "run " + r.ID() + " was altered: " + copyOf(b.Run), Means: notOurs}
		}
	case event.RunResumed:
		r.irctl = b.Irctl
	case event.RunTakenOver:
		r.irctl, r.account = b.Irctl, accountOf(e)
	case event.LogRestarted:
		r.restarted = append(r.restarted, fmt.Sprintf("From entry %d on other keys sign, which that entry alone announces: %s", l.head.Seq, b.Reason))
	case event.StepRetried:
		if b.Environment.Source != "" {
			r.reloaded = b.Environment
		}
	case event.Unknown:
		if r.newer == "" {
			r.newer, r.newerBy = b.Name, r.irctl
		}
	}
	if e.Request != "" {
		r.seen[e.Request] = true
	}
	r.head = l.head
	return nil
}

// cannotFollow says that an entry makes no sense where it stands.
func (r *Reading) cannotFollow(seq int64, cause error) error {
	return &AlteredError{
		Run: r.ID(), What: fmt.Sprintf("entry %d of run %s cannot follow those before it", seq, r.ID()),
		Means: "The journal is not what irctl wrote, or a newer irctl wrote it.", Err: cause,
	}
}

// sealed is how a line ends: with the hash, in `"hash":"<64 characters>"}`.
const sealed = 64 + len(`"}`)

// hashOf cuts the hash out of a line, or of its end.
func hashOf(line []byte) string {
	if len(line) < sealed {
		return ""
	}
	return string(line[len(line)-sealed : len(line)-len(`"}`)])
}

// seqOf reads the number at the beginning of a line: `{"seq":N,`.
func seqOf(line []byte) int64 {
	var n int64
	const lead = len(`{"seq":`)
	for i := lead; i < len(line) && line[i] >= '0' && line[i] <= '9'; i++ {
		n = 10*n + int64(line[i]-'0')
	}
	return n
}

// drivable makes sure that the run may be driven on: that the folder is the
// run's, and the documents in it are those that it was started with, because
// the plan decides what is done, the environment to whom; and that irctl knows
// all that happened.
func (d *Desk) drivable(r *Reading) error {
	started, _, _ := r.state.Started()
	if (started.Exercise != "") != (d.Exercise != nil) {
		return &ExerciseError{Run: r.ID(), Here: d.exercise()}
	}
	wrong := (&folding{id: r.ID(), files: r.files}).documents(started)
	switch {
	case len(wrong) == 0 && r.newer == "" && started.Irctl == d.Version:
		return nil
	case len(wrong) == 0 && r.newer == "":
		if part := compile.Unknown(r.state.Plan(), d.spec); part != "" {
			return &NewerError{Run: r.ID(), Part: part, Irctl: started.Irctl}
		}
		return nil
	case len(wrong) == 0:
		return &NewerError{Run: r.ID(), Event: r.newer, Irctl: r.newerBy}
	}
	return &AlteredError{
		Run: r.ID(), What: "run " + r.ID() + " was altered: " + wrong[0],
		Means: notOurs,
	}
}

// asOf is the desk with the actions that a run began with.
func (d *Desk) asOf(r *Reading) (*Desk, error) {
	started, _, _ := r.state.Started()
	if d.Kept == nil || len(started.Documents) == 0 {
		return d, nil
	}
	var files [][]byte
	for _, of := range started.Documents {
		data, err := r.Document(of.Digest)
		if problem := checkDigest(bytes.NewReader(data), err, "the document "+action.CleanLine(of.Source, 200), "document-", of.Digest); problem != "" {
			return nil, &AlteredError{Run: r.ID(), What: "run " + r.ID() + " was altered: " + problem, Means: notOurs}
		}
		files = append(files, data)
	}
	then := *d
	then.Action = d.Kept(files)
	return &then, nil
}

const notOurs = "irctl does not act on what it did not write. Nothing was done."

// spec describes an action, if this irctl has it.
func (d *Desk) spec(name string) (action.Spec, bool) {
	act, ok := d.Action(name)
	if !ok {
		return action.Spec{}, false
	}
	return act.Spec(), true
}

// source is a run that was read, and whether a process drives it.
func (d *Desk) source(r *Reading) (out projection.Source, err error) {
	out = projection.Source{State: r.state, Head: r.head, Now: d.utc(), Archive: r.Archive(), Signs: d.signs(r),
		Counts: d.counts(func() (*environment.Environment, error) { return d.ownEnvironment(r) })}
	if out.Driven, err = r.Driven(); err == nil && !out.Driven {
		out.Left, err = d.left(r.Reader)
	}
	return out, err
}

// Status is what a reader sees of a run that was read.
func (d *Desk) Status(r *Reading) (projection.Status, error) {
	out, err := d.Brief(r)
	out.Anchors, out.Warnings, out.Refused = d.Anchors(r.Reader), d.warnings(r), d.refused(r.Reader)
	if err == nil && expires(r.state) {
		out.Expiring = d.expiring(r, d.lasting(r.state, d.overs()))
	}
	if err == nil && out.Status == event.Succeeded && out.Undoable == 0 {
		if own := (*NotOwnError)(nil); errors.As(d.belongs(r), &own) {
			out.Belongs = own.Target + " belongs to " + own.Name
		}
	}
	return out, err
}

// Brief is Status without what of the run shall be so for a time only, for
// which other runs are read.
func (d *Desk) Brief(r *Reading) (projection.Status, error) {
	src, err := d.source(r)
	if err != nil {
		return projection.Status{}, err
	}
	return projection.Of(src), nil
}

// Newest counts the runs and tells when the newest one had its last entry.
func (d *Desk) Newest() (n int, last time.Time, err error) {
	ids, err := d.Store.List()
	if err != nil || len(ids) == 0 {
		return len(ids), last, err
	}
	if r, err := d.ReadRun(ids[0]); err == nil {
		last = r.State().Last()
	}
	return len(ids), last, nil
}

// People are the people of a run's environment; none if it has no environment.
func (d *Desk) People(prefix string) ([]environment.Person, error) {
	r, err := d.Read(prefix)
	if err != nil {
		return nil, err
	}
	env, err := d.ownEnvironment(r)
	return rulesOf(env).People, err
}

// Redactor knows the secrets of a run's environment; unread says which of them
// could not be read.
func (d *Desk) Redactor(ctx context.Context, prefix string) (known *drive.Redactor, unread, err error) {
	known = drive.NewRedactor()
	r, err := d.Read(prefix)
	if err != nil {
		return known, nil, err
	}
	env, err := d.ownEnvironment(r)
	if err != nil || env == nil {
		return known, nil, err
	}
	for _, s := range env.PassedSecrets() {
		known.Add(s)
	}
	for _, name := range env.Secrets() {
		secret, failed := env.Secret(ctx, name)
		if unread = errors.Join(unread, failed); failed == nil {
			known.Add(secret)
		}
	}
	return known, unread, nil
}

// Reload keeps an environment with a run, for a [Retry] to go on in it, and says
// what is another there than in the one that holds now.
func (d *Desk) Reload(r *Reading, now *environment.Environment) (event.Reloaded, error) {
	before, err := d.ownEnvironment(r)
	if err != nil {
		return event.Reloaded{}, err
	}
	out := event.Reloaded{Before: before.Digest(), Source: now.File, Differs: now.Differs(before)}
	if out.Before == now.Digest() {
		return out, &UnreadableError{What: "nothing was changed in " + now.File + " since it was last read", Means: "Nothing was recorded."}
	}
	kept, err := d.Store.Deposit(r.ID(), bytes.NewReader(now.Source), action.Clean)
	out.File = event.Artifact{Name: "environment", Digest: kept.Digest, Size: kept.Size}
	return out, err
}

// staying are the people of a run whose environment was read anew: those whom it
// was started with, if any of them has keys. Nobody becomes somebody who may
// agree by the word of whoever edits a file.
func staying(from string, source []byte, anew []environment.Person) []environment.Person {
	first, _ := environment.Parse(from, source)
	if first != nil && slices.ContainsFunc(first.People, func(p environment.Person) bool { return len(p.Keys) > 0 }) {
		return first.People
	}
	return anew
}

// ownEnvironment is the run's own copy of its environment, nil if it has none:
// what the run was started with goes on to hold, whatever has become of the
// file since, within what the machine permits today.
func (d *Desk) ownEnvironment(r *Reading) (*environment.Environment, error) {
	if r.files.Environment == nil {
		return nil, nil
	}
	started, _, _ := r.state.Started()
	from, source := started.EnvSource, r.files.Environment
	if r.reloaded.Source != "" {
		from = r.reloaded.Source
		var text bytes.Buffer
		_, err := copied(&text, r.Reader, r.reloaded.File.Digest)
		if source = text.Bytes(); err != nil {
			return nil, &UnreadableError{What: "the environment that was read anew in run " + r.ID() + " cannot be read", Err: err}
		}
	}
	env, ds := environment.Parse(from, source)
	var err error
	if ds.HasErrors() {
		return nil, &UnreadableError{What: "the environment of run " + r.ID() + " cannot be read", Err: errors.New(ds[0].Summary)}
	}
	if r.reloaded.Source != "" {
		env.People = staying(started.EnvSource, r.files.Environment, env.People)
	}
	if env, err = r.machines(env, started); err != nil {
		return nil, err
	}
	policy, err := d.Policy()
	if err != nil {
		return nil, err
	}
	env, _ = env.Under(policy) // what it allows beyond is refused where it is used
	return env, nil
}

// machines gives an environment the machines that its groups had when the run
// began, whatever they would have now.
func (r *Reading) machines(env *environment.Environment, started event.RunStarted) (*environment.Environment, error) {
	for _, d := range started.Documents {
		if d.Source != environment.ListingName+started.Environment {
			continue
		}
		text, err := r.Document(d.Digest)
		var list environment.Listing
		if sum := sha256.Sum256(text); err == nil && hex.EncodeToString(sum[:]) != d.Digest {
			err = errors.New("it is not what the run began with")
		}
		if err == nil {
			list, err = environment.ReadListing(text)
		}
		if err != nil {
			return nil, &UnreadableError{What: "the list of the machines of run " + r.ID() + " cannot be read", Err: err}
		}
		return env.With(list), nil
	}
	return env, nil
}
