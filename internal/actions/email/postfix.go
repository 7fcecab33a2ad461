package email

import (
	"context"
	"strings"

	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/systems/postfix"
	"github.com/irctl/irctl/pkg/action"
)

// inPostfix suspends or restores mail at a Postfix.
func inPostfix(suspend bool) kind.Kind {
	return kind.Change{
		Type: postfix.Target(),
		Open: func(_ context.Context, req action.Request) (kind.Work, error) {
			s, err := postfix.Open(req)
			return &mta{System: s, suspend: suspend, notice: req.With.String("notice")}, err
		},
	}
}

// mta is one call.
type mta struct {
	*postfix.System
	suspend bool
	notice  string
	now     postfix.Look
}

// Check implements kind.Checker.
func (m *mta) Check(ctx context.Context) []error { return m.Preflight(ctx, m.suspend) }

// Look implements kind.Work. Of a system that this step has begun to suspend,
// all must be there that it recorded.
func (m *mta) Look(ctx context.Context, record action.Values) (kind.State, error) {
	s := kind.State{Want: "accepting mail"}
	if m.suspend {
		s.Want = "senders are put off (450), nothing is delivered"
	}
	var err error
	if m.now, err = m.System.Look(ctx); err != nil {
		return s, err
	}
	if m.suspend {
		for _, service := range m.now.Apart {
			s.Open = append(s.Open, "the service "+action.CleanLine(service, 80)+", to which master.cf gives restrictions of its own")
		}
	}
	s.Current, s.Summary, s.Already = m.now.String(), m.now.String(), "already so: "+m.now.String()
	switch {
	case !m.suspend:
		s.Desired = !m.now.Suspended && m.now.Note == nil
	case len(record) == 0:
		s.Desired = m.now.Suspended
	default:
		p, err := postfix.Recalled(record)
		lacks := m.now.Lacks(p)
		s.Desired = err == nil && len(lacks) == 0
		if len(lacks) > 0 {
			s.Current += "; " + strings.Join(lacks, ", ")
		}
		return s, err
	}
	return s, nil
}

// Keep implements kind.Keeper.
func (m *mta) Keep(_ context.Context, record action.Values) (map[string]any, error) {
	switch {
	case len(record) > 0:
		return nil, nil
	case m.suspend:
		return m.now.Plan(m.notice).Record()
	case m.now.Note == nil:
		return nil, m.NotOurs()
	}
	return m.now.Note.Record()
}

// Change implements kind.Work.
func (m *mta) Change(ctx context.Context, record action.Values, out action.Sink) error {
	p, err := postfix.Recalled(record)
	if err != nil {
		return err
	}
	if !m.suspend {
		_, err := m.Lift(ctx, m.now, p)
		return err
	}
	return m.Impose(ctx, p, func(p postfix.Suspension) error {
		values, err := p.Record()
		if err != nil {
			return err
		}
		return out.Record(values)
	})
}

// PutBack implements kind.Restorer.
func (m *mta) PutBack(ctx context.Context, record action.Values, _ action.Sink) (changed bool, summary string, err error) {
	p, err := postfix.Recalled(record)
	if err != nil {
		return false, "", err
	}
	if m.now, err = m.System.Look(ctx); err != nil {
		return false, "", err
	}
	if m.suspend {
		changed, err = m.Lift(ctx, m.now, p)
	} else if len(m.now.Lacks(p)) > 0 {
		changed, err = true, m.Impose(ctx, p, func(postfix.Suspension) error { return nil })
	}
	if err != nil {
		return changed, "", err
	}
	m.now, err = m.System.Look(ctx)
	return changed, m.now.String(), action.Doubtful(err)
}
