package view

// Check is one thing that `doctor` or `target check` looked at.
type Check struct {
	Name     string   `json:"name"`     // "corporate-mail", "state folder"
	OK       bool     `json:"ok"`       //
	Found    string   `json:"found"`    // what was found, one line
	Problems []string `json:"problems"` // what is wrong
	Do       []string `json:"do"`       // commands, or short advice
	// Unchecked is what could not be found out.
	Unchecked []string `json:"not_checked"`
}

// Checks writes what was looked at, problems with what to do about them, and a
// sentence that sums up.
func (p *Printer) Checks(checks []Check) error {
	if p.format == JSON {
		out := make([]Check, len(checks))
		for i, c := range checks {
			c.Problems, c.Do, c.Unchecked = orEmpty(c.Problems), orEmpty(c.Do), orEmpty(c.Unchecked)
			out[i] = c
		}
		return p.JSON(out)
	}
	pg := p.page(p.out)
	room, wrong := 0, 0
	for _, c := range checks {
		room = max(room, min(printed(inline(c.Name)), pg.width/3))
	}
	for _, c := range checks {
		symbol, word, color := pg.theme.mark(okMark), "ok     ", good
		if !c.OK {
			symbol, word, color = pg.theme.mark(badMark), "problem", bad
			wrong++
		}
		name := pad(pg.theme.cut(inline(c.Name), room), room)
		pg.hang(0, pg.theme.paint(color, symbol+" "+word)+"  "+name+"  ", c.Found, normal)
		for _, problem := range c.Problems {
			pg.styled(4, problem, bad)
		}
		for _, what := range c.Unchecked {
			pg.styled(4, "not checked: "+what, faint)
		}
		for _, do := range c.Do {
			pg.raw("    " + pg.theme.paint(command, literal(do)))
		}
	}
	pg.gap()
	switch {
	case len(checks) == 0:
		pg.para(0, "There is nothing to check.")
	case wrong == 0:
		pg.para(0, "All is well: "+plural(len(checks), "check")+".")
	default:
		pg.para(0, plural(wrong, "problem")+" in "+plural(len(checks), "check")+".")
	}
	return p.print(p.out, pg)
}

// orEmpty keeps null out of JSON: an empty list is [].
func orEmpty[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
