package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/cacao"
	"github.com/irctl/irctl/internal/cacao/convert"
	"github.com/irctl/irctl/internal/durable"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/internal/library"
	"github.com/irctl/irctl/pkg/runbook"
)

// exporting is what the flags of runbook export say.
type exporting struct {
	cacao             bool
	to                string
	created, modified string
	tlp               string
}

func newRunbookExportCmd(a *app) *cobra.Command {
	var e exporting
	cmd := a.command(spec{
		use:   "export RUNBOOK",
		short: "Write a runbook as a CACAO 2.0 playbook",
		long: `Write a runbook as a playbook of the OASIS standard CACAO 2.0, for tools that
know no runbooks. Steps that use an action become manual commands, because only
irctl has the action; what the standard cannot say is kept in an extension, so
that irctl runbook import gives the same runbook again. The times are data: the
file's own, or what the flags say. irctl help cacao tells what becomes of what.`,
		example: `
  irctl runbook export containment --cacao > containment.json
  irctl runbook export my-plan --cacao --to my-plan.json --tlp GREEN`,
		exits: []Exit{ExitInvalid},
		args:  nargs(1, 1),
		run:   func(_ *cobra.Command, args []string) error { return a.exportRunbook(args[0], e) },
	})
	f := cmd.Flags()
	f.BoolVar(&e.cacao, "cacao", false, "as a CACAO 2.0 playbook")
	f.StringVar(&e.to, "to", "", "write this `file`, which must not exist, instead of standard output")
	f.StringVar(&e.created, "created", "", "when the playbook was made, such as 2026-03-01T12:00:00Z")
	f.StringVar(&e.modified, "modified", "", "when this version of it was made")
	f.StringVar(&e.tlp, "tlp", "", "mark it TLP:`LEVEL`: "+strings.Join(convert.Levels(), ", "))
	cmd.ValidArgsFunction = a.completeRunbooks
	return cmd
}

// exportRunbook writes a runbook that has no errors as a playbook.
func (a *app) exportRunbook(name string, e exporting) error {
	if !e.cacao {
		return usagef("say in which language: --cacao").with("irctl runbook export " + name + " --cacao")
	}
	if e.tlp = strings.TrimPrefix(strings.ToUpper(e.tlp), "TLP:"); e.tlp != "" && !slices.Contains(convert.Levels(), e.tlp) {
		return usagef("--tlp takes %s, not %q", strings.Join(convert.Levels(), ", "), e.tlp)
	}
	d, err := a.library().Runbook(name)
	if err != nil {
		return err
	}
	if d.IsPlaybook() {
		return usagef("%s is a playbook already", d.Path).with("irctl runbook import " + name)
	}
	if _, err := a.library().Compile(d); err != nil {
		return err
	}
	original, err := a.madeOf(d)
	if err != nil {
		return err
	}
	if original != nil {
		if done, err := a.exportOriginal(d, original, e); done || err != nil {
			return err
		}
	}
	return a.exportAnew(d, original, e)
}

// madeOf returns the playbook that a runbook was imported from, nil if it was
// not or the playbook is gone.
func (a *app) madeOf(d *library.Document) (*cacao.Playbook, error) {
	source, err := os.ReadFile(keptBeside(d.File))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, failf(library.Reason(err), "cannot read %s", a.short(keptBeside(d.File)))
	}
	pb, ds := cacao.Parse(a.short(keptBeside(d.File)), source)
	if ds.HasErrors() {
		return nil, &problem{exit: ExitInvalid, what: "the playbook " + pb.File + " beside the runbook has errors",
			means: "What it says about handling could be lost. Nothing was written.", next: []string{"irctl validate " + pb.File, "remove the file if the runbook is not made of it any more"}}
	}
	return pb, nil
}

