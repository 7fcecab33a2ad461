package view

import (
	"cmp"
	"strings"

	"github.com/irctl/irctl/internal/projection"
)

// Looks are steps that are over, with what their targets say now.
type Looks struct {
	Run   string            `json:"run"`
	Steps []projection.Look `json:"steps"`
	// Sum says it all in a sentence; Next is what to type then.
	Sum  string   `json:"-"`
	Next []string `json:"-"`
}

// expired asks for what is past its time to be put back. It returns what to type.
func (pg *page) expired(indent int, looks []projection.Look) (commands []string) {
	for _, l := range looks {
		if l.State != projection.Expired {
			continue
		}
		text := cmp.Or(l.Target, l.Path) + ": contained since " + when(l.Since.Time, pg.now) + ", expired " + ago(l.Expires.Time, pg.now)
		if l.Owner != "" {
			text += ", owner " + l.Owner
		}
		pg.styled(indent, text, bad)
		commands = append(commands, l.Commands...)
	}
	return commands
}

// Looks writes what became, or would become, of the steps of a run.
func (p *Printer) Looks(v Looks) error {
	if p.format == JSON {
		v.Steps = orEmpty(v.Steps)
		return p.JSON(v)
	}
	pg := p.page(p.out)
	for _, l := range v.Steps {
		on := ""
		if l.Target != "" {
			on = " on " + l.Target
		}
		color := normal
		switch l.State {
		case projection.Undone, projection.NotSeen, projection.Expired, projection.CannotUndo:
			color = bad
		}
		pg.hang(0, pg.theme.paint(strong, inline(l.Path))+"  ", strings.TrimSpace(inline(l.Action+on))+": "+string(l.State), color)
		pg.facts(4, [2]string{"now", l.Now}, [2]string{"note", l.Note})
		v.Next = append(v.Next, pg.expired(4, []projection.Look{l})...)
	}
	pg.gap()
	pg.para(0, v.Sum)
	pg.commands("next:", v.Next)
	return p.print(p.out, pg)
}
