package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/desk"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/request"
	"github.com/irctl/irctl/internal/view"
	"github.com/irctl/irctl/pkg/journal"
)

func newEvidenceCmd(a *app) *cobra.Command {
	return command.Parent("evidence", "Keep evidence with a run, and hand it over",
		newEvidenceAddCmd(a),
		command.New("list [RUN]", "List a run's evidence and who was given it", func(_ context.Context, args []string) error {
			c, err := a.desk().Custody(command.First(args))
			if err != nil {
				return err
			}
			return a.print().Evidence(c)
		}, a.completeRuns, command.ExitAltered),
		newHandOverCmd(a), newEvidenceExportCmd(a))
}

func newEvidenceAddCmd(a *app) *cobra.Command {
	var w request.GivenEvidence
	cmd := command.New("add RUN FILE...", "Copy files to a run, hashing them", func(ctx context.Context, args []string) error {
		added, err := a.desk().AddEvidence(ctx, args[0], args[1:], w)
		if a.json() && err == nil {
			return a.print().JSON(added)
		}
		for _, item := range added {
			_ = a.print().Say(fmt.Sprintf("Item %s: %s, %d bytes, SHA-256 %s", item.ID, item.Name, item.Size, item.Digest))
			if item.Changed != "" {
				_ = a.print().Warning(item.From + ": " + item.Changed + "; what is kept is what was read, and the journal says so")
			}
		}
		if unread := (*desk.UnreadableError)(nil); errors.As(err, &unread) {
			return command.Fails(command.ExitInvalid, unread, unread.Means).With(projection.Command("evidence", "list", args[0]))
		}
		return err
	}, a.completeRuns, command.ExitInvalid, command.ExitAltered, command.ExitLocked)
	identity(cmd, &w.As, nil)
	cmd.Flags().StringVar(&w.Source, "source", "", "where it was before, such as a machine and its serial number, `text`")
	cmd.Flags().StringVar(&w.Method, "method", "", "how it was taken there, `text`")
	cmd.Flags().StringVar(&w.Note, "note", "", "anything else, `text`")
	cmd.Flags().StringVar(&w.Step, "step", "", "it is about this `step`")
	a.completes(cmd, "step", a.completeStepFlag)
	return cmd
}

func newHandOverCmd(a *app) *cobra.Command {
	var to, reason, as string
	cmd := command.New("hand-over RUN ITEM --to|--reason", "Say that a piece of evidence was given to somebody", func(ctx context.Context, args []string) error {
		if to == "" || reason == "" {
			return command.Usagef("--to and --reason are missing or one of them is: the journal must be able to say to whom and why")
		}
		w, err := a.desk().HandOverOf(args[0], args[1], to, reason, as)
		if err != nil {
			return err
		}
		out, err := a.desk().Submit(ctx, args[0], w, false)
		if err != nil {
			return err
		}
		return a.report(out)
	}, a.completeRuns, command.ExitAltered, command.ExitLocked)
	identity(cmd, &as, nil)
	cmd.Flags().StringVar(&to, "to", "", "who has it now, `whom`")
	reasonFlag(cmd, &reason, "reason", "why, `text` for the journal")
	return cmd
}

func newEvidenceExportCmd(a *app) *cobra.Command {
	var to, key string
	cmd := command.New("export [RUN] --to", "Write all evidence of a run into a folder that others can check", func(ctx context.Context, args []string) error {
		if to == "" {
			return command.Usagef("--to is missing: the folder to write, which must not exist")
		}
		signer, err := a.openKey(key)
		if err != nil {
			return err
		}
		out, err := a.desk().ExportEvidence(ctx, command.First(args), desk.Handout{To: a.abs(to), Signer: signer, Sheet: custodySheet})
		if err != nil {
			return err
		}
		if err := a.exported(out); err != nil {
			return err
		}
		switch {
		case out.Verdict != journal.Intact && out.Verdict != journal.Torn:
			return command.End(command.ExitAltered)
		case out.Missing() > 0:
			return command.End(command.ExitFailed)
		}
		return nil
	}, a.completeRuns, command.ExitAltered)
	handoutFlags(cmd, &to, &key)
	return cmd
}

// handoutFlags declares the flags of what writes a folder for others.
func handoutFlags(cmd *cobra.Command, to, key *string) {
	cmd.Flags().StringVar(to, "to", "", "write this `folder`, which must not exist")
	cmd.Flags().StringVar(key, "key", "", "sign with this SSH key instead of yours (irctl key use): a `file`, or SHA256:... of one in the agent")
}

func custodySheet(c *projection.Custody, files []desk.Exported) string {
	where := map[string]string{}
	for _, f := range files {
		where[f.ID] = cmp.Or(f.File, "NOT in this folder: "+f.Missing)
	}
	return view.Custody(c, func(id string) string { return where[id] })
}

// exported says what is in a folder of evidence, and what is not.
func (a *app) exported(out desk.Export) error {
	if a.json() {
		return a.print().JSON(out)
	}
	for _, i := range out.Items {
		if i.Missing != "" {
			_ = a.print().Warning("item " + i.ID + " is not in the folder: " + i.Missing)
		}
	}
	n := len(out.Items) - out.Missing()
	return a.tell(nil, fmt.Sprintf("Wrote %s: %d of %d pieces of run %s, whose journal is %s. %s", a.short(out.Folder), n, len(out.Items), out.Run, out.Verdict, signedBy(out.Signed)),
		"cd "+a.short(out.Folder)+" && sha256sum -c --strict SHA256SUMS")
}

func signedBy(key string) string {
	if key == "" {
		return "It is not signed: you have no key (irctl key use)."
	}
	return "Signed with " + key + "."
}
