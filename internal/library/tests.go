package library

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/runbooktest"
	"github.com/irctl/irctl/pkg/runbook"
	"github.com/irctl/irctl/runbooks"
)

// TestFile is a file of tests and how they went.
type TestFile struct {
	File    *Document
	Runbook *Document           // nil if it was not found
	Suite   *runbooktest.Suite  // nil if there are errors
	Found   runbook.Diagnostics // in the test file, or in the runbook
	Results []runbooktest.Result

	chosen []int // the cases to run
}

// Failed reports whether one of the tests failed.
func (f *TestFile) Failed() bool {
	return slices.ContainsFunc(f.Results, func(r runbooktest.Result) bool { return !r.Passed })
}

// SourcesOf finds the bytes of the files that findings are about.
func SourcesOf(files []*TestFile) func(string) []byte {
	sources := map[string][]byte{}
	for _, f := range files {
		for _, d := range []*Document{f.File, f.Runbook} {
			if d != nil {
				sources[d.Path] = d.Source
			}
		}
	}
	return func(name string) []byte { return sources[name] }
}

// testSuffixes are how a test file's name goes on after its runbook's.
var testSuffixes = []string{TestSuffix, ".test.yml"}

// TestSuffix is the one that new files get.
const TestSuffix = ".test.yaml"

// Tests returns the test files that the arguments mean, each once, with the
// results of those of their tests whose names match. They run on every
// processor.
func (l *Library) Tests(args []string, in Stream, only *regexp.Regexp) ([]*TestFile, error) {
	files, err := l.gatherTests(args, in)
	if err != nil {
		return nil, err
	}
	each.AtOnce(len(files), func(i int) { l.prepareTests(files[i], only) })
	var jobs []func()
	for _, f := range files {
		for k, number := range f.chosen {
			jobs = append(jobs, func() { f.Results[k] = f.Suite.Run(number) })
		}
	}
	each.AtOnce(len(jobs), func(i int) { jobs[i]() })
	return files, nil
}

func (l *Library) gatherTests(args []string, in Stream) ([]*TestFile, error) {
	if len(args) == 0 {
		args = []string{"."}
	}
	var found []Candidate
	for _, arg := range args {
		for _, c := range l.candidates(arg, in) {
			if c.doc != nil && arg != "-" { // a runbook, by its name
				doc, err := l.testsBeside(c.doc)
				if err != nil {
					return nil, err
				}
				c.doc = doc
			}
			found = append(found, c)
		}
	}
	var out []*TestFile
	for _, c := range once(found) {
		d, err := l.Fetch(c)
		switch {
		case err != nil && c.Found:
			continue
		case err != nil:
			return nil, &FileError{Problem: "cannot read " + c.Name, Err: err}
		}
		if KindOf(d.Source) != KindTest {
			if c.Found {
				continue
			}
			if d, err = l.testsBeside(d); err != nil {
				return nil, err
			}
		}
		if !slices.ContainsFunc(out, func(f *TestFile) bool { return f.File.File == d.File }) {
			out = append(out, &TestFile{File: d})
		}
	}
	if len(out) == 0 {
		return nil, &NameError{
			Kind: KindTest, Reason: NoSuchName, Problem: "there are no tests in " + strings.Join(args, ", "),
			Hint: "Tests stand beside a runbook, in NAME.test.yaml, with the header `kind: test`.",
		}
	}
	return out, nil
}

// testsBeside finds the tests of a runbook: in the file beside it.
func (l *Library) testsBeside(d *Document) (*Document, error) {
	stem := strings.TrimSuffix(d.File, filepath.Ext(d.File))
	if name, ok := strings.CutPrefix(stem, shippedPrefix); ok {
		if source, ok := runbooks.Tests(name); ok {
			return NewDocument(d.Name, stem+".test.yaml", source), nil
		}
	} else {
		for _, suffix := range testSuffixes {
			if _, err := os.Stat(stem + suffix); err == nil {
				return l.readFile(d.Name, stem+suffix)
			}
		}
	}
	return nil, &NameError{
		Kind: KindTest, Name: d.Path, Reason: NoSuchName, Problem: d.Path + " has no tests",
		Hint: "They stand in " + path.Base(filepath.ToSlash(stem)) + TestSuffix + " beside it.",
	}
}

