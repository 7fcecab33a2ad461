package cli

import (
	"context"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/anchor"
	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/desk"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/view"
	"github.com/irctl/irctl/pkg/journal"
)

func newAuditCmd(a *app) *cobra.Command {
	return command.Parent("audit", "Show and verify what a run wrote down",
		command.New("show [RUN]", "Show what happened, in order", a.showAudit, a.completeRuns, command.ExitAltered),
		newAuditVerifyCmd(a, a.verify),
		newAuditExportCmd(a),
		newAuditPackCmd(a),
		command.New("prove RUN SEQ", "Prove one entry to somebody who has nothing else of the run", a.prove, a.completeRuns, command.ExitAltered),
		command.New("anchor [RUN]", "Have the anchors of a run remember how far its log has come", a.anchor, a.completeRuns, command.ExitAltered),
	)
}

// verifyOptions is what audit verify was asked for.
type verifyOptions struct {
	name         string
	fingerprints []string
	given        journal.Given
	policy       string // file
	authorities  string // file
	anchored     bool
}

func newAuditVerifyCmd(a *app, run func(w verifyOptions) error) *cobra.Command {
	var w verifyOptions
	cmd := command.New("verify [RUN|PATH]", "Prove that a run's journal is what irctl wrote", func(_ context.Context, args []string) error {
		w.name = command.First(args)
		for _, text := range w.fingerprints {
			f, err := journal.ParseFingerprint(text)
			if err != nil {
				return command.Usagef("--from-fingerprint: %v", err)
			}
			w.given.Fingerprints = append(w.given.Fingerprints, f)
		}
		for _, key := range w.given.Keys {
			if err := journal.CheckKey(key); err != nil {
				return command.Usagef("--pubkey: %v", err)
			}
		}
		return run(w)
	}, a.completeRuns, command.ExitAltered)
	cmd.Flags().StringArrayVar(&w.fingerprints, "from-fingerprint", nil, "hold against it a `fingerprint` that was noted elsewhere, as code or as words")
	cmd.Flags().StringVar(&w.policy, "policy", "", "a policy `file` (C2SP tlog-policy) that says which logs and witnesses are trusted")
	cmd.Flags().StringVar(&w.authorities, "timestamp-ca", "", "a PEM `file` of the certificate authorities by which time-stamps are trusted")
	cmd.Flags().BoolVar(&w.anchored, "require-anchor", false, "fail unless somebody's signature vouches for all that checkpoints cover")
	cmd.Flags().StringArrayVar(&w.given.Keys, "pubkey", nil, "hold against it a public `key` of its checkpoints that was noted elsewhere")
	return cmd
}

// showAudit writes the entries that verify, and why there are no more if there
// should be.
func (a *app) showAudit(_ context.Context, args []string) error {
	r, err := a.desk().Journal(command.First(args))
	if err != nil {
		return err
	}
	return desk.Replay(r, a.logOf(r, view.LogOptions{Audit: true}))
}

func (a *app) prove(_ context.Context, args []string) error {
	seq, err := strconv.ParseInt(args[1], 10, 64)
	if err != nil || seq < 1 {
		return command.Usagef("SEQ is the number of an entry, from 1, as audit show -o json has it")
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
		if w.policy != "" || w.authorities != "" || w.anchored {
			return command.Usagef("a proof of one entry has no anchors: hold a key or a fingerprint against it (--pubkey, --from-fingerprint)")
		}
		given := len(w.given.Keys)+len(w.given.Fingerprints) > 0
		if err := a.print().Proven(p, given, p.Vouched(w.given)); err != nil || !given || p.Vouched(w.given) {
			return err
		}
		return command.End(command.ExitAltered)
	}
	trust, err := anchor.ReadTrust(w.policy, w.authorities)
	if err != nil {
		return command.Usagef("%v", err)
	}
	v, err := a.desk().Verify(w.name, w.given, trust)
	if err != nil {
		return err
	}
	if err := a.print().Verify(v); err != nil {
		return err
	}
	through := v.Through
	if w.policy != "" || w.authorities != "" {
		through = v.ByGiven
	}
	missing := w.anchored && (through == 0 || through < v.Seals.Last.Size)
	if v.Report.Verdict != journal.Intact || v.PreviousWrong != "" || len(v.Unanchored) > 0 || missing {
		return command.End(command.ExitAltered)
	}
	return nil
}

// anchor hands the last checkpoint of a run to those who remember it.
func (a *app) anchor(ctx context.Context, args []string) error {
	anchors, key, err := a.desk().Anchor(ctx, command.First(args))
	if err != nil {
		return err
	}
	if err := a.print().Anchors(anchors, key); err != nil {
		return err
	}
	if slices.ContainsFunc(anchors, func(at projection.Anchor) bool { return at.Failed != "" }) {
		return command.End(command.ExitFailed)
	}
	return nil
}
