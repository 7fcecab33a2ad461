package account

import (
	"context"

	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/systems/redis"
	"github.com/irctl/irctl/pkg/action"
)

// inRedis switches a user of Redis on or off. Its passwords and what it may do
// stay as they are.
func inRedis(disable bool) kind.Kind {
	return switched(kind.Change{Type: redis.Target(true), Settles: true, Check: redis.Check}, disable, func(ctx context.Context, req action.Request) (board, error) {
		c, err := redis.Connect(ctx, req)
		return users{c}, err
	})
}

type users struct{ *redis.Conn }

func (u users) look(ctx context.Context, account string) (standing, error) {
	user, err := u.User(ctx, account)
	s := standing{disabled: !user.On, enabled: user.On, previous: map[string]any{"on": user.On}}
	s.words = action.CleanLine(account, 60) + " is off"
	if user.On {
		s.words = action.CleanLine(account, 60) + " is on"
	}
	return s, err
}

func (u users) set(ctx context.Context, account, _ string, disabled bool) error {
	return u.SetOn(ctx, account, !disabled)
}

func (u users) restore(ctx context.Context, account, _ string, previous action.Values) error {
	return u.SetOn(ctx, account, previous.Bool("on"))
}
