package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/durable"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/library"
	"github.com/irctl/irctl/pkg/action"
)

func newConnectorLoginCmd(a *app) *cobra.Command {
	var to string
	cmd := command.New("login TARGET", "Sign in for a target once, by a code in a browser", func(ctx context.Context, args []string) error { return a.connectorLogin(ctx, args[0], to) }, nil, command.ExitInvalid)
	cmd.Flags().StringVar(&to, "to", "", "the `file` of the secret that renews tokens, as the environment names it")
	return cmd
}

// connectorLogin signs in for a target of a connector, and keeps what later runs
// renew tokens with.
func (a *app) connectorLogin(ctx context.Context, name, to string) error {
	if to == "" {
		return command.Usagef("nobody says where what is given is kept").With("irctl connector login " + name + " --to FILE")
	}
	// The environment names the file, so that it has to be there to be read.
	if _, err := os.Lstat(a.abs(to)); errors.Is(err, fs.ErrNotExist) {
		if err := durable.Write(a.abs(to), []byte("nobody has signed in\n"), 0o600); err != nil {
			return command.Failf(err, "cannot write %s", to)
		}
	}
	env, _, err := a.mustEnvironment()
	if err != nil {
		return err
	}
	of, err := a.connectorOf(env, name)
	if err != nil {
		return err
	}
	spec, _ := a.actions().Spec(of.Actions[0].Name.Value)
	target, err := env.Resolve(ctx, name, spec)
	if err == nil {
		var given action.Secret
		given, err = of.Login(ctx, action.Request{Target: target, Allow: env.Policy()}, func(at, code string) {
			_ = a.print().Say("Open " + at + " in a browser and type " + code + ". irctl waits.")
		})
		if err == nil {
			err = durable.Write(a.abs(to), []byte(given.Reveal()+"\n"), 0o600)
		}
	}
	if err != nil {
		return failedAction(err)
	}
	return a.tell(map[string]string{"target": name, "file": a.abs(to)}, "Signed in for "+name+"; what renews tokens is in "+to+".", "irctl target check "+name)
}

// connectorOf is the connector that describes a target.
func (a *app) connectorOf(env *environment.Environment, target string) (library.Connector, error) {
	targets, err := chosen(env, []string{target})
	if err != nil {
		return library.Connector{}, err
	}
	i := slices.IndexFunc(a.files, func(c library.Connector) bool { return c.Name.Value == targets[0].Type })
	if i < 0 {
		return library.Connector{}, command.Usagef("the target %s is of the type %s, which no connector describes", target, targets[0].Type).With("irctl connector list")
	}
	return a.files[i], nil
}
