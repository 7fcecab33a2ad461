// Package runbooks holds the runbooks that are built into irctl: [Names] and
// [Source], with the tests that stand beside them, [Tests], and the connectors,
// [Connectors]. They run in the lab,
// and they are the examples that people copy.
package runbooks

import (
	"embed"
	"fmt"
	"strings"
)

//go:embed *.yaml
var files embed.FS

// Names returns the names of the shipped runbooks, sorted.
func Names() []string {
	entries, err := files.ReadDir(".")
	if err != nil {
		panic(fmt.Sprintf("runbooks: the embedded files cannot be listed: %v", err))
	}
	var names []string
	for _, f := range entries {
		if name := strings.TrimSuffix(f.Name(), ".yaml"); !strings.Contains(name, ".") {
			names = append(names, name)
		}
	}
	return names
}

// Source returns a runbook's text, and whether there is one of this name.
func Source(name string) ([]byte, bool) {
	b, err := files.ReadFile(name + ".yaml")
	return b, err == nil && !strings.Contains(name, ".")
}

// Tests returns the text of a runbook's tests, and whether it has any.
func Tests(name string) ([]byte, bool) {
	b, err := files.ReadFile(name + ".test.yaml")
	return b, err == nil
}
