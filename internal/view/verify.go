package view

import (
	"fmt"
	"strings"

	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/pkg/journal"
)

// verified is a verification that is put into words.
type verified struct{ projection.Verification }

// verification is the JSON of `audit verify`.
type verification struct {
	Run      string            `json:"run"`
	Verdict  journal.Verdict   `json:"verdict"`
	Entries  int64             `json:"entries"`
	Closed   bool              `json:"closed"`
	Findings []journal.Finding `json:"findings"`
	Copy     bool              `json:"copy,omitempty"`
	Driven   string            `json:"not_driven,omitempty"` // why irctl would not drive it on

	Structure     string  `json:"structure"`          // good, torn, truncated or bad
	Chain         string  `json:"chain"`              // good or bad, in itself
	Checkpoints   int64   `json:"checkpoints"`        // that are good; 0 if it has none
	Signed        int64   `json:"signed_through"`     // the last entry that a checkpoint covers
	Restarted     []int64 `json:"restarted"`          // entries from which other keys sign
	Proven        int64   `json:"proven_through"`     // the last entry that what was given vouches for
	Anchored      int64   `json:"anchored_through"`   // the last entry that somebody outside vouches for
	Key           string  `json:"key,omitempty"`      // of the first checkpoint
	Fingerprint   string  `json:"fingerprint"`        // of the entries that verify
	Words         string  `json:"fingerprint_words"`  // the same
	Previous      string  `json:"previous,omitempty"` // the run before it in its home
	PreviousWrong string  `json:"previous_wrong,omitempty"`

	Warnings []string `json:"warnings,omitempty"`

	Given      int64               `json:"anchored_by_given"` // the last entry that keys or authorities that were given vouch for
	Anchors    []projection.Anchor `json:"anchors"`
	Unanchored []journal.Finding   `json:"receipts_wrong"`
}

