package view

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/irctl/irctl/internal/finding"
	"github.com/irctl/irctl/pkg/runbook"
)

// The formats of what validate finds, besides Text and JSON.
const (
	SARIF  Format = "sarif"  // SARIF 2.1.0, for code scanning
	GitHub Format = "github" // workflow commands of GitHub Actions, which become annotations
	JUnit  Format = "junit"  // JUnit XML, one test case for each file
)

// ValidationFormats are the formats that Printer.Validation can write.
func ValidationFormats() []Format { return []Format{Text, JSON, SARIF, GitHub, JUnit} }

// Validation is what validate found out about files.
type Validation struct {
	Files  []ValidatedFile     // that were checked, in their order
	Passed []string            // files in folders that are not irctl's, and so were not
	Found  runbook.Diagnostics // what to show, in any order
	Hidden int                 // errors that were not asked for, and fail all the same
	Held   int                 // checks that could not be made because of errors
	Strict bool                // warnings fail
	Notes  []string            // what to know besides

	Codes   []*finding.Code // what the codes mean
	Version string          // of irctl
	// Source returns a file's bytes, or nil.
	Source func(file string) []byte
}

// ValidatedFile is a file that was checked.
type ValidatedFile struct {
	Path string `json:"file"`
	Kind string `json:"kind"` // "runbook", "environment", ...
}

// Choose leaves the findings whose codes begin with one of only (none: all) and
// the warnings whose codes do not begin with one of without. A file with an
// error does not run, so no choice makes an error pass: the notes say which of
// the others count all the same.
func (v *Validation) Choose(only, without []string) {
	var kept runbook.Diagnostics
	stubborn := 0
	for _, d := range v.Found {
		switch {
		case len(only) > 0 && !matches(d.Code, only):
			if d.Severity == runbook.Error {
				v.Hidden++
			}
			continue
		case matches(d.Code, without) && d.Severity != runbook.Error:
			continue
		case matches(d.Code, without):
			stubborn++
		}
		kept = append(kept, d)
	}
	v.Found = kept
	if v.Hidden > 0 {
		v.Notes = append(v.Notes, fmt.Sprintf("Errors that --rule does not show: %d. They fail all the same, because irctl does not run such files.", v.Hidden))
	}
	if stubborn > 0 {
		v.Notes = append(v.Notes, fmt.Sprintf("Errors that --ignore cannot leave out: %d. Only warnings can be ignored, because irctl does not run files with errors.", stubborn))
	}
}

// matches reports whether a code begins with one of some beginnings.
func matches(code string, beginnings []string) bool {
	return slices.ContainsFunc(beginnings, func(b string) bool { return strings.HasPrefix(code, b) })
}

// Validation writes what validate found: the findings to standard output in a
// format, how many there are to standard error.
//
// With GitHub, nothing that stands in a file or its name goes to standard
// error, since workflow commands are read from there, too.
func (p *Printer) Validation(format Format, v Validation) error {
	v.Found = v.Found.Sorted()
	var err error
	switch format {
	case JSON:
		d := newFindingsData(len(v.Files), v.Found)
		d.Checked, d.PassedOver, d.Hidden, d.Held = v.Files, append([]string{}, v.Passed...), v.Hidden, v.Held
		err = p.JSON(d)
	case SARIF:
		err = p.JSON(newSarif(v))
	case GitHub:
		err = p.Raw([]byte(annotations(v.Found, v.Codes)))
	case JUnit:
		err = p.junit(v.junit())
	default:
		err = p.findings(v.Found, v.Source)
	}
	if err == nil {
		err = p.count(len(v.Files), v.Found)
	}
	return errors.Join(err, p.afterwards(format, v))
}

// afterwards says what to know besides the findings.
func (p *Printer) afterwards(format Format, v Validation) error {
	var err error
	if n := len(v.Passed); n > 0 {
		note := plural(n, "file") + " passed over: nothing says that they are irctl's"
		if format != GitHub {
			shown := v.Passed[:min(n, 5)]
			note += ": " + inline(strings.Join(shown, ", "))
			if n > len(shown) {
				note += " and " + strconv.Itoa(n-len(shown)) + " more"
			}
		}
		err = p.Note(note + ".")
	}
	for _, n := range v.Notes {
		err = errors.Join(err, p.Note(n))
	}
	if v.Held > 0 {
		err = errors.Join(err, p.Note(plural(v.Held, "check")+" could not be made because of these errors: correct them, and validate again."))
	}
	return err
}

// findingsData is the JSON of validate. Its fields are only ever added to.
type findingsData struct {
	Files       int             `json:"files"`
	Errors      int             `json:"errors"`
	Warnings    int             `json:"warnings"`
	Hidden      int             `json:"hidden_errors"`
	Held        int             `json:"checks_not_made"`
	Diagnostics []findingData   `json:"diagnostics"`
	Checked     []ValidatedFile `json:"checked,omitempty"`
	PassedOver  []string        `json:"passed_over,omitempty"`
}

// findingData is one finding. Lines and columns count from 1 and are 0 if the
// finding has no place; columns count characters, the end is exclusive.
type findingData struct {
	File      string           `json:"file"`
	Line      int              `json:"line"`
	Column    int              `json:"column"`
	EndLine   int              `json:"end_line"`
	EndColumn int              `json:"end_column"`
	Severity  runbook.Severity `json:"severity"`
	Code      string           `json:"code"`
	Summary   string           `json:"summary"`
	Detail    string           `json:"detail"`
	Related   []relatedData    `json:"related,omitempty"`
	Fix       *fixData         `json:"fix,omitempty"` // where it is certain what was meant
}

// placeData is a piece of a file, counted as in findingData.
type placeData struct {
	File      string `json:"file"`
	Line      int    `json:"line"`
	Column    int    `json:"column"`
	EndLine   int    `json:"end_line"`
	EndColumn int    `json:"end_column"`
}

type relatedData struct {
	placeData
	Message string `json:"message"`
}

// fixData is a text that replaces a piece of a file.
type fixData struct {
	placeData
	Text string `json:"text"`
}

func newPlaceData(s runbook.Span) placeData {
	return placeData{s.File, s.Start.Line, s.Start.Column, s.End.Line, s.End.Column}
}

func newFindingsData(files int, ds runbook.Diagnostics) findingsData {
	v := findingsData{Files: files, Diagnostics: make([]findingData, 0, len(ds))}
	v.Errors, v.Warnings = tally(ds)
	for _, d := range ds {
		s := d.Span
		f := findingData{
			s.File, s.Start.Line, s.Start.Column, s.End.Line, s.End.Column, d.Severity, d.Code, d.Summary, d.Detail, nil, nil,
		}
		for _, r := range d.Related {
			f.Related = append(f.Related, relatedData{newPlaceData(r.Span), r.Message})
		}
		if d.Fix != nil {
			f.Fix = &fixData{newPlaceData(d.Fix.Span), d.Fix.Text}
		}
		v.Diagnostics = append(v.Diagnostics, f)
	}
	return v
}
