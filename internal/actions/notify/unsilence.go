package notify

import (
	"context"
	"encoding/json"
	"time"

	"github.com/irctl/irctl/internal/systems/alertmanager"
	"github.com/irctl/irctl/pkg/action"
)

// unsilence ends a silence.
type unsilence struct{ inAlertmanager }

func (unsilence) find(ctx context.Context, req action.Request) (*alertmanager.Manager, alertmanager.Silence, error) {
	m, err := alertmanager.Connect(req)
	if err != nil {
		return nil, alertmanager.Silence{}, err
	}
	s, err := m.Silence(ctx, req.With.String("silence"))
	if err != nil {
		m.Close()
		return nil, alertmanager.Silence{}, err
	}
	return m, s, nil
}

// Run implements kind.Kind.
func (u unsilence) Run(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	m, s, err := u.find(ctx, req)
	if err != nil {
		return action.Result{}, err
	}
	defer m.Close()
	r := action.Result{Outputs: map[string]any{}, Summary: "the silence has ended"}
	if s.Expired() {
		if r.Changed = len(req.Record) > 0; !r.Changed {
			r.Already, r.Summary = true, "the silence has ended already"
		}
		return r, nil
	}
	if len(req.Record) == 0 {
		whole, err := json.Marshal(s)
		if err != nil {
			return action.Result{}, err
		}
		if err := out.Record(map[string]any{"silence": string(whole)}); err != nil {
			return action.Result{}, err
		}
	}
	r.Changed = true
	return r, m.Expire(ctx, s)
}

// Inspect implements action.Inspector.
func (u unsilence) Inspect(ctx context.Context, req action.Request) (action.Inspection, error) {
	m, s, err := u.find(ctx, req)
	if err != nil {
		return action.Inspection{}, err
	}
	defer m.Close()
	i := action.Inspection{Known: true, Desired: s.Expired(), Repeatable: true, Current: holdsBack(s), Want: "the silence has ended", Outputs: map[string]any{}}
	if i.Desired {
		i.Current = i.Want
	}
	return i, nil
}

// Undo implements action.Undoer. A silence that has ended cannot go on, so
// another one like it takes its place, for as long as it had left.
func (unsilence) Undo(ctx context.Context, req action.Request, _ action.Sink) (action.Result, error) {
	r := action.Result{Outputs: map[string]any{}, Already: true}
	if len(req.Record) == 0 {
		r.Summary = "no silence was ended"
		return r, nil
	}
	var before alertmanager.Silence
	if err := json.Unmarshal([]byte(action.Values(req.Record).String("silence")), &before); err != nil {
		return action.Result{}, &action.Error{Message: "what the step recorded cannot be read", Hint: "silence the alerts by hand", Cause: err, Permanent: true}
	}
	if !before.EndsAt.After(time.Now()) {
		r.Summary = "the silence would have ended by now, so nothing is silenced"
		return r, nil
	}
	m, err := alertmanager.Connect(req)
	if err != nil {
		return action.Result{}, err
	}
	defer m.Close()
	all, err := m.Silences(ctx)
	if err != nil {
		return action.Result{}, err
	}
	for _, s := range all {
		if !s.Expired() && s.Comment == before.Comment && s.EndsAt.Equal(before.EndsAt) && alertmanager.Same(s.Matchers, before.Matchers) {
			r.Summary = holdsBack(s) + " already"
			return r, nil
		}
	}
	before.ID, before.Status, before.StartsAt = "", nil, time.Now()
	s, err := m.Create(ctx, before)
	if err != nil {
		return action.Result{}, err
	}
	r.Already, r.Changed, r.Summary = false, true, holdsBack(s)+" again, as silence "+s.ID
	return r, nil
}
