package drive

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/guard"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
)

// Policy is what the machine's policy says of overrides: how many must agree at
// least, and whether whoever started the run counts.
type Policy func(roles []string) (need int, notRequester bool)

// guarded holds a call that is about to be made against what is protected and
// limited. It returns what the call touches; or a question, if somebody wants it
// overridden and people have not agreed yet; or an error that says what stands in
// the way.
func (d *Driver) guarded(s engine.State, st engine.Step, c call, undo bool) (touches []string, asked *event.ApprovalAsked, err error) {
	if d.cfg.Guard == nil {
		return nil, nil, nil
	}
	u := guard.Use{Spec: c.spec, With: c.req.With, Target: c.target}
	touched := s.Touched()
	d.checked.Range(func(key, at any) bool { touched[key.(string)] = at.(time.Time); return true })
	keys, hits, release := d.cfg.Guard.Check(context.Background(), u, touched, d.now(), undo)
	d.hold(release)
	for _, key := range keys {
		touches = append(touches, d.said(key))
	}
	for _, h := range hits {
		grant := d.said(h.Grant)
		if s.Granted(st, undo, grant) {
			continue
		}
		text := d.said(h.Text)
		i := slices.IndexFunc(s.Overrides(), func(o event.OverrideRequested) bool { return h.Overrides(o.Item, u) })
		if !h.Open() || i < 0 {
			return touches, nil, refusal(text, h, d.cfg.Run, st.Path, undo)
		}
		ask := event.ApprovalAsked{
			Text: text + ". It is to be touched all the same: " + s.Overrides()[i].Reason, Roles: append([]string{}, h.Roles...), Need: 1,
			Overrides: []string{grant}, Undo: undo,
		}
		d.call(&ask, c)
		if undo {
			ask.Text = "Undoing " + st.Path + ": " + ask.Text
		}
		if d.cfg.Policy != nil {
			need, notRequester := d.cfg.Policy(h.Roles)
			ask.Need, ask.NotRequester = max(need, 1), notRequester
		}
		return touches, &ask, nil
	}
	return touches, nil, nil
}

// refused is the error of what is protected or limited.
type refused struct {
	why   action.Error
	touch string // what --touch names; "" if nobody may override it
}

// refusal says what stands in the way, and what to do.
func refusal(text string, h guard.Hit, run, path string, undo bool) error {
	e := &refused{why: action.Error{Message: text + "; nothing was done", Permanent: true}}
	var do []string
	switch retry := "irctl retry " + run + " " + shellWord(path); {
	case h.Open():
		who := "somebody"
		if len(h.Roles) > 0 {
			who = strings.Join(h.Roles, " or ")
		}
		e.touch = h.Item
		do = append(do, "if it is meant: "+retry+" --touch "+shellWord(h.Item)+" --reason TEXT; then "+who+" must agree")
	case undo:
		do = append(do, "nobody may override that; leave it as it is (irctl skip "+run+" "+shellWord(path)+"), or have the list changed by whoever answers for it")
	default:
		do = append(do, "nobody may override that; take it out of what the step is given, or have the list changed by whoever answers for it")
	}
	if h.Retry {
		do = append(do, "or try again in a while: irctl retry "+run+" "+shellWord(path))
	}
	e.why.Hint = strings.Join(do, "; ")
	return e
}

// Error implements error.
func (e *refused) Error() string { return e.why.Error() }

// Unwrap is what others look at.
func (e *refused) Unwrap() error { return &e.why }

func shellWord(item string) string {
	if strings.ContainsAny(item, " *?[]\\'\"$") {
		return "'" + strings.ReplaceAll(item, "'", `'\''`) + "'"
	}
	return item
}

// spared is guarded for a call that only looks, in the middle of an attempt:
// there nobody can be asked. What it touches counts from then on.
func (d *Driver) spared(s engine.State, st engine.Step, c call) error {
	d.sparing.Lock()
	defer d.sparing.Unlock()
	touches, asked, err := d.guarded(s, st, c, true)
	if err == nil && asked != nil {
		err = &action.Error{Message: asked.Text + "; the check was not made", Permanent: true}
	}
	if err == nil {
		for _, key := range touches {
			d.checked.Store(key, d.now())
		}
	}
	return err
}

// hold keeps the count of an hour to this run until its intent is durable.
func (d *Driver) hold(release func()) {
	d.holding.Lock()
	defer d.holding.Unlock()
	d.held = append(d.held, release)
}

// Durable is to be called when all events that the driver has made are durable,
// or never will be.
func (d *Driver) Durable() {
	d.holding.Lock()
	defer d.holding.Unlock()
	for _, release := range d.held {
		release()
	}
	d.held = nil
}

// beforehand says of a call of a plan that does not run what would stand in its
// way, and takes down what it touches.
func (w *previewer) beforehand(c Call) (hits []guard.Hit) {
	act, ok := w.d.cfg.Action(c.Use.Action)
	if !ok || w.d.cfg.Guard == nil {
		return nil
	}
	if w.touched == nil {
		w.touched = map[string]time.Time{}
	}
	now := time.Now()
	keys, hits, release := w.d.cfg.Guard.Check(w.ctx, guard.Use{Spec: act.Spec(), With: c.With, Target: c.Target}, w.touched, now, false)
	release()
	for _, key := range keys {
		w.touched[key] = now
	}
	return hits
}
