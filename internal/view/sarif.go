package view

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/irctl/irctl/internal/finding"
	"github.com/irctl/irctl/pkg/runbook"
)

// The types below are the part of SARIF 2.1.0 (OASIS) that irctl writes. The
// numbers in their comments are sections of that standard.

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool struct {
		Driver sarifDriver `json:"driver"`
	} `json:"tool"`
	// ColumnKind says that columns count UTF-16 code units (3.14.17), which
	// every reader knows; irctl itself counts characters.
	ColumnKind string                          `json:"columnKind"`
	BaseIDs    map[string]map[string]sarifText `json:"originalUriBaseIds"`
	Artifacts  []sarifArtifact                 `json:"artifacts"`
	Results    []sarifResult                   `json:"results"`
}

type sarifDriver struct {
	Name    string      `json:"name"`
	URI     string      `json:"informationUri"`
	Version string      `json:"version"`
	Rules   []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID      string    `json:"id"`
	Short   sarifText `json:"shortDescription"`
	Full    sarifText `json:"fullDescription"`
	Help    sarifText `json:"help"`
	Default struct {
		Level string `json:"level"`
	} `json:"defaultConfiguration"`
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifArtifact struct {
	Location sarifPlace `json:"location"`
	Roles    []string   `json:"roles"`
}

type sarifPlace struct {
	URI   string `json:"uri"`
	Base  string `json:"uriBaseId,omitempty"`
	Index *int   `json:"index,omitempty"` // in artifacts
}

type sarifResult struct {
	RuleID       string            `json:"ruleId"`
	RuleIndex    int               `json:"ruleIndex"` // -1: not in the list (3.27.6)
	Level        string            `json:"level"`
	Message      sarifText         `json:"message"`
	Locations    []sarifLocation   `json:"locations"`
	Fingerprints map[string]string `json:"partialFingerprints"`
	Related      []sarifLocation   `json:"relatedLocations,omitempty"`
	Fixes        []sarifFix        `json:"fixes,omitempty"`
}

// sarifFix is a change that makes a finding go away (3.55).
type sarifFix struct {
	Changes []sarifChange `json:"artifactChanges"`
}

type sarifChange struct {
	Artifact     sarifPlace         `json:"artifactLocation"`
	Replacements []sarifReplacement `json:"replacements"`
}

type sarifReplacement struct {
	Deleted  *sarifRegion `json:"deletedRegion"`
	Inserted sarifText    `json:"insertedContent"`
}

type sarifLocation struct {
	ID       *int          `json:"id,omitempty"` // of a related location, in its result (3.28.2)
	Physical sarifPhysical `json:"physicalLocation"`
	Message  *sarifText    `json:"message,omitempty"`
}

type sarifPhysical struct {
	Artifact sarifPlace   `json:"artifactLocation"`
	Region   *sarifRegion `json:"region,omitempty"`
}

// sarifRegion is a piece of a file; the end is exclusive (3.30.8).
type sarifRegion struct {
	StartLine   int `json:"startLine"`
	StartColumn int `json:"startColumn"`
	EndLine     int `json:"endLine"`
	EndColumn   int `json:"endColumn"`
}

// sourceRoot is the base of relative paths: the folder that irctl was called
// in, which in CI is the repository.
const sourceRoot = "%SRCROOT%"

// newSarif makes a log of sorted findings.
func newSarif(v Validation) sarifLog {
	run := sarifRun{
		ColumnKind: "utf16CodeUnits",
		BaseIDs:    map[string]map[string]sarifText{sourceRoot: {"description": {"The folder that irctl was called in."}}},
		Artifacts:  []sarifArtifact{}, Results: []sarifResult{},
	}
	run.Tool.Driver = sarifDriver{Name: "irctl", URI: "https://github.com/irctl/irctl", Version: v.Version, Rules: []sarifRule{}}
	rules := map[string]int{}
	for i, c := range v.Codes {
		rules[c.ID] = i
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRuleOf(c))
	}
	at := map[string]int{}
	for i, f := range v.Files {
		at[f.Path] = i
		run.Artifacts = append(run.Artifacts, sarifArtifact{placeOf(f.Path), []string{"analysisTarget"}})
	}
	lines := lineCache{source: v.Source}
	seen := map[string]int{}
	for _, d := range v.Found {
		r := sarifResult{RuleID: d.Code, RuleIndex: -1, Level: sarifLevel(d.Severity), Message: sarifText{unlinked(plainText(d))}}
		if i, known := rules[d.Code]; known {
			r.RuleIndex = i
		}
		where := sarifPhysical{Artifact: placeOf(d.Span.File), Region: lines.region(d.Span)}
		if i, known := at[d.Span.File]; known {
			where.Artifact.Index = &i
		}
		r.Locations = []sarifLocation{{Physical: where}}
		for n, other := range d.Related {
			r.Related = append(r.Related, sarifLocation{&n, sarifPhysical{placeOf(other.Span.File), lines.region(other.Span)}, &sarifText{unlinked(inline(other.Message))}})
		}
		if d.Fix != nil {
			r.Fixes = []sarifFix{{[]sarifChange{{placeOf(d.Fix.Span.File), []sarifReplacement{{lines.region(d.Fix.Span), sarifText{d.Fix.Text}}}}}}}
		}
		print := fingerprint(d, lines.line(d.Span.File, d.Span.Start.Line))
		seen[print]++
		r.Fingerprints = map[string]string{"primaryLocationLineHash": print + ":" + strconv.Itoa(seen[print])}
		run.Results = append(run.Results, r)
	}
	return sarifLog{"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json", "2.1.0", []sarifRun{run}}
}

