package cli

import (
	"bytes"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/pkg/event"
	"github.com/irctl/irctl/pkg/journal"
)

func newAuditCmd(a *app) *cobra.Command {
	return a.parent(spec{
		use:   "audit",
		group: groupAfter,
		short: "Show and verify what a run wrote down",
		long: `Show what happened in a run, and prove that its journal is what irctl wrote.
irctl help journal explains how.`,
		example: `
  irctl audit show
  irctl audit verify 01JZ`,
	}, newAuditShowCmd(a), newAuditVerifyCmd(a))
}

func newAuditShowCmd(a *app) *cobra.Command {
	cmd := a.command(spec{
		use:   "show [RUN]",
		short: "Show what happened, in order",
		long: `Show what happened in a run, the newest one if none is named: in words, or with
-o json as the journal's own lines.`,
		example: `
  irctl audit show 01JZ
  irctl audit show 01JZ -o json > journal.jsonl`,
		exits: []Exit{ExitAltered},
		args:  nargs(0, 1),
		run:   func(_ *cobra.Command, args []string) error { return a.showAudit(first(args)) },
	})
	cmd.ValidArgsFunction = a.completeRuns
	return cmd
}

// showAudit writes a journal without judging it: what stands there is shown
// even if it does not verify.
func (a *app) showAudit(prefix string) error {
	r, err := a.desk().Journal(prefix)
	if err != nil {
		return err
	}
	var told []projection.Entry
	for entry, err := range r.Entries() {
		if err != nil {
			return err
		}
		if a.json() {
			if err := a.print().Raw(append(bytes.Clone(entry.Line), '\n')); err != nil {
				return err
			}
			continue
		}
		e, err := event.Decode(entry.Line)
		if err != nil {
			p := &problem{exit: ExitAltered, what: "the journal of run " + r.ID() + " holds what is no entry", cause: err}
			return p.with(projection.Command("audit", "verify", r.ID()))
		}
		told = append(told, projection.Tell(e))
	}
	if a.json() {
		return nil
	}
	return a.print().Timeline(told)
}

func newAuditVerifyCmd(a *app) *cobra.Command {
	cmd := a.command(spec{
		use:   "verify [RUN]",
		short: "Prove that a run's journal is what irctl wrote",
		long: `Verify a run, the newest one if none is named: every entry's hash, that none is
missing, that the entries can follow each other, and that the runbook, the plan,
the environment and the artifacts beside the journal are those that it names.
The verdict is intact, torn, altered or truncated; only intact ends with 0.`,
		example: `
  irctl audit verify 01JZ
  irctl audit verify 01JZ -o json`,
		exits: []Exit{ExitAltered},
		args:  nargs(0, 1),
		run:   func(_ *cobra.Command, args []string) error { return a.verify(first(args)) },
	})
	cmd.ValidArgsFunction = a.completeRuns
	return cmd
}

func (a *app) verify(prefix string) error {
	id, report, err := a.desk().Verify(prefix)
	if err != nil {
		return err
	}
	if err := a.print().Verify(id, report); err != nil {
		return err
	}
	if report.Verdict != journal.Intact {
		return end(ExitAltered)
	}
	return nil
}
