package desk

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"sync"
	"time"

	"github.com/irctl/irctl/internal/authority"
	"github.com/irctl/irctl/internal/drive"
	"github.com/irctl/irctl/internal/drive/local"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/notice"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/request"
	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
	"github.com/irctl/irctl/pkg/journal"
)

// Driving is a run that this process drives, from taking its lock to giving it
// back. What is recorded before the driving begins is shown with the rest.
type Driving struct {
	d       *Desk
	run     *store.Run
	reading *Reading
	env     *environment.Environment // nil if the run has none
	early   []observed
	// Claims are those of other runs on what a run changes that has just begun.
	Claims   []projection.Claim
	commands chan local.Command
	latest   latest
}

// observed is a durable event with its line and the state after it.
type observed struct {
	e     event.Event
	line  []byte
	state engine.State
}

func newDriving(d *Desk, run *store.Run, r *Reading) *Driving {
	return &Driving{d: d, run: run, reading: r, commands: make(chan local.Command)}
}

// take takes the lock of a run, makes sure of its journal, and folds it anew:
// what was read before the lock may be old. A run that belongs elsewhere is
// taken only for a reason.
func (d *Desk) take(id, takeOver string) (*Driving, error) {
	lock := d.Store.Drive
	if takeOver != "" {
		lock = d.Store.TakeOver
	}
	run, err := lock(id)
	if err != nil {
		return nil, d.untaken(id, err)
	}
	t := newDriving(d, run, nil)
	if t.reading, err = d.ReadRun(id); err == nil {
		t.d = d.after(t.reading.state.Last())
		err = d.drivable(t.reading)
	}
	if err == nil {
		t.d, err = t.d.asOf(t.reading)
	}
	if err == nil {
		t.env, err = d.ownEnvironment(t.reading)
	}
	if from := run.From(); err == nil && from != nil {
		err = t.append(t.d.mine(event.RunTakenOver{Irctl: d.Version, Host: from.From.Host, Changed: from.Changed, Reason: takeOver}))
		if err == nil {
			err = run.Settle()
		}
	}
	if err == nil {
		err = t.restart()
	}
	for _, tail := range run.SetAside() {
		if err == nil {
			err = t.append(event.Event{Time: t.d.utc(), Body: event.TailSetAside{File: tail.File, Bytes: tail.Bytes, Digest: tail.Digest}})
		}
	}
	if err != nil {
		t.Close()
		return nil, err
	}
	return t, nil
}

// untaken says what it means that a run could not be taken: for want of a disk,
// or because it is a copy that no take-over would help.
func (d *Desk) untaken(id string, err error) error {
	var disk *store.StorageError
	var elsewhere *store.ElsewhereError
	if errors.As(err, &elsewhere) {
		r, unread := d.ReadRun(id)
		if unread == nil {
			unread = d.drivable(r)
		}
		return cmp.Or(unread, err)
	}
	if !errors.As(err, &disk) || doubted(err) || locked(err) {
		return err
	}
	return &UntakenError{Run: id, Err: err}
}

// Run is the run's id.
func (t *Driving) Run() string { return t.run.ID() }

// State is the run as it stands. It must not be asked for while Drive runs.
func (t *Driving) State() engine.State { return t.reading.state }

// Over reports whether the run has ended, so that there is nothing to drive.
func (t *Driving) Over() bool { return !t.reading.state.EndedAt().IsZero() }

// Close gives the run back. It may be called twice.
func (t *Driving) Close() { _ = t.run.Close() }

// append makes one event of this process durable and adopts it.
func (t *Driving) append(e event.Event) error {
	next, err := engine.Apply(t.reading.state, e)
	if err != nil {
		return err
	}
	body, err := e.Encode()
	if err != nil {
		return err
	}
	return t.adopt(e, body, next)
}

