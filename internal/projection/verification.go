package projection

import "github.com/irctl/irctl/pkg/journal"

// Verification is what was found out about the journal of a run.
type Verification struct {
	Run    string
	Report journal.Report
	Seals  journal.Seals
	Given  bool // there was something to hold against the journal
	Copy   bool // it is not a run of this home, but a copy
	// Previous is the run before it in its home, "" if there was none, and
	// PreviousWrong what became of that one, "" if it is as it was when this run
	// began.
	Previous, PreviousWrong string
	// Warnings are what makes it prove less than other journals do.
	Warnings []string
	// Undrivable is why irctl would not drive the run on, nil if it would.
	Undrivable error
	Anchored
	// Unanchored is what receipts should show and do not.
	Unanchored []journal.Finding
}

// Anchored is how far others vouch for the log of a run.
type Anchored struct {
	Anchors []Anchor
	Through int64 // the last entry that a signature among them vouches for
	ByGiven int64 // the last one by keys or authorities that were given
}

// Whole reports whether all of the journal could be read.
func (v Verification) Whole() bool {
	return v.Report.Verdict == journal.Intact || v.Report.Verdict == journal.Torn
}
