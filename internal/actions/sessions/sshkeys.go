package sessions

import (
	"context"

	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/systems/login"
	"github.com/irctl/irctl/pkg/action"
)

// inSSHKeys ends the SSH sessions of an account of a machine.
func inSSHKeys() kind.Kind {
	return ended(login.KeysTarget(false), login.CheckKeys, func(_ context.Context, req action.Request) (host, error) { return login.OpenKeys(req) })
}
