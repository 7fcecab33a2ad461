package cli

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/desk"
	"github.com/irctl/irctl/internal/logformat"
	"github.com/irctl/irctl/internal/outside"
)

func newAuditExportCmd(a *app) *cobra.Command {
	var format string
	cmd := command.New("export [RUN]", "Write a run's events as other systems read logs", func(_ context.Context, args []string) error {
		w, ok := logformat.New(format, a.Stdout, outside.Version())
		if !ok {
			return command.Usagef("--format is one of %s, not %q", strings.Join(logformat.Names(), ", "), format)
		}
		r, err := a.desk().Journal(command.First(args))
		if err != nil {
			return err
		}
		err = desk.Replay(r, w)
		return cmp.Or(w.Flush(), err)
	}, a.completeRuns, command.ExitAltered)
	cmd.Flags().StringVar(&format, "format", "jsonl", strings.Join(logformat.Names(), ", ")+": `format` of the events")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(logformat.Names(), noFiles))
	return cmd
}

func newAuditPackCmd(a *app) *cobra.Command {
	var to, key, since, until string
	cmd := command.New("pack --since|--until|--to", "Write for an auditor what happened in a time", func(ctx context.Context, _ []string) error {
		if to == "" || since == "" {
			return command.Usagef("--to and --since are missing or one of them is: the folder to write, and from when on")
		}
		from, err := a.ago("since", since)
		if err != nil {
			return err
		}
		upTo, err := a.ago("until", cmp.Or(until, "0s"))
		if err != nil {
			return err
		}
		if len(until) == len(time.DateOnly) {
			upTo = upTo.AddDate(0, 0, 1) // that day, too
		}
		signer, err := a.openKey(key)
		if err != nil {
			return err
		}
		out, err := a.desk().PackAudit(ctx, from, upTo, desk.Handout{To: a.abs(to), Signer: signer})
		if err != nil {
			return err
		}
		return a.packed(out)
	}, nil, command.ExitAltered)
	cmd.Flags().StringVar(&since, "since", "", "from when on: a `time` ago, such as 2160h, or a date")
	cmd.Flags().StringVar(&until, "until", "", "up to when, likewise a `time`; now if it is not given")
	handoutFlags(cmd, &to, &key)
	return cmd
}

// packed says what an auditor gets, and what could not be had.
func (a *app) packed(out desk.AuditPack) error {
	for _, why := range out.Unread {
		_ = a.print().Warning(why)
	}
	err := a.tell(out, fmt.Sprintf("Wrote %s: %d runs, %d exceptions to controls. %s", a.short(out.Folder), out.Runs, out.Exceptions, signedBy(out.Signed)),
		"cd "+a.short(out.Folder)+" && sha256sum -c --strict SHA256SUMS")
	switch {
	case err != nil:
		return err
	case len(out.Altered) > 0:
		return command.End(command.ExitAltered)
	case len(out.Unread) > 0:
		return command.End(command.ExitFailed)
	}
	return nil
}