// prepareTests reads a test file and its runbook, and chooses the cases to run.
func (l *Library) prepareTests(f *TestFile, only *regexp.Regexp) {
	file, ds := runbooktest.Parse(f.File.Path, f.File.Source)
	f.Found = ds
	if file == nil || ds.HasErrors() {
		return
	}
	d, err := l.underTest(f.File, file)
	if err != nil {
		f.Found = append(f.Found, noRunbook(f.File, file, err))
		return
	}
	f.Runbook = d
	p, ds := l.lower(d)
	if ds.HasErrors() {
		f.Found = append(f.Found, ds...)
		return
	}
	suite, ds := runbooktest.Bind(file, p, l.testDeps())
	f.Found = append(f.Found, ds...)
	if f.Found.HasErrors() {
		return
	}
	f.Suite = suite
	for i := range suite.Cases() {
		if only.MatchString(suite.Name(i)) {
			f.chosen = append(f.chosen, i)
		}
	}
	f.Results = make([]runbooktest.Result, len(f.chosen))
}

func (l *Library) testDeps() runbooktest.Deps {
	r := l.Actions
	return runbooktest.Deps{Spec: r.Spec, Inspects: r.Inspects, Undoes: r.Undoes}
}

// underTest finds the runbook that a test file is about: the one that it names,
// from its own folder on, or the one beside it.
func (l *Library) underTest(d *Document, file *runbooktest.File) (*Document, error) {
	if file.Runbook.Given() {
		return l.calleeFile(file.Runbook.Value, d.File)
	}
	stem := d.File
	for _, suffix := range testSuffixes {
		stem = strings.TrimSuffix(stem, suffix)
	}
	if stem == d.File {
		return nil, &FileError{Problem: "the file does not say which runbook it tests", Hint: "Add `runbook: NAME`, or call the file NAME.test.yaml."}
	}
	if name, ok := strings.CutPrefix(stem, shippedPrefix); ok {
		return l.calleeFile("./"+name+".yaml", d.File)
	}
	for _, ext := range []string{".yaml", ".yml", ".json"} {
		if _, err := os.Stat(stem + ext); err == nil {
			return l.read(KindRunbook, stem+ext, stem+ext)
		}
	}
	return nil, &FileError{Problem: "there is no runbook " + l.Short(stem) + ".yaml", Hint: "Add `runbook: NAME` to the test file if it tests another one."}
}

// noRunbook is the finding about a test file whose runbook cannot be found.
func noRunbook(d *Document, file *runbooktest.File, err error) runbook.Diagnostic {
	at := file.Runbook.Span
	if !file.Runbook.Given() {
		top := runbook.Position{Line: 1, Column: 1}
		at = runbook.Span{File: d.Path, Start: top, End: top}
	}
	return runbooktest.UnknownRunbook.At(at, err.Error(), hintOf(err))
}

// validateTests checks a test file. Mistakes in its runbook are that file's.
func (l *Library) validateTests(d *Document, _ *Surroundings) runbook.Diagnostics {
	file, ds := runbooktest.Parse(d.Path, d.Source)
	if file == nil {
		return ds
	}
	rb, err := l.underTest(d, file)
	if err != nil {
		return append(ds, noRunbook(d, file, err))
	}
	p, wrong := l.lower(rb)
	if p == nil || wrong.HasErrors() {
		err := &FileError{Problem: "the runbook " + rb.Path + " has errors", Hint: "Correct it first: irctl validate " + rb.Path}
		return append(ds, noRunbook(d, file, err))
	}
	_, more := runbooktest.Bind(file, p, l.testDeps())
	if ds.HasErrors() {
		return ds // what cannot be read would only be missing
	}
	return append(ds, more...)
}
