package sessions

import (
	"context"

	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/systems/redis"
	"github.com/irctl/irctl/pkg/action"
)

// inRedis ends the sessions of a user of Redis.
func inRedis() kind.Kind {
	return ended(redis.Target(false), redis.Check, func(ctx context.Context, req action.Request) (host, error) { return redis.Connect(ctx, req) })
}
