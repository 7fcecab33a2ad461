package view

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/irctl/irctl/internal/runbooktest"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
	"github.com/irctl/irctl/pkg/runbook"
)

// TestFormats are the formats that Printer.Tests can write.
func TestFormats() []Format { return []Format{Text, JSON, JUnit} }

// TestReport is what `test` found out. Its JSON is the command's; fields are
// only ever added.
type TestReport struct {
	Tests    int                    `json:"tests"`
	Failed   int                    `json:"failed"`
	Errors   int                    `json:"errors"` // findings that kept a file from being run
	Files    []TestFile             `json:"files"`
	Coverage []runbooktest.Coverage `json:"coverage,omitempty"`

	Verbose bool                     `json:"-"`
	Source  func(file string) []byte `json:"-"`
}

// TestFile is one file of tests.
type TestFile struct {
	Path    string               `json:"file"`
	Runbook string               `json:"runbook"`
	Tests   []runbooktest.Result `json:"tests"`
	Found   []findingData        `json:"diagnostics"`

	Problems runbook.Diagnostics `json:"-"` // errors: no test of the file was run
}

// Tests writes how tests went to standard output.
func (p *Printer) Tests(format Format, r TestReport) error {
	for i := range r.Files {
		f := &r.Files[i]
		f.Found = newFindingsData(1, f.Problems.Sorted()).Diagnostics
		f.Tests = orEmpty(f.Tests)
		r.Errors += len(f.Problems)
		for _, c := range f.Tests {
			r.Tests++
			for k := range c.Failures {
				c.Failures[k].Diff = runbooktest.Shorten(c.Failures[k].Diff, 2)
			}
			if !c.Passed {
				r.Failed++
			}
		}
	}
	switch format {
	case JSON:
		return p.JSON(r)
	case JUnit:
		return p.junit(r.junit())
	}
	pg := p.prose(p.out)
	for _, f := range r.Files {
		pg.testFile(f, r)
	}
	if r.Coverage != nil {
		pg.gap()
		for _, c := range r.Coverage {
			pg.covered(c)
		}
	}
	pg.gap()
	pg.para(0, r.total())
	return p.print(p.out, pg)
}

func (r TestReport) total() string {
	text := plural(len(r.Files), "file") + ", " + plural(r.Tests, "test") + ": "
	switch {
	case r.Errors > 0:
		return text + strconv.Itoa(r.Failed) + " failed, and " + plural(r.Errors, "error") + " in the files."
	case r.Failed > 0:
		return text + strconv.Itoa(r.Failed) + " failed."
	}
	return text + "all passed."
}

func (pg *page) testFile(f TestFile, r TestReport) {
	failed := 0
	for _, c := range f.Tests {
		if !c.Passed {
			failed++
		}
	}
	switch {
	case len(f.Problems) > 0:
		pg.raw(pg.theme.paint(bad, "ERROR") + "  " + inline(f.Path) + "  no test was run")
	case failed > 0:
		pg.raw(pg.theme.paint(bad, "FAIL") + "   " + inline(f.Path) + "  " + strconv.Itoa(failed) + " of " + plural(len(f.Tests), "test") + " failed")
	default:
		pg.raw(pg.theme.paint(good, "ok") + "     " + inline(f.Path) + "  " + plural(len(f.Tests), "test"))
	}
	if len(f.Problems) > 0 {
		pg.gap()
		pg.diagnostics(f.Problems.Sorted(), r.Source)
		pg.gap()
		return
	}
	for _, c := range f.Tests {
		if c.Passed && r.Verbose {
			pg.raw("  " + pg.theme.paint(good, pg.theme.mark(okMark)) + " " + inline(c.Name) + pg.theme.paint(faint, "  "+string(c.Status)+", "+c.Elapsed.String()))
			pg.timeline(c.Path)
		}
		if !c.Passed {
			pg.failedTest(c, r.Verbose)
		}
	}
	if failed > 0 {
		pg.gap()
	}
}

func (pg *page) failedTest(c runbooktest.Result, verbose bool) {
	pg.gap()
	pg.raw("  " + pg.theme.paint(bad, pg.theme.mark(badMark)) + " " + pg.theme.paint(strong, inline(c.Name)))
	for _, f := range c.Failures {
		place := inline(f.File) + ":" + strconv.Itoa(f.Line) + ":" + strconv.Itoa(f.Column)
		pg.hang(4, pg.theme.paint(strong, place)+": ", f.Summary, normal)
		if f.Why != "" {
			pg.hang(6, "because: ", f.Why, faint)
		}
		pg.diff(f.Diff)
	}
	if verbose {
		pg.timeline(c.Path)
	}
}

