package cli

import (
	"bytes"
	"context"
	"errors"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/advice"
	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/durable"
	"github.com/irctl/irctl/internal/format"
	"github.com/irctl/irctl/internal/library"
	"github.com/irctl/irctl/internal/view"
	"github.com/irctl/irctl/pkg/runbook"
)

// fmtOptions is what fmt was asked for.
type fmtOptions struct {
	paths       []string
	check, diff bool
}

func newFmtCmd(run func(fmtOptions) error) *cobra.Command {
	var f fmtOptions
	cmd := command.New("fmt [PATH...]", "Write runbooks and environments the way they are best read", func(_ context.Context, args []string) error {
		f.paths = args
		if len(args) == 0 {
			f.paths = []string{"."}
		}
		return run(f)
	}, nil, command.ExitInvalid)
	cmd.Flags().BoolVar(&f.check, "check", false, "write nothing, only tell")
	cmd.Flags().BoolVar(&f.diff, "diff", false, "write nothing, show what would change")
	return cmd
}

// format formats files, each for itself: one that cannot be formatted does not
// keep the others from it.
func (a *app) format(f fmtOptions) error {
	var out view.Formatted
	bad := false
	lib := a.library()
	for _, c := range lib.Gather(f.paths, a.stdin()) {
		d, err := lib.Fetch(c)
		if err != nil {
			bad = true
			_ = a.print().Complaints(1, runbook.Diagnostics{advice.CannotRead(c.Name, err)}, func(string) []byte { return nil })
			continue
		}
		if kind := library.KindOf(d.Source); c.Found && (kind == "" || kind == library.KindPlaybook) {
			continue // somebody else's, or JSON
		}
		text, err := library.Format(d)
		if err != nil {
			bad = true
			a.cannotFormat(d, err)
			continue
		}
		if len(f.paths) == 1 && f.paths[0] == "-" && !f.check && !f.diff {
			return a.print().Raw(text)
		}
		out.Files++
		if bytes.Equal(text, d.Source) {
			continue
		}
		change := view.FormattedFile{File: d.Path}
		switch {
		case f.diff:
			change.Diff = string(diff.Diff(d.Path, d.Source, d.Path+" (formatted)", text))
		case !f.check:
			if err := durable.Write(d.File, text, 0o644); err != nil {
				bad = true
				a.complain(command.Failf(library.Reason(err), "cannot write %s", d.Path).Meaning("It is as it was."))
				continue
			}
		}
		out.Changed = append(out.Changed, change)
	}
	out.Written = !f.check && !f.diff
	if err := a.print().Formatted(out); err != nil {
		return err
	}
	switch {
	case bad:
		return command.End(command.ExitInvalid)
	case len(out.Changed) > 0 && !out.Written:
		return command.End(command.ExitFailed)
	}
	return nil
}

// cannotFormat says why a file is left alone.
func (a *app) cannotFormat(d *library.Document, err error) {
	var syntax *format.SyntaxError
	if errors.As(err, &syntax) {
		_ = a.print().Complaints(1, syntax.Diagnostics, d.Sources)
		return
	}
	p := command.Failf(err, "cannot format %s", d.Path)
	var refused *format.RefusedError
	if errors.As(err, &refused) {
		p = command.Failf(errors.New(refused.Why), "cannot format %s", refused.Span)
	}
	a.complain(p.Meaning("It is as it was."))
}
