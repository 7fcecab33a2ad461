package cli

import (
	"errors"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/irctl/irctl/pkg/runbook"
)

// nearestFlag returns the flag of the command that a wrong one resembles.
func nearestFlag(cmd *cobra.Command, err error) string {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return ""
	}
	var names []string
	add := func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	}
	cmd.Flags().VisitAll(add)
	cmd.InheritedFlags().VisitAll(add)
	return nearest(unknown.GetSpecifiedName(), names)
}

// didYouMean asks for the word that is like the one that was given, if any is.
func didYouMean(near string) string {
	if near == "" {
		return ""
	}
	return "; did you mean " + near + "?"
}

// nearest returns the candidate that a word was probably meant to be, "" when
// none is like it. It judges as the diagnostics of files do.
func nearest(word string, candidates []string) string { return runbook.Suggest(word, candidates) }
