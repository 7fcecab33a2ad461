package check

import "github.com/irctl/irctl/pkg/runbook"

var EmptyCanary = codes.Warning("IR0323", "canary that holds nothing back",
	"With `canary` the first batch of a loop must hold before the next one begins: each step in it that has a `verify`, or the one that is named. Without `batch` there is only one, and without a check there is nothing to hold.")

var _ = rules.step.add((*reviewer).canary)

// canary: a first batch that nothing looks at lets the others begin in any case.
func (r *reviewer) canary(n *node) {
	b := n.step.Budget
	if n.step.Kind != runbook.KindForEach || b == nil || b.Canary == nil {
		return
	}
	if len(b.Batch) == 0 {
		r.report(EmptyCanary, b.Canary.Span, "there is no first batch", "add `batch`, such as [1, 10, 50%]")
	}
	for s := range runbook.All(n.step.Do) {
		switch {
		case b.Canary.Kind != runbook.StringValue && (s.Verify != nil || s.VerifySelf):
			return
		case b.Canary.Kind == runbook.StringValue && s.ID.Value == b.Canary.Text:
			return
		}
	}
	if b.Canary.Kind == runbook.StringValue {
		r.report(EmptyCanary, b.Canary.Span, "no step of the loop is called `"+b.Canary.Text+"`", "name one of those in `do`, or write true for all that have a `verify`")
		return
	}
	r.report(EmptyCanary, b.Canary.Span, "no step of the loop has a `verify`", "add one, such as `verify: true`, or name the step that looks")
}
