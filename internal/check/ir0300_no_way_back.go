package check

var NoWayBack = codes.Warning("IR0300", "a change with no way back, and no reason why",
	"Containment that was a mistake must be taken back under stress, and a rollback passes over a step that nobody told how. Add `undo` with what puts the change back, or `irreversible` with the reason why it stays. Built-in actions that undo by themselves need neither.")

var _ = rules.step.add((*reviewer).wayBack)

// wayBack: a step that changes something says how that is put back, or why it
// is not.
func (r *reviewer) wayBack(n *node) {
	a, s := r.acts[n], n.step
	if a == nil || !a.changes() || s.Undo != nil || s.Irreversible.Given() || r.undoes(a.spec) {
		return
	}
	r.report(NoWayBack, s.Uses.Action.Span, "nothing puts back what `"+a.spec.Name+"` changes",
		"add `undo: {uses: ...}`, or `irreversible:` with the reason why it stays")
}