// record is append for what a person asks for, who must be allowed to.
func (t *Driving) record(e event.Event) error {
	e.Time = t.d.utc()
	events := []event.Event{e}
	rules, err := t.rules()
	if err != nil {
		return err
	}
	next, bodies, err := local.Admit(t.reading.state, rules, t.kept, authority.Terminal, events...)
	if err != nil {
		return &RefusedError{Run: t.Run(), Err: err}
	}
	if err := t.adopt(events[0], bodies[0], next); err != nil {
		return err
	}
	if b, ok := e.Body.(event.StepRetried); ok && b.Environment.Source != "" {
		t.reading.reloaded = b.Environment
		t.env, err = t.d.ownEnvironment(t.reading)
	}
	return err
}

func (t *Driving) adopt(e event.Event, body []byte, next engine.State) error {
	lines, err := t.write(journal.Now, body)
	if err != nil {
		return err
	}
	return t.observed([]event.Event{e}, []engine.State{next}, lines)
}

// Observer is told what happens in a run, in order. status returns the run as
// it stands after the event; it may be called later, from any goroutine, or
// not at all.
type Observer interface {
	Observe(e event.Event, line []byte, status func() projection.Status) error
	// Progress is what a running step says; it is called from any goroutine.
	Progress(path, text string)
}

// Session is how a run is driven.
type Session struct {
	Observer Observer
	// Interrupt brings wishes to stop, as [local.Config] explains.
	Interrupt <-chan string
	// WaitForPeople stays while only people can move the run on.
	WaitForPeople bool
}

// ErrInterrupted is returned by Drive when it was told to stop and recorded
// that. The run can be resumed.
var ErrInterrupted = local.ErrInterrupted

// Drive carries the run on until it ends, only people can move it on, or it is
// told to stop, and gives it back: what is typed next must find it free.
func (t *Driving) Drive(ctx context.Context, s Session) error {
	anchors := t.d.startAnchoring(t.env.Passing(ctx), t.Run(), t.env)
	defer anchors.finish(anchorFarewell)
	observe := func(e event.Event, line []byte, state engine.State) {
		anchors.observe(e)
		t.latest.set(state)
		now, head := t.d.utc(), projection.Head{Seq: seqOf(line), Hash: hashOf(line)}
		_ = s.Observer.Observe(e, line, func() projection.Status {
			return projection.Of(projection.Source{State: state, Head: head, Driven: true, Now: now, Signs: t.signs(state), Counts: t.d.counts(t.environ)})
		})
	}
	for _, o := range t.early {
		observe(o.e, o.line, o.state)
	}
	t.early = nil
	poll := time.NewTicker(store.Poll)
	defer poll.Stop()
	defer t.Close()
	started, _, _ := t.reading.state.Started()
	var notices local.Notices
	if rules := notice.New(t.env, t.d.spec, t.d.Actor("").Host); rules != nil && t.d.Exercise == nil {
		rules.Code = t.code
		notices = rules
	}
	driver, err := t.d.driver(drive.Config{Run: t.Run(), Secrets: environment.SecretsAt(started.SecretRefs), Keep: t.keep, Evidence: t.evidence, Dir: t.run.Work(), Claims: claims{t.d, t.Run(), t.keep}}, t.env)
	if err != nil {
		return err
	}
	state, err := local.Run(t.env.Passing(ctx), t.reading.state, local.Config{
		Notices: notices,
		Driver:  driver,
		Append:  t.write, Signs: t.run.Signs(), Inbox: inbox{t.d, t.run, map[string]projection.Entry{}}, Commands: t.commands, Interrupt: s.Interrupt,
		WaitForPeople: s.WaitForPeople, Rules: t.rules, Kept: t.kept,
		Halted: t.d.halted, Observe: observe, Progress: s.Observer.Progress,
		Actor: t.d.Actor(""), Now: t.d.Now, Poll: poll.C, Seen: t.reading.seen,
	})
	t.reading.state = state
	return err
}

