package credentials

import (
	"context"

	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/systems/login"
	"github.com/irctl/irctl/pkg/action"
)

// inSSHKeys gives an account a new SSH key in the place of all that it has,
// which are revoked.
func inSSHKeys() kind.Kind {
	r := rotation{noun: "key", longest: -1, made: func(action.Request) (action.Secret, error) { return login.NewKey() }, guess: login.NewKey}
	return r.rotate(login.KeysTarget(false), login.CheckKeys, func(_ context.Context, req action.Request) (keeper, error) { return login.OpenKeys(req) })
}
