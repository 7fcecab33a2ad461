package check_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/check"
	"github.com/irctl/irctl/internal/finding"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/pkg/runbook"
)

// FuzzCheck: whatever the bytes, everything that is said of them has a known
// code with its severity, and a place inside the file.
func FuzzCheck(f *testing.F) {
	err := filepath.WalkDir("../../testdata/language", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".yaml" {
			return err
		}
		src, err := os.ReadFile(path)
		f.Add(src)
		return err
	})
	require.NoError(f, err)
	severities := map[string]runbook.Severity{}
	for _, c := range finding.Codes(check.Codes(), language.Codes()) {
		severities[c.ID] = c.Severity
		for _, example := range []string{c.Example().Bad, c.Example().Good} {
			if file, _ := finding.ExampleFile(example); example != "" {
				f.Add([]byte(file))
			}
		}
	}
	d := deps()
	d.Callee = func(name, _ string) (*runbook.Runbook, error) {
		if !strings.HasPrefix(name, "c") {
			return nil, errors.New("no such file")
		}
		return load(folder + "/review/err/called/contain.yaml")
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		rb, found := language.Parse("fuzz.yaml", src)
		if rb != nil { // rules hold for what could be read of a broken file
			found, _ = check.Despite(rb, found, check.Runbook(rb, d))
		}
		for _, one := range found {
			if one.Severity != severities[one.Code] {
				t.Fatalf("%s is said to be %q: %s", one.Code, one.Severity, one.Summary)
			}
			if one.Span.File != "fuzz.yaml" || !isPlace(src, one.Span.Start) || !isPlace(src, one.Span.End) || one.Span.Start.Offset > one.Span.End.Offset {
				t.Fatalf("%s %q is outside its file: %+v", one.Code, one.Summary, one.Span)
			}
		}
	})
}

// isPlace reports whether line, column and offset name the same place in a
// file. In bytes that are not UTF-8 nobody can say what a column is.
func isPlace(src []byte, p runbook.Position) bool {
	if p.Line < 1 || p.Offset < 0 || p.Offset > len(src) {
		return false
	}
	before := src[:p.Offset]
	begin := bytes.LastIndexByte(before, '\n') + 1
	if p.Line != bytes.Count(before, []byte{'\n'})+1 {
		return false
	}
	return p.Column == utf8.RuneCount(before[begin:])+1 || !utf8.Valid(before[begin:]) && p.Column >= 1 && p.Column <= len(src)+1
}