func sarifRuleOf(c *finding.Code) sarifRule {
	r := sarifRule{
		ID: c.ID, Short: sarifText{c.Title}, Full: sarifText{c.Explanation},
		Help: sarifText{c.Explanation + "\nirctl help " + c.ID + " shows examples."},
	}
	r.Default.Level = sarifLevel(c.Severity)
	return r
}

// sarifLevel is a severity as SARIF and GitHub call it.
func sarifLevel(s runbook.Severity) string {
	if s == runbook.Error {
		return "error"
	}
	return "warning"
}

// unlinked keeps a text of a file from becoming a link: "[text](address)" in a
// message is one (3.11.6).
func unlinked(text string) string { return strings.ReplaceAll(text, "](", "] (") }

// placeOf is a path as SARIF wants it: a URI, relative to the folder that irctl
// was called in where possible.
func placeOf(path string) sarifPlace {
	slashed := filepath.ToSlash(path)
	switch {
	case strings.HasPrefix(path, "irctl:"): // a shipped runbook lies inside irctl
		return sarifPlace{URI: "irctl:" + (&url.URL{Path: strings.TrimPrefix(slashed, "irctl:")}).EscapedPath()}
	case filepath.IsAbs(path):
		return sarifPlace{URI: (&url.URL{Scheme: "file", Path: "/" + strings.TrimPrefix(slashed, "/")}).String()}
	}
	return sarifPlace{URI: (&url.URL{Path: slashed}).String(), Base: sourceRoot}
}

// fingerprint stays the same when lines above a finding come or go: it is made
// of the code, the file and the text of the line.
func fingerprint(d runbook.Diagnostic, line []byte) string {
	sum := sha256.Sum256([]byte(d.Code + "\x00" + filepath.ToSlash(d.Span.File) + "\x00" + string(bytes.Join(bytes.Fields(line), []byte(" ")))))
	return hex.EncodeToString(sum[:8])
}

// lineCache finds the lines of files.
type lineCache struct {
	source func(file string) []byte
	file   string // whose lines these are
	lines  [][]byte
}

// line returns a line of a file, nil if there is none.
func (c *lineCache) line(file string, n int) []byte {
	if c.source == nil || n < 1 {
		return nil
	}
	if c.lines == nil || c.file != file {
		c.file, c.lines = file, bytes.Split(c.source(file), []byte{'\n'})
	}
	if n > len(c.lines) {
		return nil
	}
	return c.lines[n-1]
}

// region is a span with columns in UTF-16 code units, nil for no place.
func (c *lineCache) region(s runbook.Span) *sarifRegion {
	if s.Start.Line < 1 {
		return nil
	}
	r := &sarifRegion{
		StartLine: s.Start.Line, StartColumn: utf16Column(c.line(s.File, s.Start.Line), s.Start.Column),
		EndLine: max(s.End.Line, s.Start.Line), EndColumn: utf16Column(c.line(s.File, s.End.Line), s.End.Column),
	}
	if r.EndLine == r.StartLine {
		r.EndColumn = max(r.EndColumn, r.StartColumn)
	}
	return r
}

// utf16Column turns a column that counts characters into one that counts UTF-16
// code units, both from 1.
func utf16Column(line []byte, column int) int {
	out := 1
	for n := 1; n < column; n++ {
		r, size := utf8.DecodeRune(line)
		if size == 0 { // behind the end
			return out + column - n
		}
		out++
		if r > 0xFFFF {
			out++
		}
		line = line[size:]
	}
	return max(out, 1)
}
