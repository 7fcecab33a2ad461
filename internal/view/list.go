package view

import (
	"github.com/irctl/irctl/internal/projection"
)

// List writes runs, newest first as they come.
func (p *Printer) List(rows []projection.Row) error {
	if p.format == JSON {
		if rows == nil {
			rows = []projection.Row{}
		}
		return p.JSON(rows)
	}
	pg := p.page(p.out)
	if len(rows) == 0 {
		pg.para(0, "No runs yet.")
		pg.commands("next:", []string{"irctl run containment --dry-run"})
		return p.print(p.out, pg)
	}
	now := p.now()
	var cells [][]cell
	for _, r := range rows {
		symbol, color := pg.theme.status(r.Status)
		cells = append(cells, []cell{
			plain(r.Run), {symbol + " " + string(r.Status), color}, plain(ago(r.Started.Time, now)), plain(r.Runbook), plain(r.Environment),
		})
	}
	pg.table([]string{"run", "status", "started", "runbook", "in"}, cells)
	return p.print(p.out, pg)
}

// Table writes rows under titles, as text. It is for small lists that have no
// screen of their own; their JSON is the caller's.
func (p *Printer) Table(titles []string, rows [][]string) error {
	pg := p.page(p.out)
	cells := make([][]cell, len(rows))
	for i, row := range rows {
		for _, text := range row {
			cells[i] = append(cells[i], plain(text))
		}
	}
	pg.table(titles, cells)
	return p.print(p.out, pg)
}

// Facts writes "name  text" lines under a heading; "" is none. Pairs without
// text are left out.
func (p *Printer) Facts(heading string, pairs ...[2]string) error {
	pg := p.page(p.out)
	if heading != "" {
		pg.heading(heading)
	}
	pg.facts(0, pairs...)
	return p.print(p.out, pg)
}
