package view

import (
	"fmt"

	"github.com/irctl/irctl/pkg/journal"
)

// verification is the JSON of `audit verify`.
type verification struct {
	Run      string            `json:"run"`
	Verdict  journal.Verdict   `json:"verdict"`
	Entries  int64             `json:"entries"`
	Closed   bool              `json:"closed"`
	Findings []journal.Finding `json:"findings"`
}

// Verify writes what a journal's verification found.
func (p *Printer) Verify(run string, r journal.Report) error {
	if p.format == JSON {
		v := verification{run, r.Verdict, r.Entries, r.Closed, r.Findings}
		if v.Findings == nil {
			v.Findings = []journal.Finding{}
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

func verdictMeans(r journal.Report) string {
	switch r.Verdict {
	case journal.Intact:
		return "Every entry is as it was written, and none is missing."
	case journal.Torn:
		return "The last line is incomplete. Nobody was ever told that it was durable, so nothing is lost; the next `irctl resume` sets it aside."
	case journal.Altered:
		return "This is not what irctl wrote: do not trust what follows the first finding. irctl will not drive this run."
	case journal.Truncated:
		return "The end is missing although it was durable: somebody or something cut the journal off. irctl will not drive this run."
	}
	return ""
}
