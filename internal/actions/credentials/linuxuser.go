package credentials

import (
	"context"

	"github.com/irctl/irctl/internal/systems/login"
	"github.com/irctl/irctl/pkg/action"
)

// inLinuxUsers replaces the password of an account of a Linux machine.
func inLinuxUsers() rotation {
	return rotation{
		target: login.UsersTarget(false), noun: "password",
		open:  func(_ context.Context, req action.Request) (keeper, error) { return login.OpenUsers(req) },
		check: login.CheckUsers, made: password, guess: anyPassword,
	}
}
