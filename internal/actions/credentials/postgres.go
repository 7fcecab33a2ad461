package credentials

import (
	"context"

	"github.com/irctl/irctl/internal/systems/postgres"
	"github.com/irctl/irctl/pkg/action"
)

// inPostgres replaces the password of a role of PostgreSQL.
func inPostgres() rotation {
	return rotation{
		target: postgres.Target(false), noun: "password",
		open:  func(ctx context.Context, req action.Request) (keeper, error) { return postgres.Connect(ctx, req) },
		check: postgres.Check, made: password, guess: anyPassword,
	}
}
