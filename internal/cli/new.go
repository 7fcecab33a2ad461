package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/library"
)

// newOptions is what a command was asked for that writes a file to begin with.
type newOptions struct {
	kind     string // the file's, and its template
	name     string
	next     []string
	runbooks []string // that an environment is for
}

func newRunbookNewCmd(a *app, run func(newOptions) error) *cobra.Command {
	return a.newFileCmd("Write a runbook to begin with", library.KindRunbook, run, "irctl validate runbooks/NAME.yaml", "irctl test NAME", "irctl plan NAME --input incident=INC-1", "irctl help language")
}

func newEnvironmentNewCmd(a *app, run func(newOptions) error) *cobra.Command {
	var runbooks []string
	cmd := a.newFileCmd("Write an environment to begin with", library.KindEnvironment, func(o newOptions) error {
		o.runbooks = runbooks
		return run(o)
	}, "irctl environment check NAME", "irctl target types", "irctl help environments")
	cmd.Flags().StringSliceVar(&runbooks, "for", nil, "write every target, value and secret that these `RUNBOOKS` need")
	return cmd
}

// newFileCmd makes a command that writes a file of a kind. next is what to type
// then, with NAME for the name.
func (a *app) newFileCmd(short, kind string, run func(newOptions) error, next ...string) *cobra.Command {
	return command.New("new NAME", short, func(_ context.Context, args []string) error {
		o := newOptions{kind: kind, name: args[0]}
		o.next = each.Of(next, func(n string) string { return strings.ReplaceAll(n, "NAME", o.name) })
		return run(o)
	}, nil)
}

// writeNew writes a template under a name and never over a file.
func (a *app) writeNew(o newOptions) error {
	if err := command.NameOf(o.kind, o.name); err != nil {
		return err
	}
	begun, err := a.library().Begin(library.Template{Kind: o.kind, Name: o.name, User: a.User(), Runbooks: o.runbooks})
	if err != nil {
		return err
	}
	wrote, said := map[string]string{"file": begun.File, "schema": library.SchemaName}, begun.File
	if begun.Tests != "" {
		said += ", " + begun.Tests
		wrote["tests"] = begun.Tests
	}
	if begun.Schema {
		said += ", and " + library.SchemaName + " for editors"
	}
	return a.tell(wrote, "Wrote "+said+".", o.next...)
}
