package command

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/suggest"
)

// argsOf demands as many arguments as a usage line names.
func argsOf(use string) cobra.PositionalArgs {
	min, max := 0, 0
	for _, word := range strings.Fields(use)[1:] {
		if strings.HasPrefix(word, "--") {
			continue
		}
		if max++; !strings.HasPrefix(word, "[") {
			min++
		}
		if strings.Contains(word, "...") {
			return Between(min, -1)
		}
	}
	return Between(min, max)
}

// Between demands between min and max arguments; max below 0 is any number.
func Between(min, max int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < min:
			return Lacking(cmd, args).With(SeeHelp(cmd))
		case max >= 0 && len(args) > max:
			return Usagef("%q is one argument too many", args[max]).With(SeeHelp(cmd))
		}
		return nil
	}
}

// Lacking says which argument is missing and where to look it up.
func Lacking(cmd *cobra.Command, args []string) *Problem {
	word := strings.Trim(strings.Fields(cmd.Use)[1:][len(args)], "[].")
	p := Usagef("%s is missing", word)
	switch {
	case word == "RUN":
		p.Add(projection.Command("list"))
	case word == "STEP" && len(args) > 0:
		p.Add(projection.Command("status", args[0]))
	}
	return p
}

// SeeHelp is the command that shows the manual of another.
func SeeHelp(cmd *cobra.Command) string { return cmd.CommandPath() + " --help" }

// Unknown says that a word is no command and which one may be meant. It
// leads to the manual of that one: it may be a command that changes something.
func Unknown(cmd *cobra.Command, word string) error {
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	near := suggest.Near(word, names)
	if other := OtherWords[strings.ToLower(word)]; other != "" && !cmd.HasParent() {
		near = other
	}
	p := Usagef("%s", suggest.Instead(fmt.Sprintf("%q is not a command of %s", word, cmd.CommandPath()), near))
	if near != "" {
		return p.With(cmd.CommandPath() + " " + near + " --help")
	}
	return p.With(SeeHelp(cmd))
}

// FlagError gives a mistake in the flags the status of wrong usage and, for a
// flag that does not exist, the name of one that does.
func FlagError(cmd *cobra.Command, err error) error {
	if cmd.HasSubCommands() && cmd.Flags().NArg() > 0 { // the flags are those of the command that was meant
		return Unknown(cmd, cmd.Flags().Arg(0))
	}
	p := Usagef("%s", err.Error())
	if near := nearestFlag(cmd, err); near != "" {
		p.What = suggest.Instead(p.What, "--"+near)
	}
	return p.With(SeeHelp(cmd))
}
