package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/command"
)

func newCompletionCmd(a *app) *cobra.Command {
	var cmd *cobra.Command
	cmd = command.New("completion SHELL", "Print the completion script of bash, zsh, fish or powershell", func(_ context.Context, args []string) error {
		script, err := command.Completion(cmd.Root(), args[0])
		if err != nil {
			return err
		}
		return a.print().Document(script)
	}, nil)
	cmd.ValidArgs = command.Shells
	return cmd
}
