package report

import (
	"time"

	"github.com/irctl/irctl/internal/projection"
)

// Chart is steps over time, in units of a drawing that is Width wide. Colour only
// repeats what a bar's title says.
type Chart struct {
	Width, Height int
	Bars          []Bar
	Waits         []Bar // behind the bars of the same steps
	Marks         []Mark
	More          int // steps that are not drawn
}

// Bar is a step.
type Bar struct {
	X, Y, Width, Text int // Text is where its name ends
	Name, Status      string
	Title             string
}

// Mark is a time on the axis.
type Mark struct {
	X            int
	Text, Anchor string // Anchor is which part of the text stands at X: start, middle or end
}

const (
	names      = 300 // where the names of steps end
	chartWidth = 1000
	rowHeight  = 20
	mostBars   = 200
)

// chart draws the steps that began, in the order in which they did in the plan.
func chart(s projection.Status, waits []projection.Wait, end time.Time) Chart {
	out := Chart{Width: chartWidth}
	begin := s.Started.Time
	whole := max(end.Sub(begin), 4*time.Millisecond)
	unit := time.Second
	if whole < 10*time.Second {
		unit = time.Millisecond
	}
	at := func(t time.Time) int { return names + int(min(max(t.Sub(begin), 0), whole)*(chartWidth-names)/whole) }
	row := map[string]int{}
	for _, st := range s.Steps {
		if st.Started.IsZero() || st.Block {
			continue
		}
		if len(out.Bars) == mostBars {
			out.More++
			continue
		}
		ended := st.Ended.Time
		if ended.IsZero() || ended.Before(st.Started.Time) {
			ended = end
		}
		b := Bar{X: at(st.Started.Time), Y: len(out.Bars) * rowHeight, Text: names - 8, Name: short(st.Path), Status: string(st.Status)}
		b.Width = max(at(ended)-b.X, 3)
		b.Title = st.Path + ": " + b.Status + ", " + stamp(st.Started.Time) + ", " + span(ended.Sub(st.Started.Time))
		row[st.Path] = b.Y
		out.Bars = append(out.Bars, b)
	}
	for _, w := range waits {
		y, drawn := row[w.Path]
		if !drawn {
			continue
		}
		ended := w.Ended.Time
		if ended.IsZero() {
			ended = end
		}
		x := at(w.Began.Time)
		out.Waits = append(out.Waits, Bar{X: x, Y: y, Width: max(at(ended)-x, 3), Title: "waited for " + w.For})
	}
	for i, anchor := range []string{"start", "middle", "middle", "middle", "end"} {
		after := whole * time.Duration(i) / 4
		out.Marks = append(out.Marks, Mark{X: at(begin.Add(after)), Text: "+" + after.Round(unit).String(), Anchor: anchor})
	}
	out.Height = len(out.Bars) * rowHeight
	return out
}

// short keeps the end of a path that is too long for its column.
func short(path string) string {
	const most = 28
	if letters := []rune(path); len(letters) > most {
		return "…" + string(letters[len(letters)-most:])
	}
	return path
}
