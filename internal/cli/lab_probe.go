package cli

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/lab"
)

// probes are the systems that lab probe can look at.
var probes = []string{"mail", "portal", "payments", "login"}

// probeOptions is what lab probe was asked for.
type probeOptions struct{ system, account, password string }

func newLabProbeCmd(run func(ctx context.Context, w probeOptions) error) *cobra.Command {
	var o probeOptions
	var cmd *cobra.Command
	cmd = command.New("probe SYSTEM [ACCOUNT]", "Look at one of the lab's systems from outside", func(ctx context.Context, args []string) error {
		o.system = args[0]
		switch {
		case !slices.Contains(probes, o.system):
			return command.Usagef("the lab has no system %q", o.system).Meant("irctl lab probe", o.system, probes, probes...)
		case o.system == "login" && len(args) < 2:
			return command.Usagef("whose login?").With("irctl lab probe login alice")
		case o.system == "login":
			o.account = args[1]
		case len(args) > 1:
			return command.Usagef("%q is one argument too many", args[1]).With(command.SeeHelp(cmd))
		}
		return run(ctx, o)
	}, nil)
	cmd.ValidArgs = probes
	cmd.Flags().StringVar(&o.password, "password", "", "of the login, instead of the first `password`")
	return cmd
}

func (a *app) probe(ctx context.Context, o probeOptions) error {
	status, err := lab.Look(ctx, a.labDir())
	if err != nil {
		return command.Failf(err, "cannot look at the lab")
	}
	if !status.Running {
		return command.Failf(nil, "%s", "the lab is not running").With("irctl lab up")
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	answer, err := lab.Probe(ctx, status.Addresses, o.system, o.account, o.password)
	if err != nil {
		return command.Failf(err, "the lab did not answer")
	}
	if a.json() {
		return a.print().JSON(answer)
	}
	lines := append(answer.Headers, answer.Text...)
	if answer.System != "login" {
		lines = append([]string{answer.System + " answers " + strconv.Itoa(answer.Code)}, lines...)
	}
	return a.print().Document(strings.Join(lines, "\n"))
}
