package manual

import (
	"fmt"
	"strings"

	"github.com/irctl/irctl/internal/finding"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

// codeTable lists every code with its severity and title.
func codeTable(codes []*finding.Code) string {
	var b strings.Builder
	for _, c := range codes {
		fmt.Fprintf(&b, "  %s  %-8s %s\n", c.ID, c.Severity, c.Title)
	}
	return b.String()
}

// Code is the manual of a code: its meaning, an example with what irctl says of
// it, and one without the finding.
func Code(c *finding.Code) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n\n%s\n", c.ID, c.Title, fold(c.Explanation))
	if c.Severity == runbook.Warning {
		b.WriteString("\nThis is a warning: the runbook runs. irctl validate --strict fails on it.\n")
	}
	if e := c.Example(); e.Bad != "" {
		b.WriteString("\nReported:\n\n" + example(e.Bad))
		for line := range strings.Lines(e.Found) {
			if strings.HasPrefix(line, "line ") {
				b.WriteByte('\n')
			}
			b.WriteString(fold(line) + "\n")
		}
		b.WriteString("\nNot reported:\n\n" + example(e.Good))
	}
	return b.String()
}

// example is an example as help shows it: indented, nothing invisible.
func example(text string) string {
	text = strings.TrimSpace(action.Clean(text))
	return "  " + strings.ReplaceAll(text, "\n", "\n  ") + "\n"
}

// fold breaks a text into lines that fit every terminal.
func fold(text string) string { return foldTo(text, Width-4) }

// foldTo breaks a text into lines of at most so many bytes.
func foldTo(text string, most int) string {
	var b strings.Builder
	width := 0
	for i, w := range strings.Fields(text) {
		if width+1+len(w) > most {
			b.WriteByte('\n')
			width = 0
		} else if i > 0 {
			b.WriteByte(' ')
			width++
		}
		b.WriteString(w)
		width += len(w)
	}
	return b.String()
}
