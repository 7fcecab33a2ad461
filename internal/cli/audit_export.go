package cli

import (
	"cmp"
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/desk"
	"github.com/irctl/irctl/internal/logformat"
	"github.com/irctl/irctl/internal/outside"
)

func newAuditExportCmd(a *app) *cobra.Command {
	var format string
	cmd := a.command("export [RUN]", "Write a run's events as other systems read logs", func(_ context.Context, args []string) error {
		w, ok := logformat.New(format, a.Stdout, outside.Version())
		if !ok {
			return usagef("--format is one of %s, not %q", strings.Join(logformat.Names(), ", "), format)
		}
		r, err := a.desk().Journal(first(args))
		if err != nil {
			return err
		}
		err = desk.Replay(r, w)
		return cmp.Or(w.Flush(), err)
	}, a.completeRuns, ExitAltered)
	cmd.Flags().StringVar(&format, "format", "jsonl", strings.Join(logformat.Names(), ", ")+": `format` of the events")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(logformat.Names(), noFiles))
	return cmd
}
