package credentials

import (
	"context"

	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/systems/login"
	"github.com/irctl/irctl/pkg/action"
)

// inLinuxUsers replaces the password of an account of a Linux machine.
func inLinuxUsers() kind.Kind {
	r := rotation{noun: "password", made: password, guess: anyPassword}
	return r.rotate(login.UsersTarget(false), login.CheckUsers, func(_ context.Context, req action.Request) (keeper, error) { return login.OpenUsers(req) })
}
