package view

import (
	"slices"
	"strconv"
	"strings"

	"github.com/irctl/irctl/internal/plan"
)

// step adds a step with a box to tick.
func (d *paper) step(n *plan.Node) {
	depth := strings.Count(d.numbers[n.ID], ".")
	indent := 2 * min(depth, 8)
	if depth == 0 {
		d.gap()
	}
	if up := d.Plan.Node(n.Parent); up != nil && up.Blocks[n.Block].Entry == n.ID {
		if label := BlockLabel(up, n.Block); label != "" {
			d.styled(indent, label+":", strong)
		}
	}
	d.hang(indent, d.theme.mark(tick)+" "+d.theme.paint(strong, d.numbers[n.ID])+"  ", titled(n), strong)
	in := indent + 4
	d.para(in, n.Description)
	if n.Kind != plan.Approve {
		d.approval(in, n) // before anything is done
	}
	d.facts(in,
		[2]string{"only if", string(n.When)},
		[2]string{"first wait", datum(n.Delay.Raw)},
		[2]string{"who", n.Owner},
		[2]string{"expires", n.Expires},
		[2]string{"does", Work(n)},
		[2]string{"takes", d.takes(n)},
	)
	d.with(in, n)
	if n.Text.Given && n.Kind != plan.Stop {
		d.para(in, spoken(datum(n.Text.Raw)))
	}
	if n.Kind == plan.Approve {
		d.approval(in, n)
	}
	if n.Kind == plan.Manual { // its outputs are the blanks to fill in
		for _, f := range n.Outputs {
			d.field(in, f)
		}
	}
	for _, f := range n.Evidence {
		d.hang(in, d.theme.mark(tick)+" ", joined(": ", "attach "+f.Name, f.Description), normal)
	}
	if n.Fallback.Given {
		d.hang(in, d.theme.mark(tick)+" by hand: ", spoken(datum(n.Fallback.Raw)), normal)
	}
	if d.Form && n.Kind != plan.Approve {
		d.wrapped(in, "at "+d.blank(16)+" UTC", "by "+d.blank(14), d.theme.mark(tick)+" done", d.theme.mark(tick)+" skipped", "note "+d.blank(24))
	}
	d.facts(in, [2]string{"if it fails", d.failsTo(n)}, [2]string{"then", d.then(n)}, [2]string{"undo", d.undo(n)})
	if n.Title != "" { // what screens and commands call it
		d.facts(in, [2]string{"in irctl", n.Path})
	}
}

// with adds the inputs of an action or a runbook: whoever does the step by
// hand needs the texts.
func (d *paper) with(indent int, n *plan.Node) {
	given := n.With
	if n.Action != nil {
		given = n.Action.With
	}
	for _, a := range slices.Concat(given, n.Set) {
		d.hang(indent+2, d.theme.paint(faint, inline(a.Name)+": "), spoken(worded(a.Value.Raw)), normal)
	}
}

// approval adds one line to sign for each person who has to agree.
func (d *paper) approval(indent int, n *plan.Node) {
	a := n.Approval
	if a == nil {
		return
	}
	if a.Text.Given {
		d.para(indent, spoken(datum(a.Text.Raw)))
	}
	ask := "Ask: " + strings.Join(a.Roles, " or ")
	if a.Need > 1 {
		ask = "Ask " + strconv.Itoa(a.Need) + " people: " + strings.Join(a.Roles, " or ")
	}
	if a.NotRequester {
		ask += ", not whoever started this"
	}
	if a.Remind.Given {
		ask += ". Remind them every " + datum(a.Remind.Raw)
	}
	if len(a.EscalateTo) > 0 {
		after := a.EscalateAfter
		if !after.Given {
			after = a.Within
		}
		ask += ". No answer after " + datum(after.Raw) + ": ask " + strings.Join(a.EscalateTo, " or ") + " too"
	}
	switch {
	case a.OnExpiry == plan.ExpiryEscalate && a.Within.Given:
		ask += ". No answer within twice " + datum(a.Within.Raw) + " is a no"
	case a.Within.Given:
		ask += ". No answer within " + datum(a.Within.Raw) + " is a no"
	}
	d.para(indent, ask+".")
	box := d.theme.mark(tick)
	for range max(a.Need, 1) {
		d.wrapped(indent, box+" yes", box+" no", "name "+d.blank(14), "signed "+d.blank(12), "time "+d.blank(6))
	}
}

// wrapped adds parts side by side, on several lines where they do not fit.
func (d *paper) wrapped(indent int, parts ...string) {
	pad, line := strings.Repeat(" ", indent), ""
	for _, p := range parts {
		if line != "" && indent+printed(line)+2+printed(p) > d.width {
			d.raw(pad + line)
			line = ""
		}
		if line != "" {
			line += "  "
		}
		line += p
	}
	d.raw(pad + line)
}

