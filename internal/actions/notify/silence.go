package notify

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/systems/alertmanager"
	"github.com/irctl/irctl/pkg/action"
)

// inAlertmanager is what the two actions on silences share.
type inAlertmanager struct{}

// Target implements kind.Kind.
func (inAlertmanager) Target() action.TargetType { return alertmanager.Target() }

// Preflight implements action.Preflighter. Who may silence cannot be told
// without doing it.
func (inAlertmanager) Preflight(ctx context.Context, req action.Request) []error {
	m, err := alertmanager.Connect(req)
	if err != nil {
		return []error{err}
	}
	defer m.Close()
	if err := m.Check(ctx); err != nil {
		return []error{err}
	}
	return nil
}

// silence adds a silence.
type silence struct{ inAlertmanager }

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
func standing(ctx context.Context, m *alertmanager.Manager, req action.Request) (alertmanager.Silence, bool, error) {
	matchers, err := alertmanager.ParseMatchers(req.With.Strings("matchers"))
	if err != nil {
		return alertmanager.Silence{}, false, err
	}
	all, err := m.Silences(ctx)
	if err != nil {
		return alertmanager.Silence{}, false, err
	}
	if s, ok := own(all, req.Key); ok || len(req.Record) > 0 {
		return s, ok, nil
	}
	least := time.Now().Add(req.With.Duration("for") * 9 / 10)
	for _, s := range all {
		if s.Active() && alertmanager.Same(s.Matchers, matchers) && !s.EndsAt.Before(least) {
			return s, true, nil
		}
	}
	return alertmanager.Silence{}, false, nil
}

// Run implements kind.Kind.
func (silence) Run(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	m, err := alertmanager.Connect(req)
	if err != nil {
		return action.Result{}, err
	}
	defer m.Close()
	s, stands, err := standing(ctx, m, req)
	if err != nil {
		return action.Result{}, err
	}
	until := action.Values(req.Record).String("until")
	if !stands {
		if until == "" {
			// Alertmanager keeps milliseconds.
			until = time.Now().Add(req.With.Duration("for")).UTC().Truncate(time.Millisecond).Format(time.RFC3339Nano)
			if err := out.Record(map[string]any{"until": until}); err != nil {
				return action.Result{}, err
			}
		}
		if s, err = create(ctx, m, req, until); err != nil {
			return action.Result{}, err
		}
	}
	outputs, err := silenced(ctx, m, s)
	if err != nil {
		return action.Result{}, action.Doubtful(err)
	}
	r := action.Result{Outputs: outputs, Changed: until != "", Summary: holdsBack(s)}
	if !r.Changed {
		r.Already, r.Summary = true, r.Summary+" already"
	}
	return r, nil
}

func create(ctx context.Context, m *alertmanager.Manager, req action.Request, until string) (alertmanager.Silence, error) {
	matchers, err := alertmanager.ParseMatchers(req.With.Strings("matchers"))
	if err != nil {
		return alertmanager.Silence{}, err
	}
	ends, err := time.Parse(time.RFC3339Nano, until)
	if err != nil {
		return alertmanager.Silence{}, err
	}
	if !ends.After(time.Now()) {
		return alertmanager.Silence{}, &action.Error{Message: "the time for which alerts were to be silenced ended at " + until, Hint: "skip the step, or run it anew", Permanent: true}
	}
	return m.Create(ctx, alertmanager.Silence{
		Matchers: matchers, StartsAt: time.Now(), EndsAt: ends, CreatedBy: "irctl",
		Comment: action.CleanLine(req.With.String("reason"), 1000) + " " + mark(req.Key),
	})
}

// silenced are the outputs of a silence that stands.
func silenced(ctx context.Context, m *alertmanager.Manager, s alertmanager.Silence) (map[string]any, error) {
	n, err := m.Silenced(ctx, s.ID)
	return map[string]any{"silence": s.ID, "until": s.EndsAt.UTC().Format(time.RFC3339), "alerts": n}, err
}

func holdsBack(s alertmanager.Silence) string {
	return fmt.Sprintf("alerts with %s are silenced until %s", action.CleanLine(strings.Join(alertmanager.Written(s.Matchers), ", "), 160), s.EndsAt.UTC().Format("2006-01-02 15:04Z"))
}

// Inspect implements action.Inspector.
func (silence) Inspect(ctx context.Context, req action.Request) (action.Inspection, error) {
	m, err := alertmanager.Connect(req)
	if err != nil {
		return action.Inspection{}, err
	}
	defer m.Close()
	s, stands, err := standing(ctx, m, req)
	if err != nil {
		return action.Inspection{}, err
	}
	what := action.CleanLine(strings.Join(req.With.Strings("matchers"), ", "), 160)
	i := action.Inspection{Known: true, Desired: stands, Repeatable: true, Current: "no silence holds back alerts with " + what, Want: "alerts with " + what + " are silenced"}
	if stands {
		i.Current = holdsBack(s)
		i.Outputs, err = silenced(ctx, m, s)
	}
	return i, err
}

// Undo implements action.Undoer. A silence that somebody has changed since
// stays: they want it.
func (silence) Undo(ctx context.Context, req action.Request, _ action.Sink) (action.Result, error) {
	if len(req.Record) == 0 {
		return action.Result{Already: true, Summary: "nothing was silenced"}, nil
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
	matchers, err := alertmanager.ParseMatchers(req.With.Strings("matchers"))
	if err != nil {
		return action.Result{}, err
	}
	s, stands := own(all, req.Undoes)
	r := action.Result{Outputs: map[string]any{}}
	switch {
	case !stands:
		r.Already, r.Summary = true, "the silence has ended"
	case s.EndsAt.UTC().Format(time.RFC3339Nano) != action.Values(req.Record).String("until") || !alertmanager.Same(s.Matchers, matchers):
		r.Already, r.Summary = true, holdsBack(s)+": somebody has changed the silence since, so it stays"
	default:
		r.Changed, r.Summary = true, "the silence has ended"
		err = m.Expire(ctx, s)
	}
	return r, err
}

// Validate implements action.Validator.
func (silence) Validate(with action.Values, _ string) []action.Problem {
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
