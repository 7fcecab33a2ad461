package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/cacao"
	"github.com/irctl/irctl/internal/durable"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/runbooktest"
	"github.com/irctl/irctl/internal/scenario"
	"github.com/irctl/irctl/internal/schema"
	"github.com/irctl/irctl/pkg/runbook"
)

// schemaName is the file that editors read, in the folder that holds runbooks/
// and environments/.
const schemaName = ".irctl.schema.json"

// schemaFiles are the kinds of files that a schema describes, in the order of
// help.
func schemaFiles() []schema.File {
	return []schema.File{
		{Kind: kindRunbook, Title: "an irctl runbook", Table: runbook.RunbookTable()},
		{Kind: kindEnvironment, Title: "an irctl environment", Table: environment.Table()},
		{Kind: kindTest, Title: "tests of irctl runbooks", Table: runbooktest.Table()},
		{Kind: kindScenario, Title: "an irctl scenario", Table: scenario.Table()},
		{Kind: kindPolicy, Title: "a machine's irctl policy", Table: environment.PolicyTable()},
		{Kind: cacao.BindingsKind, Title: "the bindings of a CACAO playbook", Table: cacao.BindingsTable()},
	}
}

func newSchemaCmd(a *app) *cobra.Command {
	var write bool
	var kinds []string
	for _, f := range schemaFiles() {
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
			files := schemaFiles()
			if len(args) > 0 {
				files = slices.DeleteFunc(files, func(f schema.File) bool { return f.Kind != args[0] })
				if len(files) == 0 {
					return usagef("there is no schema of %q%s", args[0], didYouMean(nearest(args[0], kinds)))
				}
			}
			text, err := schema.Document(files, a.actions().Specs())
			if err != nil {
				return failf(err, "cannot make the schema")
			}
			if !write {
				return a.print().Document(string(text))
			}
			path := filepath.Join(a.Dir, schemaName)
			if err := durable.Write(path, text, 0o644); err != nil {
				return failf(reason(err), "cannot write %s", schemaName)
			}
			if a.json() {
				return a.print().JSON(map[string]string{"file": schemaName})
			}
			_ = a.print().Say("Wrote " + schemaName + ".")
			return a.print().Next("irctl help editors")
		},
	})
	cmd.Flags().BoolVarP(&write, "write", "w", false, "write it to "+schemaName+" in this folder")
	cmd.ValidArgs = kinds
	return cmd
}

// ensureSchema writes the schema where a new file's first line says that it
// is, unless there is one. It reports whether it wrote.
func (a *app) ensureSchema() (bool, error) {
	path := filepath.Join(a.Dir, schemaName)
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	text, err := schema.Document(schemaFiles(), a.actions().Specs())
	if err != nil {
		return false, failf(err, "cannot make the schema")
	}
	if err := durable.Write(path, text, 0o644); err != nil {
		return false, failf(reason(err), "cannot write %s", schemaName)
	}
	return true, nil
}
