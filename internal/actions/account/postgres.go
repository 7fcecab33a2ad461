package account

import (
	"context"

	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/systems/postgres"
	"github.com/irctl/irctl/pkg/action"
)

// inPostgres lets a role of PostgreSQL sign in, or not (LOGIN, NOLOGIN).
func inPostgres(disable bool) kind.Kind {
	return switched(kind.Change{Type: postgres.Target(true), Settles: true, Check: postgres.Check}, disable, func(ctx context.Context, req action.Request) (board, error) {
		c, err := postgres.Connect(ctx, req)
		return roles{c}, err
	})
}

type roles struct{ *postgres.Conn }

func (r roles) look(ctx context.Context, account string) (standing, error) {
	role, err := r.Role(ctx, account)
	s := standing{disabled: !role.Login, enabled: role.Login, previous: map[string]any{"login": role.Login}}
	s.words = action.CleanLine(account, 60) + " may not log in"
	if role.Login {
		s.words = action.CleanLine(account, 60) + " may log in"
	}
	return s, err
}

func (r roles) set(ctx context.Context, account, _ string, disabled bool) error {
	return r.SetLogin(ctx, account, !disabled)
}

func (r roles) restore(ctx context.Context, account, _ string, previous action.Values) error {
	return r.SetLogin(ctx, account, previous.Bool("login"))
}
