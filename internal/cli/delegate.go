package cli

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/request"
)

func delegateFlags(a *app, cmd *cobra.Command) parser {
	var w request.Delegate
	var until string
	cmd.Flags().StringVar(&w.To, "to", "", "the `person` of the environment who answers from now on")
	cmd.Flags().StringVar(&until, "until", "", "for how long, as 8h, or until when, as 2026-03-01T06:00:00Z: a `time`")
	identity(cmd, &w.As, &w.Role)
	cmd.Flags().Lookup("role").Usage = "the `role` that is handed over"
	reasonFlag(cmd, &w.Reason, "reason", "why, `text` for the journal")
	_ = cmd.RegisterFlagCompletionFunc("to", a.completePeople)
	return func([]string) (_ request.Request, err error) {
		for _, f := range [][2]string{{"to", w.To}, {"role", w.Role}, {"until", until}, {"reason", w.Reason}} {
			if f[1] == "" {
				return nil, command.Usagef("--%s is missing: say --to, --role, --until and --reason", f[0])
			}
		}
		w.Until, err = command.Moment("until", until, a.Now().Truncate(time.Second), 1)
		return w, err
	}
}
