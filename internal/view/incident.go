package view

import (
	"cmp"
	"fmt"

	"github.com/charmbracelet/x/ansi"

	"github.com/irctl/irctl/internal/projection"
)

// mostEntries is how much of a timeline is shown unless all is asked for.
const mostEntries = 20

// Incident writes the runs of an incident, what waits for whom, what is
// contained, and one timeline.
func (p *Printer) Incident(v projection.Incident, all bool) error {
	if p.format == JSON {
		v.Runs, v.Contained, v.Timeline = orEmpty(v.Runs), orEmpty(v.Contained), orEmpty(v.Timeline)
		return p.JSON(v)
	}
	pg := p.page(p.out)
	head := "Incident " + v.Incident
	if v.Incident == "" {
		head = "Runs that have not ended, or contain something"
	}
	pg.heading(head)
	var next []string
	for _, r := range v.Runs {
		symbol, color := pg.theme.status(r.Status)
		pg.hang(2, pg.theme.paint(color, symbol+" "+string(r.Status))+"  ", r.Runbook+of(r, v)+", run "+r.Run+", since "+when(r.Started.Time, pg.now), normal)
		pg.told(r)
		if r.Fingerprint != "" {
			pg.para(4, "fingerprint "+r.Fingerprint)
		}
		for _, w := range r.Waiting {
			if w.Command != "" {
				next = append(next, w.Command)
			}
		}
	}
	pg.heading("Contained now")
	for _, l := range v.Contained {
		text, color := l.Action, normal
		if l.State == projection.ByHand || l.State == projection.MayBe {
			text, color = text+" "+string(l.State)+": "+l.Note, wants
		}
		pg.hang(2, pg.theme.paint(strong, inline(cmp.Or(l.Target, l.Path)))+"  ", text+", since "+when(l.Since.Time, pg.now)+" by "+l.Path+" of run "+l.Run, color)
		next = append(next, pg.expired(4, []projection.Look{l})...)
	}
	if len(v.Contained) == 0 {
		pg.para(2, "Nothing.")
	}
	if v.Incident == "" {
		pg.para(0, "As the journals say; irctl recheck RUN asks the targets.")
		pg.gap()
		pg.commands("next:", next)
		return p.print(p.out, pg)
	}
	pg.heading("Timeline")
	entries := v.Timeline
	if n := len(entries) - mostEntries; n > 0 && !all {
		pg.para(2, fmt.Sprintf("%d earlier entries; --all shows them", n))
		entries = entries[n:]
	}
	names := map[string]string{}
	for _, r := range v.Runs {
		names[r.Run] = r.Run[max(len(r.Run)-4, 0):] + " " + r.Runbook
	}
	for _, e := range entries {
		// Plain: hang cleans its text, which would show the codes of colours.
		line := ansi.Strip(entryLine(pg.theme, e.Entry))
		pg.hang(2, "", e.Time.UTC().Format("2006-01-02 ")+line[:9]+" "+inline(names[e.Run])+line[9:], normal)
	}
	pg.gap()
	pg.commands("next:", next)
	return p.print(p.out, pg)
}

// of names the incident of a run among those of others.
func of(r projection.Row, v projection.Incident) string {
	if v.Incident != "" || r.Incident == "" {
		return ""
	}
	return " of " + r.Incident
}
