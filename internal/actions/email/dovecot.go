package email

import (
	"context"
	"slices"

	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/systems/dovecot"
	"github.com/irctl/irctl/pkg/action"
)

// inDovecot suspends or restores what people have on a Dovecot: while it is
// suspended nobody reads mail, and mail is still delivered to them.
func inDovecot(suspend bool) kind.Kind {
	return kind.Change{
		Type: dovecot.Target(true),
		Open: func(ctx context.Context, req action.Request) (kind.Work, error) {
			s, err := dovecot.Open(ctx, req)
			return &mailboxes{System: s, suspend: suspend}, err
		},
	}
}

// mailboxes is one call.
type mailboxes struct {
	*dovecot.System
	suspend bool
	now     dovecot.Look
}

// Check implements kind.Checker.
func (m *mailboxes) Check(ctx context.Context) []error { return m.PreflightAll(ctx) }

// Look implements kind.Work.
func (m *mailboxes) Look(ctx context.Context, _ action.Values) (s kind.State, err error) {
	m.now, err = m.System.Look(ctx)
	s.Desired, s.Want = len(m.now.Deny.Block()) == 0, "nobody is denied by email.suspend"
	if m.suspend {
		s.Desired, s.Open, s.Want = m.now.Suspended(), m.now.Longer, "every user is denied, no session is open"
	}
	s.Current, s.Already = m.now.String(), "already so: "+s.Want
	if m.suspend {
		s.Summary, s.Already = s.Want+m.Masters(), s.Already+m.Masters()
	}
	return s, err
}

// Keep implements kind.Keeper. Of users who came since the first attempt,
// PutBack has to know too.
func (m *mailboxes) Keep(_ context.Context, record action.Values) (map[string]any, error) {
	block := m.block(record)
	switch {
	case len(record) == 0:
		return map[string]any{"before": texts(m.now.Deny.Block()), "while": texts(block)}, nil
	case len(block) > len(record.Strings("while")):
		return map[string]any{"while": texts(block)}, nil
	}
	return nil, nil
}

// block is who is denied when the step is done.
func (m *mailboxes) block(record action.Values) []string {
	if !m.suspend {
		return nil
	}
	recorded := record.Strings("while")
	return append(recorded, dovecot.Without(m.now.Unlisted(), recorded)...)
}

// Change implements kind.Work.
func (m *mailboxes) Change(ctx context.Context, record action.Values, _ action.Sink) error {
	return m.put(ctx, record.Strings("before"), record.Strings("while"))
}

// put has these users in the block, and no others, and looks that it counts.
// Before is who was there.
func (m *mailboxes) put(ctx context.Context, before, block []string) error {
	if err := m.System.Change(ctx, func(d dovecot.Deny) dovecot.Deny { return d.WithBlock(block) }); err != nil {
		return err
	}
	if err := m.Denied(ctx, block); err != nil {
		return err
	}
	if gone := dovecot.Without(before, block); len(gone) > 0 {
		return m.Admitted(ctx, gone)
	}
	_, err := m.KickAll(ctx)
	return err
}

// PutBack implements kind.Restorer. It takes back what the step did to the
// block and leaves what others did to it since.
func (m *mailboxes) PutBack(ctx context.Context, record action.Values, _ action.Sink) (changed bool, summary string, err error) {
	if m.now, err = m.System.Look(ctx); err != nil {
		return false, "", err
	}
	before, while, now := record.Strings("before"), record.Strings("while"), m.now.Deny.Block()
	block := dovecot.Without(now, dovecot.Without(while, before))
	block = append(block, dovecot.Without(dovecot.Without(before, while), block)...)
	summary = "the mailboxes are as they were before the step"
	if slices.Equal(block, now) {
		return false, summary, nil
	}
	return true, summary, m.put(ctx, now, block)
}

func texts(values []string) []any {
	out := make([]any, len(values))
	for i, v := range values {
		out[i] = v
	}
	return out
}
