package desk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/irctl/irctl/internal/anchor"
	"github.com/irctl/irctl/internal/drive"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
)

// An anchor gets this long for one checkpoint, and at the end of a run those that
// are still at it this long: a run waits for nobody who only remembers.
const (
	anchorPatience = 15 * time.Second
	anchorFarewell = 3 * time.Second
)

// homeLog is the folder of the log of this home, below its root.
const homeLog = "log"

// anchoring hands the checkpoints of a run to the anchors of its environment,
// beside the run: the newest one, as soon as an anchor is done with an older one.
type anchoring struct {
	d    *Desk
	run  string
	end  context.CancelFunc
	each []chan anchor.Checkpoint // of one element: the newest
	busy sync.WaitGroup
}

// startAnchoring begins. Where the environment names no anchors, there is
// nothing to do.
func (d *Desk) startAnchoring(ctx context.Context, run string, env *environment.Environment) *anchoring {
	ctx, end := context.WithCancel(ctx)
	a := &anchoring{d: d, run: run, end: end}
	if env == nil {
		return a
	}
	for _, one := range env.Anchors {
		newest := make(chan anchor.Checkpoint, 1)
		a.each = append(a.each, newest)
		a.busy.Go(func() {
			for c := range newest {
				a.anchor(ctx, env, one, c)
			}
		})
	}
	return a
}

// observe hands on the checkpoints among the events of the run. It never waits.
func (a *anchoring) observe(e event.Event) {
	b, ok := e.Body.(event.CheckpointSigned)
	text, _, whole := strings.Cut(b.Note, "\n\n")
	if !ok || !whole {
		return
	}
	c := anchor.Checkpoint{Text: text + "\n", Signed: []byte(b.Note)}
	for _, newest := range a.each {
		select {
		case <-newest: // older, and not begun
		default:
		}
		newest <- c
	}
}

// Anchor hands the last checkpoint of a run to the anchors of its environment,
// and waits for them. The key is that of the log of this home, by which witnesses
// know it; "" if there is no witness.
func (d *Desk) Anchor(ctx context.Context, prefix string) (anchors []projection.Anchor, key string, err error) {
	r, err := d.Read(prefix)
	if err != nil {
		return nil, "", err
	}
	env, err := d.ownEnvironment(r)
	if err != nil {
		return nil, "", err
	}
	a := d.startAnchoring(ctx, r.ID(), env)
	a.observe(event.Event{Body: event.CheckpointSigned{Note: r.state.Checkpoint()}})
	a.finish(anchorPatience)
	if env != nil && slices.ContainsFunc(env.Anchors, func(a environment.Anchor) bool { return a.Witness != "" }) {
		home, err := d.HomeLog()
		if err != nil {
			return nil, "", err
		}
		public, err := home.Key()
		if err != nil {
			return nil, "", err
		}
		key = public.String()
	}
	return d.Anchors(r.Reader), key, nil
}

// finish lets anchors come to an end with what they have, for a short time.
func (a *anchoring) finish(patience time.Duration) {
	for _, newest := range a.each {
		close(newest)
	}
	done := make(chan bool)
	go func() {
		a.busy.Wait()
		close(done)
	}()
	for range 2 { // what a disk that is gone holds up nobody can end
		select {
		case <-done:
			a.end()
			return
		case <-time.After(patience):
			a.end()
		}
	}
}

// anchor asks one anchor, and keeps what it gave or why it gave nothing.
func (a *anchoring) anchor(ctx context.Context, env *environment.Environment, at environment.Anchor, c anchor.Checkpoint) {
	ctx, cancel := context.WithTimeout(ctx, anchorPatience)
	defer cancel()
	r := anchor.Receipt{Anchor: at.Name, Checkpoint: c.Text, Time: a.d.utc().Truncate(time.Second)}
	var place anchor.Place
	var err error
	if r.Kind, place, err = a.d.place(env, at); err == nil {
		r.Proof, r.Place, err = place.Anchor(ctx, c)
	}
	if err != nil {
		r.Failed = action.CleanLine(err.Error(), 300)
	}
	data, err := json.Marshal(r)
	if err == nil {
		err = a.d.Store.KeepReceipt(a.run, r.Name(), data)
	}
	_ = err // whoever wants to know how far the log is anchored reads the receipts, and finds none
}

// place makes an anchor of what an environment says of it, and says of which kind
// it is, also if it cannot be reached from here.
func (d *Desk) place(env *environment.Environment, a environment.Anchor) (kind anchor.Kind, place anchor.Place, err error) {
	a, err = env.AnchorHere(a)
	client, unusable := anchor.Client(env.Policy(), a.CAFile, anchorPatience)
	err = errors.Join(err, unusable)
	switch {
	case a.Witness != "":
		key, unread := anchor.ParseKey(a.Key)
		home, missing := d.HomeLog()
		return anchor.ByWitness, anchor.AtWitness{Witness: anchor.Witness{URL: a.Witness, Key: key}, Client: client, Home: home}, errors.Join(err, unread, missing)
	case a.Timestamp != "":
		roots, unread := anchor.Roots(a.CAFile)
		return anchor.ByAuthority, anchor.AtAuthority{Authority: anchor.Authority{URL: a.Timestamp, Roots: roots}, Client: client}, errors.Join(err, unread)
	case a.Folder != "":
		return anchor.InFolder, anchor.Folder(a.Folder), err
	case a.Command != nil:
		return anchor.ByCommand, anchor.Command(a.Command), err
	}
	return anchor.AtTarget, toTarget{d, env, a.Target}, err
}

// HomeLog is the log of this account in this home, made if it is not there: the one
// that witnesses know. Of those who share a home each has one, with a name and a key
// of its own: with a key that all may read, each could make the log say what the
// others never wrote.
func (d *Desk) HomeLog() (*anchor.Log, error) {
	dir, err := d.Store.Own(homeLog)
	if err != nil {
		return nil, err
	}
	l, err := anchor.OpenLog(dir, d.Host)
	if err == nil {
		_, err = d.Store.Own(homeLog) // somebody may have been quicker
	}
	return l, err
}

// toTarget tells a checkpoint to a system that takes messages.
type toTarget struct {
	d      *Desk
	env    *environment.Environment
	target string
}

// Anchor implements anchor.Place.
func (t toTarget) Anchor(ctx context.Context, c anchor.Checkpoint) ([]byte, string, error) {
	target, _ := t.env.Target(t.target)
	name := map[string]string{"webhook": "notify.webhook", "syslog": "notify.log"}[target.Type]
	does, ok := t.d.Action(name)
	if !ok {
		return nil, "", fmt.Errorf("no action tells anything to the target %s", t.target)
	}
	to, err := t.env.Resolve(ctx, t.target, does.Spec())
	if err != nil {
		return nil, "", err
	}
	key := sha256.Sum256([]byte(c.Text)) // whoever drops repetitions knows the same one again
	req := action.Request{Key: hex.EncodeToString(key[:]), Target: to, Allow: t.env.Policy(), With: action.Values{"text": "irctl checkpoint\n" + string(c.Signed), "severity": "notice"}}
	_, err = does.Run(ctx, req, drive.Unrecorded{})
	return nil, t.target, err
}
