package cli

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/runbooktest"
	"github.com/irctl/irctl/pkg/runbook"
	"github.com/irctl/irctl/runbooks"
)

// testFile is a file of tests on its way to be run.
type testFile struct {
	doc     *document
	runbook *document           // nil if it was not found
	suite   *runbooktest.Suite  // nil if there are errors
	found   runbook.Diagnostics // in the test file, or in the runbook
	chosen  []int               // the cases to run
	results []runbooktest.Result
}

func (f *testFile) failed() bool {
	for _, r := range f.results {
		if len(r.Failures) > 0 {
			return true
		}
	}
	return false
}

// testSuffixes are how a test file's name goes on after its runbook's.
var testSuffixes = []string{".test.yaml", ".test.yml"}

// gatherTests returns the test files that the arguments mean, each once.
func (a *app) gatherTests(args []string) ([]*testFile, error) {
	if len(args) == 0 {
		args = []string{"."}
	}
	var found []candidate
	for _, arg := range args {
		for _, c := range a.candidates(arg, "stdin") {
			if c.doc != nil && arg != "-" { // a runbook, by its name
				doc, err := a.testsBeside(c.doc)
				if err != nil {
					return nil, err
				}
				c.doc = doc
			}
			found = append(found, c)
		}
	}
	var out []*testFile
	for _, c := range once(found) {
		d, err := a.fetch(c)
		switch {
		case err != nil && c.found:
			continue
		case err != nil:
			return nil, &problem{exit: ExitInvalid, what: "cannot read " + c.name, cause: err}
		}
		if kindOf(d.Source) != kindTest {
			if c.found {
				continue
			}
			if d, err = a.testsBeside(d); err != nil {
				return nil, err
			}
		}
		if !slices.ContainsFunc(out, func(f *testFile) bool { return f.doc.File == d.File }) {
			out = append(out, &testFile{doc: d})
		}
	}
	if len(out) == 0 {
		p := &problem{exit: ExitInvalid, what: "there are no tests in " + strings.Join(args, ", ")}
		p.means = "Tests stand beside a runbook, in NAME.test.yaml, with the header `kind: test`."
		return nil, p.with("irctl help testing", "irctl test containment")
	}
	return out, nil
}

// testsBeside finds the tests of a runbook: in the file beside it.
func (a *app) testsBeside(d *document) (*document, error) {
	stem := strings.TrimSuffix(d.File, filepath.Ext(d.File))
	if name, ok := strings.CutPrefix(stem, shippedPrefix); ok {
		source, err := fs.ReadFile(runbooks.Tests, name+".test.yaml")
		if err == nil {
			return newDocument(d.Name, stem+".test.yaml", source), nil
		}
	} else {
		for _, suffix := range testSuffixes {
			if _, err := os.Stat(stem + suffix); err == nil {
				return a.fetch(candidate{name: d.Name, path: stem + suffix})
			}
		}
	}
	p := &problem{exit: ExitInvalid, what: d.Path + " has no tests"}
	return nil, p.meaning("They stand in %s.test.yaml beside it.", path.Base(filepath.ToSlash(stem))).with("irctl help testing")
}

// prepareTests reads a test file and its runbook, and chooses the cases to run.
func (a *app) prepareTests(f *testFile, only *regexp.Regexp) {
	file, ds := runbooktest.Parse(f.doc.Path, f.doc.Source)
	f.found = ds
	if file == nil || ds.HasErrors() {
		return
	}
	d, err := a.underTest(f.doc, file)
	if err != nil {
		f.found = append(f.found, noRunbook(f.doc, file, err))
		return
	}
	f.runbook = d
	p, ds := a.lower(d)
	if ds.HasErrors() {
		f.found = append(f.found, ds...)
		return
	}
	suite, ds := runbooktest.Bind(file, p, a.testDeps())
	f.found = append(f.found, ds...)
	if f.found.HasErrors() {
		return
	}
	f.suite = suite
	for i := range suite.Cases() {
		if only.MatchString(suite.Name(i)) {
			f.chosen = append(f.chosen, i)
		}
	}
	f.results = make([]runbooktest.Result, len(f.chosen))
}

func (a *app) testDeps() runbooktest.Deps {
	r := a.actions()
	return runbooktest.Deps{Spec: r.Spec, Inspects: r.Inspects, Undoes: r.Undoes}
}

// underTest finds the runbook that a test file is about: the one that it names,
// from its own folder on, or the one beside it.
func (a *app) underTest(d *document, file *runbooktest.File) (*document, error) {
	if file.Runbook.Given() {
		return a.calleeFile(file.Runbook.Value, d.File)
	}
	stem := d.File
	for _, suffix := range testSuffixes {
		stem = strings.TrimSuffix(stem, suffix)
	}
	if stem == d.File {
		p := &problem{exit: ExitInvalid, what: "the file does not say which runbook it tests"}
		return nil, p.meaning("Add `runbook: NAME`, or call the file NAME.test.yaml.")
	}
	if name, ok := strings.CutPrefix(stem, shippedPrefix); ok {
		return a.calleeFile("./"+name+".yaml", d.File)
	}
	for _, ext := range []string{".yaml", ".yml", ".json"} {
		if _, err := os.Stat(stem + ext); err == nil {
			return a.readDocument("runbook", stem+ext, stem+ext)
		}
	}
	p := &problem{exit: ExitInvalid, what: "there is no runbook " + a.short(stem) + ".yaml"}
	return nil, p.meaning("Add `runbook: NAME` to the test file if it tests another one.")
}

// noRunbook is the finding about a test file whose runbook cannot be found.
func noRunbook(d *document, file *runbooktest.File, err error) runbook.Diagnostic {
	at := file.Runbook.Span
	if !file.Runbook.Given() {
		top := runbook.Position{Line: 1, Column: 1}
		at = runbook.Span{File: d.Path, Start: top, End: top}
	}
	what, means, _ := explain(err)
	return runbook.Diagnostic{Severity: runbook.Error, Code: runbooktest.UnknownRunbook, Summary: what, Detail: means, Span: at}
}

// validateTests checks a test file. Mistakes in its runbook are that file's.
func (a *app) validateTests(d *document, _ *surroundings) runbook.Diagnostics {
	file, ds := runbooktest.Parse(d.Path, d.Source)
	if file == nil {
		return ds
	}
	rb, err := a.underTest(d, file)
	if err != nil {
		return append(ds, noRunbook(d, file, err))
	}
	p, wrong := a.lower(rb)
	if p == nil || wrong.HasErrors() {
		err := &problem{what: "the runbook " + rb.Path + " has errors", means: "Correct it first: irctl validate " + rb.Path}
		return append(ds, noRunbook(d, file, err))
	}
	_, more := runbooktest.Bind(file, p, a.testDeps())
	if ds.HasErrors() {
		return ds // what cannot be read would only be missing
	}
	return append(ds, more...)
}