// exportOriginal gives a playbook back as it was, if the runbook that was made
// of it still says the same. It also keeps the rule about markings: one is never lowered, and what is marked
// TLP:RED leaves only when that is said.
func (a *app) exportOriginal(d *library.Document, pb *cacao.Playbook, e exporting) (done bool, err error) {
	level := convert.Level(pb)
	command := "irctl runbook export " + d.Name + " --cacao --tlp " + level
	switch {
	case e.tlp != "" && convert.Stricter(level, e.tlp):
		p := &problem{exit: ExitInvalid, what: "the playbook that this runbook was made of is marked TLP:" + level + ", which --tlp " + e.tlp + " would lower"}
		return false, p.meaning("Only its maker may do that. Nothing was written.").with(command)
	case level == "RED" && e.tlp == "":
		p := &problem{exit: ExitInvalid, what: "the playbook that this runbook was made of is marked TLP:RED: only those whom its maker gave it may read it"}
		return false, p.meaning("Nothing was written. If the export is for them, say so.").with(command)
	case convert.Stricter(e.tlp, level):
		return false, nil // marked more strictly, it is another playbook
	}
	if !convert.Unchanged(pb, d.Source) {
		return false, nil
	}
	_ = a.print().Note("The runbook is unchanged since its import: this is the playbook " + pb.ID.Value + " as it was.")
	return true, a.deliver(e.to, pb.Source)
}

// exportAnew writes a playbook of the runbook as it is now.
func (a *app) exportAnew(d *library.Document, original *cacao.Playbook, e exporting) (err error) {
	rb, _ := language.Parse(d.Path, d.Source)
	o := convert.Options{Level: e.tlp, Summary: a.summary, Callee: func(callee string) *runbook.Runbook {
		found, err := a.library().Callee(callee, d.Path)
		if err != nil {
			return nil
		}
		return found
	}}
	if original != nil {
		o.Keep = convert.Keep(original)
		_ = a.print().Note("The runbook was changed since its import: this is a playbook of its own, derived from " + original.ID.Value + ".")
	}
	if o.Created, err = timeFlag("--created", e.created); err != nil {
		return err
	}
	if o.Modified, err = timeFlag("--modified", e.modified); err != nil {
		return err
	}
	if o.Modified.IsZero() {
		o.Modified = a.changed(d)
	}
	if o.Created.After(o.Modified) {
		return usagef("--created %s is later than the playbook's last change at %s", o.Created.Format(time.RFC3339), o.Modified.Format(time.RFC3339))
	}
	out, notes := convert.Export(rb, o)
	for _, n := range notes {
		_ = a.print().Warning(n.String())
	}
	return a.deliver(e.to, out)
}

// summary says in a line what an action does.
func (a *app) summary(name string) string {
	s, _ := a.actions().Spec(name)
	return s.Summary
}

// changed is when a runbook's file was last written; for one that is built in
// that is not known, and the answer says so by being the beginning of time.
func (a *app) changed(d *library.Document) time.Time {
	if info, err := os.Stat(d.File); err == nil {
		return info.ModTime()
	}
	_ = a.print().Note("Nobody knows when this runbook was last changed; give --modified TIME.")
	return time.Unix(0, 0)
}

func timeFlag(flag, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return t, usagef("%s takes a time such as 2026-03-01T12:00:00Z, not %q", flag, text)
	}
	return t, nil
}

// deliver writes a document to a new file, or to standard output.
func (a *app) deliver(to string, data []byte, next ...string) error {
	if to == "" {
		return a.print().Raw(data)
	}
	if err := a.writeFresh(to, data); err != nil {
		return err
	}
	if a.json() {
		return a.print().JSON(map[string]string{"file": a.short(a.abs(to))})
	}
	_ = a.print().Say("Wrote " + a.short(a.abs(to)) + ".")
	return a.print().Next(next...)
}

// writeFresh writes a file that must not be there yet.
func (a *app) writeFresh(to string, data []byte) error {
	path := a.abs(to)
	if _, err := os.Lstat(path); err == nil {
		return failf(fs.ErrExist, "cannot write %s", a.short(path)).meaning("Nothing was changed.").with("name another file")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return failf(library.Reason(err), "cannot make the folder %s", a.short(filepath.Dir(path)))
	}
	if err := durable.Write(path, data, 0o644); err != nil {
		return failf(library.Reason(err), "cannot write %s", a.short(path))
	}
	return nil
}
