package email

import (
	"context"

	"github.com/irctl/irctl/internal/systems/postfix"
	"github.com/irctl/irctl/pkg/action"
)

// mta suspends or restores mail at a Postfix.
type mta struct{ suspend bool }

func (mta) Target() action.TargetType { return postfix.Target() }

func (m mta) want() string {
	if m.suspend {
		return "senders are put off (450), nothing is delivered"
	}
	return "accepting mail"
}

func (m mta) look(ctx context.Context, req action.Request) (*postfix.System, postfix.Look, error) {
	s, err := postfix.Open(req)
	if err != nil {
		return nil, postfix.Look{}, err
	}
	l, err := s.Look(ctx)
	if err != nil {
		s.Close()
		return nil, postfix.Look{}, err
	}
	return s, l, nil
}

// desired reports whether there is nothing to do. Of a system that this step
// has begun to suspend, all must be there that it recorded.
func (m mta) desired(l postfix.Look, record map[string]any) (bool, error) {
	switch {
	case !m.suspend:
		return !l.Suspended && l.Note == nil, nil
	case len(record) == 0:
		return l.Suspended, nil
	}
	p, err := postfix.Recalled(record)
	return err == nil && l.Imposed(p), err
}

// Inspect implements action.Inspector.
func (m mta) Inspect(ctx context.Context, req action.Request) (action.Inspection, error) {
	s, l, err := m.look(ctx, req)
	if err != nil {
		return action.Inspection{}, err
	}
	defer s.Close()
	good, err := m.desired(l, req.Record)
	if err != nil {
		return action.Inspection{}, err
	}
	return action.Inspection{
		Known: true, Desired: good, Repeatable: true,
		Current: l.String(), Want: m.want(), Outputs: map[string]any{},
	}, nil
}

// Run implements kind.Kind.
func (m mta) Run(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	s, l, err := m.look(ctx, req)
	if err != nil {
		return action.Result{}, err
	}
	defer s.Close()
	r := action.Result{Outputs: map[string]any{}}
	good, err := m.desired(l, req.Record)
	if err != nil {
		return action.Result{}, err
	}
	if good {
		// An attempt that recorded has changed it; then there is something to undo.
		r.Changed = len(req.Record) > 0
		r.Already = !r.Changed
		r.Summary = l.String()
		if r.Already {
			r.Summary = "already so: " + r.Summary
		}
		return r, nil
	}
	p, err := m.planned(s, l, req)
	if err != nil {
		return action.Result{}, err
	}
	if len(req.Record) == 0 {
		if err := keep(out)(p); err != nil {
			return action.Result{}, err
		}
	}
	r.Changed = true
	if m.suspend {
		err = s.Impose(ctx, p, keep(out))
	} else {
		_, err = s.Lift(ctx, p)
	}
	if err != nil {
		return action.Result{}, err
	}
	r.Summary, err = now(ctx, s)
	return r, err
}

// planned is what an earlier attempt recorded, or else what is to be recorded.
func (m mta) planned(s *postfix.System, l postfix.Look, req action.Request) (postfix.Suspension, error) {
	switch {
	case len(req.Record) > 0:
		return postfix.Recalled(req.Record)
	case m.suspend:
		return l.Plan(req.With.String("notice")), nil
	case l.Note == nil:
		return postfix.Suspension{}, s.NotOurs()
	}
	return *l.Note, nil
}

func keep(out action.Sink) func(postfix.Suspension) error {
	return func(p postfix.Suspension) error {
		values, err := p.Record()
		if err != nil {
			return err
		}
		return out.Record(values)
	}
}

func now(ctx context.Context, s *postfix.System) (string, error) {
	l, err := s.Look(ctx)
	return l.String(), action.Doubtful(err)
}

// Undo implements action.Undoer.
func (m mta) Undo(ctx context.Context, req action.Request, _ action.Sink) (action.Result, error) {
	r := action.Result{Outputs: map[string]any{}}
	if len(req.Record) == 0 {
		r.Already, r.Summary = true, "nothing was changed, so nothing is put back"
		return r, nil
	}
	p, err := postfix.Recalled(req.Record)
	if err != nil {
		return action.Result{}, err
	}
	s, l, err := m.look(ctx, req)
	if err != nil {
		return action.Result{}, err
	}
	defer s.Close()
	if m.suspend {
		r.Changed, err = s.Lift(ctx, p)
	} else if r.Changed = !l.Imposed(p); r.Changed {
		err = s.Impose(ctx, p, func(postfix.Suspension) error { return nil })
	}
	if err != nil {
		return action.Result{}, err
	}
	r.Already = !r.Changed
	r.Summary, err = now(ctx, s)
	return r, err
}

// Preflight implements action.Preflighter.
func (m mta) Preflight(ctx context.Context, req action.Request) []error {
	s, err := postfix.Open(req)
	if err != nil {
		return []error{err}
	}
	defer s.Close()
	return s.Preflight(ctx)
}
