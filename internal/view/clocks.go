package view

import (
	"cmp"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/clock"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/projection"
)

// clocks says who must be told, and by when: those that wait for their fact and
// those that ended in one line together unless all is wanted.
func (pg *page) clocks(run string, list []projection.Clock, all bool) {
	var quiet []string
	for _, c := range list {
		text, color := "", normal
		switch c.State {
		case clock.Missed:
			text, color = "TIME IS OVER since "+span(pg.now.Sub(c.Due.Time)), bad
		case clock.Running, clock.Held:
			text = span(c.Due.Sub(pg.now)) + " left"
			if c.State == clock.Held {
				text = "put off, " + text
			}
			if c.Warning {
				color = wants
			}
		case clock.Met, clock.Late:
			if !all {
				continue
			}
			text = map[clock.State]string{clock.Met: "told in time", clock.Late: "told late"}[c.State] + ", " + when(c.Ended.Time, pg.now)
		case clock.Waiting:
			if quiet = append(quiet, c.Name); !all {
				continue
			}
			text = "waits for " + strings.Join(c.Starts, " or ")
		default:
			text, color = c.Problem, bad
		}
		if !c.Due.IsZero() {
			text += ", due " + c.Local.Format("Mon 2006-01-02 15:04 MST")
			if !c.Was.IsZero() {
				text += " instead of " + c.Was.In(c.Local.Location()).Format("Mon 2006-01-02 15:04 MST")
			}
		}
		pg.hang(0, "clock "+inline(c.Name)+": ", text+"; "+c.Title, color)
		if all {
			pg.facts(4, [2]string{"tell", c.Who}, [2]string{"begins with", strings.Join(c.Starts, " or ") + since(c.Began.Time)}, [2]string{"ends with", c.Ends + since(c.Ended.Time)})
		}
	}
	if len(quiet) > 0 && !all {
		pg.hang(0, "clocks that have not begun: ", strings.Join(quiet, ", ")+" ("+projection.Command("clock", "list", run)+")", faint)
	}
}

func since(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return ", at " + t.UTC().Format("2006-01-02 15:04:05Z")
}

// Clocks writes the clocks of a run as they stand.
func (p *Printer) Clocks(run string, list []projection.Clock) error {
	if p.format == JSON {
		return p.JSON(orEmpty(list))
	}
	pg := p.page(p.out)
	pg.clocks(run, list, true)
	if len(list) == 0 {
		pg.para(0, "The environment of this run names no clocks; irctl help clocks says how.")
		return p.print(p.out, pg)
	}
	pg.gap()
	pg.commands("to start or end one:", []string{projection.Command("clock", "set", run, "FACT", "--at", "TIME", "--reason", "TEXT")})
	return p.print(p.out, pg)
}

// Due is a clock that irctl knows, and when its time would be over.
type Due struct {
	clock.Clock
	clock.Standing
}

// ClockLibrary writes the clocks that irctl knows.
func (p *Printer) ClockLibrary(list []clock.Clock) error {
	if p.format == JSON {
		return p.JSON(each.Of(list, shownClock))
	}
	pg := p.page(p.out)
	rows := each.Of(list, func(c clock.Clock) []cell {
		within := each.Of(c.Limits, func(l clock.Limit) string { return l.Within.String() })
		return []cell{plain(c.Name), plain(strings.Join(within, ", ")), plain(c.Title + ", from " + strings.Join(c.Facts()[:len(c.Limits)], " or "))}
	})
	pg.table([]string{"CLOCK", "TIME", "WHAT"}, rows)
	pg.gap()
	pg.para(0, guidance)
	pg.commands("one of them whole:", []string{projection.Command("clock", "show", list[0].Name)})
	return p.print(p.out, pg)
}

const guidance = "This is guidance, not legal advice: whether a rule binds you, and since when its fact is given, is for counsel to say."

func limits(c clock.Clock) string {
	return strings.Join(each.Of(c.Limits, func(l clock.Limit) string { return l.Within.String() + " from " + l.From }), ", or ")
}

// Clock writes a clock that irctl knows whole.
func (p *Printer) Clock(d Due) error {
	if p.format == JSON {
		out := shownClock(d.Clock)
		if !d.Due.IsZero() {
			out["due"] = d.Due.UTC()
		}
		return p.JSON(out)
	}
	pg := p.page(p.out)
	pg.raw(pg.theme.paint(strong, d.Name))
	pg.para(0, d.Title)
	pairs := [][2]string{{"tell", d.Who}, {"time", limits(d.Clock)}, {"ends with", d.Until}, {"calendar", d.Calendar},
		{"source", d.Source}, {"", d.URL}, {"checked on", d.Read}, {"note", d.Note}}
	if !d.Due.IsZero() {
		pairs = append(pairs, [2]string{"due", d.Due.Format("Mon 2006-01-02 15:04:05 MST") + ", " + cmp.Or(ago(d.Due, pg.now), "now")})
	}
	pg.facts(2, pairs...)
	pg.gap()
	pg.para(0, guidance)
	return p.print(p.out, pg)
}

func shownClock(c clock.Clock) map[string]any {
	return map[string]any{"name": c.Name, "title": c.Title, "who": c.Who, "time": limits(c), "starts": c.Facts()[:len(c.Limits)], "ends": c.Until,
		"calendar": c.Calendar, "source": c.Source, "url": c.URL, "checked": c.Read, "note": c.Note}
}
