package desk

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/bundle"
	"github.com/irctl/irctl/internal/logformat"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/pkg/event"
	"github.com/irctl/irctl/pkg/journal"
)

// AuditPack is what was written for an auditor.
type AuditPack struct {
	Folder     string   `json:"folder"`
	Runs       int      `json:"runs"`
	Exceptions int      `json:"exceptions"`
	Signed     string   `json:"signed"`
	Unread     []string `json:"unread"` // runs that cannot be read, and why
	Altered    []string `json:"altered"`
}

// samples is how many entries of each control are shown with their proofs. They
// are those whose digests are the smallest, so that nobody chooses them.
const samples = 10

// PackAudit writes for an auditor what happened in a time: every run that was
// under way then, archived ones too, with its journal; what the controls found;
// and samples. A run of which nobody can tell when it was is in it.
func (d *Desk) PackAudit(ctx context.Context, since, until time.Time, h Handout) (out AuditPack, err error) {
	ids, err := d.Store.List()
	archived, unlisted := d.Store.Archived()
	if err = errors.Join(err, unlisted); err != nil {
		return out, err
	}
	b, err := bundle.Create(h.To)
	if err != nil {
		return out, unwritten(err)
	}
	defer b.Discard()
	p := packing{d: d, bundle: b, since: since, until: until, out: &out}
	out = AuditPack{Folder: h.To, Unread: []string{}, Altered: []string{}}
	p.population = []string{logformat.CSV("run", "runbook", "environment", "status", "started", "ended", "by", "incident", "archived", "entries", "verdict", "head", "fingerprint")}
	ids = append(ids, archived...)
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		if err := p.run(ctx, id); err != nil {
			return out, unwritten(err)
		}
	}
	if h.Signer != nil {
		out.Signed = h.Signer.Key().Fingerprint()
	}
	if err := p.write(ctx); err != nil {
		return out, unwritten(err)
	}
	about := fmt.Sprintf("What irctl did, for an auditor: from %s to %s\n\n%s", since.UTC().Format(time.RFC3339), until.UTC().Format(time.RFC3339), aboutPack)
	return out, unwritten(b.Close(ctx, about, h.Signer))
}

const aboutPack = `  SUMMARY.md      the period, what each control found, and what could not be read
  population.csv  every run in it, archived ones too
  controls.csv    every entry at which a control was kept or an exception made
  samples/        entries of each control, chosen by their digests; X.tlog-proof
                  shows that X.json stands in its journal (irctl audit verify,
                  or whatever reads c2sp.org/tlog-proof)
  runs/           each run's journal and what it was made from; no artifacts, so
                  irctl audit verify of one says that those are missing
`

// packing is an audit pack that is being filled.
type packing struct {
	d            *Desk
	bundle       *bundle.Bundle
	since, until time.Time
	out          *AuditPack
	population   []string
	cases        []projection.Case
	unproven     []string // samples, and why
}

// run takes up a run, if it was under way in the period.
func (p *packing) run(ctx context.Context, id string) error {
	unread := func(err error) error {
		p.out.Unread = append(p.out.Unread, "run "+id+": "+err.Error())
		return ctx.Err()
	}
	r, drop, err := p.d.journal(id)
	defer drop()
	if err != nil {
		return unread(err)
	}
	reading, err := folded(r, nil)
	if err != nil && !doubted(err) {
		if altered := (*AlteredError)(nil); !errors.As(err, &altered) {
			return unread(err)
		}
	}
	var row projection.Row
	if row.Run = id; err == nil {
		src, _ := p.d.source(reading) // who drives it is not told
		if row = p.d.rowOf(reading, src).Row; row.Started.After(p.until) || !row.Ended.IsZero() && row.Ended.Before(p.since) {
			return nil
		}
	} else {
		p.out.Unread = append(p.out.Unread, "run "+id+": "+err.Error())
	}
	whole, err := proven(r, id, journal.Given{})
	if err != nil {
		return unread(err)
	}
	report := whole.report
	p.out.Runs++
	p.population = append(p.population, logformat.CSV(id, row.Runbook, row.Environment, string(row.Status), row.Started.String(), row.Ended.String(),
		row.By, row.Incident, r.Archive(), fmt.Sprint(report.Entries), string(report.Verdict), report.Head.Hash, row.Fingerprint))
	p.judge(id, r, report)
	return r.Belongings(func(name string, f io.Reader) error {
		if strings.Contains(name, "/") {
			return nil
		}
		_, _, err := p.bundle.Add(ctx, path.Join("runs", id, name), f)
		return err
	})
}

