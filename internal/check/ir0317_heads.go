package check

var NoTitle = codes.Warning("IR0317", "a runbook without a title",
	"The title is what people choose by, and the first thing that a run shows. Say what the runbook brings about.")

var NoOwner = codes.Warning("IR0318", "a runbook without an owner",
	"A runbook that nobody keeps true is wrong when it is needed. `owner` says whom to ask.")

var _ = rules.runbook.add((*reviewer).heads)

// heads: somebody must be able to tell what a runbook is for, and whom to ask
// about it.
func (r *reviewer) heads() {
	at := r.rb.Name.Span
	if !r.rb.Name.Given() {
		at = r.rb.Span
	}
	if r.rb.Title.Value == "" {
		r.report(NoTitle, at, "the runbook has no title", "add `title:` with what it brings about, in words that help at 3 am")
	}
	if r.rb.Owner.Value == "" {
		r.report(NoOwner, at, "nobody owns the runbook", "add `owner:` with whom to ask about it and who keeps it true")
	}
}
