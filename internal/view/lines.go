package view

import (
	"cmp"
	"maps"
	"slices"

	"github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
)

// maxLine is the most characters of text that an event's line shows.
const maxLine = 400

// clockCells is how many bytes and cells of an entry's line its time and the
// spaces after it take.
const clockCells = len("15:04:05Z  ")

func entryLine(t theme, e projection.Entry) string {
	_, color := t.status(e.Status)
	if e.Status == "" {
		color = normal
	}
	out := e.Time.UTC().Format("15:04:05Z") + "  " + action.CleanLine(cmp.Or(e.Path, "run"), maxLine) + "  " + t.paint(color, action.CleanLine(e.Word, 60))
	if e.By != "" {
		out += "  by " + action.CleanLine(e.By, 120)
	}
	if text := action.CleanLine(e.Text, maxLine); text != "" {
		out += "  " + text
	}
	return out
}

// values adds named data, one line each, in the order of the names.
func (pg *page) values(title string, values event.Values) {
	var pairs [][2]string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		pairs = append(pairs, [2]string{name, datum(values[name])})
	}
	pg.section(title, pairs)
}

// datum writes any value as text.
func datum(v any) string {
	if v == nil {
		return ""
	}
	return data.Text(v)
}
