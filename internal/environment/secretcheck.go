package environment

import (
	"context"
	"errors"
	"io/fs"
	"os/exec"
	"path/filepath"

	"github.com/irctl/irctl/internal/durable"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

var UnreadableSecret = codes.Warning("IR0412", "secret cannot be read here",
	"The place that `secrets:` names was looked at, not the secret. It may be on another machine that it lies there; on the one that runs irctl it has to, and nobody else may read it.")

// CheckSecrets looks whether every declared secret lies where the file says,
// and whether nobody else can read it. It reads no secret and runs no program.
// What is wrong is a warning: the file may be checked on another machine than
// the one that acts.
func (e *Environment) CheckSecrets() runbook.Diagnostics {
	var d language.Decoder
	for _, name := range e.Secrets() {
		s := e.secrets[name]
		var problem *action.Error
		if errors.As(s.look(e.path), &problem) {
			d.Report(UnreadableSecret, s.at, problem.Hint, "the secret `%s`: %s", name, problem.Error())
		}
	}
	return d.Diagnostics()
}

// LookForSecrets looks whether the secrets of a target lie where the file says,
// and reads none. Each problem is an *action.Error of its own.
func (e *Environment) LookForSecrets(t Target) []error {
	var problems []error
	t.eachSecret(func(name *runbook.Value) {
		if err := e.secrets[name.Text].look(e.path); err != nil {
			problems = append(problems, wrap(err, "the secret "+name.Text+" cannot be read"))
		}
	})
	return problems
}

// look is resolve without the secret.
func (s source) look(path func(string) (string, error)) error {
	switch {
	case s.env != "":
		_, err := fromVariable(s.env)
		return err
	case s.file != "":
		return lookAtFile(s.file, path, true)
	case s.age != "":
		if err := lookAtFile(s.identity, path, true); err != nil {
			return err
		}
		return lookAtFile(s.age, path, false)
	case len(s.exec) > 0:
		return lookForProgram(s.exec[0], path)
	}
	return nil // Parse has reported it
}

func lookAtFile(file string, path func(string) (string, error), private bool) error {
	abs, err := path(file)
	if err != nil {
		return err
	}
	info, err := regular(abs)
	if err == nil && private {
		err = tooOpen(action.CleanLine(abs, 200), info)
	}
	return err
}

// lookForProgram finds a program as running it would: one with a slash in its
// name is a path from the file's folder.
func lookForProgram(program string, path func(string) (string, error)) error {
	name := program
	if filepath.Base(name) != name {
		abs, err := path(name)
		if err != nil {
			return err
		}
		name = abs
	}
	if _, err := exec.LookPath(name); err != nil {
		return &action.Error{Message: "there is no program " + action.CleanLine(program, 200), Hint: "install it, or correct its path"}
	}
	return nil
}

// CheckNewSecrets looks whether new credentials can be stored, and stores
// nothing. It is nil, too, if the environment names no place.
func (e *Environment) CheckNewSecrets(context.Context) error {
	if len(e.sink.put) > 0 {
		return lookForProgram(e.sink.put[0], e.path)
	}
	if e.sink.folder == "" {
		return nil
	}
	folder, err := e.path(e.sink.folder)
	if err != nil {
		return err
	}
	if e.sink.identity != "" {
		if err := lookAtFile(e.sink.identity, e.path, true); err != nil {
			return wrap(err, "irctl could not read back what it stores")
		}
	}
	root, err := openPrivate(folder)
	if err == nil {
		_ = root.Close()
		err = durable.Writable(folder)
	} else if errors.Is(err, fs.ErrNotExist) {
		err = makable(filepath.Dir(folder)) // Put makes the folder
	}
	var known *action.Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	return &action.Error{Message: "new secrets cannot be stored", Hint: "see `new_secrets` in the environment file", Cause: err}
}

// makable reports whether the first folder above that exists may be written.
func makable(folder string) error {
	for {
		err := durable.Writable(folder)
		up := filepath.Dir(folder)
		if !errors.Is(err, fs.ErrNotExist) || up == folder {
			return err
		}
		folder = up
	}
}
