package cli

import (
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/cacao/convert"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/internal/library"
	"github.com/irctl/irctl/pkg/runbook"
)

func newRunbookImportCmd(a *app) *cobra.Command {
	var to string
	cmd := a.command(spec{
		use:   "import PLAYBOOK",
		short: "Write a CACAO 2.0 playbook as a runbook",
		long: `Write a playbook of the OASIS standard CACAO 2.0 as a runbook, to be read,
corrected and kept. What a runbook does not say, or says otherwise, stands in
comments: all of it at the top, and each where it belongs. With --to the
playbook is kept beside the runbook, as NAME.cacao.json: export gives it back
unchanged as long as the runbook says the same. A playbook needs no import to
be run.`,
		example: `
  irctl runbook import playbook.json
  irctl runbook import playbook.json --to runbooks/block-address.yaml`,
		exits: []Exit{ExitInvalid},
		args:  nargs(1, 1),
		run:   func(_ *cobra.Command, args []string) error { return a.importPlaybook(args[0], to) },
	})
	cmd.Flags().StringVar(&to, "to", "", "write this `file`, which must not exist, instead of standard output")
	return cmd
}

// keptBeside is where the playbook of a runbook's file lies.
func keptBeside(path string) string {
	return strings.TrimSuffix(path, filepath.Ext(path)) + library.KeptSuffix
}

// importPlaybook writes a playbook that has no errors as a runbook.
func (a *app) importPlaybook(name, to string) error {
	d, err := a.library().Read(library.KindPlaybook, name)
	if err != nil {
		return err
	}
	one := a.library().Playbook(d)
	if one.Found.HasErrors() {
		_ = a.print().Complaints(1, one.Found, d.Sources)
		_ = a.print().Note("Nothing was written: correct the playbook first.")
		return end(ExitInvalid)
	}
	pb := one.Playbook
	rules := a.importRules()
	rules.Bindings = one.Bindings
	if to != "" {
		rules.Name = strings.TrimSuffix(filepath.Base(to), filepath.Ext(to))
		if !shapeOfName.MatchString(rules.Name) {
			return usagef("%q cannot be the name of a runbook: lower-case letters, digits and hyphens, a letter first", rules.Name)
		}
	}
	made := convert.Import(pb, rules)
	if level := convert.Level(pb); level != "" {
		_ = a.print().Note("The playbook is marked TLP:" + level + "; that holds for the runbook, too.")
	}
	for _, r := range made.Remarks {
		_ = a.print().Warning(r.String())
	}
	if to == "" {
		return a.print().Raw(made.Source)
	}
	if err := a.writeFresh(keptBeside(to), d.Source); err != nil {
		return err
	}
	return a.deliver(to, made.Source, "irctl validate "+a.short(a.abs(to)), "irctl runbook show "+a.short(a.abs(to)))
}

// importRules are what an import knows besides the playbook.
func (a *app) importRules() convert.Rules {
	return convert.Rules{
		Knows:   func(action string) bool { _, ok := a.actions().Spec(action); return ok },
		Called:  a.exportedAs,
		Summary: a.summary,
		Callee: func(name string) *runbook.Runbook {
			rb, err := a.library().Callee(name, ".")
			if err != nil {
				return nil
			}
			return rb
		},
	}
}

// exportedAs finds the runbook whose export has an id.
func (a *app) exportedAs(id string) *runbook.Runbook {
	lib := a.library()
	for _, l := range lib.Runbooks() {
		d, err := lib.Open(l)
		if err != nil {
			continue
		}
		if rb, ds := language.Parse(d.Path, d.Source); !ds.HasErrors() && convert.ID(rb) == id {
			return rb
		}
	}
	return nil
}
