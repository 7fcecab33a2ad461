package sessions

import (
	"context"

	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/systems/postgres"
	"github.com/irctl/irctl/pkg/action"
)

// inPostgres ends the sessions of a role of PostgreSQL.
func inPostgres() kind.Kind {
	return ended(postgres.Target(false), postgres.Check, func(ctx context.Context, req action.Request) (host, error) { return postgres.Connect(ctx, req) })
}
