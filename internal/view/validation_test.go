package view

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/finding"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

// hostileTexts are texts that try to be more than text in one of the formats.
var hostileTexts = []string{
	"::error file=x::forged", "a\n::error::forged", "a\r::error::forged", "a\r\n::set-output name=x::y", "\n::add-mask::e", "##[error]forged",
	"a,line=1", "x::y", "50% off %0A::error::x", "%0A", "::", "=", ",", "]]><failure/>", "</testcase>", "<!--", "&amp;", "\x00\x1b[31m", "\xff\xfe", "\u202e\u2066",
	"[click](https://evil.example)", "{0}", "\U0001F4A5", "\u2028::error::x", "\v::error::x", "\f::error::x", "\u0085::error::x",
}

// hostileValidation has each hostile text at every place that a text can have.
func hostileValidation() Validation {
	v := Validation{Codes: []*finding.Code{{ID: "IR0101", Severity: runbook.Error, Title: "a title, with: marks", Explanation: "What is behind it."}}, Version: "v1"}
	for i, x := range hostileTexts {
		file := x + ".yaml"
		v.Files = append(v.Files, ValidatedFile{file, "runbook"})
		v.Passed = append(v.Passed, x)
		at := runbook.Span{File: file, Start: runbook.Position{Line: 1, Column: 3}, End: runbook.Position{Line: 1 + i%2, Column: 5}}
		v.Found = append(v.Found,
			runbook.Diagnostic{Severity: runbook.Error, Code: "IR0101", Summary: x, Detail: x + x, Span: at,
				Related: []runbook.Related{{Span: at, Message: x}}, Fix: &runbook.Edit{Span: at, Text: "title"}},
			runbook.Diagnostic{Severity: runbook.Warning, Code: "IR0999", Summary: "- " + x, Span: runbook.Span{File: file}})
	}
	v.Source = func(string) []byte { return []byte("a\U0001F4A5 c\nd") }
	return v
}

// runnerCommand is a workflow command as GitHub's runner understands a line.
type runnerCommand struct {
	name       string
	properties map[string]string
	text       string
}

// runnerReads is what GitHub's runner takes for commands: every line that
// begins with "::" after blanks, and, in its older form, "##[" anywhere.
func runnerReads(t testing.TB, output string) []runnerCommand {
	t.Helper()
	var out []runnerCommand
	for _, line := range strings.FieldsFunc(output, func(r rune) bool { return r == '\n' || r == '\r' }) {
		rest, ok := strings.CutPrefix(strings.TrimSpace(line), "::")
		if !ok {
			require.NotContains(t, line, "##[", "a command in the old form")
			continue
		}
		head, text, ok := strings.Cut(rest, "::")
		require.True(t, ok, line)
		name, properties, _ := strings.Cut(head, " ")
		c := runnerCommand{name: name, properties: map[string]string{}, text: unescape(text, false)}
		for _, p := range strings.Split(properties, ",") {
			key, value, ok := strings.Cut(p, "=")
			require.True(t, ok, line)
			require.NotContains(t, c.properties, key, line)
			c.properties[key] = unescape(value, true)
		}
		out = append(out, c)
	}
	return out
}

func unescape(s string, property bool) string {
	pairs := []string{"%0D", "\r", "%0A", "\n", "%25", "%"}
	if property {
		pairs = append(pairs, "%3A", ":", "%2C", ",")
	}
	return strings.NewReplacer(pairs...).Replace(s)
}

// commandsOf is what the runner should read for findings.
func commandsOf(v Validation) []runnerCommand {
	var out []runnerCommand
	for _, d := range v.Found.Sorted() {
		c := runnerCommand{name: string(d.Severity), properties: map[string]string{"file": action.Clean(d.Span.File), "title": d.Code + " "}, text: inline(d.Summary)}
		if d.Code == "IR0101" {
			c.properties["title"] += "a title, with: marks"
		}
		if d.Detail != "" {
			c.text += "\n" + inline(d.Detail)
		}
		if d.Span.Start.Line > 0 {
			c.properties["line"], c.properties["endLine"] = strconv.Itoa(d.Span.Start.Line), strconv.Itoa(d.Span.End.Line)
			if d.Span.Start.Line == d.Span.End.Line {
				c.properties["col"], c.properties["endColumn"] = strconv.Itoa(d.Span.Start.Column), strconv.Itoa(d.Span.End.Column)
			}
		}
		out = append(out, c)
	}
	return out
}

