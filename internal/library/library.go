package library

import (
	"path/filepath"
	"time"

	"github.com/irctl/irctl/internal/check"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/internal/registry"
	"github.com/irctl/irctl/pkg/runbook"
)

// Config is what a library is handed.
type Config struct {
	Dir     string // the working folder, absolute: paths are relative to it
	User    string // folder of the user's configuration; irctl/runbooks lies in it
	Machine string // folder of the machine's configuration, likewise
	Lab     string // folder of the lab, whose environment has a name of its own
	Actions *registry.Registry
	// Connectors are the files that describe some of the actions.
	Connectors []Connector
	// Only refuses every environment but those that it returns nil for; nil
	// refuses none.
	Only  func(d *Document) error
	Now   func() time.Time
	Waits func(path string) // says that nothing has come from a file for a second; nil says nothing
}

// Library finds, checks and compiles the files of irctl.
type Library struct{ Config }

// New returns a library. It reads nothing yet.
func New(c Config) *Library { return &Library{c} }

// rules is what checking a runbook needs to know about the world.
func (l *Library) rules() check.Deps {
	r := l.Actions
	return check.Deps{
		Spec:     r.Spec,
		Names:    r.Names,
		Inspects: r.Inspects,
		Undoes:   r.Undoes,
		Callee:   l.callees(),
	}
}

// callees is Callee for the steps of one runbook, and of those that it runs: a
// file is read once, however often and in however many ways its path is
// written. It is for one goroutine.
func (l *Library) callees() func(name, from string) (*runbook.Runbook, error) {
	type read struct {
		rb  *runbook.Runbook
		err error
	}
	known := map[string]read{}
	return func(name, from string) (*runbook.Runbook, error) {
		key := name
		if isPath(name) {
			key = filepath.Join(filepath.Dir(from), name)
		}
		r, ok := known[key]
		if !ok {
			r.rb, r.err = l.Callee(name, from)
			known[key] = r
		}
		return r.rb, r.err
	}
}

// Callee finds the runbook that a step of the runbook in file from runs: by a
// path beside that file, or by name.
func (l *Library) Callee(name, from string) (*runbook.Runbook, error) {
	_, rb, err := l.calleeOf(name, from)
	return rb, err
}

// calleeOf is Callee with the file.
func (l *Library) calleeOf(name, from string) (*Document, *runbook.Runbook, error) {
	d, err := l.calleeFile(name, from)
	if err != nil {
		return nil, nil, err
	}
	rb, ds := language.Parse(d.Path, d.Source)
	if ds.HasErrors() {
		return nil, nil, &Invalid{File: d, Found: ds}
	}
	return d, rb, nil
}
