// Package runbooks holds the runbooks that are built into irctl: [FS] and
// [Names]. They run in the lab, and they are the examples that people copy.
package runbooks

import (
	"embed"
	"fmt"
	"strings"
)

// FS holds one file per runbook, NAME.yaml.
//
//go:embed *.yaml
var FS embed.FS

// Names returns the names of the shipped runbooks, sorted.
func Names() []string {
	files, err := FS.ReadDir(".")
	if err != nil {
		panic(fmt.Sprintf("runbooks: the embedded files cannot be listed: %v", err))
	}
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = strings.TrimSuffix(f.Name(), ".yaml")
	}
	return names
}

// Source returns a runbook's text, and whether there is one of this name.
func Source(name string) ([]byte, bool) {
	b, err := FS.ReadFile(name + ".yaml")
	return b, err == nil
}
