package sessions

import (
	"context"

	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/systems/dovecot"
	"github.com/irctl/irctl/pkg/action"
)

// inDovecot ends the sessions of a user of Dovecot.
func inDovecot() kind.Kind {
	return ended(dovecot.Target(false), dovecot.Check, func(_ context.Context, req action.Request) (host, error) { return dovecot.Open(req) })
}
