package projection

import (
	"strings"

	"github.com/irctl/irctl/internal/data"
)

// Verdict says how much `plan` could find out about a step. The zero value is
// for a row that is not a step: a block's label.
type Verdict string

// The verdicts.
const (
	Checked    Verdict = "checked"     // the target was looked at
	Simulated  Verdict = "simulated"   // irctl does this itself, nothing to look at
	CannotKnow Verdict = "cannot know" // only running it will tell
)

// PlanRow is one line of a plan that has not run: a step, or the label of a
// block ("then", "else", a case) when Branch is set and Verdict is not.
// Rows come in reading order.
type PlanRow struct {
	Path    string  `json:"path"`
	Depth   int     `json:"depth"` // 0 for the main block
	Kind    string  `json:"kind"`  // the runbook's word: "uses", "manual", ...
	Title   string  `json:"title"`
	Action  string  `json:"action"`
	Target  string  `json:"target"`
	Verdict Verdict `json:"verdict"`
	Current string  `json:"current"` // the target's state now
	Would   string  `json:"would"`   // what would change; "" when nothing would
	Note    string  `json:"note"`    // why it cannot be known, a problem found, who must act
	// With is what an action is given that acts on no target: the command, the
	// request. Secrets are masked, and what only the run will know stands as the
	// runbook has it.
	With   data.Map `json:"with,omitempty"`
	Branch string   `json:"branch"` // a block's label: "if it holds", "otherwise", "case high"
}

// Seen is what was found of each step, by "step PATH".
func Seen(rows []PlanRow) map[string]string {
	out := map[string]string{}
	for _, r := range rows {
		if r.Path != "" {
			out["step "+r.Path] = strings.Trim(strings.Join([]string{string(r.Verdict), r.Current, r.Would, r.Note}, ", "), ", ")
		}
	}
	return out
}
