package cli

import (
	"bytes"
	"cmp"
	"context"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/durable"
	"github.com/irctl/irctl/internal/outside"
	"github.com/irctl/irctl/internal/report"
)

// reportOptions is what report was asked for.
type reportOptions struct {
	name                             string // a run or an incident
	format, to, tlp, rules, template string
}

func newReportCmd(a *app, run func(o reportOptions) error) *cobra.Command {
	var o reportOptions
	cmd := command.New("report RUN|INCIDENT", "Write what happened, for those who were not there", func(_ context.Context, args []string) error {
		o.name = args[0]
		return run(o)
	}, a.completeRuns, command.ExitInvalid, command.ExitAltered)
	cmd.Flags().StringVar(&o.format, "format", "", "html, markdown or json; without it, as --to asks, or html, at a terminal markdown")
	cmd.Flags().StringVar(&o.to, "to", "", "write it to this `file`, which is replaced; without it, to standard output")
	cmd.Flags().StringVar(&o.tlp, "tlp", "", "mark every page with this `label` of the Traffic Light Protocol: "+strings.Join(report.Labels, ", "))
	cmd.Flags().StringVar(&o.rules, "redact", "", "take out what this `file` of rules names")
	cmd.Flags().StringVar(&o.template, "template", "", "write it by this `file`, a Go template")
	a.completes(cmd, "format", cobra.FixedCompletions(report.Formats, noFiles))
	a.completes(cmd, "tlp", cobra.FixedCompletions(report.Labels, noFiles))
	return cmd
}

func (a *app) writeReport(o reportOptions) error {
	if o.tlp = strings.ToUpper(strings.TrimPrefix(strings.ToUpper(o.tlp), "TLP:")); o.tlp != "" && !slices.Contains(report.Labels, o.tlp) {
		return command.Usagef("--tlp is one of %s", strings.Join(report.Labels, ", "))
	}
	if o.format == "" {
		if o.format = report.FormatOf(o.to); o.to == "" && a.print().Interactive() {
			o.format = "markdown" // a page is nothing to read at a terminal
		}
	}
	if !slices.Contains(report.Formats, o.format) {
		return command.Usagef("--format is one of %s", strings.Join(report.Formats, ", "))
	}
	var own []byte
	var err error
	if o.template != "" {
		if own, err = os.ReadFile(o.template); err != nil {
			return err
		}
	}
	accounts, incident, unread, err := a.desk().Accounts(o.name)
	if err != nil {
		return err
	}
	r := report.Make(accounts, report.Options{Incident: incident, TLP: o.tlp, Irctl: outside.Version(), Now: a.Now(), Unread: unread})
	if o.rules != "" {
		src, err := os.ReadFile(o.rules)
		if err != nil {
			return err
		}
		rules, found := report.ParseRules(o.rules, src)
		if err := a.print().Diagnostics(1, found, func(string) []byte { return src }); err != nil || found.HasErrors() {
			return cmp.Or(err, command.End(command.ExitInvalid))
		}
		r.Redact(rules)
	}
	var b bytes.Buffer
	if err := r.Write(&b, o.format, string(own)); err != nil {
		return command.Fails(command.ExitInvalid, err, "Nothing was written.")
	}
	if bad := a.warnOf(unread); bad != nil && len(accounts) == 0 {
		return bad
	}
	if o.to == "" {
		return a.print().Raw(b.Bytes())
	}
	if err := durable.Write(o.to, b.Bytes(), 0o600); err != nil {
		return err
	}
	return a.tell(map[string]any{"file": o.to, "runs": len(accounts)}, "Written: "+o.to)
}
