package view

import (
	"cmp"
	"fmt"
	"time"

	"github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/exercise"
)

// Exercise writes how an exercise went.
func (p *Printer) Exercise(s exercise.Score, compared []string) error {
	if p.format == JSON {
		return p.JSON(map[string]any{"exercise": s, "compared": orEmpty(compared)})
	}
	pg := p.page(p.out)
	pg.raw(pg.theme.paint(wants, "EXERCISE") + "  " + pg.theme.paint(strong, inline(s.Title)))
	how := fmt.Sprintf("seed %d", s.Seed)
	if s.Live {
		how = "played by people"
	}
	pg.para(0, fmt.Sprintf("%s, %s: the run %s after %s of the exercise's time. Nothing real was reached.", s.Runbook, how, s.Status, s.Took))
	pg.heading("Injects")
	for _, in := range s.Injects {
		to := ""
		if in.To != "" {
			to = " to " + in.To
		}
		pg.hang(2, pad(cmp.Or(in.At, "never"), 9)+" ", in.Title+to+": "+in.Text, normal)
		if in.Note != "" {
			pg.para(12, in.Note)
		}
	}
	pg.heading("Results")
	for _, r := range s.Results {
		m, color := okMark, good
		if !r.Met {
			m, color = badMark, bad
		}
		text := r.What
		if r.Kind != "fault" {
			text += ": " + cmp.Or(r.Took, "never")
		}
		if r.Limit != "" {
			text += " of " + r.Limit
		}
		pg.hang(2, pg.theme.paint(color, pg.theme.mark(m))+" "+pad(r.Kind, 11), text, normal)
	}
	for _, text := range s.Unmet {
		pg.hang(2, "  "+pad("for people", 11), text, normal)
	}
	for _, w := range s.Waits {
		pg.hang(2, "  "+pad("waited", 11), fmt.Sprintf("%s in all for %s", w.Took, w.For), normal)
	}
	pg.heading("Improvement plan")
	for _, i := range s.Plan {
		pg.hang(2, "- ", i.Finding, normal)
		pg.para(4, i.Capability+", "+i.Owner+", by "+i.Due)
	}
	if len(s.Plan) == 0 {
		pg.para(2, "Nothing that was measured asks for one.")
	}
	if len(compared) > 0 {
		pg.heading("Beside the last one")
		for _, text := range compared {
			pg.hang(2, "- ", text, normal)
		}
	}
	pg.gap()
	pg.para(0, fmt.Sprintf("Score: %d of %d.", s.Met, s.Of))
	return p.print(p.out, pg)
}

// Scenarios lists the scenarios that can be played, each with its file.
func (p *Printer) Scenarios(list [][2]string) error {
	if p.format == JSON {
		out := []map[string]string{}
		for _, s := range list {
			out = append(out, map[string]string{"name": s[0], "file": s[1]})
		}
		return p.JSON(out)
	}
	pg := p.page(p.out)
	var rows [][]cell
	for _, s := range list {
		rows = append(rows, []cell{plain(s[0]), plain(s[1])})
	}
	pg.table([]string{"SCENARIO", "FILE"}, rows)
	return p.print(p.out, pg)
}

// Conducting is an exercise that goes on, as its facilitator sees it.
type Conducting struct {
	Title, Home, Run string
	Elapsed          time.Duration
	Paused           bool
	Injects          []exercise.Coming
}

// Conducting writes how an exercise stands and what is to come.
func (p *Printer) Conducting(c Conducting) error {
	if p.format == JSON {
		return p.JSON(map[string]any{"title": c.Title, "home": c.Home, "run": c.Run, "elapsed": data.Duration(c.Elapsed.Round(time.Second)), "paused": c.Paused, "injects": orEmpty(c.Injects)})
	}
	pg := p.page(p.out)
	pg.raw(pg.theme.paint(wants, "EXERCISE") + "  " + pg.theme.paint(strong, inline(c.Title)))
	stands := "the clock goes on"
	if c.Paused {
		stands = "the clock stands still"
	}
	pg.facts(2, [2]string{"home", c.Home}, [2]string{"run", c.Run}, [2]string{"elapsed", data.Duration(c.Elapsed.Round(time.Second)) + ", " + stands})
	pg.heading("Injects")
	pg.table([]string{"INJECT", "WHEN", "WHAT"}, each.Of(c.Injects, func(in exercise.Coming) []cell {
		return []cell{plain(in.ID), plain(in.When), plain(in.Title)}
	}))
	pg.gap()
	pg.commands("to lead it:", []string{"irctl exercise inject ID", "irctl exercise pause", "irctl exercise skip-to 30m", "irctl exercise end"})
	return p.print(p.out, pg)
}
