package cli

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/finding"
	"github.com/irctl/irctl/internal/library"
	"github.com/irctl/irctl/internal/manual"
)

func newHelpCmd(a *app) *cobra.Command {
	var cmd *cobra.Command
	cmd = command.New("help [COMMAND | TOPIC | CODE]", "Show the manual of a command, a topic or a diagnostic code", func(_ context.Context, args []string) error {
		return a.runHelp(cmd.Root(), args)
	}, nil)
	cmd.Aliases = []string{"man"}
	cmd.Args = command.Between(0, -1)
	cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		out := each.Of(manual.Topics(), func(t manual.Title) string { return t.Name + "\t" + t.Title })
		for _, c := range cmd.Root().Commands() {
			if !c.Hidden {
				out = append(out, c.Name()+"\t"+c.Short)
			}
		}
		return out, cobra.ShellCompDirectiveNoFileComp
	}
	return cmd
}

func (a *app) runHelp(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return a.overview(root)
	}
	codes := library.Codes()
	if text, ok := manual.Topic(args[0], command.ExitTable(), codes); ok {
		_, _ = io.WriteString(a.Stdout, text)
		return nil
	}
	if i := slices.IndexFunc(codes, func(c *finding.Code) bool { return c.ID == strings.ToUpper(args[0]) }); i >= 0 {
		_, _ = io.WriteString(a.Stdout, manual.Code(codes[i]))
		return nil
	}
	cmd, rest, err := root.Find(args)
	if err == nil && len(rest) == 0 {
		return cmd.Help()
	}
	p := command.Usagef("there is no help on %q", strings.Join(args, " "))
	names := append(each.Of(manual.Topics(), topicName), each.Of(root.Commands(), (*cobra.Command).Name)...)
	return p.Meant("irctl help", args[0], names, "irctl help")
}

func topicName(t manual.Title) string { return t.Name }

// mostUsed are the commands that the overview explains.
var mostUsed = []string{"run", "status", "logs", "approve", "reject", "done", "resume", "rollback"}

// overview is all of irctl on one screen: what to type during an incident, and
// where the rest is explained.
func (a *app) overview(root *cobra.Command) error {
	text, example := manual.Command("irctl")
	most, rest := command.Overview(root, mostUsed)
	rest[0][0] = "Also then"
	rest = append(rest, [2]string{"Topics", strings.Join(each.Of(manual.Topics(), topicName), " ")})
	p := a.print()
	return errors.Join(p.Document(text+"\n\n"+example+"\n"), p.Facts("During an incident:", most...), p.Facts(" ", rest...),
		p.Document("\nRUN is the id of a run, or as much of it as no other run begins with; latest is\nthe newest. irctl list shows them.\nirctl help COMMAND or TOPIC explains one; irctl --help has a line on each.\nExit status: irctl help exit-codes"))
}
