package credentials

import (
	"context"

	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/systems/htpasswd"
	"github.com/irctl/irctl/pkg/action"
)

// inHtpasswd replaces a password in a web server's file.
func inHtpasswd() kind.Kind {
	r := rotation{noun: "password", made: password, guess: anyPassword, longest: htpasswd.Longest}
	return r.rotate(htpasswd.Target(false), htpasswd.Check, func(_ context.Context, req action.Request) (keeper, error) { return htpasswd.Open(req) })
}