// judge asks the controls of a run, as far as its journal goes.
func (p *packing) judge(id string, r *store.Reader, report journal.Report) {
	whole := projection.Case{Control: "journal", Kept: report.Verdict == journal.Intact, Run: id, Entry: 1, Text: string(report.Verdict)}
	if !whole.Kept {
		p.out.Altered = append(p.out.Altered, id)
		for _, f := range report.Findings {
			whole.Text += "; " + f.Problem
		}
	}
	if previous, wrong := p.d.before(r); wrong != "" {
		whole.Kept, whole.Text = false, whole.Text+"; the run before it, "+previous+": "+wrong
	}
	c := projection.Controls{}
	for entry, err := range r.Entries() {
		if err != nil {
			break
		}
		if e, err := event.Decode(entry.Line); err == nil {
			c.Add(entry.Seq, e)
		}
	}
	p.cases = append(append(p.cases, whole), c.Found...)
}

// write adds what was found to the bundle.
func (p *packing) write(ctx context.Context) error {
	summary := []string{
		"# Audit pack", "", fmt.Sprintf("From %s to %s: %d runs.", p.since.UTC().Format(time.RFC3339), p.until.UTC().Format(time.RFC3339), p.out.Runs), "",
		logformat.Markdown("control", "asks", "kept", "exceptions"), "| --- | --- | --- | --- |",
	}
	controls := []string{logformat.CSV("control", "result", "run", "entry", "time", "step", "by", "text")}
	for _, control := range projection.ControlNames {
		of := slices.DeleteFunc(slices.Clone(p.cases), func(c projection.Case) bool { return c.Control != control.Name })
		kept := 0
		for _, c := range of {
			result := "exception"
			if c.Kept {
				result, kept = "kept", kept+1
			}
			controls = append(controls, logformat.CSV(c.Control, result, c.Run, fmt.Sprint(c.Entry), c.Time.String(), c.Step, c.By, c.Text))
		}
		p.out.Exceptions += len(of) - kept
		summary = append(summary, logformat.Markdown(control.Name, control.Asks, fmt.Sprint(kept), fmt.Sprint(len(of)-kept)))
		slices.SortFunc(of, func(a, b projection.Case) int { return cmp.Compare(drawn(a), drawn(b)) })
		for _, c := range of[:min(len(of), samples)] {
			if err := p.sample(ctx, c); err != nil {
				return err
			}
		}
	}
	for _, part := range []struct {
		title string
		lines []string
	}{{"Not readable, or not to the end", p.out.Unread}, {"Samples without a proof", p.unproven}} {
		summary = append(summary, "", fmt.Sprintf("%s: %d", part.title, len(part.lines)), "")
		for _, why := range part.lines {
			summary = append(summary, logformat.Markdown(why))
		}
	}
	for _, f := range []struct {
		name  string
		lines []string
	}{{"SUMMARY.md", summary}, {"population.csv", p.population}, {"controls.csv", controls}} {
		if _, _, err := p.bundle.Add(ctx, f.name, strings.NewReader(strings.Join(f.lines, "\n")+"\n")); err != nil {
			return err
		}
	}
	return nil
}

// drawn decides by lot: whoever knows the journals can draw again.
func drawn(c projection.Case) string {
	return fmt.Sprintf("%x", sha256.Sum256([]byte(fmt.Sprintf("%s %s %d", c.Control, c.Run, c.Entry))))
}

// sample adds an entry of the journal, and the proof that it stands in it, as
// far as a checkpoint covers it; the summary names those that have none.
func (p *packing) sample(ctx context.Context, c projection.Case) error {
	name := path.Join("samples", fmt.Sprintf("%s-%s-%d", c.Control, c.Run, c.Entry))
	r, drop, err := p.d.journal(c.Run) // again: runs are many, and archives are large
	defer drop()
	if err != nil {
		p.unproven = append(p.unproven, name+": "+err.Error())
		return ctx.Err()
	}
	for entry, err := range r.Entries() {
		if err != nil {
			break
		}
		if entry.Seq != c.Entry {
			continue
		}
		if _, _, err := p.bundle.Add(ctx, name+".json", strings.NewReader(string(entry.Line)+"\n")); err != nil {
			return err
		}
		proof, err := r.Prove(c.Entry)
		if err != nil {
			p.unproven = append(p.unproven, name+": "+err.Error())
			return nil
		}
		_, _, err = p.bundle.Add(ctx, name+".tlog-proof", strings.NewReader(proof.String()))
		return err
	}
	p.unproven = append(p.unproven, name+": the journal does not verify up to there")
	return nil
}
