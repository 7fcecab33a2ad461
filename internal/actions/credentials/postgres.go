package credentials

import (
	"context"

	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/systems/postgres"
	"github.com/irctl/irctl/pkg/action"
)

// inPostgres replaces the password of a role of PostgreSQL.
func inPostgres() kind.Kind {
	r := rotation{noun: "password", made: password, guess: anyPassword}
	return r.rotate(postgres.Target(false), postgres.Check, func(ctx context.Context, req action.Request) (keeper, error) { return postgres.Connect(ctx, req) })
}
