package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/durable"
	"github.com/irctl/irctl/internal/library"
	"github.com/irctl/irctl/internal/schema"
	"github.com/irctl/irctl/internal/suggest"
)

// schemaOptions is what schema was asked for.
type schemaOptions struct {
	kind  string // "" for all
	write bool
}

func newSchemaCmd(a *app, run func(schemaOptions) error) *cobra.Command {
	var o schemaOptions
	var kinds []string
	for _, f := range library.Schemas() {
		kinds = append(kinds, f.Kind)
	}
	cmd := a.command(spec{
		use:   "schema [KIND]",
		group: groupSetup,
		short: "Print a JSON Schema, so that editors complete and explain files",
		args:  nargs(0, 1),
		run: func(_ *cobra.Command, args []string) error {
			o.kind = first(args)
			return run(o)
		},
	})
	cmd.Flags().BoolVarP(&o.write, "write", "w", false, "write it to "+library.SchemaName+" in this folder")
	cmd.ValidArgs = kinds
	return cmd
}

// schema prints or writes the schema of a kind of file.
func (a *app) schema(o schemaOptions) error {
	files := library.Schemas()
	if o.kind != "" {
		var kinds []string
		for _, f := range files {
			kinds = append(kinds, f.Kind)
		}
		files = slices.DeleteFunc(files, func(f schema.File) bool { return f.Kind != o.kind })
		if len(files) == 0 {
			return usagef("%s", suggest.Instead(fmt.Sprintf("there is no schema of %q", o.kind), suggest.Near(o.kind, kinds)))
		}
	}
	if !o.write {
		text, err := schema.Document(files, a.actions().Specs())
		if err != nil {
			return failf(err, "cannot make the schema")
		}
		return a.print().Document(string(text))
	}
	if err := a.writeSchema(files); err != nil {
		return err
	}
	if a.json() {
		return a.print().JSON(map[string]string{"file": library.SchemaName})
	}
	_ = a.print().Say("Wrote " + library.SchemaName + ".")
	return a.print().Next("irctl help editors")
}

// writeSchema writes a schema where a new file's first line says that it is.
func (a *app) writeSchema(files []schema.File) error {
	text, err := schema.Document(files, a.actions().Specs())
	if err != nil {
		return failf(err, "cannot make the schema")
	}
	if err := durable.Write(filepath.Join(a.Dir, library.SchemaName), text, 0o644); err != nil {
		return failf(library.Reason(err), "cannot write %s", library.SchemaName)
	}
	return nil
}

// ensureSchema writes the whole schema unless there is one. It reports whether
// it wrote.
func (a *app) ensureSchema() (bool, error) {
	if _, err := os.Lstat(filepath.Join(a.Dir, library.SchemaName)); !errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	err := a.writeSchema(library.Schemas())
	return err == nil, err
}
