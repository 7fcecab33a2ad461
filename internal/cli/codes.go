package cli

import (
	"fmt"
	"strings"

	"github.com/irctl/irctl/internal/library"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

func codeNamed(id string) (runbook.Code, bool) {
	id = strings.ToUpper(id)
	for _, c := range library.Codes() {
		if c.ID == id {
			return c, true
		}
	}
	return runbook.Code{}, false
}

// codeTable lists every code with its severity and title.
func codeTable() string {
	var b strings.Builder
	for _, c := range library.Codes() {
		fmt.Fprintf(&b, "  %s  %-8s %s\n", c.ID, c.Severity, c.Title)
	}
	return b.String()
}

// explain is the manual of a code: its meaning, an example with what irctl
// says of it, and one without the finding.
func (a *app) explain(c runbook.Code) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n\n%s\n", c.ID, c.Title, fold(c.Explanation))
	if c.Severity == runbook.Warning {
		b.WriteString("\nThis is a warning: the runbook runs. irctl validate --strict fails on it.\n")
	}
	if c.Bad != "" {
		b.WriteString("\nReported:\n\n" + example(c.Bad))
		_, before := runbook.ExampleFile(c.Bad)
		for _, d := range a.exampleFindings(c.Bad) {
			if d.Code == c.ID {
				at := fmt.Sprintf("line %d, column %d: ", d.Span.Start.Line-before, d.Span.Start.Column)
				b.WriteString("\n" + fold(action.CleanLine(at+d.Summary, 400)) + "\n")
				if d.Detail != "" {
					b.WriteString(fold("What to do: "+action.CleanLine(d.Detail, 400)) + "\n")
				}
			}
		}
		b.WriteString("\nNot reported:\n\n" + example(c.Good))
	}
	return b.String()
}

// example is an example as help shows it: indented, nothing invisible.
func example(text string) string {
	text = strings.TrimSpace(action.Clean(text))
	return "  " + strings.ReplaceAll(text, "\n", "\n  ") + "\n"
}

// exampleFindings is what validate says of an example.
func (a *app) exampleFindings(text string) runbook.Diagnostics {
	file, _ := runbook.ExampleFile(text)
	d := library.NewDocument("example", "example.yaml", []byte(file))
	return a.library().Diagnose(d, library.KindOf(d.Source), nil)
}

// fold breaks a text into lines that fit every terminal.
func fold(text string) string { return foldTo(text, helpWidth-4) }

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
