package library

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/irctl/irctl/internal/durable"
	"github.com/irctl/irctl/internal/schema"
)

// templates are what files begin with.
//
//go:embed templates/*.tmpl
var templates embed.FS

// modeline is the first line of new files; yaml-language-server reads it. The
// path is relative to the file, so that it works offline and in every clone.
const modeline = "# yaml-language-server: $schema=../" + SchemaName + "\n"

// Template is a file to begin with.
type Template struct {
	Kind, Name string
	User       string   // who may act in an environment
	Runbooks   []string // that an environment is for
}

// Begun is what Begin wrote, as paths for people.
type Begun struct {
	File   string
	Tests  string // "" if there were tests already, or are none of such a file
	Schema bool   // there was none yet
}

// Begin writes a file to begin with, never over another, with tests if it is a
// runbook, and the schema that its first line names.
func (l *Library) Begin(t Template) (out Begun, err error) {
	path := filepath.Join(l.Dir, t.Kind+"s", t.Name+".yaml")
	if err := l.writeTemplate(t, path); err != nil {
		return out, err
	}
	out.File = l.Short(path)
	if t.Kind == KindRunbook {
		tests := strings.TrimSuffix(path, ".yaml") + TestSuffix
		switch err := l.writeTemplate(Template{Kind: KindTest, Name: t.Name, User: t.User}, tests); {
		case err == nil:
			out.Tests = l.Short(tests)
		case !errors.Is(err, fs.ErrExist): // what is there is left as it is
			return out, err
		}
	}
	if _, err := os.Lstat(filepath.Join(l.Dir, SchemaName)); !errors.Is(err, fs.ErrNotExist) {
		return out, nil
	}
	out.Schema = true
	return out, l.WriteSchema(Schemas())
}

func (l *Library) writeTemplate(t Template, path string) error {
	source, err := templates.ReadFile("templates/" + t.Kind + ".yaml.tmpl")
	if err != nil {
		return fmt.Errorf("cannot read the template: %w", err)
	}
	text := string(source)
	if len(t.Runbooks) > 0 {
		if text, err = l.NewFor(text, t.Runbooks); err != nil {
			return err
		}
	}
	title := strings.ToUpper(t.Name[:1]) + strings.ReplaceAll(t.Name[1:], "-", " ")
	return l.WriteNew(path, []byte(modeline+strings.NewReplacer("NAME", t.Name, "TITLE", title, "USER", t.User).Replace(text)))
}

// WriteSchema writes a schema where a new file's first line says that it is.
func (l *Library) WriteSchema(files []schema.File) error {
	text, err := schema.Document(files, l.Actions.Specs())
	if err != nil {
		return fmt.Errorf("cannot make the schema: %w", err)
	}
	if err := durable.Write(filepath.Join(l.Dir, SchemaName), text, 0o644); err != nil {
		return &WriteError{Problem: "cannot write " + SchemaName, Err: Reason(err)}
	}
	return nil
}

// WriteError is a file that could not be written. What was there is as it was.
type WriteError struct {
	Problem string
	Means   string // "" if that is plain
	Err     error  // why not; fs.ErrExist if there is such a file already
}

// Error implements error.
func (e *WriteError) Error() string { return e.Problem + ": " + e.Err.Error() }

// Unwrap returns why it could not be written.
func (e *WriteError) Unwrap() error { return e.Err }

// WriteNew writes a file that must not be there yet, and nothing if that fails.
// The error is a *WriteError.
func (l *Library) WriteNew(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return &WriteError{Problem: "cannot make the folder " + l.Short(filepath.Dir(path)), Err: Reason(err)}
	}
	err := os.ErrExist
	if _, missing := os.Lstat(path); errors.Is(missing, os.ErrNotExist) {
		err = durable.Write(path, data, 0o644)
	}
	if err != nil {
		return &WriteError{Problem: "cannot write " + l.Short(path), Means: "Nothing was changed.", Err: Reason(err)}
	}
	return nil
}