// diff shows where two paths part.
func (pg *page) diff(lines []runbooktest.Line) {
	if len(lines) == 0 {
		return
	}
	pg.raw(pg.theme.paint(faint, "      - expected, + what happened"))
	for _, l := range lines {
		text := inline(l.Text)
		switch l.Mark {
		case runbooktest.Missing:
			pg.raw("      " + pg.theme.paint(bad, "- "+text))
		case runbooktest.Extra:
			pg.raw("      " + pg.theme.paint(good, "+ "+text))
		case runbooktest.Skipped:
			pg.raw("      " + pg.theme.paint(faint, "  ("+text+")"))
		default:
			pg.raw("        " + text)
		}
		if l.Why != "" {
			pg.styled(12, action.CleanLine(l.Why, 300), faint)
		}
	}
}

// timeline shows a path with its times.
func (pg *page) timeline(stops []runbooktest.Stop) {
	for _, s := range stops {
		line := "      " + pad(s.At.String(), 8) + "  " + inline(s.Path)
		if s.Status != event.Succeeded {
			line += ": " + string(s.Status)
		}
		pg.raw(pg.theme.paint(faint, line))
		if s.Why != "" && s.Status != event.Succeeded {
			pg.styled(18, action.CleanLine(s.Why, 300), faint)
		}
	}
}

// covered shows what the tests of a runbook reach and what they miss.
func (pg *page) covered(c runbooktest.Coverage) {
	head := fmt.Sprintf("%s %.1f%%: steps %d/%d, branches %d/%d, failures %d/%d", inline(c.Runbook), c.Percent,
		c.Steps.Reached, c.Steps.All, c.Branches.Reached, c.Branches.All, c.Fails.Reached, c.Fails.All)
	if c.Excused > 0 {
		head += ", " + strconv.Itoa(c.Excused) + " out of reach"
	}
	pg.raw(pg.theme.paint(strong, "coverage") + "  " + head)
	for _, m := range c.Missed {
		place := inline(m.File) + ":" + strconv.Itoa(m.Line) + ":" + strconv.Itoa(m.Column)
		text := inline(m.Step) + " " + m.Words + " (" + m.Edge + ")"
		if m.Reached {
			text = inline(m.Step) + " (" + m.Edge + ") is reached, although the test file says: " + inline(m.Because)
		}
		pg.hang(4, place+": ", text, normal)
	}
}

// junit makes a report of tests: each file is a suite; a file with errors has
// one failing case.
func (r TestReport) junit() junitSuites {
	out := junitSuites{Name: "irctl test"}
	for _, f := range r.Files {
		suite := junitSuite{Name: action.CleanLine(f.Path, maxText), Cases: make([]junitCase, 0, len(f.Tests))}
		for _, d := range f.Problems.Sorted() {
			suite.Cases = append(suite.Cases, junitCase{
				Name: suite.Name, Class: "file", File: suite.Name,
				Failure: &junitFailure{inline(d.Summary), d.Code, plainFinding(d)},
			})
		}
		for _, c := range f.Tests {
			one := junitCase{Name: inline(c.Name), Class: action.CleanLine(f.Runbook, maxText), File: suite.Name}
			if !c.Passed {
				one.Failure = &junitFailure{inline(c.Failures[0].Summary), "expectation", plainFailures(c)}
			}
			suite.Cases = append(suite.Cases, one)
		}
		out.Suites = append(out.Suites, suite)
	}
	return out
}

// plainFailures is what went wrong in a test as lines of text.
func plainFailures(c runbooktest.Result) string {
	var b strings.Builder
	for _, f := range c.Failures {
		fmt.Fprintf(&b, "%s:%d:%d: %s\n", inline(f.File), f.Line, f.Column, inline(f.Summary))
		if f.Why != "" {
			b.WriteString("  because: " + inline(f.Why) + "\n")
		}
		for _, l := range f.Diff {
			b.WriteString("  " + strings.TrimSpace(string(rune(l.Mark))+" "+inline(l.Text)) + "\n")
		}
	}
	return strings.TrimRight(b.String(), "\n")
}