// TestAnnotationsCannotBeForged: GitHub's runner reads exactly one command for
// each finding, with exactly its texts, and none from standard error.
func TestAnnotationsCannotBeForged(t *testing.T) {
	v := hostileValidation()
	v.Notes = []string{"Errors that --rule does not show: 1."}
	p, out, errs := printer(nil, Text)
	require.NoError(t, p.Validation(GitHub, v))
	require.Equal(t, commandsOf(v), runnerReads(t, out.String()))
	require.Empty(t, runnerReads(t, errs.String()))
	require.NotContains(t, errs.String(), "##[")
}

func FuzzFormats(f *testing.F) {
	for i, x := range hostileTexts {
		f.Add(x, hostileTexts[len(hostileTexts)-1-i], x, 1, 2)
	}
	schema := sarifSchema(f)
	f.Fuzz(func(t *testing.T, file, summary, detail string, from, to int) {
		from, to = 1+max(from, 0)%100, 1+max(to, 0)%100
		v := Validation{Files: []ValidatedFile{{file, "runbook"}}, Source: func(string) []byte { return []byte(detail) }, Found: runbook.Diagnostics{{
			Severity: runbook.Error, Code: "IR0999", Summary: summary, Detail: detail,
			Span: runbook.Span{File: file, Start: runbook.Position{Line: 1, Column: from}, End: runbook.Position{Line: 1, Column: from + to}},
		}}}
		at := v.Found[0].Span
		v.Found[0].Related, v.Found[0].Fix = []runbook.Related{{Span: at, Message: detail}}, &runbook.Edit{Span: at, Text: "title"}
		require.Equal(t, commandsOf(v), runnerReads(t, annotations(v.Found, nil)))
		requireJUnit(t, v)
		requireSARIF(t, schema, v)
	})
}

func sarifSchema(t testing.TB) *jsonschema.Schema {
	path := filepath.Join("testdata", "sarif", "sarif-schema-2.1.0.json")
	data, err := os.Open(path)
	require.NoError(t, err)
	defer func() { require.NoError(t, data.Close()) }()
	doc, err := jsonschema.UnmarshalJSON(data)
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	require.NoError(t, c.AddResource("sarif.json", doc))
	schema, err := c.Compile("sarif.json")
	require.NoError(t, err)
	return schema
}

// requireSARIF returns the log, which is as the standard's schema wants it and
// holds nothing that could steer a terminal or become a link.
func requireSARIF(t testing.TB, schema *jsonschema.Schema, v Validation) []byte {
	t.Helper()
	p, out, _ := printer(nil, Text)
	require.NoError(t, p.Validation(SARIF, v))
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(out.Bytes()))
	require.NoError(t, err)
	require.NoError(t, schema.Validate(doc))
	require.Equal(t, action.Clean(out.String()), out.String())
	require.NotContains(t, out.String(), "](")
	return out.Bytes()
}

func TestSARIFIsValid(t *testing.T) {
	schema := sarifSchema(t)
	requireSARIF(t, schema, Validation{})
	var log sarifLog
	require.NoError(t, json.Unmarshal(requireSARIF(t, schema, hostileValidation()), &log))
	require.Len(t, log.Runs[0].Results, 2*len(hostileTexts))
	require.Regexp(t, `^https://[a-z0-9.]+/`, log.Runs[0].Tool.Driver.URI, "who reads a finding finds the program")
	broken, err := jsonschema.UnmarshalJSON(strings.NewReader(`{"version": "2.1.0", "runs": [{"tool": {}}]}`))
	require.NoError(t, err)
	require.Error(t, schema.Validate(broken), "the schema is asked")
}

