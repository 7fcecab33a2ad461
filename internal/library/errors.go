package library

import (
	"strconv"
	"strings"

	"github.com/irctl/irctl/internal/compile"
	"github.com/irctl/irctl/pkg/runbook"
)

// Errors say what is so; a Hint, where there is one, says how files and names
// have to be. What to type next is known to whoever asked.

// NotFound is a name that means no file.
type NotFound struct {
	Kind string // "runbook" or "environment"
	Name string
	Near string // a name that exists and resembles it; "" if none does
}

// Error implements error.
func (e *NotFound) Error() string {
	what := "there is no " + e.Kind + " " + e.Name
	if e.Near != "" {
		what += "; did you mean " + e.Near + "?"
	}
	return what
}

// Hint says where irctl looked.
func (e *NotFound) Hint() string {
	if e.Kind == KindEnvironment {
		return "Looked in ./environments and in your own and the machine's irctl/environments folders."
	}
	return "Looked in ./runbooks, your own and the machine's irctl/runbooks folders, and among the shipped ones."
}

// NoLab is returned for the lab's environment before the lab was ever started.
type NoLab struct{}

// Error implements error.
func (NoLab) Error() string {
	return "the lab was never started here, so there is no environment " + labName
}

// BadName is what cannot be the name of a file.
type BadName struct{ Kind, Name string }

// Error implements error.
func (e *BadName) Error() string { return strconv.Quote(e.Name) + " is not the name of a " + e.Kind }

// Ambiguous is a name that means more than one file.
type Ambiguous struct {
	Kind, Name string
	Paths      []string
}

// Error implements error.
func (e *Ambiguous) Error() string { return "two " + e.Kind + "s are called " + e.Name }

// Hint says what to do about it.
func (e *Ambiguous) Hint() string { return "irctl does not guess which one you mean: name the file." }

// Unreadable is a file that the system does not let irctl read.
type Unreadable struct {
	Kind string // "runbook", "environment", "playbook"; "" for any file
	Path string
	Err  error // why
}

// Error implements error.
func (e *Unreadable) Error() string {
	what := "cannot read "
	if e.Kind != "" {
		what += "the " + e.Kind + " "
	}
	return what + e.Path + ": " + e.Err.Error()
}

// Unwrap returns why it cannot be read.
func (e *Unreadable) Unwrap() error { return e.Err }

// Misplaced is a file that is not where, or what, it would have to be.
type Misplaced struct{ Problem, Advice string }

// Error implements error.
func (e *Misplaced) Error() string { return e.Problem }

// Hint says how it has to be; "" if that is obvious.
func (e *Misplaced) Hint() string { return e.Advice }

// NoTests says that there are no tests where they were looked for.
type NoTests struct {
	Where string
	Of    string // the runbook that has none; "" if tests themselves were asked for
}

// Error implements error.
func (e *NoTests) Error() string {
	if e.Of != "" {
		return e.Of + " has no tests"
	}
	return "there are no tests in " + e.Where
}

// Hint says where they would stand.
func (e *NoTests) Hint() string {
	if e.Of != "" {
		return "They stand in " + e.Where + " beside it."
	}
	return "Tests stand beside a runbook, in NAME.test.yaml, with the header `kind: test`."
}

// Invalid is a file with errors: its author acts.
type Invalid struct {
	File  *Document
	Found runbook.Diagnostics
}

// Error implements error.
func (e *Invalid) Error() string { return "the runbook " + e.File.Path + " has errors" }

// NoEnvironment says that a runbook acts on targets and that no environment
// says which those are.
type NoEnvironment struct {
	Runbook string
	Names   []string // of the environments that there are
}

// Error implements error.
func (e *NoEnvironment) Error() string {
	return e.Runbook + " acts on targets, and no environment says which systems those are"
}

// Unsuitable is an environment that lacks what a runbook needs: whoever keeps
// the environment acts.
type Unsuitable struct {
	Asked                Request
	Environment, Runbook string // what they call themselves
	Reasons              []string
	// Unbound are agents and targets of a playbook of which the environment says
	// nothing: lines for its `playbooks: {bind: ...}`.
	Unbound []string
	// Policy is the file of the machine's policy, if that is what asks for more.
	Policy string
}

// Error implements error.
func (e *Unsuitable) Error() string {
	what := "the environment " + e.Environment + " does not suit " + e.Runbook
	if e.Policy != "" {
		what = "the policy of this machine asks for more people than the environment " + e.Environment + " names"
	}
	return what + list(e.Reasons)
}

// BadInputs are inputs that are missing or wrong.
type BadInputs struct {
	Runbook  string
	File     *Document
	Problems []compile.Problem
}

// Error implements error.
func (e *BadInputs) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.Error()
	}
	return "the inputs of " + e.Runbook + " are not complete or not right" + list(lines)
}

// Held is a playbook that must not run now, unless somebody answers for it.
type Held struct {
	Run     *Prepared
	Reasons []string
}

// Error implements error.
func (e *Held) Error() string { return e.Run.Plan.Runbook + " must not run now" + list(e.Reasons) }

// Unverified says that nobody can tell who has signed a playbook.
type Unverified struct {
	Asked Request
	Path  string
	Err   error
}

// Error implements error.
func (e *Unverified) Error() string {
	return "nobody can tell who has signed " + e.Path + ": " + e.Err.Error()
}

// Unwrap returns why.
func (e *Unverified) Unwrap() error { return e.Err }

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

// list writes reasons, one to a line.
func list(reasons []string) string {
	return "\n- " + strings.Join(reasons, "\n- ")
}
