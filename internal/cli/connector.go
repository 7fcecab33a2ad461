package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/connector"
	"github.com/irctl/irctl/internal/connector/openapi"
	"github.com/irctl/irctl/internal/connector/trial"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/library"
	"github.com/irctl/irctl/internal/readiness"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

func newConnectorCmd(a *app) *cobra.Command {
	return command.Parent("connector", "Describe systems that speak HTTP, and prove that it works",
		newConnectorNewCmd(a, a.newConnector),
		command.New("list", "List the connectors that are found, with their sources", a.listConnectors, nil),
		command.New("show CONNECTOR", "Show what a connector does, request by request", a.showConnector, a.completeConnectors),
		command.New("test CONNECTOR", "Play a connector against a server made of its description", a.untilTold(a.testConnector), a.completeConnectors, command.ExitInvalid, command.ExitInterrupted),
		newConnectorLoginCmd(a),
		newConnectorRecordCmd(a),
		command.New("drift CONNECTOR FILE", "Compare a connector with a newer description", a.driftConnector, a.completeConnectors),
	)
}

// connectorOptions is what a connector is to be made of.
type connectorOptions struct {
	name, from, action string
	operations         []string
}

func newConnectorNewCmd(a *app, run func(connectorOptions) error) *cobra.Command {
	var o connectorOptions
	cmd := command.New("new NAME", "Write a connector to begin with, from operations of a description", func(_ context.Context, args []string) error {
		o.name = args[0]
		return run(o)
	}, nil)
	cmd.Flags().StringVar(&o.from, "from-openapi", "", "the description, an OpenAPI `file` in JSON or YAML")
	cmd.Flags().StringSliceVar(&o.operations, "operation", nil, "use these operations: their `IDs`, or \"METHOD /path\"")
	cmd.Flags().StringVar(&o.action, "action", "account.disable", "the `action` that they are for, of irctl's or a new one")
	return cmd
}

// newConnector writes a connector, what it uses of a description, and its cases;
// never over a file.
func (a *app) newConnector(o connectorOptions) error {
	again := "irctl connector new " + o.name + " --from-openapi " + cmp.Or(o.from, "FILE") + " --operation"
	if o.from == "" {
		return command.Usagef("a connector is made from operations of a description").With(again + " ID")
	}
	if err := command.NameOf(library.KindConnector, o.name); err != nil {
		return err
	}
	whole, err := a.description(o.from)
	if err != nil {
		return err
	}
	if len(o.operations) == 0 {
		return command.Usagef("nobody says which operations of %s it is made from", o.from).With(again+" ID", operationsOf(whole))
	}
	slice, err := whole.Slice(o.operations...)
	if unknown := (*openapi.UnknownError)(nil); errors.As(err, &unknown) {
		return command.Usagef("%s has no operation %q", o.from, action.CleanLine(unknown.ID, 80)).Meant(again, unknown.ID, unknown.Known).With(operationsOf(whole))
	}
	if err != nil {
		return err
	}
	s := openapi.Skeleton{Name: o.name, Action: o.action, File: o.name + ".openapi.yaml", Date: a.Now().UTC().Format(time.DateOnly), Whole: whole.SHA256}
	if spec, known := a.actions().Spec(o.action); known {
		s.Input = subjectOf(spec)
	}
	files := map[string][]byte{o.name + ".yaml": []byte(slice.Connector(s)), s.File: slice.Bytes(), trial.NameOf(o.name): []byte(slice.Cases(s))}
	wrote, err := a.library().WriteConnector(files)
	if err != nil {
		return err
	}
	for _, ref := range slice.Loose {
		_ = a.print().Warning(ref + " is not in " + o.from + ": nothing is checked there")
	}
	return a.tell(map[string]any{"files": wrote, "loose": append([]string{}, slice.Loose...)}, "Wrote "+strings.Join(wrote, ", ")+".", "irctl validate connectors/"+o.name+".yaml", "irctl connector test "+o.name, "irctl help connectors")
}

// maxOperations is how many operations of a description are listed.
const maxOperations = 20

// operationsOf lists the operations of a description in one line.
func operationsOf(d *openapi.Document) string {
	all := each.Of(d.Operations(), func(o *openapi.Operation) string { return action.CleanLine(o.ID, 80) })
	if len(all) == 0 {
		return "the description has no operations"
	}
	more := ""
	if n := len(all) - maxOperations; n > 0 {
		all, more = all[:maxOperations], fmt.Sprintf(" and %d more", n)
	}
	return "it has " + strings.Join(all, ", ") + more
}

// subjectOf is the input that says of what an action is.
func subjectOf(s action.Spec) string {
	for _, f := range s.Inputs {
		if f.Subject || f.Required {
			return f.Name
		}
	}
	return ""
}

func (a *app) completeConnectors(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveDefault
	}
	return each.Of(a.library().Connected(), func(one library.Listed) string { return one.Name }), cobra.ShellCompDirectiveDefault
}

// subject reads a connector with what lies beside it.
func (a *app) subject(name string) (*trial.Subject, error) {
	d, err := a.library().ConnectorNamed(name)
	if err != nil {
		return nil, err
	}
	s, found, err := trial.Load(d.Path, d.Source, a.library().Beside(d))
	if err != nil {
		return nil, command.Failf(nil, "%v", err).With("irctl help connectors")
	}
	if found.HasErrors() {
		source := d.Sources
		if s != nil {
			source = s.Source
		}
		if err := a.print().Complaints(1, found, source); err != nil {
			return nil, err
		}
		return nil, command.End(command.ExitInvalid)
	}
	return s, nil
}

