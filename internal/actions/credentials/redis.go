package credentials

import (
	"context"

	"github.com/irctl/irctl/internal/systems/redis"
	"github.com/irctl/irctl/pkg/action"
)

// inRedis replaces the password of a user of Redis.
func inRedis() rotation {
	return rotation{
		target: redis.Target(false), noun: "password",
		open:  func(ctx context.Context, req action.Request) (keeper, error) { return redis.Connect(ctx, req) },
		check: redis.Check, made: password, guess: anyPassword,
	}
}
