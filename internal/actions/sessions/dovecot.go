package sessions

import (
	"context"

	"github.com/irctl/irctl/internal/systems/dovecot"
	"github.com/irctl/irctl/pkg/action"
)

// inDovecot ends the sessions of a user of Dovecot.
func inDovecot() ended {
	return ended{
		target: dovecot.Target(false),
		open:   func(_ context.Context, req action.Request) (host, error) { return dovecot.Open(req) },
		check:  dovecot.Check,
	}
}
