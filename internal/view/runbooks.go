package view

import (
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/plan"
)

// RunbookRow is a runbook in a list.
type RunbookRow struct {
	Name   string `json:"name"`
	Title  string `json:"title"`
	Source string `json:"source"` // file, or that it is shipped
	Digest string `json:"digest"`
}

// Runbooks writes the runbooks that a name can mean.
func (p *Printer) Runbooks(rows []RunbookRow) error {
	if p.format == JSON {
		if rows == nil {
			rows = []RunbookRow{}
		}
		return p.JSON(rows)
	}
	pg := p.page(p.out)
	var cells [][]cell
	for _, r := range rows {
		cells = append(cells, []cell{{r.Name, strong}, plain(r.Source), plain(r.Title)})
	}
	pg.table([]string{"runbook", "from", "title"}, cells)
	pg.gap()
	pg.commands("next:", []string{"irctl runbook show NAME"})
	return p.print(p.out, pg)
}

// Runbook writes a runbook in the form that can be printed and worked through
// with a pen when nothing else is left. The JSON is the plan itself.
func (p *Printer) Runbook(pl *plan.Plan) error {
	if p.format == JSON {
		return p.JSON(pl)
	}
	pg := p.page(p.out)
	title := pl.Title
	if title == "" {
		title = pl.Runbook
	}
	pg.heading(title)
	pg.facts(0, [2]string{"runbook", pl.Runbook}, [2]string{"from", pl.Source}, [2]string{"owner", pl.Owner},
		[2]string{"objective", pl.Objective})
	if pl.Description != "" {
		pg.gap()
		pg.para(0, pl.Description)
	}
	if len(pl.Inputs) > 0 {
		pg.heading("Inputs")
		for _, f := range pl.Inputs {
			pg.planField(2, f)
		}
	}
	pg.heading("Steps")
	pg.paperSteps(pl)
	if len(pl.Outputs) > 0 {
		pg.heading("Outputs")
		for _, o := range pl.Outputs {
			pg.hang(2, inline(o.Name)+"  ", datum(o.Value.Raw), normal)
		}
	}
	return p.print(p.out, pg)
}

func (pg *page) planField(indent int, f plan.Field) {
	about := f.Type
	if f.Items != "" {
		about += " of " + f.Items
	}
	if len(f.Enum) > 0 {
		about += ": " + strings.Join(f.Enum, ", ")
	}
	if f.Pattern != "" {
		about += " matching " + f.Pattern
	}
	if f.Secret {
		about += ", secret"
	}
	switch {
	case f.Required:
		about += ", required"
	case f.Default != nil:
		about += ", default " + datum(f.Default.Raw)
	}
	pg.hang(indent, pg.theme.paint(strong, inline(f.Name))+"  ", about, faint)
	pg.para(indent+4, f.Description)
}

// paperSteps adds every step with a box to tick.
func (pg *page) paperSteps(pl *plan.Plan) {
	for i := range pl.Nodes {
		n := &pl.Nodes[i]
		depth := 0
		for up := pl.Node(n.Parent); up != nil; up = pl.Node(up.Parent) {
			depth++
		}
		indent := 2 * min(depth, 8)
		if up := pl.Node(n.Parent); up != nil && up.Blocks[n.Block].Label != "" && up.Blocks[n.Block].Entry == n.ID && up.Kind != plan.Parallel {
			pg.styled(indent, blockLabel(up, n.Block), faint)
		}
		pg.paperStep(indent, n)
	}
}

func blockLabel(up *plan.Node, block int) string {
	switch label := up.Blocks[block].Label; {
	case up.Kind == plan.If && label == "then":
		return "if so:"
	case up.Kind == plan.If:
		return "otherwise:"
	default:
		return "case " + label + ":"
	}
}

func (pg *page) paperStep(indent int, n *plan.Node) {
	title := n.Title
	if title == "" {
		title = n.Name
	}
	pg.hang(indent, pg.theme.mark(tick)+" ", title, strong)
	in := indent + 4
	pg.facts(in,
		[2]string{"step", n.Path},
		[2]string{"only when", string(n.When)},
		[2]string{"does", work(n)},
		[2]string{"asks", asks(n.Approval)},
		[2]string{"owner", n.Owner},
		[2]string{"if it fails", failsTo(n)},
	)
	pg.para(in, n.Description)
	if n.Text.Given {
		pg.para(in, datum(n.Text.Raw))
	}
	for _, f := range slices.Concat(n.Evidence, answers(n)) {
		pg.para(in, f.Name+": ______________________")
	}
	if n.Fallback.Given {
		pg.hang(in, "by hand: ", datum(n.Fallback.Raw), normal)
	}
}

// answers are the blanks to fill in on paper.
func answers(n *plan.Node) []plan.Field {
	if n.Kind == plan.Manual {
		return n.Outputs
	}
	return nil
}

// work says what a node does, in a few words.
func work(n *plan.Node) string {
	switch n.Kind {
	case plan.Action:
		out := n.Action.Action
		if n.Action.Target != "" {
			out += " on " + n.Action.Target
		}
		return out
	case plan.Wait:
		if n.Condition != "" {
			return "waits until " + string(n.Condition)
		}
		return strings.TrimSpace("waits " + datum(n.WaitFor.Raw) + datum(n.WaitUntil.Raw))
	case plan.Call:
		return "the runbook " + n.Callee
	case plan.Parallel:
		return "all of these at once"
	case plan.If, plan.While:
		return string(n.Kind) + " " + string(n.Condition)
	case plan.Switch:
		return "depending on " + datum(n.Subject.Raw)
	case plan.ForEach:
		return "for each " + n.As + " of " + datum(n.Subject.Raw)
	case plan.Stop:
		return "ends here, " + n.StopStatus
	}
	return ""
}

func asks(a *plan.Approval) string {
	if a == nil {
		return ""
	}
	out := strings.Join(a.Roles, " or ")
	if a.Need > 1 {
		out = plural(a.Need, "person") + ": " + out
	}
	return out + " to approve: name ______________ time ________"
}

func failsTo(n *plan.Node) string {
	switch n.OnFailure.Policy {
	case plan.FailContinue:
		return "go on"
	case plan.FailRollback:
		return "undo the run"
	}
	return ""
}
