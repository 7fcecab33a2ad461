package view

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// cell is one field of a table. Text is cleaned by the table.
type cell struct {
	text string
	ink  ink
}

func plain(text string) cell { return cell{text: text} }

// table adds rows under titles. Columns are as wide as they need; when that
// is too much, the last one is wrapped, and when even that leaves no room,
// every row becomes a block of "title: text" lines.
func (pg *page) table(titles []string, rows [][]cell) { pg.noted(titles, rows, nil) }

// noted is a table whose rows have lines below them, added by below unless it is nil.
func (pg *page) noted(titles []string, rows [][]cell, below func(row int)) {
	widths := make([]int, len(titles))
	for i, t := range titles {
		widths[i] = ansi.StringWidth(t)
	}
	for _, row := range rows {
		for i := range row {
			row[i].text = inline(row[i].text)
			widths[i] = max(widths[i], ansi.StringWidth(row[i].text))
		}
	}
	last := len(titles) - 1
	left := pg.width
	for i, w := range widths {
		if i != last {
			left -= w + 2
		}
	}
	if left < min(widths[last], 16) {
		pg.stacked(titles, rows, below)
		return
	}
	widths[last] = min(widths[last], left)
	var head strings.Builder
	for i, t := range titles {
		head.WriteString(pad(t, widths[i]) + "  ")
	}
	if strings.TrimSpace(head.String()) != "" {
		pg.raw(pg.theme.paint(faint, strings.TrimRight(head.String(), " ")))
	}
	for i, row := range rows {
		pg.row(widths, row)
		if below != nil {
			below(i)
		}
	}
}

func (pg *page) row(widths []int, row []cell) {
	last := len(row) - 1
	tail := wrap(row[last].text, widths[last])
	lead := 0
	var line strings.Builder
	for i, c := range row[:last] {
		line.WriteString(pad(pg.theme.paint(c.ink, c.text), widths[i]) + "  ")
		lead += widths[i] + 2
	}
	for i, t := range tail {
		if i == 0 {
			pg.raw(line.String() + pg.theme.paint(row[last].ink, t))
			continue
		}
		pg.raw(strings.Repeat(" ", lead) + pg.theme.paint(row[last].ink, t))
	}
}

func (pg *page) stacked(titles []string, rows [][]cell, below func(row int)) {
	for n, row := range rows {
		if n > 0 {
			pg.gap()
		}
		for i, c := range row {
			switch {
			case c.text == "":
			case i == 0:
				pg.styled(0, c.text, c.ink)
			case titles[i] == "":
				pg.styled(2, c.text, c.ink)
			default:
				pg.hang(2, pg.theme.paint(faint, titles[i]+": "), c.text, c.ink)
			}
		}
		if below != nil {
			below(n)
		}
	}
}

// section adds facts under a heading, if there are any.
func (pg *page) section(title string, pairs [][2]string) {
	if len(pairs) > 0 {
		pg.heading(title)
		pg.facts(2, pairs...)
	}
}

// facts adds "name  text" lines, aligned, texts wrapped; empty texts are left out.
func (pg *page) facts(indent int, pairs ...[2]string) {
	room := 0
	for _, p := range pairs {
		if p[1] != "" {
			room = max(room, ansi.StringWidth(inline(p[0])))
		}
	}
	for _, p := range pairs {
		if p[1] != "" {
			pg.hang(indent, pg.theme.paint(faint, pad(inline(p[0]), room))+"  ", p[1], normal)
		}
	}
}
