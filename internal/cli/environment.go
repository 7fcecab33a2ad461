package cli

import (
	"slices"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/library"
	"github.com/irctl/irctl/internal/projection"
)

// environmentCmd makes a command about one environment, which may be named as
// its argument, too.
func (a *app) environmentCmd(s spec, run func() error) *cobra.Command {
	s.exits, s.complete = []Exit{ExitInvalid}, a.completeEnvironments
	s.run = func(_ *cobra.Command, args []string) error {
		if len(args) > 0 {
			a.env = args[0]
		}
		return run()
	}
	return a.command(s)
}

// mustEnvironment reads the environment that was asked for, for a command that
// needs one.
func (a *app) mustEnvironment() (*environment.Environment, *library.Document, error) {
	if a.env == "" {
		return nil, nil, a.noEnvironment()
	}
	return a.library().Environment(a.env)
}

func (a *app) noEnvironment() error {
	p := usagef("no environment was named")
	for _, l := range a.library().Environments() {
		p.add(projection.Command(append(slices.Clone(a.Args), "--env", l.Name)...))
	}
	return p.with("irctl help environments")
}
