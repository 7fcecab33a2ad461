package cli

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/coerce"
	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/connector/trial"
	"github.com/irctl/irctl/internal/drive"
	"github.com/irctl/irctl/internal/durable"
	"github.com/irctl/irctl/internal/recording"
	"github.com/irctl/irctl/pkg/action"
)

// recordOptions is what is looked at, and how it is given.
type recordOptions struct {
	target, action string
	given          []string
}

func newConnectorRecordCmd(a *app) *cobra.Command {
	var o recordOptions
	cmd := command.New("record TARGET ACTION", "Keep what a real system answers to a look, masked, as a case", func(ctx context.Context, args []string) error {
		o.target, o.action = args[0], args[1]
		return a.recordConnector(ctx, o)
	}, nil, command.ExitInvalid)
	cmd.Flags().StringArrayVarP(&o.given, "input", "i", nil, "an input of the action, as `NAME=VALUE`")
	return cmd
}

// recordConnector looks, which changes nothing, and adds what was exchanged to the
// cases of the connector; of a shipped one it is shown.
func (a *app) recordConnector(ctx context.Context, o recordOptions) error {
	env, _, err := a.mustEnvironment()
	if err != nil {
		return err
	}
	of, err := a.connectorOf(env, o.target)
	if err != nil {
		return err
	}
	act := of.Action(o.action)
	if act == nil {
		return command.Usagef("the connector %s has no action %q", of.Name.Value, o.action).Meant("irctl connector record "+o.target, o.action, of.Names())
	}
	spec, _ := a.actions().Spec(o.action)
	pairs, err := command.Cut("input", o.given)
	if err != nil {
		return err
	}
	with := map[string]any{}
	for _, p := range pairs {
		with[p[0]] = p[1]
	}
	typed, wrong := coerce.Fields(spec.Inputs, with)
	if len(wrong) > 0 {
		return command.Usagef("%s %s", wrong[0].Input, wrong[0].Message).With("irctl action show " + o.action)
	}
	target, err := env.Resolve(ctx, o.target, spec)
	if err != nil {
		return err
	}
	exchanged, state, err := of.Record(ctx, act, spec, action.Request{Target: target, With: typed, Allow: env.Policy(), Runbook: "record", Path: "record", Key: "record"}, unspoken{drive.NewRedactor()})
	if err != nil && len(exchanged) == 0 {
		return failedAction(err)
	}
	if err != nil {
		_ = a.print().Warning("the look failed: " + action.CleanLine(err.Error(), 300))
	}
	noted, err := trial.Note("recorded on "+a.Now().UTC().Format(time.DateOnly), o.action, typed, state, exchanged)
	if err != nil {
		return err
	}
	if of.Document.Shipped() {
		return a.print().Raw(noted)
	}
	path := filepath.Join(filepath.Dir(of.Document.File), trial.NameOf(of.Name.Value))
	src, err := a.library().Bytes(path)
	if err != nil {
		return command.Failf(err, "cannot read the cases of %s", of.Name.Value)
	}
	whole, err := trial.With(a.library().Short(path), src, noted)
	if err == nil {
		err = durable.Write(path, whole, 0o644)
	}
	if err != nil {
		_ = a.print().Raw(noted)
		return command.Failf(nil, "%v", err)
	}
	return a.tell(map[string]any{"file": path, "exchanges": len(exchanged)}, "Added a case to "+a.library().Short(path)+". Look it over before you give it away.", "irctl connector test "+of.Name.Value)
}

// unspoken takes secrets out of texts: those it knows as the journal does, others as
// a recording does.
type unspoken struct{ *drive.Redactor }

// Text implements connector.Masker.
func (u unspoken) Text(text string) string { return recording.Without(u.Redactor.Text, text) }

// failedAction is an error of an action as one of a command.
func failedAction(err error) error {
	var said *action.Error
	if errors.As(err, &said) {
		return command.Failf(nil, "%s", said.Error()).With(said.Hint)
	}
	return err
}