// TestSARIFSaysExactlyWhere: columns count UTF-16 code units, paths are URIs,
// and a fingerprint does not depend on the lines above.
func TestSARIFSaysExactlyWhere(t *testing.T) {
	text := "irctl: v1\n\U0001F4A5\u00e9: exce\n"
	found := runbook.Diagnostic{Severity: runbook.Error, Code: "IR0101", Summary: "no", Span: runbook.Span{File: "a b/c#1.yaml",
		Start: runbook.Position{Line: 2, Column: 5}, End: runbook.Position{Line: 2, Column: 9}}}
	v := Validation{Files: []ValidatedFile{{"x.yaml", "runbook"}, {"a b/c#1.yaml", "runbook"}}, Found: runbook.Diagnostics{found},
		Codes:  []*finding.Code{{ID: "IR0100", Severity: runbook.Error}, {ID: "IR0101", Severity: runbook.Warning, Title: "T", Explanation: "E."}},
		Source: func(string) []byte { return []byte(text) }}
	log := newSarif(v)
	index := 1
	require.Equal(t, []sarifResult{{
		RuleID: "IR0101", RuleIndex: 1, Level: "error", Message: sarifText{"no"},
		Locations: []sarifLocation{{Physical: sarifPhysical{
			Artifact: sarifPlace{URI: "a%20b/c%231.yaml", Base: sourceRoot, Index: &index},
			Region:   &sarifRegion{StartLine: 2, StartColumn: 6, EndLine: 2, EndColumn: 10},
		}}},
		Fingerprints: log.Runs[0].Results[0].Fingerprints,
	}}, log.Runs[0].Results)
	require.Equal(t, "warning", log.Runs[0].Tool.Driver.Rules[1].Default.Level)

	before := log.Runs[0].Results[0].Fingerprints
	text = "\n\n" + text
	v.Found[0].Span.Start.Line, v.Found[0].Span.End.Line = 4, 4
	require.Equal(t, before, newSarif(v).Runs[0].Results[0].Fingerprints)
	v.Found = append(v.Found, v.Found[0])
	v.Found[1].Summary = "another one on the same line"
	results := newSarif(v).Runs[0].Results
	require.NotEqual(t, results[0].Fingerprints, results[1].Fingerprints)

	require.Equal(t, sarifPlace{URI: "irctl:containment.yaml"}, placeOf("irctl:containment.yaml"))
	require.Equal(t, sarifPlace{URI: "file:///srv/a%20b.yaml"}, placeOf("/srv/a b.yaml"))
	require.Equal(t, sarifPlace{URI: "./a:b.yaml", Base: sourceRoot}, placeOf("a:b.yaml"), "not a scheme")
}

// requireJUnit reads a report as strictly as its schema would: every element
// and attribute is one of those that CI systems agree on.
func requireJUnit(t testing.TB, v Validation) junitSuites {
	t.Helper()
	p, out, _ := printer(nil, Text)
	require.NoError(t, p.Validation(JUnit, v))
	require.Equal(t, action.Clean(out.String()), out.String())
	attributes := map[string][]string{
		"testsuites": {"name", "tests", "failures", "errors"}, "testsuite": {"name", "tests", "failures", "errors", "skipped"},
		"testcase": {"name", "classname", "file"}, "failure": {"message", "type"}, "system-out": nil,
	}
	inside := map[string]string{"testsuite": "testsuites", "testcase": "testsuite", "failure": "testcase", "system-out": "testcase", "testsuites": ""}
	var open []string
	d := xml.NewDecoder(bytes.NewReader(out.Bytes()))
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		switch token := token.(type) {
		case xml.StartElement:
			allowed, known := attributes[token.Name.Local]
			require.True(t, known, token.Name.Local)
			require.Equal(t, inside[token.Name.Local], append([]string{""}, open...)[len(open)])
			for _, a := range token.Attr {
				require.Contains(t, allowed, a.Name.Local)
			}
			open = append(open, token.Name.Local)
		case xml.EndElement:
			open = open[:len(open)-1]
		}
	}
	var r junitSuites
	require.NoError(t, xml.Unmarshal(out.Bytes(), &r))
	return r
}

func TestJUnitHasACaseForEachFile(t *testing.T) {
	v := hostileValidation()
	r := requireJUnit(t, v)
	require.Equal(t, []int{len(hostileTexts), len(hostileTexts)}, []int{r.Tests, r.Failures})
	require.Len(t, r.Suites[0].Cases, len(hostileTexts))

	at := runbook.Span{File: "a.yaml", Start: runbook.Position{Line: 2, Column: 1}, End: runbook.Position{Line: 2, Column: 2}}
	v = Validation{Files: []ValidatedFile{{"a.yaml", "runbook"}, {"b.yaml", "environment"}},
		Found: runbook.Diagnostics{{Severity: runbook.Warning, Code: "IR0226", Summary: "unused", Detail: "use it", Span: at}}}
	text := "a.yaml:2:1: warning[IR0226]: unused\n  help: use it"
	r = requireJUnit(t, v)
	require.Equal(t, junitCase{Name: "a.yaml", Class: "runbook", File: "a.yaml", SystemOut: text}, r.Suites[0].Cases[0])
	v.Strict = true
	r = requireJUnit(t, v)
	require.Equal(t, []int{2, 1}, []int{r.Tests, r.Failures})
	require.Equal(t, junitCase{Name: "a.yaml", Class: "runbook", File: "a.yaml", Failure: &junitFailure{"unused", "IR0226", text}}, r.Suites[0].Cases[0])
	require.Equal(t, junitCase{Name: "b.yaml", Class: "environment", File: "b.yaml"}, r.Suites[0].Cases[1])
}
