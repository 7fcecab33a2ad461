package view

// RunbookRow is a runbook in a list.
type RunbookRow struct {
	Name   string `json:"name"`
	Title  string `json:"title"`
	Source string `json:"source"` // file, or that it is shipped
	Digest string `json:"digest"`
}

// Runbooks writes the runbooks that a name can mean.
func (p *Printer) Runbooks(rows []RunbookRow) error {
	if p.format == JSON {
		return p.JSON(orEmpty(rows))
	}
	pg := p.page(p.out)
	var cells [][]cell
	for _, r := range rows {
		cells = append(cells, []cell{{r.Name, strong}, plain(r.Source), plain(r.Title)})
	}
	pg.table([]string{"runbook", "from", "title"}, cells)
	pg.gap()
	pg.commands("next:", []string{"irctl runbook show NAME"})
	return p.print(p.out, pg)
}
