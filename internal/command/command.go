package command

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Work is what a command does with its arguments.
type Work func(ctx context.Context, args []string) error

// New makes a command of its usage line, which says how many arguments it
// takes ([...] may be left out), and of the exit statuses besides done, failed
// and wrong usage. What its manual says besides usage, flags and exit statuses
// stands in internal/manual/commands, in a file of the command's name
// (audit-show.txt): the text, then "Example:".
func New(use, short string, run Work, complete cobra.CompletionFunc, exits ...Exit) *cobra.Command {
	cmd := &cobra.Command{
		Use:   use,
		Short: short,
		Args:  argsOf(use),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := Unset(cmd, args); err != nil {
				return err
			}
			return run(cmd.Context(), args)
		},
		ValidArgsFunction:     complete,
		DisableFlagsInUseLine: true,
	}
	cmd.Annotations = map[string]string{ends: ExitTable(append(exits, ExitDone, ExitFailed, ExitUsage)...)}
	return cmd
}

// Unset refuses what was given and is empty, as a variable of a shell is that
// was never set: a command must not take that for everything.
func Unset(cmd *cobra.Command, args []string) (err error) {
	if len(args) > 0 && args[0] == "" { // a setting's value may be
		return Usagef("the first argument is empty").Meaning("Nothing was done.")
	}
	cmd.Flags().Visit(func(f *pflag.Flag) {
		given := []string{f.Value.String()}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			given = list.GetSlice()
		}
		if len(given) == 0 || slices.ContainsFunc(given, func(s string) bool { return strings.TrimSpace(s) == "" }) {
			err = Usagef("--%s was given an empty value", f.Name).Meaning("Nothing was done.")
		}
	})
	return err
}

// ends is the annotation of a command that holds its exit statuses, as a table.
const ends = "exit statuses"

// Parent makes a command that only holds others.
func Parent(name, short string, children ...*cobra.Command) *cobra.Command {
	var cmd *cobra.Command
	cmd = New(name, short, func(_ context.Context, args []string) error {
		if len(args) > 0 {
			return Unknown(cmd, args[0])
		}
		return cmd.Help()
	}, nil)
	cmd.Args = cobra.ArbitraryArgs
	cmd.AddCommand(children...)
	return cmd
}
