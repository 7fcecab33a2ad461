package account

import (
	"context"

	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/systems/htpasswd"
	"github.com/irctl/irctl/pkg/action"
)

// inHtpasswd takes the entry of an account in a web server's password file out
// of use, or back into it. The entry itself stays in the file.
func inHtpasswd(disable bool) kind.Kind {
	return switched(kind.Change{Type: htpasswd.Target(true), Settles: true, Check: htpasswd.Check}, disable, func(ctx context.Context, req action.Request) (board, error) {
		f, err := htpasswd.Open(ctx, req)
		return entries{f}, err
	})
}

type entries struct{ *htpasswd.File }

func (e entries) look(ctx context.Context, account string) (standing, error) {
	entry, err := e.Look(ctx, account)
	s := standing{disabled: !entry.Active, enabled: entry.Active}
	marks := []any{}
	for _, m := range entry.Marks {
		marks = append(marks, m)
	}
	s.previous = map[string]any{"active": entry.Active, "marks": marks}
	s.words = action.CleanLine(account, 60) + " has an entry that is out of use"
	if entry.Active {
		s.words = action.CleanLine(account, 60) + " has an entry in use"
	}
	return s, err
}

func (e entries) set(ctx context.Context, account, key string, disabled bool) error {
	if disabled {
		return e.Disable(ctx, account, key)
	}
	return e.Enable(ctx, account)
}

func (e entries) restore(ctx context.Context, account, key string, previous action.Values) error {
	return e.Restore(ctx, account, key, htpasswd.Entry{Active: previous.Bool("active"), Marks: previous.Strings("marks")})
}
