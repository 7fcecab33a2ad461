package cli

import (
	"context"
	"errors"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/library"
)

// importOptions is what runbook import was asked for.
type importOptions struct{ playbook, to string }

func newRunbookImportCmd(run func(o importOptions) error) *cobra.Command {
	var o importOptions
	cmd := command.New("import PLAYBOOK", "Write a CACAO 2.0 playbook as a runbook", func(_ context.Context, args []string) error {
		o.playbook = args[0]
		return run(o)
	}, nil, command.ExitInvalid)
	toFlag(cmd, &o.to)
	return cmd
}

// importPlaybook writes a playbook that has no errors as a runbook.
func (a *app) importPlaybook(o importOptions) error {
	d, err := a.library().Read(library.KindPlaybook, o.playbook)
	if err != nil {
		return err
	}
	name := ""
	if o.to != "" {
		name = strings.TrimSuffix(filepath.Base(o.to), filepath.Ext(o.to))
		if err := command.NameOf("runbook", name); err != nil {
			return err
		}
	}
	made, level, err := a.library().Import(d, name)
	var invalid *library.Invalid
	if errors.As(err, &invalid) {
		_ = a.print().Complaints(1, invalid.Found, d.Sources)
		_ = a.print().Note("Nothing was written: correct the playbook first.")
		return command.End(command.ExitInvalid)
	}
	if level != "" {
		_ = a.print().Note("The playbook is marked TLP:" + level + "; that holds for the runbook, too.")
	}
	for _, r := range made.Remarks {
		_ = a.print().Warning(r.String())
	}
	if o.to == "" {
		return a.print().Raw(made.Source)
	}
	if err := a.fresh(library.KeptBeside(o.to), d.Source); err != nil {
		return err
	}
	return a.deliver(o.to, made.Source, "irctl validate "+a.short(a.abs(o.to)), "irctl runbook show "+a.short(a.abs(o.to)))
}
