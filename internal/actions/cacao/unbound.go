package cacao

import (
	"context"
	"fmt"

	"github.com/irctl/irctl/pkg/action"
)

// Unbound returns the action cacao.unbound.
func Unbound() action.Action { return unbound{} }

type unbound struct{}

// Spec implements action.Action.
func (unbound) Spec() action.Spec {
	return action.Spec{
		Name:    "cacao.unbound",
		Summary: "Stand for a playbook's command that irctl has no adapter for",
		Description: "A playbook may hold commands of any type, such as sigma or caldera-cmd. One that irctl cannot carry out is shown in the plan as it is, and fails when it is run: it never counts as done. " +
			"Skip the step with a reason once it has been done by hand. There is never anything to put back; the step's own `undo` may say otherwise.",
		Effect: action.Change, Idempotent: true,
		Inputs: append([]action.Field{
			{Name: "type", Type: action.String, Required: true, Description: "The command's type.", Example: "sigma"},
			{Name: "headers", Type: action.Map, Items: action.List, Description: "Headers, if the command has any."},
			{Name: "content", Type: action.String, Description: "Content, if the command has any."},
			{Name: "content_b64", Type: action.String, Description: "Content in base64, if the command has any."},
		}, inputs("The command's text.", "")...),
		Outputs: []action.Field{taken},
		Example: `- id: hunt
  uses: cacao.unbound
  with: {type: sigma, command_b64: dGl0bGU6IEh1bnQK}
`,
	}
}

func noAdapter(with action.Values) string {
	return "no adapter for " + action.CleanLine(with.String("type"), 60)
}

// Run implements action.Action. It always fails.
func (unbound) Run(_ context.Context, req action.Request, _ action.Sink) (action.Result, error) {
	return action.Result{}, permanent(
		fmt.Sprintf("%s: irctl cannot carry out commands of this type, and nothing was done", noAdapter(req.With)),
		"do by hand what the command asks for and skip the step with a reason, or write the step as a runbook's action",
	)
}

// Inspect implements action.Inspector: nothing is ever done.
func (unbound) Inspect(_ context.Context, req action.Request) (action.Inspection, error) {
	return action.Inspection{Known: true, Repeatable: true, Current: noAdapter(req.With), Want: "somebody does it by hand: running it fails"}, nil
}
