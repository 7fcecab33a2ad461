package cli

import (
	"bytes"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/suggest"
)

func newCompletionCmd(a *app) *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	cmd := a.command(spec{
		use:   "completion SHELL",
		group: groupSetup,
		short: "Print the completion script of bash, zsh, fish or powershell",
		long: `Print a script that teaches a shell to complete commands, flags, runs, steps,
runbooks, environments, targets and actions.`,
		example: `
  bash   source <(irctl completion bash)
  zsh    irctl completion zsh > "${fpath[1]}/_irctl"
  fish   irctl completion fish > ~/.config/fish/completions/irctl.fish`,
		args: nargs(1, 1),
		run: func(cmd *cobra.Command, args []string) error {
			var b bytes.Buffer
			var err error
			switch root := cmd.Root(); args[0] {
			case "bash":
				err = root.GenBashCompletionV2(&b, true)
			case "zsh":
				err = root.GenZshCompletion(&b)
			case "fish":
				err = root.GenFishCompletion(&b, true)
			case "powershell":
				err = root.GenPowerShellCompletionWithDesc(&b)
			default:
				p := usagef("there is no completion for %q", args[0])
				if near := suggest.Near(args[0], shells); near != "" {
					return p.with("irctl completion " + near)
				}
				return p.with("irctl completion bash")
			}
			if err != nil {
				return failf(err, "cannot make the completion script")
			}
			return a.print().Document(b.String())
		},
	})
	cmd.ValidArgs = shells
	return cmd
}
