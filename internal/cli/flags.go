package cli

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/advice"
	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/library"
	"github.com/irctl/irctl/internal/view"
)

// ago reads a flag's time before now; "" is the beginning.
func (a *app) ago(flag, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	return command.Moment(flag, text, a.Now(), -1)
}

// completes says what completion offers for a flag. The library keeps that for
// as long as the process lives, so it is told only where something is completed.
func (a *app) completes(cmd *cobra.Command, flag string, with cobra.CompletionFunc) {
	if strings.HasPrefix(command.First(a.Args), cobra.ShellCompRequestCmd) {
		_ = cmd.RegisterFlagCompletionFunc(flag, with)
	}
}

// formatFlag declares --format, in which what a command found is written.
func (a *app) formatFlag(cmd *cobra.Command, format *string, of string, formats []view.Format) {
	cmd.Flags().StringVar(format, "format", string(view.Text), alternatives(formats)+", `format` of the "+of)
	a.completes(cmd, "format", cobra.FixedCompletions(words(formats), noFiles))
}

// formatOf decides between --format and --output, or says how they contradict
// each other.
func (a *app) formatOf(name, given string, formats []view.Format) (view.Format, error) {
	format := view.Format(given)
	switch {
	case !slices.Contains(formats, format):
		return "", command.Usagef("--format is %s, not %q", alternatives(formats), given).With("irctl " + name + " --help")
	case a.json() && format == view.Text:
		return view.JSON, nil
	case a.json() && format != view.JSON:
		return "", command.Usagef("--output %s and --format %s contradict each other", a.output, given).With("irctl " + name + " --help")
	}
	return format, nil
}

func words(formats []view.Format) []string {
	return each.Of(formats, func(f view.Format) string { return string(f) })
}

// alternatives lists formats as a sentence does.
func alternatives(formats []view.Format) string {
	last := len(formats) - 1
	return strings.Join(words(formats[:last]), ", ") + " or " + string(formats[last])
}

// toFlag declares --to, which names a file for what otherwise goes to standard
// output.
func toFlag(cmd *cobra.Command, to *string) {
	cmd.Flags().StringVar(to, "to", "", "write this `file`, which must not exist, instead of standard output")
}

// fresh writes a file that must not be there yet.
func (a *app) fresh(path string, data []byte) error {
	err := a.library().WriteNew(a.abs(path), data)
	if unwritten := (*library.WriteError)(nil); errors.As(err, &unwritten) && unwritten.Means != "" {
		return advice.Of(err).With("name another file")
	}
	return err
}

// deliver writes a document to a new file, or to standard output.
func (a *app) deliver(to string, data []byte, next ...string) error {
	if to == "" {
		return a.print().Raw(data)
	}
	path := a.abs(to)
	if err := a.fresh(path, data); err != nil {
		return err
	}
	return a.tell(map[string]string{"file": a.short(path)}, "Wrote "+a.short(path)+".", next...)
}
