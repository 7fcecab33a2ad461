package language

import (
	"slices"
	"strings"

	"github.com/irctl/irctl/pkg/runbook"
)

// Code is what a diagnostic's code means, in more words than fit below a line.
// Codes are stable: one that is no longer used is not given away again.
// IR01xx are about the language; other packages have tables of their own. The
// manual, the list of rules and tests are made of these tables.
type Code struct {
	ID          string           // "IR0104"
	Severity    runbook.Severity // of its findings
	Title       string
	Explanation string // what is behind it, and what to do
	// Bad is an example with a finding of this code, Good one without. Each is
	// a whole file, or a part of a runbook: see [ExampleFile].
	Bad, Good string
	// Unshown says why there is no Bad, and so no Good either; "" if there is.
	Unshown string
}

// exampleHead is what a part of a runbook lacks to be a whole file.
const exampleHead = "irctl: v1\nname: example\ntitle: An example\nowner: oncall@example.com\n"

// ExampleFile makes a whole file of an example, and returns how many lines it
// puts before it. An example that begins with `- ` is a list of steps, one that
// begins with `inputs:`, `outputs:`, `objective:` or `steps:` the rest of a
// runbook; all others are whole. A leading newline is dropped.
func ExampleFile(example string) (file string, before int) {
	example = strings.TrimPrefix(example, "\n")
	head := ""
	switch {
	case strings.HasPrefix(example, "- "):
		head = exampleHead + "steps:\n"
	case slices.ContainsFunc([]string{"inputs:", "outputs:", "objective:", "steps:"}, func(key string) bool { return strings.HasPrefix(example, key) }):
		head = exampleHead
	}
	return head + example, strings.Count(head, "\n")
}

// Codes returns the codes of this package, sorted.
func Codes() []Code { return slices.Concat(yamlCodes, languageCodes) }
