package cli

import (
	"embed"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/library"
)

// templates are what `runbook new` and `environment new` write.
//
//go:embed templates/*.yaml
var templates embed.FS

// modeline is the first line of new files; yaml-language-server reads it. The
// path is relative to the file, so that it works offline and in every clone.
const modeline = "# yaml-language-server: $schema=../" + library.SchemaName + "\n"

// newOptions is what a command was asked for that writes a file to begin with.
type newOptions struct {
	kind     string // the file's, and its template
	name     string
	next     []string
	runbooks []string // that an environment is for
}

func newRunbookNewCmd(a *app, run func(newOptions) error) *cobra.Command {
	return a.newFileCmd(spec{
		use:   "new NAME",
		short: "Write a runbook to begin with",
	}, library.KindRunbook, run, "irctl validate runbooks/NAME.yaml", "irctl test NAME", "irctl plan NAME --input incident=INC-1", "irctl help language")
}

func newEnvironmentNewCmd(a *app, run func(newOptions) error) *cobra.Command {
	var runbooks []string
	cmd := a.newFileCmd(spec{
		use:   "new NAME",
		short: "Write an environment to begin with",
	}, library.KindEnvironment, func(o newOptions) error {
		o.runbooks = runbooks
		return run(o)
	}, "irctl environment check NAME", "irctl target types", "irctl help environments")
	cmd.Flags().StringSliceVar(&runbooks, "for", nil, "write every target, value and secret that these `RUNBOOKS` need")
	return cmd
}

// newFileCmd makes a command that writes a file of a kind. next is what to type
// then, with NAME for the name.
func (a *app) newFileCmd(s spec, kind string, run func(newOptions) error, next ...string) *cobra.Command {
	s.args = nargs(1, 1)
	s.run = func(_ *cobra.Command, args []string) error {
		o := newOptions{kind: kind, name: args[0]}
		for _, command := range next {
			o.next = append(o.next, strings.ReplaceAll(command, "NAME", o.name))
		}
		return run(o)
	}
	return a.command(s)
}

// writeNew writes a template under a name and never over a file.
func (a *app) writeNew(o newOptions) error {
	if err := nameOf(o.kind, o.name); err != nil {
		return err
	}
	path := filepath.Join(a.Dir, o.kind+"s", o.name+".yaml")
	if err := a.writeTemplate(o.kind, o.name, path, o.runbooks); err != nil {
		return err
	}
	wrote := map[string]string{"file": a.short(path), "schema": library.SchemaName}
	said := a.short(path)
	if o.kind == library.KindRunbook {
		tests := strings.TrimSuffix(path, ".yaml") + library.TestSuffix
		switch err := a.writeTemplate(library.KindTest, o.name, tests, nil); {
		case err == nil:
			said += ", " + a.short(tests)
			wrote["tests"] = a.short(tests)
		case !errors.Is(err, fs.ErrExist): // what is there is left as it is
			return err
		}
	}
	if schema, err := a.ensureSchema(); err != nil {
		return err
	} else if schema {
		said += ", and " + library.SchemaName + " for editors"
	}
	if a.json() {
		return a.print().JSON(wrote)
	}
	_ = a.print().Say("Wrote " + said + ".")
	return a.print().Next(o.next...)
}

// writeTemplate writes a template to a file that must not be there yet.
func (a *app) writeTemplate(kind, name, path string, runbooks []string) error {
	text, err := templates.ReadFile("templates/" + kind + ".yaml")
	if err != nil {
		return failf(err, "cannot read the template")
	}
	if len(runbooks) > 0 {
		filled, err := a.library().NewFor(string(text), runbooks)
		if err != nil {
			return err
		}
		text = []byte(filled)
	}
	title := strings.ToUpper(name[:1]) + strings.ReplaceAll(name[1:], "-", " ")
	out := modeline + strings.NewReplacer("NAME", name, "TITLE", title, "USER", a.User()).Replace(string(text))
	return a.writeFresh(path, []byte(out))
}
