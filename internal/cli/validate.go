package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/go-multierror"
	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/advice"
	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/finding"
	"github.com/irctl/irctl/internal/library"
	"github.com/irctl/irctl/internal/outside"
	"github.com/irctl/irctl/internal/view"
	"github.com/irctl/irctl/pkg/runbook"
)

func newValidateCmd(a *app, run func(ctx context.Context, v validateOptions) error) *cobra.Command {
	var v validateOptions
	var cmd *cobra.Command
	cmd = command.New("validate PATH...", "Find every problem in runbooks and environments", func(ctx context.Context, args []string) error {
		v.paths, v.against = args, cmd.Flags().Changed("env")
		return run(ctx, v)
	}, a.completeRunbooks, command.ExitInvalid)
	cmd.Aliases = []string{"check"}
	f := cmd.Flags()
	a.formatFlag(cmd, &v.format, "findings", view.ValidationFormats())
	f.BoolVar(&v.fix, "fix", false, "first correct in the files what is certain, such as a misspelt key")
	f.BoolVar(&v.elsewhere, "elsewhere", false, "with --env: another machine runs it, so leave out programs, folders and secrets of this one")
	f.BoolVar(&v.strict, "strict", false, "warnings fail, too")
	f.StringSliceVar(&v.rule, "rule", nil, "show only findings with this `code`, or that begin so: IR0302, IR03 (repeatable)")
	f.StringSliceVar(&v.ignore, "ignore", nil, "leave out warnings with this `code`, or that begin so (repeatable)")
	f.StringVar(&v.stdin, "stdin-name", "stdin", "`path` of what comes from standard input: it is shown, and run: is looked for beside it")
	a.completes(cmd, "rule", completeCodes)
	a.completes(cmd, "ignore", completeCodes)
	return cmd
}

// validateOptions is what validate was asked for.
type validateOptions struct {
	paths        []string
	stdin        string // the name of standard input
	format       string
	strict       bool
	rule, ignore []string // codes or beginnings of codes
	fix          bool     // correct what is certain
	elsewhere    bool     // another machine runs it
	against      bool     // --env was given: IRCTL_ENV alone does not count
}

func completeCodes(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return each.Of(library.Codes(), func(c *finding.Code) string { return c.ID + "\t" + c.Title }), cobra.ShellCompDirectiveNoFileComp
}

// validate checks files and shows what is wrong with them.
func (a *app) validate(_ context.Context, v validateOptions) error {
	format, err := a.formatOf("validate", v.format, view.ValidationFormats())
	if err != nil {
		return err
	}
	if v.rule, err = library.CodesThatBegin(v.rule); err != nil {
		return command.Usagef("--rule %v", err).With("irctl help codes")
	}
	if v.ignore, err = library.CodesThatBegin(v.ignore); err != nil {
		return command.Usagef("--ignore %v", err).With("irctl help codes")
	}
	if v.fix && slices.Contains(v.paths, "-") {
		return command.Usagef("--fix changes files, and standard input is none").With("irctl validate --fix FILE")
	}
	lib := a.library()
	if a.Recycle != nil {
		a.Recycle()
	}
	files := lib.Gather(v.paths, library.Stream{Name: v.stdin, Read: a.Stdin})
	var against *library.Surroundings
	if v.against {
		if files, against, err = lib.Against(a.env, v.elsewhere, files); err != nil {
			return err
		}
	}
	var unfixed error
	if v.fix {
		unfixed = a.fix(v, files, against, format)
	}
	report := view.Validation{Strict: v.strict, Codes: library.Codes(), Version: outside.Version()}
	sources := map[string][]byte{}
	report.Source = func(name string) []byte { return sources[name] }
	checked := lib.Check(files, against)
	report.Found = lib.Barren(v.paths, checked)
	for _, r := range checked {
		if r.Err != nil {
			r.Found = runbook.Diagnostics{advice.CannotRead(r.Name, r.Err)}
		}
		if r.Kind == "" && len(r.Found) == 0 {
			report.Passed = append(report.Passed, r.Name)
			continue
		}
		report.Files = append(report.Files, view.ValidatedFile{Path: r.Name, Kind: r.Kind})
		report.Found = append(report.Found, r.Found...)
		report.Held += r.Held
		if r.File != nil && len(r.Found) > 0 {
			sources[r.File.Path] = r.File.Source
		}
	}
	failed := report.Found.HasErrors()
	report.Choose(v.rule, v.ignore)
	if err := a.print().Validation(format, report); err != nil {
		return err
	}
	switch {
	case failed || v.strict && len(report.Found) > 0:
		return command.End(command.ExitInvalid)
	case unfixed != nil:
		return command.End(command.ExitFailed)
	}
	return nil
}

// fix corrects files, and says what it corrected and what it could not.
func (a *app) fix(v validateOptions, files []library.Candidate, against *library.Surroundings, format view.Format) (unfixed error) {
	begins := func(code string, some []string) bool {
		return slices.ContainsFunc(some, func(s string) bool { return strings.HasPrefix(code, s) })
	}
	done, unfixed := a.library().Fix(files, against, func(d runbook.Diagnostic) bool {
		return (len(v.rule) == 0 || begins(d.Code, v.rule)) && (d.Severity != runbook.Warning || !begins(d.Code, v.ignore))
	})
	for _, d := range done {
		said := d.Span.String() + ": " + d.Summary + "; now it is `" + d.Fix.Text + "`"
		if format == view.GitHub { // nothing of a file may be taken for one of its commands
			said = d.Code + " in line " + fmt.Sprint(d.Span.Start.Line)
		}
		_ = a.print().Note("corrected " + said)
	}
	var failed *multierror.Error
	if errors.As(unfixed, &failed) {
		for _, e := range failed.Errors {
			_ = a.print().Warning(e.Error())
		}
	}
	return unfixed
}
