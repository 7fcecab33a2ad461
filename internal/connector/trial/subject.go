package trial

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"

	"github.com/irctl/irctl/internal/connector"
	"github.com/irctl/irctl/internal/connector/openapi"
	"github.com/irctl/irctl/internal/registry"
	"github.com/irctl/irctl/pkg/runbook"
)

// Subject is a connector with what lies beside it.
type Subject struct {
	By    *connector.File
	Slice *openapi.Document // nil if the connector names no description
	Cases *File             // nil if there are none

	sources map[string][]byte
}

// Source gives the bytes of a file of the subject under its path, for excerpts.
func (s *Subject) Source(path string) []byte { return s.sources[path] }

// Load reads a connector, the description that it names and its cases. Beside
// reads what lies in the connector's folder; what is not there is fs.ErrNotExist.
// The subject is nil if the connector cannot be read.
func Load(file string, src []byte, beside func(name string) ([]byte, error)) (*Subject, runbook.Diagnostics, error) {
	by, found := connector.Parse(file, src)
	if by == nil || found.HasErrors() {
		return nil, found, nil
	}
	s := &Subject{By: by, sources: map[string][]byte{file: src}}
	if name := by.Origin.Description.Value; name != "" {
		text, err := beside(name)
		if err != nil {
			return nil, found, fmt.Errorf("the description of %s: %w", by.Name.Value, err)
		}
		whole, err := openapi.Read(text)
		if err == nil {
			s.Slice, err = whole.Slice()
		}
		if err != nil {
			return nil, found, fmt.Errorf("%s: %w", name, err)
		}
	}
	name := NameOf(by.Name.Value)
	text, err := beside(name)
	if errors.Is(err, fs.ErrNotExist) {
		return s, found, nil
	}
	if err != nil {
		return nil, found, err
	}
	at := path.Join(path.Dir(file), name)
	s.sources[at] = text
	var more runbook.Diagnostics
	s.Cases, more = Parse(at, text)
	return s, append(found, more...), nil
}

// Try plays the cases; see [Try]. Without a description, or without cases, there is
// nothing to try, which is an error.
func (s *Subject) Try(ctx context.Context, actions *registry.Registry) ([]Result, error) {
	switch {
	case s.Slice == nil:
		return nil, fmt.Errorf("%s names no description below `source`, so nobody knows what its system takes and gives", s.By.Path)
	case s.Cases == nil:
		return nil, fmt.Errorf("%s has no cases: they stand beside it, in %s", s.By.Path, NameOf(s.By.Name.Value))
	}
	return Try(ctx, s.By, s.Slice, s.Cases, actions)
}
