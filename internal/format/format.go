package format

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/pkg/runbook"
)

// Kind is a kind of file: the value of its key `kind` and its keys.
type Kind struct {
	Name  string
	Table language.Table
}

// SyntaxError says that a file cannot be read, so that nothing is known of it.
type SyntaxError struct{ Diagnostics runbook.Diagnostics }

func (e *SyntaxError) Error() string {
	d := e.Diagnostics[0]
	return fmt.Sprintf("%s: %s", d.Span, d.Summary)
}

// RefusedError says that a file is written in a way that would not come out
// the same.
type RefusedError struct {
	Span runbook.Span
	Why  string
}

func (e *RefusedError) Error() string { return fmt.Sprintf("%s: %s", e.Span, e.Why) }

// Source returns a file as it is best written. The name is for errors, which
// are a *SyntaxError or a *RefusedError. A file of a kind that is not among
// kinds keeps the order of its keys.
func Source(name string, src []byte, kinds []Kind) ([]byte, error) {
	lf, crlf := []byte("\n"), []byte("\r\n")
	text, ends := bytes.ReplaceAll(src, crlf, lf), lf
	if 2*bytes.Count(src, crlf) > bytes.Count(src, lf) {
		ends = crlf // most lines end so, and then all do
	}
	out, comments, err := once(name, text, kinds)
	if err != nil {
		return nil, err
	}
	again, kept, err := once(name, out, kinds)
	if err != nil || !bytes.Equal(out, again) {
		return nil, refusal(name, "it would not come out the same twice")
	}
	slices.Sort(comments)
	slices.Sort(kept)
	if !slices.Equal(comments, kept) {
		return nil, refusal(name, "a comment would be lost or changed")
	}
	out = bytes.ReplaceAll(out, lf, ends)
	if err := same(name, src, out, kinds); err != nil {
		return nil, err
	}
	return out, nil
}

func refusal(name, why string) *RefusedError {
	top := runbook.Position{Line: 1, Column: 1}
	return &RefusedError{Span: runbook.Span{File: name, Start: top, End: top}, Why: why}
}

// once formats a text whose lines end with \n, and returns its comments, too.
func once(name string, text []byte, kinds []Kind) ([]byte, []string, error) {
	tree, ds := language.ParseTree(name, text)
	if tree == nil || ds.HasErrors() {
		return nil, nil, &SyntaxError{ds}
	}
	c := &cutter{name: name, text: text}
	f := c.file(tree)
	if c.err != nil {
		return nil, nil, c.err
	}
	if t, ok := tableOf(tree, kinds); ok {
		arrange(f.root, fileForms(t))
	}
	return write(c, f), c.comments, nil
}

// tableOf finds the keys of a file by what it says it is.
func tableOf(tree *runbook.Value, kinds []Kind) (language.Table, bool) {
	kind := "runbook"
	if given := tree.Get("kind"); given != nil {
		kind = given.Text
	}
	for _, k := range kinds {
		if k.Name == kind && tree.Get("irctl") != nil {
			return k.Table, true
		}
	}
	return language.Table{}, false
}
