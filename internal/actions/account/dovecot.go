package account

import (
	"context"
	"slices"

	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/systems/dovecot"
	"github.com/irctl/irctl/pkg/action"
)

// inDovecot denies a user of Dovecot by a line of the deny file, or takes the
// lines out that do. What email.suspend denies there is none of its business.
func inDovecot(disable bool) kind.Kind {
	return switched(kind.Change{Type: dovecot.Target(true), Settles: true}, disable, dovecot.Open, func(s *dovecot.System) board { return mailboxes{s} })
}

type mailboxes struct{ *dovecot.System }

func (m mailboxes) look(ctx context.Context, account string) (standing, error) {
	deny, err := m.Account(ctx, account)
	if err != nil {
		return standing{}, err
	}
	_, taken, err := deny.Take(account)
	if err != nil {
		return standing{}, err
	}
	lines := make([]any, len(taken))
	for i, l := range taken {
		lines[i] = map[string]any{"at": int64(l.At), "text": l.Text}
	}
	s := standing{disabled: len(taken) > 0, enabled: len(taken) == 0, previous: map[string]any{"lines": lines}, note: lasting + m.Masters()}
	s.words = action.CleanLine(account, 60) + " is enabled"
	if s.disabled {
		s.words = action.CleanLine(account, 60) + " is disabled"
		s.open, err = m.LongerNames(ctx, []string{account})
	}
	if slices.Contains(deny.Block(), account) {
		s.words += ", and all mailboxes are suspended"
	}
	return s, err
}

func (m mailboxes) set(ctx context.Context, account, _ string, disabled bool) error {
	if disabled {
		return m.list(ctx, account, func(d dovecot.Deny) dovecot.Deny { return d.Add(account) })
	}
	return m.unlist(ctx, account)
}

// list has a user listed, by what edit makes of a file that does not.
func (m mailboxes) list(ctx context.Context, account string, edit func(dovecot.Deny) dovecot.Deny) error {
	err := m.Change(ctx, func(d dovecot.Deny) dovecot.Deny {
		if slices.Contains(d.Listed(), account) {
			return d
		}
		return edit(d)
	})
	if err != nil {
		return err
	}
	return m.Denied(ctx, []string{account})
}

func (m mailboxes) unlist(ctx context.Context, account string) error {
	var refused error
	err := m.Change(ctx, func(d dovecot.Deny) dovecot.Deny {
		d, _, refused = d.Take(account)
		return d
	})
	if refused != nil {
		return refused
	}
	if err != nil {
		return err
	}
	return m.Admitted(ctx, []string{account})
}

func (m mailboxes) restore(ctx context.Context, account, _ string, previous action.Values) error {
	var lines []dovecot.Line
	for _, l := range previous.List("lines") {
		if line, ok := l.(map[string]any); ok {
			lines = append(lines, dovecot.Line{At: int(action.Values(line).Int("at")), Text: action.Values(line).String("text")})
		}
	}
	if len(lines) == 0 {
		return m.unlist(ctx, account)
	}
	return m.list(ctx, account, func(d dovecot.Deny) dovecot.Deny { return d.Insert(lines) })
}
