package library

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/cacao"
	"github.com/irctl/irctl/internal/cacao/convert"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/pkg/runbook"
)

// KeptSuffix ends the name of the playbook that a runbook was made of.
const KeptSuffix = ".cacao.json"

// KeptBeside is where the playbook of a runbook's file lies.
func KeptBeside(path string) string {
	return strings.TrimSuffix(path, filepath.Ext(path)) + KeptSuffix
}

// Import makes a runbook of a playbook, with a name of its own if one is
// given. The error is *Invalid: a playbook with errors is not imported. The
// second result is the playbook's TLP level, "" if it is not marked.
func (l *Library) Import(d *Document, name string) (convert.Runbook, string, error) {
	one := (&playbooks{l: l}).read(d)
	if one.Found.HasErrors() {
		return convert.Runbook{}, "", &Invalid{d, one.Found}
	}
	made := convert.Import(one.Playbook, convert.Rules{
		Name: name, Bindings: one.Bindings, Called: l.exportedAs, Summary: l.summary, Callee: l.calleeFrom("."),
	})
	return made, convert.Level(one.Playbook), nil
}

// exportedAs finds the runbook whose export has an id.
func (l *Library) exportedAs(id string) *runbook.Runbook {
	for _, one := range l.Runbooks() {
		d, err := l.Open(one)
		if err != nil {
			continue
		}
		if rb, ds := language.Parse(d.Path, d.Source); !ds.HasErrors() && convert.ID(rb) == id {
			return rb
		}
	}
	return nil
}

// summary says in a line what an action does.
func (l *Library) summary(name string) string {
	s, _ := l.Actions.Spec(name)
	return s.Summary
}

// calleeFrom is Callee for the steps of one file; nil for what cannot be read.
func (l *Library) calleeFrom(file string) func(name string) *runbook.Runbook {
	return func(name string) *runbook.Runbook {
		rb, err := l.Callee(name, file)
		if err != nil {
			return nil
		}
		return rb
	}
}

// Export is how a runbook is written as a playbook.
type Export struct {
	Level             string    // TLP, of convert.Levels; "" for what it has
	Created, Modified time.Time // zero: the file's own
}

// Exported is a runbook as a playbook.
type Exported struct {
	Source    []byte
	Notes     []convert.Note
	Origin    string // the id of the playbook that it was imported from; "" if it was not
	Unchanged bool   // since its import: this is that playbook as it was
	Undated   bool   // nobody knows when the runbook was last changed
	Options   convert.Options
}

// Export writes a runbook that has no errors as a playbook. One that was
// imported and says the same leaves as it came. The error is *Invalid, *Handling
// or *Unreadable.
func (l *Library) Export(d *Document, e Export) (Exported, error) {
	if _, err := l.Compile(d); err != nil {
		return Exported{}, err
	}
	original, err := l.madeOf(d)
	if err != nil {
		return Exported{}, err
	}
	out := Exported{Options: convert.Options{Level: e.Level, Created: e.Created, Modified: e.Modified, Summary: l.summary, Callee: l.calleeFrom(d.Path)}}
	if original != nil {
		out.Origin = original.ID.Value
		level := convert.Level(original)
		switch {
		case e.Level != "" && convert.Stricter(level, e.Level), level == "RED" && e.Level == "":
			return out, &Handling{Runbook: d.Name, Level: level, Asked: e.Level}
		case convert.Stricter(e.Level, level): // marked more strictly, it is another playbook
		case convert.Unchanged(original, d.Source):
			out.Source, out.Unchanged = original.Source, true
			return out, nil
		}
		out.Options.Keep = original
	}
	if out.Options.Modified.IsZero() {
		out.Options.Modified = time.Unix(0, 0)
		info, err := os.Stat(d.File)
		if out.Undated = err != nil; !out.Undated { // what is built in has no time
			out.Options.Modified = info.ModTime()
		}
	}
	rb, _ := language.Parse(d.Path, d.Source)
	out.Source, out.Notes = convert.Export(rb, out.Options)
	return out, nil
}

// madeOf returns the playbook that a runbook was imported from, nil if it was
// not or the playbook is gone.
func (l *Library) madeOf(d *Document) (*cacao.Playbook, error) {
	kept, err := l.Read("", KeptBeside(d.File))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	pb, ds := cacao.Parse(kept.Path, kept.Source)
	if ds.HasErrors() {
		return nil, &Handling{Runbook: d.Name, Broken: kept.Path}
	}
	return pb, nil
}
