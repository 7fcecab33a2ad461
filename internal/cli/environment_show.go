package cli

import (
	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/view"
)

func newEnvironmentShowCmd(a *app, run func() error) *cobra.Command {
	return a.environmentCmd(spec{
		use:   "show [ENVIRONMENT]",
		short: "Show what an environment names, never a secret",
	}, run)
}

// showEnvironment shows the environment that was asked for.
func (a *app) showEnvironment() error {
	env, d, err := a.mustEnvironment()
	if err != nil {
		return err
	}
	return a.print().Environment(view.EnvironmentOf(env, d.Path, d.Digest))
}
