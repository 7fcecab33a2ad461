package account

import (
	"context"
	"fmt"

	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/systems/login"
	"github.com/irctl/irctl/pkg/action"
)

// inSSHKeys revokes all keys of an account of a machine, or has the server
// accept them again. A key that is revoked is refused for every account.
func inSSHKeys(disable bool) kind.Kind {
	return switched(kind.Change{Type: login.KeysTarget(true), Settles: true, Check: login.CheckKeys}, disable, func(ctx context.Context, req action.Request) (board, error) {
		k, err := login.OpenKeys(ctx, req)
		return keys{k}, err
	})
}

type keys struct{ *login.Keys }

func (k keys) look(ctx context.Context, account string) (standing, error) {
	r, err := k.Look(ctx, account)
	return standing{
		disabled: r.Disabled(), enabled: r.Keys > 0 && r.Revoked == 0, previous: r.Previous(),
		words: fmt.Sprintf("%s has %d SSH keys, of which %d are revoked", action.CleanLine(account, 60), r.Keys, r.Revoked),
	}, err
}

func (k keys) set(ctx context.Context, account, _ string, disabled bool) error {
	if disabled {
		return k.Revoke(ctx, account)
	}
	return k.Allow(ctx, account)
}

func (k keys) restore(ctx context.Context, account, _ string, previous action.Values) error {
	return k.Restore(ctx, account, previous)
}
