// Package finding says what can be found wrong with a file of irctl.
//
// A package that looks at files keeps a [Set] and declares each [Code] in it as
// a variable, beside the function that finds it. Only a code makes a diagnostic
// ([Code.At]), so that nothing is reported that is not explained, and the list
// of codes, help and SARIF's rules are read off the set: there is no second list.
package finding

import (
	"io/fs"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/irctl/irctl/pkg/runbook"
)

// Code is what findings of one kind have in common. Codes are stable: one that
// is no longer used is not given away again. Make it with [Set.Error] or
// [Set.Warning].
type Code struct {
	ID          string           // "IR0104"
	Severity    runbook.Severity // of its findings
	Title       string           // one line without a full stop
	Explanation string           // what is behind it, and what to do
	set         *Set
}

// At makes a finding: one line that says what is wrong, and what to do about it,
// which may be empty.
func (c *Code) At(at runbook.Span, summary, detail string) runbook.Diagnostic {
	return runbook.Diagnostic{Severity: c.Severity, Code: c.ID, Summary: summary, Detail: detail, Span: at}
}

// Set is the codes of one package. It is filled while the package's variables
// are initialised and does not change afterwards.
type Set struct {
	examples fs.FS
	unshown  string
	codes    []*Code
}

// NewSet returns a set whose examples are files of a file system, see [Code.Example].
func NewSet(examples fs.FS) *Set { return &Set{examples: examples} }

// Unshown returns a set whose codes have no examples, for a reason.
func Unshown(reason string) *Set { return &Set{unshown: reason} }

// Error declares a code whose findings stop a file from being used.
func (s *Set) Error(id, title, explanation string) *Code {
	return s.add(&Code{ID: id, Severity: runbook.Error, Title: title, Explanation: explanation, set: s})
}

// Warning declares a code whose findings stop nothing.
func (s *Set) Warning(id, title, explanation string) *Code {
	return s.add(&Code{ID: id, Severity: runbook.Warning, Title: title, Explanation: explanation, set: s})
}

func (s *Set) add(c *Code) *Code {
	s.codes = append(s.codes, c)
	return c
}

// Codes returns the codes of some sets, sorted.
func Codes(sets ...*Set) []*Code {
	var all []*Code
	for _, s := range sets {
		all = append(all, s.codes...)
	}
	slices.SortFunc(all, func(a, b *Code) int { return strings.Compare(a.ID, b.ID) })
	return all
}

// Example shows a code.
type Example struct {
	Bad, Good string // with a finding of the code, and without
	Found     string // what is said of Bad: a line for each place, and one for what to do
	Unshown   string // why there is no Bad, and so no Good either; "" if there is
}

// Example returns the example of a code: the files bad.yaml, found and
// good.yaml of the archive (golang.org/x/tools/txtar) whose name begins with the
// code, such as ir0104_unknown_key.txtar, or else what the archive says instead.
func (c *Code) Example() Example {
	e := Example{Unshown: c.set.unshown}
	if c.set.examples == nil {
		return e
	}
	names, _ := fs.Glob(c.set.examples, strings.ToLower(c.ID)+"_*.txtar")
	for _, name := range names {
		text, _ := fs.ReadFile(c.set.examples, name)
		archive := txtar.Parse(text)
		e.Unshown = strings.TrimSpace(string(archive.Comment))
		for _, f := range archive.Files {
			switch f.Name {
			case "bad.yaml":
				e.Bad = string(f.Data)
			case "good.yaml":
				e.Good = string(f.Data)
			case "found":
				e.Found = string(f.Data)
			}
		}
	}
	return e
}

// exampleHead is what a part of a runbook lacks to be a whole file.
const exampleHead = "irctl: v1\nname: example\ntitle: An example\nowner: oncall@example.com\n"

// ExampleFile makes a whole file of an example, and returns how many lines it
// puts before it. An example that begins with `- ` is a list of steps, one that
// begins with `inputs:`, `outputs:`, `objective:` or `steps:` the rest of a
// runbook; all others are whole.
func ExampleFile(example string) (file string, before int) {
	head := ""
	switch {
	case strings.HasPrefix(example, "- "):
		head = exampleHead + "steps:\n"
	case slices.ContainsFunc([]string{"inputs:", "outputs:", "objective:", "steps:"}, func(key string) bool { return strings.HasPrefix(example, key) }):
		head = exampleHead
	}
	return head + example, strings.Count(head, "\n")
}
