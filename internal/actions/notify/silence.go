package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/systems/alertmanager"
	"github.com/irctl/irctl/pkg/action"
)

// inAlertmanager is one of the two actions on silences.
func inAlertmanager(inputs func(action.Values) []action.Problem, work func(*alertmanager.Manager, action.Request) kind.Work) kind.Kind {
	return kind.Change{
		Type: alertmanager.Target(), Inputs: inputs,
		Open: func(_ context.Context, req action.Request) (kind.Work, error) {
			m, err := alertmanager.Connect(req)
			if err != nil {
				return nil, err
			}
			return work(m, req), nil
		},
	}
}

// silence adds a silence.
type silence struct {
	*alertmanager.Manager
	req action.Request
}

// own finds the silence that the step with this key made and that has not
// ended.
func own(all []alertmanager.Silence, key string) (alertmanager.Silence, bool) {
	i := slices.IndexFunc(all, func(s alertmanager.Silence) bool {
		return !s.Expired() && strings.HasSuffix(s.Comment, mark(key))
	})
	if i < 0 {
		return alertmanager.Silence{}, false
	}
	return all[i], true
}

// standing finds what silences already: the step's own silence, or, if the
// step has done nothing yet, anybody's with the same matchers that lasts at
// least nine tenths as long.
func (w *silence) standing(ctx context.Context, begun bool) (alertmanager.Silence, bool, error) {
	matchers, err := alertmanager.ParseMatchers(w.req.With.Strings("matchers"))
	if err != nil {
		return alertmanager.Silence{}, false, err
	}
	all, err := w.Silences(ctx)
	if err != nil {
		return alertmanager.Silence{}, false, err
	}
	if s, ok := own(all, w.req.Key); ok || begun {
		return s, ok, nil
	}
	least := time.Now().Add(w.req.With.Duration("for") * 9 / 10)
	for _, s := range all {
		if s.Active() && alertmanager.Same(s.Matchers, matchers) && !s.EndsAt.Before(least) {
			return s, true, nil
		}
	}
	return alertmanager.Silence{}, false, nil
}

// Look implements kind.Work.
func (w *silence) Look(ctx context.Context, record action.Values) (kind.State, error) {
	s, stands, err := w.standing(ctx, len(record) > 0)
	what := action.CleanLine(strings.Join(w.req.With.Strings("matchers"), ", "), 160)
	now := kind.State{Desired: stands, Current: "no silence holds back alerts with " + what, Want: "alerts with " + what + " are silenced"}
	if err != nil || !stands {
		return now, err
	}
	now.Current, now.Summary = holdsBack(s), holdsBack(s)
	n, err := w.Silenced(ctx, s.ID)
	now.Outputs = map[string]any{"silence": s.ID, "until": s.EndsAt.UTC().Format(time.RFC3339), "alerts": n}
	return now, err
}

// Keep implements kind.Keeper.
func (w *silence) Keep(_ context.Context, record action.Values) (map[string]any, error) {
	if record.Has("until") {
		return nil, nil
	}
	// Alertmanager keeps milliseconds.
	until := time.Now().Add(w.req.With.Duration("for")).UTC().Truncate(time.Millisecond)
	return map[string]any{"until": until.Format(time.RFC3339Nano)}, nil
}

// Change implements kind.Work.
func (w *silence) Change(ctx context.Context, record action.Values, _ action.Sink) error {
	matchers, err := alertmanager.ParseMatchers(w.req.With.Strings("matchers"))
	if err != nil {
		return err
	}
	ends, err := time.Parse(time.RFC3339Nano, record.String("until"))
	if err != nil {
		return err
	}
	if !ends.After(time.Now()) {
		return &action.Error{Message: "the time for which alerts were to be silenced ended at " + record.String("until"), Hint: "skip the step, or run it anew", Permanent: true}
	}
	_, err = w.Create(ctx, alertmanager.Silence{
		Matchers: matchers, StartsAt: time.Now(), EndsAt: ends, CreatedBy: "irctl",
		Comment: action.CleanLine(w.req.With.String("reason"), 1000) + " " + mark(w.req.Key),
	})
	return err
}