// Verify writes what a journal's verification found: four answers, because none
// of them stands for another.
func (p *Printer) Verify(of projection.Verification) error {
	found := verified{of}
	run, r, seals := found.Run, found.Report, found.Seals
	print := seals.Whole.Fingerprint()
	if p.format == JSON {
		v := verification{Run: run, Verdict: r.Verdict, Entries: r.Entries, Closed: r.Closed, Findings: orEmpty(r.Findings), Copy: found.Copy,
			Structure: found.structure(), Chain: "good", Checkpoints: seals.Checkpoints, Signed: seals.Last.Size, Restarted: orEmpty(seals.Restarted),
			Proven: seals.Vouched, Key: seals.Key, Previous: found.Previous, PreviousWrong: found.PreviousWrong,
			Anchored: found.Through, Given: found.ByGiven, Warnings: found.Warnings, Anchors: orEmpty(found.Anchors), Unanchored: orEmpty(found.Unanchored)}
		if r.Verdict == journal.Altered {
			v.Chain = "bad"
		}
		if print.Size > 0 {
			v.Fingerprint, v.Words = print.String(), print.Words()
		}
		if found.Undrivable != nil {
			v.Driven = found.Undrivable.Error()
		}
		return p.JSON(v)
	}
	pg := p.page(p.out)
	color := bad
	if r.Verdict == journal.Intact {
		color = normal
	}
	pg.raw(pg.theme.paint(color, inline(string(r.Verdict))) + "  run " + inline(run))
	found.answers(pg)
	for _, f := range r.Findings {
		place := fmt.Sprintf("entry %d, byte %d: ", f.Seq, f.Offset)
		if f.Last > 0 {
			place = fmt.Sprintf("entries %d to %d, from byte %d: ", f.Seq, f.Last, f.Offset)
		}
		if f.Kind != "" && f.Kind != journal.Kind(r.Verdict) {
			place = string(f.Kind) + ", " + place
		}
		pg.hang(2, place, f.Problem, normal)
	}
	for _, f := range found.Unanchored {
		pg.para(2, f.Problem)
	}
	if found.PreviousWrong != "" {
		pg.hang(2, "the run before it, "+found.Previous+": ", found.PreviousWrong, normal)
	}
	if r.Verdict == journal.Torn {
		pg.para(0, "Nobody was ever told that it was durable, so nothing is lost; the next `irctl resume` sets it aside.")
	}
	pg.para(0, found.means())
	for _, n := range seals.Restarted {
		if len(found.Warnings) == 0 { // else they say why
			pg.para(0, fmt.Sprintf("From entry %d on other keys sign, which that entry alone announces.", n))
		}
	}
	for _, text := range found.Warnings {
		pg.styled(0, text, bad)
	}
	pg.para(0, found.driving())
	if print.Size > 0 {
		pg.fingerprint(print.String())
		pg.para(2, print.Words())
		if signed := seals.Last.Size; signed > 0 && signed < print.Size {
			pg.para(2, fmt.Sprintf("status shows #%d, that of the last checkpoint, which covers the entries before it", signed))
		}
	}
	if seals.Key != "" {
		pg.raw(pg.theme.paint(faint, "key "+inline(seals.Key)))
	}
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

// structure is what the lines are, whatever they say.
func (found verified) structure() string {
	switch {
	case found.Report.Misplaced:
		return "bad"
	case found.Report.Verdict == journal.Torn, found.Report.Verdict == journal.Truncated:
		return string(found.Report.Verdict)
	}
	return "good"
}

// answers are the four of them.
func (found verified) answers(pg *page) {
	r, s := found.Report, found.Seals
	answer := func(m mark, color ink, name, text string) {
		pg.hang(0, pg.theme.paint(color, pg.theme.mark(m))+fmt.Sprintf(" %-12s ", name), text, normal)
	}
	intact := counted(r.Entries) + ", each a whole line in its place"
	if r.Verdict == journal.Altered {
		intact = "each line is an entry in its place"
	}
	switch found.structure() {
	case "good":
		answer(okMark, good, "structure", intact)
	case "torn":
		answer(badMark, bad, "structure", "the last line is incomplete")
	case "truncated":
		answer(badMark, bad, "structure", "the end is missing although it was durable: somebody or something cut the journal off, or put an older one in its place")
	default:
		answer(badMark, bad, "structure", "not every line is an entry in its place")
	}
	switch {
	case r.Verdict == journal.Altered:
		answer(badMark, bad, "chain, tree", "this is not what irctl wrote: do not trust what follows the first finding")
	case s.Checkpoints == 0 && s.Origin != "":
		answer(badMark, bad, "chain, tree", "each entry follows the one before it; the journal announces keys and has no checkpoint, although one is written with the first entries: the checkpoints were taken out, or that write was cut short")
	case s.Checkpoints == 0:
		answer(okMark, normal, "chain, tree", "each entry follows the one before it; the journal has no checkpoints, as those that an older irctl began")
	default:
		text := fmt.Sprintf("each entry follows the one before it; %s, over %s", plural(int(s.Checkpoints), "checkpoint"), counted(s.Last.Size))
		if open := r.Entries - s.Last.Size; open > 1 {
			text += fmt.Sprintf(", not over the last %d", open)
		}
		answer(okMark, good, "chain, tree", text)
	}
	switch {
	case r.Verdict == journal.Altered || r.Verdict == journal.Truncated:
		answer(dash, normal, "closed", "nobody can tell: only entries that verify count")
	case r.Closed && (s.Checkpoints == 0 || s.Last.Size >= r.Entries-1):
		answer(okMark, good, "closed", "the run has ended")
	case r.Closed:
		answer(badMark, normal, "closed", "the run has ended, and no checkpoint covers that yet")
	default:
		answer(dash, normal, "closed", "no: the run may still add to it")
	}
	switch {
	case found.ByGiven > 0:
		answer(okMark, good, "anchored", fmt.Sprintf("entries 1 to %d, by the keys or authorities that you gave", found.ByGiven))
	case found.Through > 0:
		answer(okMark, normal, "anchored", fmt.Sprintf("entries 1 to %d, by keys that the run's own environment names: hold your own against them, with --policy or --timestamp-ca", found.Through))
	case len(found.Anchors) > 0:
		answer(dash, normal, "anchored", "nothing here proves it; those who remember it must be asked")
	default:
		answer(dash, normal, "anchored", "no: nobody outside this folder vouches for it")
	}
	for _, a := range found.Anchors {
		pg.hang(14, inline(a.Name)+": ", strings.Trim(a.Says()+", "+a.At.String(), ", "), normal)
	}
}

// driving says whether the run would go on, as far as that is not plain.
func (found verified) driving() string {
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

// means says what is proven, and what is not.
func (found verified) means() string {
	r, s := found.Report, found.Seals
	var out []string
	switch {
	case s.Vouched > 0 && r.Verdict == journal.Intact:
		out = append(out, fmt.Sprintf("What you gave proves that entries 1 to %d are what was written.", s.Vouched))
		if s.Vouched < r.Entries {
			out = append(out, "What follows them is consistent in itself.")
		}
	case s.Vouched > 0:
		out = append(out, fmt.Sprintf("It can still be proven, by what you gave, that entries 1 to %d are what was written.", s.Vouched))
	case r.Verdict == journal.Altered || r.Verdict == journal.Truncated:
		if r.Entries > 0 && s.Whole.Size > 0 {
			out = append(out, fmt.Sprintf("Entries 1 to %d, fingerprint %s, are consistent in themselves.", s.Whole.Size, s.Whole.Fingerprint()))
		}
		out = append(out, "Nothing here proves that they are what was written, unless a fingerprint or a key from elsewhere does.")
	case found.ByGiven > 0:
		out = append(out, fmt.Sprintf("Entries 1 to %d are those that were anchored. What follows them is consistent in itself.", found.ByGiven))
	case found.Through > 0:
		out = append(out, fmt.Sprintf("Entries 1 to %d are those that were anchored, if the keys are who they say. What follows them is consistent in itself.", found.Through))
	default:
		out = append(out, "It is consistent in itself, and no more is shown: whoever could write in its folder could have written all of it anew.")
	}
	if s.Vouched == 0 && found.Through == 0 && !found.Given {
		out = append(out, "Hold against it what was noted elsewhere: --from-fingerprint '#N CODE' or --pubkey KEY.")
	}
	return strings.Join(out, " ")
}

// Anchors writes who else remembers how far the log of a run had come, and the
// key of the home's log, which witnesses must be given.
func (p *Printer) Anchors(anchors []projection.Anchor, key string) error {
	if p.format == JSON {
		return p.JSON(struct {
			Anchors []projection.Anchor `json:"anchors"`
			Key     string              `json:"log_key,omitempty"`
		}{orEmpty(anchors), key})
	}
	pg := p.page(p.out)
	if len(anchors) == 0 {
		pg.para(0, "The environment of this run names no anchors: nobody outside this home remembers how far its log has come.")
	}
	for _, a := range anchors {
		m, color := okMark, good
		if a.Failed != "" {
			m, color = badMark, bad
		}
		pg.hang(0, pg.theme.paint(color, pg.theme.mark(m))+" "+inline(a.Name)+": ", a.Says(), normal)
	}
	if key != "" {
		pg.para(0, "Witnesses know the log of this home by this key:")
		pg.raw(inline(key))
	}
	return p.print(p.out, pg)
}
