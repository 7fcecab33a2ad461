package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/durable"
	"github.com/irctl/irctl/internal/library"
	"github.com/irctl/irctl/internal/schema"
	"github.com/irctl/irctl/internal/suggest"
)

func newSchemaCmd(a *app) *cobra.Command {
	var write bool
	var kinds []string
	for _, f := range library.Schemas() {
		kinds = append(kinds, f.Kind)
	}
	cmd := a.command(spec{
		use:   "schema [KIND]",
		group: groupSetup,
		short: "Print a JSON Schema, so that editors complete and explain files",
		long: `Print a JSON Schema (draft 2020-12) of irctl's files, made from what irctl
itself knows of keys and actions. KIND is one of
  ` + strings.Join(kinds, ", ") + `
and without it the schema chooses by the file's key kind. irctl help editors
says how an editor is told of it.`,
		example: `
  irctl schema > .irctl.schema.json
  irctl schema --write
  irctl schema environment`,
		args: nargs(0, 1),
		run: func(_ *cobra.Command, args []string) error {
			files := library.Schemas()
			if len(args) > 0 {
				files = slices.DeleteFunc(files, func(f schema.File) bool { return f.Kind != args[0] })
				if len(files) == 0 {
					return usagef("there is no schema of %q%s", args[0], didYouMean(suggest.Near(args[0], kinds)))
				}
			}
			text, err := schema.Document(files, a.actions().Specs())
			if err != nil {
				return failf(err, "cannot make the schema")
			}
			if !write {
				return a.print().Document(string(text))
			}
			path := filepath.Join(a.Dir, library.SchemaName)
			if err := durable.Write(path, text, 0o644); err != nil {
				return failf(library.Reason(err), "cannot write %s", library.SchemaName)
			}
			if a.json() {
				return a.print().JSON(map[string]string{"file": library.SchemaName})
			}
			_ = a.print().Say("Wrote " + library.SchemaName + ".")
			return a.print().Next("irctl help editors")
		},
	})
	cmd.Flags().BoolVarP(&write, "write", "w", false, "write it to "+library.SchemaName+" in this folder")
	cmd.ValidArgs = kinds
	return cmd
}

// ensureSchema writes the schema where a new file's first line says that it
// is, unless there is one. It reports whether it wrote.
func (a *app) ensureSchema() (bool, error) {
	path := filepath.Join(a.Dir, library.SchemaName)
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	text, err := schema.Document(library.Schemas(), a.actions().Specs())
	if err != nil {
		return false, failf(err, "cannot make the schema")
	}
	if err := durable.Write(path, text, 0o644); err != nil {
		return false, failf(library.Reason(err), "cannot write %s", library.SchemaName)
	}
	return true, nil
}
