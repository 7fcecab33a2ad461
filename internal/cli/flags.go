package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/view"
)

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

// formatFlag declares --format, in which what a command found is written.
func formatFlag(cmd *cobra.Command, format *string, of string, formats []view.Format) {
	cmd.Flags().StringVar(format, "format", string(view.Text), alternatives(formats)+", `format` of the "+of)
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(words(formats), noFiles))
}

// formatOf decides between --format and --output, or says how they contradict
// each other.
func (a *app) formatOf(command, given string, formats []view.Format) (view.Format, error) {
	format := view.Format(given)
	switch {
	case !slices.Contains(formats, format):
		return "", usagef("--format is %s, not %q", alternatives(formats), given).with("irctl " + command + " --help")
	case a.json() && format == view.Text:
		return view.JSON, nil
	case a.json() && format != view.JSON:
		return "", usagef("--output json and --format %s contradict each other", given).with("irctl " + command + " --help")
	}
	return format, nil
}

func words(formats []view.Format) []string {
	out := make([]string, len(formats))
	for i, f := range formats {
		out[i] = string(f)
	}
	return out
}

// alternatives lists formats as a sentence does.
func alternatives(formats []view.Format) string {
	last := len(formats) - 1
	return strings.Join(words(formats[:last]), ", ") + " or " + string(formats[last])
}
