package sessions

import (
	"context"

	"github.com/irctl/irctl/internal/systems/login"
	"github.com/irctl/irctl/pkg/action"
)

// inLinuxUsers ends every process of an account of a Linux machine.
func inLinuxUsers() ended {
	return ended{
		target: login.UsersTarget(false),
		open:   func(_ context.Context, req action.Request) (host, error) { return login.OpenUsers(req) },
		check:  login.CheckUsers,
	}
}