// verified is what a connector was held against.
func verified(f *connector.File) string {
	switch {
	case f.Origin.Checked.Given():
		return f.Origin.Checked.Value
	case f.Origin.Digest.Given():
		return "cut from it"
	}
	return "unverified"
}

func (a *app) listConnectors(context.Context, []string) error {
	found, unread := a.library().FindConnectors()
	if unread != nil {
		_ = a.print().Warning(unread.Error())
	}
	rows := each.Of(found, func(c library.Connector) []string {
		return []string{c.Name.Value, strings.Join(c.Names(), ", "), c.Origin.Title.Value + ", " + c.Origin.Date.Value, verified(c.File), c.Document.Path}
	})
	if a.json() {
		return a.print().JSON(each.Of(rows, func(r []string) map[string]any {
			return map[string]any{"name": r[0], "actions": strings.Split(r[1], ", "), "source": r[2], "checked": r[3], "file": r[4]}
		}))
	}
	return a.print().Table([]string{"connector", "actions", "written from", "held against", "file"}, rows)
}

func (a *app) showConnector(_ context.Context, args []string) error {
	s, err := a.subject(args[0])
	if err != nil {
		return err
	}
	f := s.By
	rows := [][]string{}
	for _, act := range f.Actions {
		for _, of := range []struct {
			what string
			list []*connector.Request
		}{{"looks", act.Look}, {"does", act.Run}, {"undoes", undoOf(act)}} {
			for _, r := range of.list {
				rows = append(rows, []string{act.Name.Value, of.what, r.Method + " " + r.Path.Text + named(r)})
			}
		}
	}
	if a.json() {
		return a.print().JSON(map[string]any{
			"name": f.Name.Value, "title": f.Title.Value, "summary": f.Summary.Value, "config": f.Config, "file": f.Path,
			"source": map[string]any{"title": f.Origin.Title.Value, "url": f.Origin.URL.Value, "date": f.Origin.Date.Value, "checked": verified(f)},
			"requests": each.Of(rows, func(r []string) map[string]string {
				return map[string]string{"action": r[0], "when": r[1], "request": r[2]}
			}),
		})
	}
	err = a.print().Facts(cmp.Or(f.Title.Value, f.Name.Value)+": "+f.Summary.Value,
		[2]string{"file", f.Path}, [2]string{"written from", f.Origin.Title.Value + ", " + f.Origin.Date.Value}, [2]string{"", f.Origin.URL.Value}, [2]string{"held against", verified(f)})
	if err == nil {
		err = a.print().Table([]string{"action", "", "request"}, rows)
	}
	if err != nil {
		return err
	}
	return a.print().Next("irctl target types "+f.Name.Value, "irctl connector test "+f.Name.Value)
}

// named is what tells requests apart where all go to one path.
func named(r *connector.Request) string {
	for _, pairs := range [][]runbook.Pair{r.Query, r.Form} {
		if r.Path.Text == "/" && len(pairs) > 0 && pairs[0].Value.Kind == runbook.StringValue {
			return " " + pairs[0].Key.Value + "=" + pairs[0].Value.Text
		}
	}
	return ""
}

func undoOf(act *connector.Action) []*connector.Request {
	if act.Undo == nil {
		return nil
	}
	return act.Undo.Run
}

func (a *app) testConnector(ctx context.Context, args []string) error {
	s, err := a.subject(args[0])
	if err != nil {
		return err
	}
	others, err := a.actionsOf(nil)
	if err != nil {
		return err
	}
	results, err := s.Try(ctx, others)
	if err != nil {
		return command.Failf(nil, "%v", err).With("irctl help connectors")
	}
	return a.showChecks(ctx, each.Of(results, func(r trial.Result) readiness.Check {
		found := map[bool]string{true: "right in all %d ways that it was played", false: "played in %d ways"}[len(r.Problems) == 0]
		return readiness.Check{Name: r.Case, Found: fmt.Sprintf(found, r.Tried), Problems: r.Problems}
	}))
}

// driftConnector ends with 1 if something that the connector uses is otherwise.
func (a *app) driftConnector(_ context.Context, args []string) error {
	s, err := a.subject(args[0])
	if err != nil {
		return err
	}
	if s.Slice == nil {
		return command.Failf(nil, "%s names no description below `source`, so there is nothing to compare", s.By.Path)
	}
	newer, err := a.description(args[1])
	if err != nil {
		return err
	}
	found := s.Slice.Drift(newer)
	if a.json() {
		err = a.print().JSON(map[string]any{"connector": s.By.Name.Value, "description": newer.Title + " " + newer.Version, "sha256": newer.SHA256, "differences": append([]openapi.Difference{}, found...)})
	} else if len(found) == 0 {
		err = a.print().Say(fmt.Sprintf("%s %s says the same of all %d operations that %s uses.", newer.Title, newer.Version, len(s.Slice.Operations()), s.By.Name.Value))
	} else {
		err = a.print().Table([]string{"operation", "where", "what"}, each.Of(found, func(d openapi.Difference) []string { return []string{d.Operation, d.Where, d.What} }))
	}
	if err == nil && len(found) > 0 {
		err = command.End(command.ExitFailed)
	}
	return err
}

// description reads an OpenAPI description.
func (a *app) description(path string) (*openapi.Document, error) {
	file, err := os.Open(a.abs(path))
	if err != nil {
		return nil, command.Failf(err, "cannot read the description")
	}
	defer func() { _ = file.Close() }()
	source, err := io.ReadAll(io.LimitReader(file, openapi.MaxBytes+1))
	if err != nil {
		return nil, command.Failf(err, "cannot read the description %s", path)
	}
	d, err := openapi.Read(source)
	if err != nil {
		return nil, command.Failf(nil, "%s: %v", path, err)
	}
	return d, nil
}