// spoken writes what a text says with the values that are known by name only:
// `${{ inputs.incident }}` becomes <incident>.
func spoken(text string) string {
	var b strings.Builder
	for {
		before, rest, begins := strings.Cut(text, "${{")
		inside, after, ends := strings.Cut(rest, "}}")
		if !begins || !ends {
			break
		}
		b.WriteString(before)
		expr := strings.TrimSpace(inside)
		text = after
		name := strings.TrimPrefix(expr, "inputs.")
		if strings.ContainsAny(name, " ()[].'\"") {
			name = expr
		}
		b.WriteString("<" + name + ">")
	}
	return b.String() + text
}

// takes says how long a step may take.
func (d *paper) takes(n *plan.Node) string {
	var parts []string
	if n.Timeout.Given {
		parts = append(parts, "at most "+datum(n.Timeout.Raw))
	}
	if n.Retry != nil && n.Retry.Attempts > 1 {
		tries := "up to " + strconv.Itoa(n.Retry.Attempts) + " tries"
		if n.Retry.Delay.Given {
			tries += ", " + datum(n.Retry.Delay.Raw) + " apart"
			if n.Retry.Factor > 1 {
				tries += " and more"
			}
		}
		parts = append(parts, tries)
	}
	return strings.Join(parts, ", ")
}

func (d *paper) failsTo(n *plan.Node) string {
	switch n.OnFailure.Policy {
	case plan.FailContinue:
		return "note it and go on"
	case plan.FailRollback:
		return "put everything back, newest first"
	case plan.FailNext:
		return "go on at " + d.place(n.OnFailure.Next)
	}
	return ""
}

// then says where to go on, if that is not the step below.
func (d *paper) then(n *plan.Node) string {
	if n.Kind == plan.Stop {
		return ""
	}
	if up := d.Plan.Node(n.Parent); n.Next == d.below[n.ID] || up != nil && up.Kind == plan.Parallel {
		return ""
	}
	if n.Next == plan.None {
		return "this part ends"
	}
	return "go on at " + d.place(n.Next)
}

func (d *paper) place(id plan.NodeID) string {
	n := d.Plan.Node(id)
	if n == nil {
		return "the end"
	}
	return d.numbers[id] + " (" + titled(n) + ")"
}

func (d *paper) undo(n *plan.Node) string {
	switch {
	case n.Irreversible != "":
		return "cannot be put back: " + n.Irreversible
	case n.Undo != nil:
		return useWords(n.Undo)
	}
	return ""
}

// useWords says what a use of an action does, in a few words.
func useWords(u *plan.Use) string {
	out := u.Action
	switch {
	case u.Target != "":
		out += " on " + u.Target
	case u.TargetExpr.Given:
		out += " on " + datum(u.TargetExpr.Raw)
	}
	return out
}

// shares are numbers of items, or parts of them, in words.
func shares(list []plan.Share) string {
	var words []string
	for _, s := range list {
		if s.Percent > 0 {
			words = append(words, strconv.Itoa(s.Percent)+"%")
		} else {
			words = append(words, strconv.Itoa(s.Count))
		}
	}
	return strings.Join(words, ", then ")
}

// BlockLabel says in words when a block of a node is taken; "" if it always is.
func BlockLabel(up *plan.Node, block int) string {
	label := up.Blocks[block].Label
	if up.Blocks[block].Always {
		return "in any case, at the end"
	}
	switch up.Kind {
	case plan.If:
		if block == 0 {
			return "if so"
		}
		return "otherwise"
	case plan.Switch:
		if label == "" || label == "default" {
			return "in every other case"
		}
		return "case " + label
	}
	return ""
}

// Work says what a node does, in a few words; nothing for a person's step,
// whose text says it.
func Work(n *plan.Node) string { return spoken(work(n)) }

func work(n *plan.Node) string {
	switch n.Kind {
	case plan.Action:
		return useWords(n.Action)
	case plan.Wait:
		until := datum(n.WaitUntil.Raw)
		if n.Condition != "" {
			until = string(n.Condition)
		}
		words := "wait"
		if n.Looks() {
			words = "ask " + useWords(n.Verify) + " again and again"
		}
		if until != "" {
			words += " until " + until
		}
		if n.WaitFor.Given {
			words += map[bool]string{true: ", at most ", false: " "}[until != ""] + datum(n.WaitFor.Raw)
		}
		return words
	case plan.Call:
		return "the runbook " + n.Callee
	case plan.Parallel:
		return "all of these at once"
	case plan.If:
		return "look whether " + string(n.Condition)
	case plan.While:
		words := "again and again while " + string(n.Condition)
		if n.MaxIterations > 0 {
			words += ", at most " + plural(n.MaxIterations, "time")
		}
		return words
	case plan.Switch:
		return "choose by " + datum(n.Subject.Raw)
	case plan.ForEach:
		words := "once for each " + n.As + " of " + worded(n.Subject.Raw)
		if n.MaxParallel > 1 {
			words += ", " + strconv.Itoa(n.MaxParallel) + " at a time"
		}
		if len(n.Batches) > 0 {
			words += ", in batches of " + shares(n.Batches)
		}
		if n.MaxFailures != nil {
			words += ", of which " + shares([]plan.Share{*n.MaxFailures}) + " may fail"
		}
		return words
	case plan.Stop:
		return strings.TrimSuffix("the run ends here, "+n.StopStatus+": "+datum(n.Text.Raw), ": ")
	}
	return ""
}
