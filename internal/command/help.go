package command

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/irctl/irctl/internal/manual"
)

// Help is the manual of a command: what it does, how it is called, its flags, an
// example, and with which status it ends.
func Help(cmd *cobra.Command) string {
	var b strings.Builder
	text, example := manual.Command(cmd.CommandPath())
	fmt.Fprintf(&b, "%s\n\nUsage:\n  %s\n", cmp.Or(text, cmd.Short+"."), usageLine(cmd))
	helpCommands(&b, cmd)
	helpFlags(&b, "Flags", cmd.LocalNonPersistentFlags())
	if cmd.HasParent() {
		helpFlags(&b, "Flags of every command", cmd.InheritedFlags())
	} else {
		helpFlags(&b, "Flags of every command", cmd.PersistentFlags())
		b.WriteString("\nTopics (irctl help TOPIC):\n")
		for _, t := range manual.Topics() {
			fmt.Fprintf(&b, "  %-22s %s\n", t.Name, t.Title)
		}
	}
	if example != "" {
		fmt.Fprintf(&b, "\nExample:\n%s", example)
	}
	fmt.Fprintf(&b, "\nExit status:\n%s", cmd.Annotations[ends])
	return b.String()
}

// Overview parts the commands: those that are used most, each with what it does,
// and for each group the names of the others.
func Overview(root *cobra.Command, used []string) (most, rest [][2]string) {
	for _, g := range root.Groups() {
		var others []string
		for _, c := range root.Commands() {
			switch {
			case c.GroupID != g.ID || c.Hidden:
			case slices.Contains(used, c.Name()):
				most = append(most, [2]string{c.Name(), c.Short})
			default:
				others = append(others, c.Name())
			}
		}
		rest = append(rest, [2]string{strings.TrimSuffix(g.Title, ":"), strings.Join(others, " ")})
	}
	return most, rest
}

func usageLine(cmd *cobra.Command) string {
	line := cmd.UseLine()
	if cmd.HasAvailableSubCommands() {
		return line + " COMMAND"
	}
	if cmd.HasAvailableLocalFlags() {
		line += " [flags]"
	}
	return line
}

// helpCommands lists subcommands, by group where there are groups.
func helpCommands(b *strings.Builder, cmd *cobra.Command) {
	if !cmd.HasAvailableSubCommands() {
		return
	}
	groups := cmd.Groups()
	if len(groups) == 0 {
		groups = []*cobra.Group{{Title: "Commands:"}}
	}
	for _, g := range groups {
		fmt.Fprintf(b, "\n%s\n", g.Title)
		for _, c := range cmd.Commands() {
			if c.GroupID == g.ID && !c.Hidden {
				fmt.Fprintf(b, "  %-12s %s\n", c.Name(), c.Short)
			}
		}
	}
}

func helpFlags(b *strings.Builder, title string, flags *pflag.FlagSet) {
	if flags.HasAvailableFlags() {
		fmt.Fprintf(b, "\n%s:\n%s", title, flags.FlagUsagesWrapped(manual.Width))
	}
}
