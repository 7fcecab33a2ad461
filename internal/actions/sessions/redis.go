package sessions

import (
	"context"

	"github.com/irctl/irctl/internal/systems/redis"
	"github.com/irctl/irctl/pkg/action"
)

// inRedis ends the sessions of a user of Redis.
func inRedis() ended {
	return ended{
		target: redis.Target(false),
		open:   func(ctx context.Context, req action.Request) (host, error) { return redis.Connect(ctx, req) },
		check:  redis.Check,
	}
}
