package cli

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/cacao/convert"
	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/library"
)

// exportOptions is what runbook export was asked for.
type exportOptions struct {
	runbook           string
	cacao             bool
	to                string
	created, modified string
	tlp               string
}

func newRunbookExportCmd(a *app, run func(o exportOptions) error) *cobra.Command {
	var o exportOptions
	cmd := command.New("export RUNBOOK", "Write a runbook as a CACAO 2.0 playbook", func(_ context.Context, args []string) error {
		o.runbook = args[0]
		return run(o)
	}, a.completeRunbooks, command.ExitInvalid)
	f := cmd.Flags()
	f.BoolVar(&o.cacao, "cacao", false, "as a CACAO 2.0 playbook")
	toFlag(cmd, &o.to)
	f.StringVar(&o.created, "created", "", "when the playbook was made, such as 2026-03-01T12:00:00Z")
	f.StringVar(&o.modified, "modified", "", "when this version of it was made")
	f.StringVar(&o.tlp, "tlp", "", "mark it TLP:`LEVEL`: "+strings.Join(convert.Levels(), ", "))
	return cmd
}

// exportRunbook writes a runbook that has no errors as a playbook.
func (a *app) exportRunbook(o exportOptions) error {
	how, err := o.parse()
	if err != nil {
		return err
	}
	d, err := a.library().Runbook(o.runbook)
	if err != nil {
		return err
	}
	if d.IsPlaybook() {
		return command.Usagef("%s is a playbook already", d.Path).With("irctl runbook import " + o.runbook)
	}
	made, err := a.library().Export(d, how)
	if err != nil {
		return err
	}
	switch {
	case made.Unchanged:
		_ = a.print().Note("The runbook is unchanged since its import: this is the playbook " + made.Origin + " as it was.")
		return a.deliver(o.to, made.Source)
	case made.Origin != "":
		_ = a.print().Note("The runbook was changed since its import: this is a playbook of its own, derived from " + made.Origin + ".")
	}
	if made.Undated {
		_ = a.print().Note("Nobody knows when this runbook was last changed; give --modified TIME.")
	}
	if created, modified := made.Options.Created, made.Options.Modified; created.After(modified) {
		return command.Usagef("--created %s is later than the playbook's last change at %s", created.Format(time.RFC3339), modified.Format(time.RFC3339))
	}
	for _, n := range made.Notes {
		_ = a.print().Warning(n.String())
	}
	return a.deliver(o.to, made.Source)
}

// parse turns the flags into what they mean, or says what is wrong with them.
func (o exportOptions) parse() (how library.Export, err error) {
	if !o.cacao {
		return how, command.Usagef("say in which language: --cacao").With("irctl runbook export " + o.runbook + " --cacao")
	}
	how.Level = strings.TrimPrefix(strings.ToUpper(o.tlp), "TLP:")
	if how.Level != "" && !slices.Contains(convert.Levels(), how.Level) {
		return how, command.Usagef("--tlp takes %s, not %q", strings.Join(convert.Levels(), ", "), how.Level)
	}
	for _, f := range []struct {
		name, text string
		to         *time.Time
	}{{"created", o.created, &how.Created}, {"modified", o.modified, &how.Modified}} {
		if *f.to, err = time.Parse(time.RFC3339, f.text); err != nil && f.text != "" {
			return how, command.Usagef("--%s takes a time such as 2026-03-01T12:00:00Z, not %q", f.name, f.text)
		}
	}
	return how, nil
}
