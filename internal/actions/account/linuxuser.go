package account

import (
	"context"

	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/systems/login"
	"github.com/irctl/irctl/pkg/action"
)

// inLinuxUsers locks the password of an account of a Linux machine and has the
// account expire, so that its keys are refused too; or lets it in again.
func inLinuxUsers(disable bool) kind.Kind {
	return switched(kind.Change{Type: login.UsersTarget(true), Settles: true, Check: login.CheckUsers}, disable, func(ctx context.Context, req action.Request) (board, error) {
		u, err := login.OpenUsers(ctx, req)
		return locks{u}, err
	})
}

type locks struct{ *login.Users }

func (l locks) look(ctx context.Context, account string) (standing, error) {
	now, err := l.Look(ctx, account)
	s := standing{disabled: now.Disabled(), enabled: now.Enabled(), previous: map[string]any{"locked": now.Locked, "expires": now.Expires}}
	s.words = action.CleanLine(account, 60) + " is not locked"
	if now.Locked {
		s.words = action.CleanLine(account, 60) + " is locked"
	}
	switch {
	case now.Expired():
		s.words += " and has expired"
	case now.Expires != "":
		s.words += " and expires on day " + now.Expires + " since 1970"
	}
	return s, err
}

func (l locks) set(ctx context.Context, account, _ string, disabled bool) error {
	if disabled {
		return l.Lock(ctx, account)
	}
	return l.Set(ctx, account, login.Lock{})
}

func (l locks) restore(ctx context.Context, account, _ string, previous action.Values) error {
	return l.Restore(ctx, account, login.Lock{Locked: previous.Bool("locked"), Expires: previous.String("expires")})
}
