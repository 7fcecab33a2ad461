package view

// Problem is an error as it is told to a person.
type Problem struct {
	What  string   // what happened
	Means string   // what that means for the containment
	Next  []string // literal commands, or short advice
}

// Problem writes an error to standard error, whatever the format.
func (p *Printer) Problem(e Problem) error {
	pg := p.prose(p.err)
	pg.hang(0, pg.theme.paint(bad, "error:")+" ", e.What, normal)
	pg.para(0, e.Means)
	pg.commands("next:", e.Next)
	return p.print(p.err, pg)
}

// Warning writes something that a person should know and that stops nothing.
func (p *Printer) Warning(text string) error {
	pg := p.prose(p.err)
	pg.hang(0, pg.theme.paint(wants, "warning:")+" ", text, normal)
	return p.print(p.err, pg)
}
