package view

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/pkg/action"
)

// Evidence writes what a run has as evidence, and who was given it.
func (p *Printer) Evidence(c *projection.Custody) error {
	if p.format == JSON {
		return p.JSON(c)
	}
	pg := p.page(p.out)
	if len(c.Items) == 0 {
		pg.para(0, "Run "+c.Run+" has no evidence yet.")
		pg.commands("next:", []string{projection.Command("evidence", "add", c.Run, "FILE")})
		return p.print(p.out, pg)
	}
	cells := make([][]cell, len(c.Items))
	for i, item := range c.Items {
		cells[i] = []cell{plain(item.ID), plain(bytesOf(item.Size)), plain(ago(item.Collected.Time, pg.now)), plain(item.Name + ", " + item.Kind)}
	}
	pg.noted([]string{"item", "size", "collected", "what"}, cells, func(i int) {
		item := c.Items[i]
		pg.raw("    " + pg.theme.paint(faint, "SHA-256 "+inline(cmp.Or(item.Digest, "none: "+item.Lost))))
		for _, f := range evidenceFacts(item) {
			if f[0] == "lies in" || f[0] == "copied from" { // to copy
				pg.raw("    " + f[0] + ": " + inline(f[1]))
				continue
			}
			pg.hang(4, f[0]+": ", f[1], normal)
		}
	})
	for _, h := range c.Strays {
		pg.styled(0, "entry "+fmt.Sprint(h.Entry)+" hands over item "+h.Item+" to "+h.To+", which the journal does not have like that", bad)
	}
	return p.print(p.out, pg)
}

// Custody is the chain of custody of a run as a sheet to print: text of 78
// columns, with room to sign. File tells where in the folder a piece is, or why
// it is not there.
func Custody(c *projection.Custody, file func(id string) string) string {
	var b strings.Builder
	line := func(head, text string) {
		text = action.CleanLine(text, maxText)
		for i, part := range wrap(text, 78-18) {
			if i > 0 {
				head = ""
			}
			fmt.Fprintf(&b, "  %-16s%s\n", head, strings.TrimRight(part, " "))
		}
	}
	rule := strings.Repeat("-", 78) + "\n"
	fmt.Fprintf(&b, "CHAIN OF CUSTODY\n\n")
	line("run", c.Run)
	line("runbook", c.Runbook)
	line("journal", fmt.Sprintf("%d entries", c.Entries))
	line("pieces", fmt.Sprint(len(c.Items)))
	for _, item := range c.Items {
		b.WriteString("\n" + rule)
		line("item "+item.ID, item.Name)
		line("file", file(item.ID))
		fmt.Fprintf(&b, "  SHA-256\n    %s\n", action.CleanLine(cmp.Or(item.Digest, "none"), maxText)) // not broken
		line("size", fmt.Sprintf("%d bytes", item.Size))
		for _, f := range evidenceFacts(item) {
			line(f[0], f[1])
		}
		b.WriteString("\n  handed over to            date, time              signature\n\n")
		for range 3 {
			b.WriteString("  ________________________  ______________________  ________________________\n\n")
		}
	}
	for _, h := range c.Strays {
		line("entry "+fmt.Sprint(h.Entry), "hands over item "+h.Item+" to "+h.To+", which the journal does not have like that")
	}
	return b.String()
}

// evidenceFacts are what is known of a piece, as far as something is.
func evidenceFacts(item projection.Evidence) (out [][2]string) {
	for _, f := range [][2]string{
		{"step", item.Step}, {"source", item.Source}, {"copied from", item.From}, {"lies in", item.Folder}, {"method", item.Method}, {"note", item.Note},
		{"caution", item.Changed}, {"file's own time", item.Modified.String()}, {"copy begun", item.Begun.String()}, {"collected", item.Collected.String()},
		{"by", cmp.Or(item.By, "irctl, as the runbook says")},
	} {
		if f[1] != "" {
			out = append(out, f)
		}
	}
	for _, h := range item.HandOvers {
		out = append(out, [2]string{"handed over", fmt.Sprintf("%s to %s by %s: %s (entry %d)", h.Time, h.To, h.By, h.Reason, h.Entry)})
	}
	return out
}

// bytesOf is a size for people.
func bytesOf(n int64) string {
	const units = "kMGT"
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	size, unit := float64(n)/1000, 0
	for size >= 999.95 && unit < len(units)-1 {
		size, unit = size/1000, unit+1
	}
	return fmt.Sprintf("%.1f %cB", size, units[unit])
}
