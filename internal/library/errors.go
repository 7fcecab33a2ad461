package library

import (
	"errors"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/suggest"
	"github.com/irctl/irctl/pkg/runbook"
)

// NameError is a name that does not lead to one file: whoever gave it acts.
type NameError struct {
	Kind    string // of file, "runbook"; KindTest for tests
	Name    string
	Reason  NameReason
	Problem string   // in words
	Hint    string   // where irctl looked, or how it has to be; "" if that is plain
	Names   []string // paths that it could mean
}

// NameReason is why a name does not lead to one file.
type NameReason int

// The reasons.
const (
	NoSuchName NameReason = iota + 1
	NoName                // it cannot be the name of a file
	TwoOfAName
	NoLab // the lab has no environment before it was started
)

// Error implements error.
func (e *NameError) Error() string { return e.Problem }

// notFound says where a name was looked for, and which one is like it.
func notFound(kind, name string, all []Listed) error {
	names := each.Of(all, func(one Listed) string { return one.Name })
	e := &NameError{Kind: kind, Name: name, Reason: NoSuchName, Problem: suggest.Instead("there is no "+kind+" "+name, suggest.Near(name, names))}
	folder := kind + "s"
	e.Hint = "Looked in ./" + folder + ", your own and the machine's irctl/" + folder + " folders, and among the shipped ones."
	if kind == KindEnvironment {
		e.Hint = "Looked in ./environments and in your own and the machine's irctl/environments folders."
	}
	return e
}

// FileError is a file that cannot be used: whoever keeps it acts.
type FileError struct {
	Kind    string // "runbook", "environment", "playbook"; "" for any file
	Problem string
	Hint    string // how it has to be; "" if that is plain
	Err     error  // why the system does not let irctl read it, if that is so
}

// Error implements error.
func (e *FileError) Error() string {
	if e.Err != nil {
		return e.Problem + ": " + e.Err.Error()
	}
	return e.Problem
}

// Unwrap returns why it cannot be read.
func (e *FileError) Unwrap() error { return e.Err }

// hintOf is what an error says besides about how names and files have to be.
func hintOf(err error) string {
	var name *NameError
	var file *FileError
	switch {
	case errors.As(err, &file):
		return file.Hint
	case errors.As(err, &name):
		return name.Hint
	}
	return ""
}

// Invalid is a file with errors: its author acts.
type Invalid struct {
	File  *Document
	Found runbook.Diagnostics
}

// Error implements error.
func (e *Invalid) Error() string {
	if KindOf(e.File.Source) == KindEnvironment {
		return "the environment " + e.File.Path + " has errors"
	}
	return "the runbook " + e.File.Path + " has errors"
}

// Unready is a plan that does not run like this: whoever asked acts, or whoever
// keeps the environment.
type Unready struct {
	Run     *Prepared // as far as it is
	Reason  UnreadyReason
	Problem string
	Reasons []string // each part of it
	Err     error    // why the signatures cannot be told
	// Names are the environments that there are, for NoEnvironment; lines for
	// its `playbooks: {bind: ...}`, for Unsuitable; the policy, for TooFew.
	Names []string
	// Inputs are the names of those that are missing or wrong, for BadInputs.
	Inputs []string
}

// UnreadyReason is why a plan does not run.
type UnreadyReason int

// The reasons.
const (
	NoEnvironment UnreadyReason = iota + 1 // it acts on targets, and nobody says which
	Unsuitable                             // the environment lacks what it needs
	TooFew                                 // the machine's policy asks for more people
	BadInputs                              // are missing or wrong
	Held                                   // a playbook that must not run unless somebody answers for it
	BadPart                                // a part of it was asked for that cannot run by itself
	Unverified                             // nobody can tell who has signed it
)

// Error implements error.
func (e *Unready) Error() string {
	out := e.Problem
	for _, one := range e.Reasons {
		out += "\n- " + one
	}
	if e.Err != nil {
		out += ": " + e.Err.Error()
	}
	return out
}

// Unwrap returns why the signatures cannot be told.
func (e *Unready) Unwrap() error { return e.Err }

// Handling says that a runbook must not be exported like that, because of how
// the playbook that it was made of is to be handled.
type Handling struct {
	Runbook      string
	Level, Asked string // TLP: of the playbook, and of the export
	Broken       string // the playbook's file, if it has errors
}

// Error implements error.
func (e *Handling) Error() string {
	made := "the playbook that this runbook was made of is marked TLP:" + e.Level
	switch {
	case e.Broken != "":
		return "the playbook " + e.Broken + " beside the runbook has errors"
	case e.Asked != "":
		return made + ", which --tlp " + e.Asked + " would lower"
	}
	return made + ": only those whom its maker gave it may read it"
}
