package view

import (
	"fmt"

	"github.com/irctl/irctl/pkg/journal"
)

// Verification is what was found out about a run's journal.
type Verification struct {
	Run    string
	Report journal.Report
	Copy   bool // not a run of this home
	// Undrivable is why irctl would not drive the run on, nil if it would.
	Undrivable error
}

// verification is the JSON of `audit verify`.
type verification struct {
	Run      string            `json:"run"`
	Verdict  journal.Verdict   `json:"verdict"`
	Entries  int64             `json:"entries"`
	Closed   bool              `json:"closed"`
	Findings []journal.Finding `json:"findings"`
	Copy     bool              `json:"copy,omitempty"`
	Driven   string            `json:"not_driven,omitempty"` // why irctl would not drive it on
}

// Verify writes what a journal's verification found.
func (p *Printer) Verify(found Verification) error {
	run, r := found.Run, found.Report
	if p.format == JSON {
		v := verification{Run: run, Verdict: r.Verdict, Entries: r.Entries, Closed: r.Closed, Findings: orEmpty(r.Findings), Copy: found.Copy}
		if found.Undrivable != nil {
			v.Driven = found.Undrivable.Error()
		}
		return p.JSON(v)
	}
	pg := p.page(p.out)
	symbol, color := pg.theme.mark(okMark), good
	if r.Verdict != journal.Intact {
		symbol, color = pg.theme.mark(badMark), bad
	}
	pg.raw(pg.theme.paint(color, symbol+" "+inline(string(r.Verdict))) + "  run " + inline(run))
	pg.para(0, verdictMeans(r))
	pg.para(0, found.driving())
	for _, f := range r.Findings {
		pg.hang(2, fmt.Sprintf("entry %d, byte %d: ", f.Seq, f.Offset), f.Problem, normal)
	}
	closed := "the run may still add to it"
	if r.Closed {
		closed = "the run has ended"
	}
	pg.para(0, fmt.Sprintf("%s verified; %s.", counted(r.Entries), closed))
	if r.Head.Hash != "" {
		// Not broken: people compare it with what they wrote down.
		pg.raw(pg.theme.paint(faint, inline(fmt.Sprintf("head %d %s", r.Head.Seq, r.Head.Hash))))
	}
	return p.print(p.out, pg)
}

func counted(n int64) string {
	if n == 1 {
		return "1 entry"
	}
	return group(int(n)) + " entries"
}

// driving says whether the run would go on, as far as that is not plain.
func (found Verification) driving() string {
	chain := found.Report.Verdict == journal.Intact || found.Report.Verdict == journal.Torn
	switch {
	case found.Copy:
		return "This is a copy: it is verified where it lies, and irctl does not drive it."
	case found.Undrivable == nil && chain:
		return ""
	case found.Undrivable == nil:
		return "What is to be done does not follow from what was altered: irctl will drive this run on."
	case chain:
		return "irctl will not drive this run: " + inline(found.Undrivable.Error()) + "."
	}
	return "irctl will not drive this run."
}

func verdictMeans(r journal.Report) string {
	switch r.Verdict {
	case journal.Intact:
		return "Every entry is as it was written, and none is missing."
	case journal.Torn:
		return "The last line is incomplete. Nobody was ever told that it was durable, so nothing is lost; the next `irctl resume` sets it aside."
	case journal.Altered:
		return "This is not what irctl wrote: do not trust what follows the first finding."
	case journal.Truncated:
		return "The end is missing although it was durable: somebody or something cut the journal off."
	}
	return ""
}
