package cli

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/desk"
	"github.com/irctl/irctl/internal/view"
	"github.com/irctl/irctl/pkg/journal"
)

func newAuditCmd(a *app) *cobra.Command {
	return a.parent("audit", "Show and verify what a run wrote down",
		a.command("show [RUN]", "Show what happened, in order", a.showAudit, a.completeRuns, ExitAltered),
		newAuditVerifyCmd(a, a.verify),
		newAuditExportCmd(a),
		newAuditPackCmd(a),
		a.command("prove RUN SEQ", "Prove one entry to somebody who has nothing else of the run", a.prove, a.completeRuns, ExitAltered),
	)
}

// verifyOptions is what audit verify was asked for.
type verifyOptions struct {
	name         string
	fingerprints []string
	given        journal.Given
}

func newAuditVerifyCmd(a *app, run func(w verifyOptions) error) *cobra.Command {
	var w verifyOptions
	cmd := a.command("verify [RUN|PATH]", "Prove that a run's journal is what irctl wrote", func(_ context.Context, args []string) error {
		w.name = first(args)
		for _, text := range w.fingerprints {
			f, err := journal.ParseFingerprint(text)
			if err != nil {
				return usagef("--from-fingerprint: %v", err)
			}
			w.given.Fingerprints = append(w.given.Fingerprints, f)
		}
		for _, key := range w.given.Keys {
			if err := journal.CheckKey(key); err != nil {
				return usagef("--pubkey: %v", err)
			}
		}
		return run(w)
	}, a.completeRuns, ExitAltered)
	cmd.Flags().StringArrayVar(&w.fingerprints, "from-fingerprint", nil, "hold against it a `fingerprint` that was noted elsewhere, as code or as words")
	cmd.Flags().StringArrayVar(&w.given.Keys, "pubkey", nil, "hold against it a public `key` of its checkpoints that was noted elsewhere")
	return cmd
}

// showAudit writes the entries that verify, and why there are no more if there
// should be.
func (a *app) showAudit(_ context.Context, args []string) error {
	r, err := a.desk().Journal(first(args))
	if err != nil {
		return err
	}
	return desk.Replay(r, a.logOf(r, view.LogOptions{Audit: true}))
}

func (a *app) prove(_ context.Context, args []string) error {
	seq, err := strconv.ParseInt(args[1], 10, 64)
	if err != nil || seq < 1 {
		return usagef("SEQ is the number of an entry, from 1, as audit show -o json has it")
	}
	p, err := a.desk().Prove(args[0], seq)
	if err != nil {
		return err
	}
	return a.print().Proof(p)
}

func (a *app) verify(w verifyOptions) error {
	if p, err := a.desk().ProofAt(w.name); p != nil || err != nil {
		if err != nil {
			return err
		}
		given := len(w.given.Keys)+len(w.given.Fingerprints) > 0
		if err := a.print().Proven(p, given, p.Vouched(w.given)); err != nil || !given || p.Vouched(w.given) {
			return err
		}
		return end(ExitAltered)
	}
	v, err := a.desk().Verify(w.name, w.given)
	if err != nil {
		return err
	}
	if err := a.print().Verify(view.Verification{Run: v.Run, Report: v.Report, Seals: v.Seals, Given: len(w.given.Keys)+len(w.given.Fingerprints) > 0,
		Copy: v.Copy, Previous: v.Previous, PreviousWrong: v.PreviousWrong, Undrivable: v.Undrivable}); err != nil {
		return err
	}
	if v.Report.Verdict != journal.Intact || v.PreviousWrong != "" {
		return end(ExitAltered)
	}
	return nil
}
