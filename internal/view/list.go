package view

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/pkg/event"
)

// List writes runs, newest first as they come; chosen says that there may be
// others.
func (p *Printer) List(rows []projection.Row, chosen bool) error {
	if p.format == JSON {
		return p.JSON(orEmpty(rows))
	}
	pg := p.page(p.out)
	if len(rows) == 0 {
		if chosen {
			pg.para(0, "No run is like that.")
			pg.commands("next:", []string{"irctl list"})
		} else {
			pg.para(0, "No runs yet.")
			pg.commands("next:", []string{"irctl run containment --dry-run"})
		}
		return p.print(p.out, pg)
	}
	rows, older := p.newest(rows)
	var cells [][]cell
	for _, r := range rows {
		symbol, color := pg.theme.status(r.Status)
		word := string(r.Status)
		switch {
		case r.Held && r.Status == event.Waiting:
			word = "held"
		case r.Pause != nil && r.Status == event.Waiting:
			word = "paused"
		}
		id, about := r.Run, cmp.Or(r.Incident, r.Title)
		if p.out.file != nil {
			id = r.Short
		}
		if about != "" {
			about = ": " + about
		}
		place := "" // of an archived run
		if r.Place > 0 {
			place = "@" + strconv.Itoa(r.Place)
		}
		cells = append(cells, []cell{
			{place, faint}, plain(id), {symbol + " " + word, color},
			plain(ago(r.Started.Time, pg.now)), plain(r.Runbook + about),
		})
	}
	pg.noted([]string{"", "run", "status", "started", "runbook"}, cells, func(i int) { pg.told(rows[i]) })
	if len(older) > 0 {
		pg.gap()
		pg.para(0, "and "+plural(len(older), "older run")+notEnded(older))
		pg.commands("next:", []string{"irctl list | less"})
	}
	return p.print(p.out, pg)
}

// told says where and by whom a run was started, and what it wants.
func (pg *page) told(r projection.Row) {
	const indent = 4
	var out []string
	if r.Environment != "" {
		out = append(out, "in "+r.Environment)
	}
	if r.By != "" {
		out = append(out, "by "+r.By)
	}
	if r.Archive != "" {
		out = append(out, "archived")
	}
	if r.Degraded > 0 {
		out = append(out, goneOn(r.Degraded))
	}
	pg.para(indent, strings.Join(out, ", "))
	for _, text := range append([]string{r.NotUndone}, r.BreakGlass...) {
		pg.styled(indent, text, bad)
	}
	if n := len(r.LeftTo); n > 0 {
		pg.raw("    " + leftForOthers(n) + ": " + pg.theme.paint(command, projection.Command("rollback", r.LeftTo[0].Run)))
	}
	pg.styled(indent, r.Pause.String(), wants)
	if r.Pause != nil && !r.Held && r.Driven {
		pg.answers([]string{projection.Command("resume", r.Run)})
	}
	pg.answers(pg.expired(indent, r.Expiring))
	pg.left(indent, r.Run, r.Left)
	if len(r.Waiting) > 0 {
		w := r.Waiting[0].Path + ": " + whom(r.Waiting[0])
		if n := len(r.Waiting) - 1; n > 0 {
			w += fmt.Sprintf(", and %d more wait", n)
		}
		pg.styled(indent, w, wants)
	}
	if r.Ended.IsZero() && !r.Started.IsZero() && !r.Driven && len(r.Left) == 0 {
		pg.raw(strings.Repeat(" ", indent) + "no process drives it: " + pg.theme.paint(command, projection.Command("resume", r.Run)))
	}
}

// newest divides runs into those that a terminal shows without scrolling the
// newest away, and the rest. Anywhere else all are shown.
func (p *Printer) newest(rows []projection.Row) (shown, older []projection.Row) {
	if p.out.file == nil {
		return rows, nil
	}
	_, height := p.out.size()
	return split(rows, max((height-6)/2, 5)) // most take two lines
}

func split(rows []projection.Row, room int) (shown, older []projection.Row) {
	if len(rows) <= room+3 { // what the words about the rest take
		return rows, nil
	}
	return rows[:room], rows[room:]
}

// notEnded says how many runs still want something of somebody.
func notEnded(rows []projection.Row) string {
	open := 0
	for _, r := range rows {
		if r.Ended.IsZero() {
			open++
		}
	}
	if open == 0 {
		return ""
	}
	return ", " + group(open) + " of them not ended"
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
