package cli

import (
	"strings"

	"github.com/spf13/cobra"
)

func inputFlag(cmd *cobra.Command, inputs *[]string) {
	cmd.Flags().StringArrayVarP(inputs, "input", "i", nil, "an input, as `NAME=VALUE`; lists and maps as JSON or a,b,c; secrets as env:NAME or file:PATH")
}

// pairs parses NAME=VALUE flags.
func pairs(flag string, given []string) (map[string]string, error) {
	out := make(map[string]string, len(given))
	for _, g := range given {
		name, value, ok := strings.Cut(g, "=")
		if !ok || name == "" {
			return nil, usagef("--%s takes NAME=VALUE, not %q", flag, g)
		}
		if _, twice := out[name]; twice {
			return nil, usagef("--%s gives %s twice", flag, name)
		}
		out[name] = value
	}
	return out, nil
}

// first returns the first argument, "" if there is none.
func first(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}
