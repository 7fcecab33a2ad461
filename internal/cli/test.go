package cli

import (
	"context"
	"regexp"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/library"
	"github.com/irctl/irctl/internal/view"
	"github.com/irctl/irctl/pkg/runbook"
)

// testOptions is what test was asked for.
type testOptions struct {
	paths    []string
	run      string
	verbose  bool
	coverage bool
	least    float64
	format   string
}

func newTestCmd(a *app, run func(ctx context.Context, t testOptions) error) *cobra.Command {
	var t testOptions
	var cmd *cobra.Command
	cmd = command.New("test [PATH...]", "Run the tests of runbooks", func(ctx context.Context, args []string) error {
		t.paths = args
		t.coverage = t.coverage || cmd.Flags().Changed("coverage-min")
		return run(ctx, t)
	}, a.completeRunbooks, command.ExitInvalid)
	f := cmd.Flags()
	f.StringVar(&t.run, "run", "", "run only tests whose name matches this `regexp`")
	f.BoolVarP(&t.verbose, "verbose", "v", false, "show every test, with the path that its run took")
	f.BoolVar(&t.coverage, "coverage", false, "show which steps, branches and failures no test reaches")
	f.Float64Var(&t.least, "coverage-min", 0, "fail if the tests of a runbook reach less than this `percentage` of it")
	a.formatFlag(cmd, &t.format, "results", view.TestFormats())
	return cmd
}

// choose turns the flags into a format and a choice of tests, or says what is
// wrong with them.
func (t testOptions) choose(a *app) (view.Format, *regexp.Regexp, error) {
	format, err := a.formatOf("test", t.format, view.TestFormats())
	switch {
	case err != nil:
		return "", nil, err
	case t.least < 0 || t.least > 100:
		return "", nil, command.Usagef("--coverage-min is a percentage from 0 to 100, not %v", t.least).With("irctl test --help")
	case t.run != "" && t.coverage:
		return "", nil, command.Usagef("--run leaves tests out, so --coverage would not tell what they reach").With("irctl test --help")
	}
	only, err := regexp.Compile(t.run)
	if err != nil {
		return "", nil, command.Usagef("--run %q is not a regular expression: %s", t.run, err.Error()).With("irctl test --help")
	}
	return format, only, nil
}

// test runs tests and shows how they went.
func (a *app) test(_ context.Context, t testOptions) error {
	format, only, err := t.choose(a)
	if err != nil {
		return err
	}
	files, err := a.library().Tests(t.paths, a.stdin(), only)
	if err != nil {
		return err
	}
	report := view.TestReport{Verbose: t.verbose, Source: library.SourcesOf(files)}
	short := ""
	for _, f := range files {
		file := view.TestFile{Path: f.File.Path, Tests: f.Results, Problems: onlyErrors(f.Found)}
		if f.Runbook != nil {
			file.Runbook = f.Runbook.Path
		}
		report.Files = append(report.Files, file)
		if !t.coverage || f.Suite == nil {
			continue
		}
		c := f.Suite.Coverage(f.Results)
		report.Coverage = append(report.Coverage, c)
		if short == "" && c.Percent < t.least {
			short = "the tests of " + c.Runbook + " reach " + percent(c.Percent) + " of it, which is less than " + percent(t.least)
		}
	}
	if err := a.print().Tests(format, report); err != nil {
		return err
	}
	switch {
	case slices.ContainsFunc(files, func(f *library.TestFile) bool { return f.Found.HasErrors() }):
		return command.End(command.ExitInvalid)
	case slices.ContainsFunc(files, (*library.TestFile).Failed):
		return command.End(command.ExitFailed)
	case short != "":
		return command.Failf(nil, "%s", short).With("irctl test --coverage")
	}
	return nil
}

func percent(p float64) string { return strconv.FormatFloat(p, 'f', 1, 64) + " %" }

func onlyErrors(ds runbook.Diagnostics) runbook.Diagnostics {
	return slices.DeleteFunc(slices.Clone(ds), func(d runbook.Diagnostic) bool { return d.Severity != runbook.Error })
}