func holdsBack(s alertmanager.Silence) string {
	return fmt.Sprintf("alerts with %s are silenced until %s", action.CleanLine(strings.Join(alertmanager.Written(s.Matchers), ", "), 160), s.EndsAt.UTC().Format("2006-01-02 15:04Z"))
}

// PutBack implements kind.Restorer. A silence that somebody has changed since
// stays: they want it.
func (w *silence) PutBack(ctx context.Context, record action.Values, _ action.Sink) (bool, string, error) {
	all, err := w.Silences(ctx)
	if err != nil {
		return false, "", err
	}
	matchers, err := alertmanager.ParseMatchers(w.req.With.Strings("matchers"))
	if err != nil {
		return false, "", err
	}
	s, stands := own(all, w.req.Undoes)
	switch {
	case !stands:
		return false, "the silence has ended", nil
	case s.EndsAt.UTC().Format(time.RFC3339Nano) != record.String("until") || !alertmanager.Same(s.Matchers, matchers):
		return false, holdsBack(s) + ": " + kind.Somebody + " has changed the silence since, so it stays", nil
	}
	return true, "the silence has ended", w.Expire(ctx, s)
}

// checkMatchers is what a silence must not be about.
func checkMatchers(with action.Values) []action.Problem {
	var problems []action.Problem
	if with.Has("matchers") && len(with.List("matchers")) == 0 {
		problems = append(problems, action.Problem{Input: "matchers", Message: "is empty, which would mean all alerts", Hint: `name at least one, as in service="portal"`})
	}
	for _, text := range with.Strings("matchers") {
		if _, err := alertmanager.ParseMatcher(text); err != nil {
			problems = append(problems, action.Problem{Input: "matchers", Message: err.Error(), Hint: `write it as service="portal"`})
		}
	}
	if d := with.Duration("for"); with.Has("for") && d < time.Minute {
		problems = append(problems, action.Problem{Input: "for", Message: "is shorter than a minute", Hint: "write it as in 4h"})
	}
	return problems
}

// unsilence ends a silence.
type unsilence struct {
	*alertmanager.Manager
	id  string
	now alertmanager.Silence
}

// Look implements kind.Work.
func (w *unsilence) Look(ctx context.Context, _ action.Values) (s kind.State, err error) {
	if w.now, err = w.Silence(ctx, w.id); err != nil {
		return s, err
	}
	s = kind.State{Desired: w.now.Expired(), Current: holdsBack(w.now), Want: "the silence has ended"}
	if s.Desired {
		s.Current = s.Want
	}
	return s, nil
}

// Keep implements kind.Keeper.
func (w *unsilence) Keep(_ context.Context, record action.Values) (map[string]any, error) {
	if len(record) > 0 {
		return nil, nil
	}
	whole, err := json.Marshal(w.now)
	return map[string]any{"silence": string(whole)}, err
}

// Change implements kind.Work.
func (w *unsilence) Change(ctx context.Context, _ action.Values, _ action.Sink) error {
	return w.Expire(ctx, w.now)
}

// PutBack implements kind.Restorer. A silence that has ended cannot go on, so
// another one like it takes its place, for as long as it had left.
func (w *unsilence) PutBack(ctx context.Context, record action.Values, _ action.Sink) (bool, string, error) {
	var before alertmanager.Silence
	if err := json.Unmarshal([]byte(record.String("silence")), &before); err != nil {
		return false, "", &action.Error{Message: "what the step recorded cannot be read", Hint: "silence the alerts by hand", Cause: err, Permanent: true}
	}
	if !before.EndsAt.After(time.Now()) {
		return false, "the silence would have ended by now, so nothing is silenced", nil
	}
	all, err := w.Silences(ctx)
	if err != nil {
		return false, "", err
	}
	for _, s := range all {
		if !s.Expired() && s.Comment == before.Comment && s.EndsAt.Equal(before.EndsAt) && alertmanager.Same(s.Matchers, before.Matchers) {
			return false, holdsBack(s) + " already", nil
		}
	}
	before.ID, before.Status, before.StartsAt = "", nil, time.Now()
	s, err := w.Create(ctx, before)
	return err == nil, holdsBack(s) + " again, as silence " + s.ID, err
}
