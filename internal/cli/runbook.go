package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"embed"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/cacao"
	"github.com/irctl/irctl/internal/library"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/view"
	"github.com/irctl/irctl/pkg/action"
)

// templates are what `runbook new` and `environment new` write.
//
//go:embed templates/*.yaml
var templates embed.FS

func newRunbookCmd(a *app) *cobra.Command {
	return a.parent(spec{
		use:   "runbook",
		group: groupSetup,
		short: "List, show and write runbooks",
		example: `
  irctl runbook list
  irctl runbook show containment`,
	}, newRunbookListCmd(a), newRunbookShowCmd(a), newRunbookGraphCmd(a), newRunbookNewCmd(a), newRunbookExportCmd(a), newRunbookImportCmd(a))
}

func newRunbookListCmd(a *app) *cobra.Command {
	return a.command(spec{
		use:   "list",
		short: "List the runbooks that a name can mean",
		example: `
  irctl runbook list`,
		run: func(*cobra.Command, []string) error {
			var rows []view.RunbookRow
			lib := a.library()
			for _, l := range lib.Runbooks() {
				d, err := lib.Open(l)
				if err != nil {
					_ = a.print().Warning(err.Error())
					continue
				}
				rows = append(rows, view.RunbookRow{Name: l.Name, Source: l.Path, Digest: d.Digest, Title: d.Title()})
			}
			return a.print().Runbooks(rows)
		},
	})
}

func newRunbookShowCmd(a *app) *cobra.Command {
	var source bool
	cmd := a.command(spec{
		use:   "show RUNBOOK",
		short: "Show a runbook as a checklist that can be printed",
		long: `Show a runbook in a form that can be printed and worked through with a pen when
nothing else is left: blanks to fill in, boxes to tick, lines to sign, what can
be put back and what cannot. With --env it names the people with their numbers
and the systems, too. Print it before you need it.

With --source its file, to be copied; with -o json the plan that would run.`,
		example: `
  irctl runbook show containment
  irctl runbook show containment --env acme | lp
  irctl runbook show containment --source > runbooks/my-containment.yaml`,
		exits: []Exit{ExitInvalid},
		args:  nargs(1, 1),
		run: func(_ *cobra.Command, args []string) error {
			if source {
				d, err := a.library().Runbook(args[0])
				if err != nil {
					return err
				}
				return a.print().Raw(d.Source)
			}
			p, err := a.planToRead(args[0])
			if err != nil {
				return err
			}
			return a.showOnPaper(p)
		},
	})
	cmd.Flags().BoolVar(&source, "source", false, "the bytes of the file")
	cmd.ValidArgsFunction = a.completeRunbooks
	return cmd
}

// planToRead is the plan of a runbook, by its name, for people to read.
func (a *app) planToRead(name string) (*plan.Plan, error) {
	d, err := a.library().Runbook(name)
	if err != nil {
		return nil, err
	}
	p, err := a.library().Compile(d)
	if err != nil {
		return nil, err
	}
	if a.json() {
		return p, nil // the plan that would run
	}
	return cacao.Shown(p), nil
}

// showOnPaper shows a plan as a checklist, with the people and systems of the
// environment if one was named.
func (a *app) showOnPaper(p *plan.Plan) error {
	paper := view.Paper{Plan: p, Effect: func(name string) (action.Effect, bool) {
		s, _ := a.actions().Spec(name)
		return s.Effect, a.actions().Undoes(name)
	}}
	env, d, err := a.library().Environment(a.env)
	if err != nil {
		return err
	}
	if env != nil {
		shown := environmentView(env, d)
		paper.Environment = &shown
	}
	return a.print().Runbook(paper)
}

func newRunbookNewCmd(a *app) *cobra.Command {
	return a.command(spec{
		use:   "new NAME",
		short: "Write a runbook to begin with",
		long: `Write runbooks/NAME.yaml, a small runbook to begin with, and its tests beside
it, runbooks/NAME.test.yaml. A file that is there is left as it is. The first
line leads editors to ` + library.SchemaName + `, which is written too if it is
missing; irctl help editors says more.`,
		example: `
  irctl runbook new my-plan`,
		args: nargs(1, 1),
		run: func(_ *cobra.Command, args []string) error {
			return a.writeNew("runbook", "runbooks", args[0],
				"irctl validate runbooks/"+args[0]+".yaml", "irctl test "+args[0], "irctl plan "+args[0]+" --input incident=INC-1", "irctl help language")
		},
	})
}

// shapeOfName is what runbooks and environments may be called.
var shapeOfName = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

// modeline is the first line of new files; yaml-language-server reads it. The
// path is relative to the file, so that it works offline and in every clone.
const modeline = "# yaml-language-server: $schema=../" + library.SchemaName + "\n"

// writeNew writes a template under a name and never over a file.
func (a *app) writeNew(kind, folder, name string, next ...string) error {
	if !shapeOfName.MatchString(name) {
		return usagef("%q cannot be the name of a %s: lower-case letters, digits and hyphens, a letter first", name, kind)
	}
	path := filepath.Join(a.Dir, folder, name+".yaml")
	if err := a.writeTemplate(kind, name, path); err != nil {
		return err
	}
	wrote := map[string]string{"file": a.short(path), "schema": library.SchemaName}
	said := a.short(path)
	if kind == library.KindRunbook {
		tests := strings.TrimSuffix(path, ".yaml") + library.TestSuffix
		switch err := a.writeTemplate(library.KindTest, name, tests); {
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
	return a.print().Next(next...)
}

// writeTemplate writes a template to a file that must not be there yet.
func (a *app) writeTemplate(kind, name, path string) error {
	text, err := templates.ReadFile("templates/" + kind + ".yaml")
	if err != nil {
		return failf(err, "cannot read the template")
	}
	title := strings.ToUpper(name[:1]) + strings.ReplaceAll(name[1:], "-", " ")
	out := modeline + strings.NewReplacer("NAME", name, "TITLE", title, "USER", a.User()).Replace(string(text))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return failf(library.Reason(err), "cannot make the folder %s", a.short(filepath.Dir(path)))
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return failf(library.Reason(err), "cannot write %s", a.short(path)).meaning("Nothing was changed.")
	}
	_, err = f.WriteString(out)
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return failf(library.Reason(err), "cannot write %s", a.short(path))
	}
	return nil
}
