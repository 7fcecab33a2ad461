package credentials

import (
	"context"

	"github.com/irctl/irctl/internal/systems/htpasswd"
	"github.com/irctl/irctl/pkg/action"
)

// inHtpasswd replaces a password in a web server's file.
func inHtpasswd() rotation {
	return rotation{
		target: htpasswd.Target(false), noun: "password",
		open:  func(_ context.Context, req action.Request) (keeper, error) { return htpasswd.Open(req) },
		check: htpasswd.Check, made: password, guess: anyPassword, longest: htpasswd.Longest,
	}
}
