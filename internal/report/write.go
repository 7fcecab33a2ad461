package report

import (
	_ "embed"
	"encoding/json"
	"fmt"
	html "html/template"
	"io"
	"path/filepath"
	"slices"
	"strings"
	text "text/template"

	"github.com/irctl/irctl/internal/logformat"
)

//go:embed report.html
var page string

//go:embed report.md
var markdown string

// Formats are those that Write knows.
var Formats = []string{"html", "markdown", "json"}

// Labels are those of the Traffic Light Protocol, version 2.0 (FIRST).
var Labels = []string{"RED", "AMBER+STRICT", "AMBER", "GREEN", "CLEAR"}

// Write writes the report in a format. own is the text of a template in place of
// irctl's, "" for that; it is for HTML, or for plain text with any other format
// than html, and is given a [Report].
func (r Report) Write(w io.Writer, format, own string) error {
	switch {
	case format == "json" && own == "":
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		return e.Encode(r)
	case format == "html":
		t, err := html.New("report").Funcs(html.FuncMap(functions)).Parse(or(own, page))
		if err != nil {
			return fmt.Errorf("the template: %w", err)
		}
		return t.Execute(w, r)
	case slices.Contains(Formats, format):
		t, err := text.New("report").Funcs(text.FuncMap(functions)).Parse(or(own, markdown))
		if err != nil {
			return fmt.Errorf("the template: %w", err)
		}
		return t.Execute(w, r)
	}
	return fmt.Errorf("there is no format %q: there are %s", format, strings.Join(Formats, ", "))
}

// FormatOf is the format that the name of a file asks for, html if it asks for
// none.
func FormatOf(file string) string {
	switch strings.ToLower(filepath.Ext(file)) {
	case ".md", ".markdown":
		return "markdown"
	case ".json":
		return "json"
	}
	return "html"
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// functions are those that templates have besides the library's.
var functions = map[string]any{
	"table": table,
	"plain": func(text string) string { return strings.Trim(logformat.Markdown(text), "| ") },
	"colour": func(tlp string) string {
		return strings.ToLower(strings.TrimSuffix(tlp, "+STRICT"))
	},
	"add":      func(a, b int) int { return a + b },
	"sections": Run.sections,
}

// Section is one table of a run.
type Section struct {
	Entry                        bool   // rows have the numbers of their entries
	Title, When, What, Who, Text string // headings; "" for a column that is not there
	Rows                         []Row
	None                         string // what is said if there are none; "" leaves the section out
}

// sections are the tables of a run in the order in which they are read.
func (r Run) sections() []Section {
	return []Section{
		NewSection("Contained", "since", "what", "", "how", r.Contained, "Nothing is so because of this run."),
		NewSection("Decisions", "when", "what", "who", "reason", r.Decisions, "Nobody had to decide anything."),
		NewSection("Waiting for people", "from", "step", "ended by", "how long, for whom", r.Waits, ""),
		NewSection("Failures", "when", "what", "who", "why", r.Failures, "Nothing failed."),
		NewSection("Exceptions to rules", "when", "rule", "who", "what", r.Exceptions, "No rule that an auditor asks about was broken."),
		NewSection("Clocks", "due", "what", "who must be told", "how it stands", r.Clocks, ""),
		NewSection("Evidence", "collected", "item", "by", "what", r.Evidence, ""),
		NewSection("Undo", "when", "step", "", "state", r.Undo, ""),
		NewSection("Timeline", "when", "what", "who", "more", r.Timeline, ""),
		NewSection("Proof", "when", "what", "", "more", r.Proof, ""),
		NewSection("Kept outputs of steps", "", "step", "item", "what", r.Outputs, ""),
	}
}

// NewSection is a table; its columns have these headings, and those that are empty
// in all rows are left out.
func NewSection(title, when, what, who, text string, rows []Row, none string) Section {
	out := Section{Title: title, What: what, Text: text, Rows: rows, None: none}
	for _, r := range rows {
		out.Entry = out.Entry || r.Entry > 0
		if r.Time != "" {
			out.When = when
		}
		if r.Who != "" {
			out.Who = who
		}
	}
	return out
}

// table is a section as a table of GitHub Flavored Markdown, of text without any
// markup.
func table(s Section) string {
	columns := []struct {
		title string
		of    func(Row) string
	}{
		{map[bool]string{true: "entry"}[s.Entry], func(r Row) string { return numbered(r.Entry) }},
		{s.When, func(r Row) string { return r.Time }},
		{s.What, func(r Row) string { return r.What }},
		{s.Who, func(r Row) string { return r.Who }},
		{s.Text, func(r Row) string { return strings.TrimSpace(r.Text + " " + r.Sent) }},
	}
	var titles, lines []string
	for _, c := range columns {
		if c.title != "" {
			titles = append(titles, c.title)
		}
	}
	lines = append(lines, logformat.Markdown(titles...), "|"+strings.Repeat(" --- |", len(titles)))
	for _, r := range s.Rows {
		var cells []string
		for _, c := range columns {
			if c.title != "" {
				cells = append(cells, c.of(r))
			}
		}
		lines = append(lines, logformat.Markdown(cells...))
	}
	return strings.Join(lines, "\n")
}

func numbered(entry int64) string {
	if entry == 0 {
		return ""
	}
	return fmt.Sprint(entry)
}