// keep keeps what an action said beside the journal.
func (t *Driving) keep(r io.Reader) (digest string, size int64, head string, err error) {
	artifact, err := t.run.Artifact(r, action.Clean)
	return artifact.Digest, artifact.Size, artifact.Head, err
}

// kept tells what lies beside the journal under a digest.
func (t *Driving) kept(digest string) (int64, error) {
	reader, err := t.d.Store.Reader(t.Run())
	if err != nil {
		return 0, err
	}
	// The driver stands still meanwhile, and all that waits for it: what is
	// large is left to whoever verifies the run.
	const most = 64 << 20
	f, err := reader.Artifact(digest)
	if errors.Is(err, fs.ErrNotExist) && t.run.Adopt(digest) == nil {
		f, err = reader.Artifact(digest)
	}
	if err != nil {
		return 0, err
	}
	info, err := f.Stat()
	if err = errors.Join(err, f.Close()); err != nil || info.Size() > most {
		return sizeOf(info), err
	}
	return copied(io.Discard, reader, digest)
}

// copied copies what a run keeps under a digest, and makes sure that it is that.
func copied(to io.Writer, from *store.Reader, digest string) (size int64, err error) {
	f, err := from.Artifact(digest)
	if err != nil {
		return 0, err
	}
	defer func() { _ = f.Close() }()
	sum := sha256.New()
	size, err = io.Copy(io.MultiWriter(to, sum), f)
	if err == nil && hex.EncodeToString(sum.Sum(nil)) != digest {
		err = errors.New("the file is not what its name says")
	}
	return size, err
}

// evidence is the path of what was handed in, which nobody is to change.
func (t *Driving) evidence(digest string) (string, error) {
	if _, err := t.kept(digest); err != nil {
		return "", err
	}
	return t.run.Seal(digest)
}

// driver makes what turns effects into events.
func (d *Desk) driver(c drive.Config, env *environment.Environment) (*drive.Driver, error) {
	c.Action, c.Children, c.Now = d.Action, d.Children, d.utc
	if d.Exercise != nil {
		c.Until = d.Exercise.Until
	}
	if env != nil {
		c.Environment, c.Hidden = env, env.PassedSecrets()
	}
	if err := d.guarded(&c, env); err != nil {
		return nil, err
	}
	return drive.New(c), nil
}

func (t *Driving) environ() (*environment.Environment, error) { return t.env, nil }

// Status is what a reader sees of the run once it was driven.
func (t *Driving) Status() projection.Status {
	head := t.run.Head()
	return projection.Of(projection.Source{
		State: t.reading.state, Head: projection.Head{Seq: head.Seq, Hash: head.Hash}, Now: t.d.utc(), Signs: t.signs(t.reading.state), Counts: t.d.counts(t.environ),
	})
}

// Answer carries out what a person at this terminal asks for while Drive runs.
// It returns when that is durable or refused, and may be called from any
// goroutine.
func (t *Driving) Answer(ctx context.Context, req request.Request) error {
	state := t.latest.get()
	decision, err := request.Decide(req, t.d.standing(t.Run(), state, t.env))
	err = cmp.Or(err, t.d.heard(decision, t.env))
	if err != nil {
		return err
	}
	e, err := request.Sign(ctx, state, t.d.eventOf(decision), decision.Signer)
	if err != nil {
		return err
	}
	// Nothing can be shared here: whoever does says so with a reason, by approve.
	if _, err := t.d.permit(ctx, state, req); err != nil {
		return err
	}
	reply := make(chan error, 1)
	select {
	case t.commands <- local.Command{Events: []event.Event{e}, Reply: reply}:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-reply:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// latest is the newest state, for whoever answers from another goroutine.
type latest struct {
	mu    sync.Mutex
	state engine.State
}

func (l *latest) set(s engine.State) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.state = s
}

func (l *latest) get() engine.State {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state
}
