package email

import (
	"context"
	"slices"

	"github.com/irctl/irctl/internal/systems/dovecot"
	"github.com/irctl/irctl/pkg/action"
)

// mailboxes suspends or restores what people have on a Dovecot: while it is
// suspended nobody reads mail, and mail is still delivered to them.
type mailboxes struct{ suspend bool }

func (mailboxes) Target() action.TargetType { return dovecot.Target(true) }

func (m mailboxes) want() string {
	if m.suspend {
		return "every user is denied, no session is open"
	}
	return "nobody is denied by email.suspend"
}

func (m mailboxes) desired(l dovecot.Look) bool {
	if m.suspend {
		return l.Suspended()
	}
	return len(l.Deny.Block()) == 0
}

func (m mailboxes) look(ctx context.Context, req action.Request) (*dovecot.System, dovecot.Look, error) {
	s, err := dovecot.Open(req)
	if err != nil {
		return nil, dovecot.Look{}, err
	}
	l, err := s.Look(ctx)
	if err != nil {
		s.Close()
		return nil, dovecot.Look{}, err
	}
	return s, l, nil
}

// Inspect implements action.Inspector.
func (m mailboxes) Inspect(ctx context.Context, req action.Request) (action.Inspection, error) {
	s, l, err := m.look(ctx, req)
	if err != nil {
		return action.Inspection{}, err
	}
	defer s.Close()
	return action.Inspection{
		Known: true, Desired: m.desired(l), Repeatable: true,
		Current: l.String(), Want: m.want(), Outputs: map[string]any{},
	}, nil
}

// Run implements kind.Kind.
func (m mailboxes) Run(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	s, l, err := m.look(ctx, req)
	if err != nil {
		return action.Result{}, err
	}
	defer s.Close()
	r := action.Result{Outputs: map[string]any{}, Summary: m.want()}
	if m.desired(l) {
		// An attempt that recorded has changed it; then there is something to undo.
		r.Changed = len(req.Record) > 0
		if !r.Changed {
			r.Already, r.Summary = true, "already so: "+r.Summary
		}
		return r, nil
	}
	before, block := l.Deny.Block(), []string{}
	if m.suspend {
		block = l.Unlisted()
	}
	if len(req.Record) == 0 {
		if err := out.Record(map[string]any{"before": texts(before), "while": texts(block)}); err != nil {
			return action.Result{}, err
		}
	} else if m.suspend {
		// Of users who came since, Undo has to know too.
		recorded := action.Values(req.Record).Strings("while")
		came := dovecot.Without(block, recorded)
		block = append(recorded, came...)
		if len(came) > 0 {
			if err := out.Record(map[string]any{"while": texts(block)}); err != nil {
				return action.Result{}, err
			}
		}
	}
	r.Changed = true
	return r, put(ctx, s, before, block)
}

// put has these users in the block, and no others, and looks that it counts.
// Before is who was there.
func put(ctx context.Context, s *dovecot.System, before, block []string) error {
	if err := s.Change(ctx, func(d dovecot.Deny) dovecot.Deny { return d.WithBlock(block) }); err != nil {
		return err
	}
	if err := s.Denied(ctx, block); err != nil {
		return err
	}
	if gone := dovecot.Without(before, block); len(gone) > 0 {
		return s.Admitted(ctx, gone)
	}
	_, err := s.KickAll(ctx)
	return err
}

// Undo implements action.Undoer. It takes back what the step did to the block
// and leaves what others did to it since.
func (m mailboxes) Undo(ctx context.Context, req action.Request, _ action.Sink) (action.Result, error) {
	r := action.Result{Outputs: map[string]any{}}
	if len(req.Record) == 0 {
		r.Already, r.Summary = true, "nothing was changed, so nothing is put back"
		return r, nil
	}
	record := action.Values(req.Record)
	before, while := record.Strings("before"), record.Strings("while")
	s, l, err := m.look(ctx, req)
	if err != nil {
		return action.Result{}, err
	}
	defer s.Close()
	now := l.Deny.Block()
	block := dovecot.Without(now, dovecot.Without(while, before))
	block = append(block, dovecot.Without(dovecot.Without(before, while), block)...)
	r.Summary = "the mailboxes are as they were before the step"
	if slices.Equal(block, now) {
		r.Already = true
		return r, nil
	}
	r.Changed = true
	return r, put(ctx, s, now, block)
}

// Preflight implements action.Preflighter.
func (mailboxes) Preflight(ctx context.Context, req action.Request) []error {
	return dovecot.Check(ctx, req)
}

func texts(values []string) []any {
	out := make([]any, len(values))
	for i, v := range values {
		out[i] = v
	}
	return out
}
