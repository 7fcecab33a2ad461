package cli

import (
	"bytes"
	"context"
	_ "embed"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/command"
)

// shells are those that completion knows.
var shells = []string{"bash", "zsh", "fish", "powershell"}

// plainBash splits a line into words where the package bash-completion is not
// installed, of which cobra's script uses the functions.
//
//go:embed completion.bash
var plainBash string

func newCompletionCmd(a *app, run func(root *cobra.Command, shell string) error) *cobra.Command {
	var cmd *cobra.Command
	cmd = command.New("completion SHELL", "Print the completion script of bash, zsh, fish or powershell", func(_ context.Context, args []string) error {
		return run(cmd.Root(), args[0])
	}, nil)
	cmd.ValidArgs = shells
	return cmd
}

// completion prints the completion script of a shell.
func (a *app) completion(root *cobra.Command, shell string) error {
	var b bytes.Buffer
	write := map[string]func() error{
		"bash":       func() error { return root.GenBashCompletionV2(&b, true) },
		"zsh":        func() error { return root.GenZshCompletion(&b) },
		"fish":       func() error { return root.GenFishCompletion(&b, true) },
		"powershell": func() error { return root.GenPowerShellCompletionWithDesc(&b) },
	}[shell]
	if write == nil {
		return command.Usagef("there is no completion for %q", shell).Meant("irctl completion", shell, shells, "irctl completion bash")
	}
	if err := write(); err != nil {
		return command.Failf(err, "cannot make the completion script")
	}
	if shell == "bash" {
		b.WriteString(plainBash)
	}
	return a.print().Document(b.String())
}
