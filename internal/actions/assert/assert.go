// Package assert opens with [Assert]: stop when something is not as it must be.
package assert

import (
	"context"

	"github.com/irctl/irctl/pkg/action"
)

// Assert returns the action assert.
func Assert() action.Action { return assertion{} }

type assertion struct{}

// Spec implements action.Action.
func (assertion) Spec() action.Spec {
	return action.Spec{
		Name:    "assert",
		Summary: "Fail unless something is so",
		Description: "Succeeds if `that` is true and fails with `message` if not. It touches no system. " +
			"Trying again cannot help by itself: the same values give the same answer.",
		Effect:     action.Read,
		Idempotent: true,
		Inputs: []action.Field{
			{Name: "that", Type: action.Bool, Required: true, Description: "What must be true.", Example: "${{ steps.email.outputs.queued == 0 }}"},
			{Name: "message", Type: action.String, Default: "what had to be so is not so", Description: "What is wrong if it is not, and what to do.", Example: "Mail is still queued; look at the mail server"},
		},
		Example: `- id: nobody-left
  uses: assert
  with: {that: "${{ size(inputs.accounts) > 0 }}", message: No accounts were given}
`,
	}
}

// Run implements action.Action.
func (assertion) Run(_ context.Context, req action.Request, _ action.Sink) (action.Result, error) {
	if !req.With.Bool("that") {
		return action.Result{}, &action.Error{Message: action.CleanLine(req.With.String("message"), 300), Permanent: true}
	}
	return action.Result{Already: true, Summary: "it is so"}, nil
}

// Inspect implements action.Inspector.
func (assertion) Inspect(_ context.Context, req action.Request) (action.Inspection, error) {
	in := action.Inspection{Known: true, Repeatable: true, Desired: req.With.Bool("that"), Current: "it is not so", Want: "it is so"}
	if in.Desired {
		in.Current = in.Want
	}
	return in, nil
}
