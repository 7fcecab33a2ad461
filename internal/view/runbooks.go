package view

import (
	"strings"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/fitting"
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
		return p.JSON(orEmpty(rows))
	}
	pg := p.page(p.out)
	cells := each.Of(rows, func(r RunbookRow) []cell { return []cell{{r.Name, strong}, plain(r.Source), plain(r.Title)} })
	pg.table([]string{"runbook", "from", "title"}, cells)
	pg.gap()
	pg.commands("next:", []string{"irctl runbook show NAME"})
	return p.print(p.out, pg)
}

// Needs writes what an environment must have for a runbook.
func (p *Printer) Needs(n fitting.Needs) error {
	if p.format == JSON {
		return p.JSON(n)
	}
	pg := p.page(p.out)
	var cells [][]cell
	for _, t := range n.Targets {
		cells = append(cells, []cell{{t.Name, strong}, plain(strings.Join(t.Types, ", ")), plain(strings.Join(t.Actions, ", "))})
	}
	if len(cells) > 0 {
		pg.table([]string{"target", "of type", "for"}, cells)
		pg.gap()
	}
	pg.facts(0, [2]string{"more targets", strings.Join(n.Named, ", ")}, [2]string{"values", strings.Join(n.Values, ", ")},
		[2]string{"roles", strings.Join(n.Roles, ", ")}, [2]string{"programs", strings.Join(n.Programs, ", ")},
		[2]string{"files", strings.Join(n.Files, ", ")})
	return p.print(p.out, pg)
}
