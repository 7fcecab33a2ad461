package credentials

import (
	"context"

	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/systems/redis"
	"github.com/irctl/irctl/pkg/action"
)

// inRedis replaces the password of a user of Redis.
func inRedis() kind.Kind {
	r := rotation{noun: "password", made: password, guess: anyPassword}
	return r.rotate(redis.Target(false), redis.Check, func(ctx context.Context, req action.Request) (keeper, error) { return redis.Connect(ctx, req) })
}
