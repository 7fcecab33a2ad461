package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/outside"
	"github.com/irctl/irctl/internal/plugin"
	"github.com/irctl/irctl/internal/readiness"
	"github.com/irctl/irctl/pkg/action"
)

func newPluginCmd(a *app) *cobra.Command {
	return command.Parent("plugin", "Trust, verify and test actions that are programs of their own",
		command.New("list", "List the plugins that are found, and which are trusted", a.listPlugins, nil),
		newPluginTrustCmd(a, a.trustPlugin),
		command.New("verify", "Say whether each trusted plugin is still what was trusted", a.verifyPlugins, nil),
		command.New("test PLUGIN", "Hold a plugin to the protocol and to the contract of actions", a.untilTold(a.testPlugin), a.completePlugins, command.ExitInterrupted),
	)
}

func newPluginTrustCmd(a *app, run func(ctx context.Context, name, sha256 string) error) *cobra.Command {
	var sum string
	cmd := command.New("trust PLUGIN", "Show what a plugin can do, and use it from now on", func(ctx context.Context, args []string) error { return run(ctx, args[0], sum) }, a.completePlugins)
	cmd.Flags().StringVar(&sum, "sha256", "", "do not ask: it is trusted if its file has this `sum`")
	return cmd
}

// plugins is where this world's plugins are.
func (a *app) plugins() *plugin.Host {
	return &plugin.Host{
		Folders: each.Of(filepath.SplitList(a.Getenv("IRCTL_PLUGINS")), filepath.Clean), Lock: outside.Below(a.Config, "irctl", "plugins.lock.json"),
		Irctl: outside.Version(), Attempts: &a.children.Attempts,
	}
}

func (a *app) completePlugins(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	found, _ := a.plugins().Found()
	return each.Of(found, plugin.NameOf), cobra.ShellCompDirectiveDefault
}

func (a *app) listPlugins(context.Context, []string) error {
	host := a.plugins()
	rows, err := host.List()
	switch {
	case err != nil:
		return err
	case a.json():
		return a.print().JSON(rows)
	case len(host.Folders) == 0:
		_ = a.print().Say("No folder of plugins is named.")
		return a.print().Next("irctl config set plugins FOLDER", "irctl help plugins")
	case len(rows) == 0:
		return a.print().Say("There is no " + plugin.Prefix + "NAME in " + strings.Join(host.Folders, ", ") + ".")
	}
	return a.print().Table([]string{"plugin", "state", "actions", "file"}, each.Of(rows, func(r plugin.Row) []string { return []string{r.Name, r.State, r.Actions, r.Path} }))
}

// trustPlugin runs a plugin once, to ask what it can do, and asks whether that is
// wanted.
func (a *app) trustPlugin(ctx context.Context, name, sum string) error {
	host := a.plugins()
	path, err := host.Find(name)
	if err != nil {
		return err
	}
	if !slices.Contains(host.Folders, filepath.Dir(path)) {
		return command.Usagef("%s lies in none of the folders of plugins", a.short(path)).With("irctl config set plugins " + filepath.Dir(path))
	}
	e, err := host.Describe(ctx, plugin.Entry{Path: path, SHA256: sum})
	if said := (*action.Error)(nil); errors.As(err, &said) {
		return command.Failf(nil, "%s", said.Error()).With(said.Hint)
	}
	if err != nil {
		return err
	}
	if sum == "" {
		if !a.print().Interactive() {
			return command.Usagef("there is no terminal to ask whether it is trusted").With("irctl plugin trust " + e.Name() + " --sha256 " + e.SHA256)
		}
		yes, err := a.print().Confirm(fmt.Sprintf("%s, SHA-256 %s, would run as you. It says that it can:", path, e.SHA256), each.Of(e.Actions, plugin.Offered), "Trust it?")
		if err == nil && !yes {
			err = command.Usagef("the plugin %s is not trusted", e.Name()).Meaning("Nothing was changed.")
		}
		if err != nil {
			return err
		}
	}
	e.Trusted, e.By = a.Now().UTC(), a.User()
	if err := host.Trust(e); err != nil {
		return err
	}
	return a.tell(e, "The plugin "+e.Name()+" is trusted as it is now.", each.Of(e.Actions, func(o action.Offer) string { return "irctl action show " + o.Spec.Name })...)
}

func (a *app) verifyPlugins(ctx context.Context, _ []string) error {
	checks := readiness.Plugins(a.plugins())
	if len(checks) == 0 && !a.json() {
		return a.print().Say("No plugin is trusted.")
	}
	return a.showChecks(ctx, checks)
}

func (a *app) testPlugin(ctx context.Context, args []string) error {
	path, err := a.plugins().Find(args[0])
	if err != nil {
		return err
	}
	tried, err := a.plugins().Try(ctx, path)
	if err != nil {
		return err
	}
	return a.showTried(ctx, tried)
}

// showTried shows what was tried and what is wrong.
func (a *app) showTried(ctx context.Context, tried []actiontest.Check) error {
	return a.showChecks(ctx, each.Of(tried, func(c actiontest.Check) readiness.Check {
		of, what, _ := strings.Cut(c.Name, ": ")
		out := readiness.Check{Name: of, Found: what}
		if c.Problem != "" {
			out.Problems = []string{what + ": " + c.Problem}
		}
		return out
	}))
}
