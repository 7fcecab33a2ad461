package view

import (
	"bytes"
	"encoding/xml"
	"strings"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

// junitSuites is a report in the JUnit XML that CI systems read: the elements
// and attributes that Jenkins, GitLab and GitHub's reporters have in common.
type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Time     string      `xml:"time,attr,omitempty"` // seconds
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name      string        `xml:"name,attr"`
	Class     string        `xml:"classname,attr"`
	File      string        `xml:"file,attr,omitempty"`
	Time      string        `xml:"time,attr,omitempty"` // seconds
	Failure   *junitFailure `xml:"failure"`
	SystemOut string        `xml:"system-out,omitempty"`
}

type junitFailure struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

// junit writes a report to standard output. Texts must be clean: XML has no
// way to write control characters.
func (p *Printer) junit(r junitSuites) error {
	for i := range r.Suites {
		s := &r.Suites[i]
		s.Tests = len(s.Cases)
		for _, c := range s.Cases {
			if c.Failure != nil {
				s.Failures++
			}
		}
		r.Tests += s.Tests
		r.Failures += s.Failures
	}
	var b bytes.Buffer
	b.WriteString(xml.Header)
	enc := xml.NewEncoder(&b)
	enc.Indent("", "  ")
	if err := enc.Encode(r); err != nil {
		return err
	}
	b.WriteByte('\n')
	return p.Raw(b.Bytes())
}

// junit makes a report of findings: each file is a case, which fails if the
// file has errors, or warnings when they fail. Other warnings are its output.
func (v Validation) junit() junitSuites {
	of := map[string]runbook.Diagnostics{}
	for _, d := range v.Found {
		of[d.Span.File] = append(of[d.Span.File], d)
	}
	suite := junitSuite{Name: "irctl validate", Cases: make([]junitCase, 0, len(v.Files))}
	for _, f := range v.Files {
		name := action.CleanLine(f.Path, maxText)
		c := junitCase{Name: name, Class: f.Kind, File: name}
		var failing runbook.Diagnostics
		var odd []string
		for _, d := range of[f.Path] {
			if d.Severity == runbook.Error || v.Strict {
				failing = append(failing, d)
			} else {
				odd = append(odd, plainFinding(d))
			}
		}
		if len(failing) > 0 {
			texts := each.Of(failing, plainFinding)
			c.Failure = &junitFailure{inline(failing[0].Summary), failing[0].Code, strings.Join(texts, "\n")}
		}
		c.SystemOut = strings.Join(odd, "\n")
		suite.Cases = append(suite.Cases, c)
	}
	return junitSuites{Name: "irctl validate", Suites: []junitSuite{suite}}
}

// plainFinding is a finding as lines of text: the first like that of the text
// format, then what to do.
func plainFinding(d runbook.Diagnostic) string {
	text := inline(d.Span.String()) + ": " + string(d.Severity) + "[" + d.Code + "]: " + inline(d.Summary)
	if d.Detail != "" {
		text += "\n  help: " + inline(d.Detail)
	}
	return text
}
