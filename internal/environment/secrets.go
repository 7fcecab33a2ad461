package environment

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

const (
	maxSecret   = 64 << 10         // bytes
	execTimeout = 10 * time.Second // for a program that prints or stores a secret
	helperGrace = time.Second
)

// source is where a secret lies: file, env, exec, or age with identity.
type source struct {
	file, env     string
	exec          []string
	age, identity string
	at            runbook.Span // of the name
}

func (s source) resolve(ctx context.Context, path func(string) (string, error)) (action.Secret, error) {
	switch {
	case s.env != "":
		return fromVariable(s.env)
	case s.file != "":
		abs, err := path(s.file)
		if err != nil {
			return action.Secret{}, err
		}
		return fromFile(abs)
	case s.age != "":
		return fromAge(s.age, s.identity, path)
	case len(s.exec) > 0:
		dir, err := path(".")
		if err != nil {
			return action.Secret{}, err
		}
		return fromProgram(ctx, s.exec, dir)
	}
	return action.Secret{}, &action.Error{Message: "the environment file does not say where it lies", Permanent: true}
}

// ResolveRef reads a secret by a reference: env:NAME or file:PATH, as secret
// inputs are given. A relative PATH starts at the working folder. What is no
// reference is not repeated in the error: it may be the secret itself.
func ResolveRef(ref string) (action.Secret, error) {
	if name, ok := strings.CutPrefix(ref, "env:"); ok && name != "" {
		return fromVariable(name)
	}
	if path, ok := strings.CutPrefix(ref, "file:"); ok && path != "" {
		return fromFile(path)
	}
	return action.Secret{}, &action.Error{
		Message:   "a secret must be given as a reference, never as itself",
		Hint:      "write env:NAME for a variable of the process's environment, or file:PATH",
		Permanent: true,
	}
}

func fromVariable(name string) (action.Secret, error) {
	text, ok := os.LookupEnv(name)
	if !ok || text == "" {
		return action.Secret{}, &action.Error{
			Message: fmt.Sprintf("the variable %s is not set", action.CleanLine(name, 80)),
			Hint:    "set it for the process that runs irctl, without writing it into the shell's history",
		}
	}
	return action.NewSecret(text), nil
}

// fromFile reads a file that nobody else may read.
func fromFile(path string) (action.Secret, error) {
	b, err := readFile(path, true, maxSecret)
	if err != nil {
		return action.Secret{}, err
	}
	return trimmed(b, action.CleanLine(path, 200))
}

// readFile reads a regular file of a size, in bytes, which nobody else may read
// if it is private.
func readFile(path string, private bool, most int64) ([]byte, error) {
	shown := action.CleanLine(path, 200)
	if _, err := regular(path); err != nil { // before opening: a named pipe would make that wait
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, unreadable(shown, err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, unreadable(shown, err)
	}
	if err := tooOpen(shown, info); private && err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(f, most+1))
	switch {
	case err != nil:
		return nil, unreadable(shown, err)
	case int64(len(b)) > most:
		return nil, &action.Error{Message: fmt.Sprintf("%s holds more than %d KiB", shown, most>>10), Permanent: true}
	}
	return b, nil
}

// regular looks at a file and refuses what is no regular one.
func regular(path string) (fs.FileInfo, error) {
	shown := action.CleanLine(path, 200)
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, unreadable(shown, err)
	case !info.Mode().IsRegular():
		return nil, &action.Error{Message: shown + " is not a regular file", Permanent: true}
	}
	return info, nil
}

// tooOpen says that others may read a file.
func tooOpen(shown string, info fs.FileInfo) error {
	mode := info.Mode().Perm()
	if mode&0o077 == 0 || runtime.GOOS == "windows" {
		return nil
	}
	return &action.Error{
		Message: fmt.Sprintf("%s has mode %04o: others on this machine may read it", shown, mode),
		Hint:    "chmod 600 " + shown + ", and change the secret if others could have seen it",
	}
}

func unreadable(path string, err error) error {
	e := &action.Error{Message: "cannot read " + path, Hint: "check the path, in the environment file or in the input that names it"}
	var reason *fs.PathError
	if errors.As(err, &reason) {
		e.Cause = reason.Err
	}
	if errors.Is(err, fs.ErrPermission) {
		e.Hint = "run irctl as the user that owns it"
	}
	return e
}

// trimmed makes a secret of what a file or program gave, without the newline
// that editors and programs add.
func trimmed(b []byte, from string) (action.Secret, error) {
	if len(b) > maxSecret {
		return action.Secret{}, &action.Error{Message: fmt.Sprintf("%s holds more than %d KiB", from, maxSecret>>10), Permanent: true}
	}
	text := strings.TrimSuffix(strings.TrimSuffix(string(b), "\n"), "\r")
	if text == "" {
		return action.Secret{}, &action.Error{Message: from + " is empty", Hint: "put the secret there"}
	}
	return action.NewSecret(text), nil
}

// fromProgram runs a program that prints a secret. What it writes is shown
// nowhere, not even its complaints.
func fromProgram(ctx context.Context, argv []string, dir string) (action.Secret, error) {
	text, err := runHelper(ctx, argv, dir, action.Secret{})
	if err != nil {
		return action.Secret{}, err
	}
	return trimmed([]byte(text), "what "+action.CleanLine(filepath.Base(argv[0]), 80)+" printed")
}
