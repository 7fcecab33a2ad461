// Package runbooks holds the runbooks that are built into irctl: [FS] and
// [Names], with the tests that stand beside them, [Tests]. They run in the lab, and they are the examples that people copy.
package runbooks

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// FS holds one file per runbook, NAME.yaml.
var FS = only{files, func(name string) bool { return !strings.HasSuffix(name, testSuffix) }}

// Tests holds one file per runbook, NAME.test.yaml: its tests.
var Tests = only{files, func(name string) bool { return strings.HasSuffix(name, testSuffix) }}

//go:embed *.yaml
var files embed.FS

const testSuffix = ".test.yaml"

// only is some of the embedded files.
type only struct {
	all embed.FS
	has func(name string) bool
}

// Open implements fs.FS.
func (o only) Open(name string) (fs.File, error) {
	if name != "." && !o.has(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return o.all.Open(name)
}

// ReadFile implements fs.ReadFileFS.
func (o only) ReadFile(name string) ([]byte, error) {
	if !o.has(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return o.all.ReadFile(name)
}

// ReadDir implements fs.ReadDirFS.
func (o only) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := o.all.ReadDir(name)
	return slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return !o.has(e.Name()) }), err
}

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
