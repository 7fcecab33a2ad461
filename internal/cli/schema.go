package cli

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/library"
	"github.com/irctl/irctl/internal/schema"
	"github.com/irctl/irctl/internal/suggest"
)

// schemaOptions is what schema was asked for.
type schemaOptions struct {
	kind  string // "" for all
	write bool
}

func newSchemaCmd(run func(schemaOptions) error) *cobra.Command {
	var o schemaOptions
	cmd := command.New("schema [KIND]", "Print a JSON Schema, so that editors complete and explain files", func(_ context.Context, args []string) error {
		o.kind = command.First(args)
		return run(o)
	}, nil)
	cmd.Flags().BoolVarP(&o.write, "write", "w", false, "write it to "+library.SchemaName+" in this folder")
	cmd.ValidArgs = each.Of(library.Schemas(), schemaKind)
	return cmd
}

// schema prints or writes the schema of a kind of file.
func (a *app) schema(o schemaOptions) error {
	files := library.Schemas()
	if o.kind != "" {
		kinds := each.Of(files, schemaKind)
		files = slices.DeleteFunc(files, func(f schema.File) bool { return f.Kind != o.kind })
		if len(files) == 0 {
			return command.Usagef("%s", suggest.Instead(fmt.Sprintf("there is no schema of %q", o.kind), suggest.Near(o.kind, kinds)))
		}
	}
	if !o.write {
		text, err := schema.Document(files, a.actions().Specs())
		if err != nil {
			return command.Failf(err, "cannot make the schema")
		}
		return a.print().Document(string(text))
	}
	if err := a.library().WriteSchema(files); err != nil {
		return err
	}
	return a.tell(map[string]string{"file": library.SchemaName}, "Wrote "+library.SchemaName+".", "irctl help editors")
}

func schemaKind(f schema.File) string { return f.Kind }
