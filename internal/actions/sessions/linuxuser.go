package sessions

import (
	"context"

	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/systems/login"
	"github.com/irctl/irctl/pkg/action"
)

// inLinuxUsers ends every process of an account of a Linux machine.
func inLinuxUsers() kind.Kind {
	return ended(login.UsersTarget(false), login.CheckUsers, func(_ context.Context, req action.Request) (host, error) { return login.OpenUsers(req) })
}
