package cli

import "github.com/spf13/cobra"

func newEnvironmentCheckCmd(a *app, run func() error) *cobra.Command {
	return a.environmentCmd(spec{
		use:   "check [ENVIRONMENT]",
		short: "Find every problem in an environment's file",
	}, run)
}

// checkEnvironment shows what is wrong with the environment that was asked for.
func (a *app) checkEnvironment() error {
	if a.env == "" {
		return a.noEnvironment()
	}
	d, err := a.library().EnvironmentFile(a.env)
	if err != nil {
		return err
	}
	env, ds := a.library().ParseEnvironment(d)
	if env != nil {
		ds = append(ds, d.CheckSecrets(env)...)
	}
	err = a.print().Diagnostics(1, ds, d.Sources)
	if err == nil && ds.HasErrors() {
		return end(ExitInvalid)
	}
	return err
}
