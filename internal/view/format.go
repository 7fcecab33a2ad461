package view

import "strings"

// Formatted is what came of formatting files.
type Formatted struct {
	Files   int             `json:"files"`   // looked at
	Written bool            `json:"written"` // whether the changes were made
	Changed []FormattedFile `json:"changed"`
}

// FormattedFile is a file that was not as it would be written.
type FormattedFile struct {
	File string `json:"file"`
	Diff string `json:"diff,omitempty"` // lines with - and +, if they were asked for
}

// Formatted writes which files changed, one path on a line, or what would
// change in them. How many there were goes to standard error.
func (p *Printer) Formatted(f Formatted) error {
	if p.format == JSON {
		f.Changed = orEmpty(f.Changed)
		return p.JSON(f)
	}
	pg := p.page(p.out)
	for _, c := range f.Changed {
		if c.Diff == "" {
			pg.raw(inline(c.File))
			continue
		}
		for _, l := range strings.Split(strings.TrimSuffix(c.Diff, "\n"), "\n") {
			pg.raw(pg.theme.paint(diffInk(l), literal(strings.TrimSuffix(l, "\r"))))
		}
	}
	if err := p.print(p.out, pg); err != nil {
		return err
	}
	done := "changed"
	if !f.Written {
		done = "would change"
	}
	return p.Note(plural(f.Files, "file") + ": " + group(len(f.Changed)) + " " + done + ".")
}

// diffInk is how a line of a diff looks.
func diffInk(line string) ink {
	switch {
	case strings.HasPrefix(line, "+"):
		return good
	case strings.HasPrefix(line, "-"):
		return bad
	case strings.HasPrefix(line, "@@"), strings.HasPrefix(line, "diff "):
		return faint
	}
	return normal
}
