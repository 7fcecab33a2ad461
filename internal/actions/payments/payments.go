// Package payments opens with [Publish] and [Withdraw]: tell customers which
// other ways to pay there are, and take that back.
//
// Files, in reading order: payments.go, maintenance_page.go, described.go.
package payments

import (
	"time"

	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/patience"
	"github.com/irctl/irctl/pkg/action"
)

// Publish returns the action payments.publish.
func Publish() action.Action {
	return kind.New(action.Spec{
		Name:    "payments.publish",
		Summary: "Publish other ways to pay",
		Description: "Writes a page that lists each alternative with how it works and whom to ask, then asks from the outside whether the page answers 200 and lists each of them; " +
			"the step fails and names those that are missing. A page that was there before is kept beside it, under its name with .before-irctl, until payments.withdraw or an undo puts it back. Undo puts back the page that was there before.",
		Effect:     action.Change,
		Idempotent: true,
		Traits:     []action.Trait{action.Shared},
		Inputs: []action.Field{
			{Name: "alternatives", Type: action.List, Items: action.Map, Required: true, Description: "The ways to pay, each a map with name, how and contact.", Example: "[{name: Bank transfer, how: Use the account on your contract, contact: +1 555 0100}]"},
			{Name: "notice", Type: action.String, Default: "Our usual ways to pay are closed at the moment.", Description: "What stands above the list; an empty line begins a new paragraph."},
		},
		Outputs:     outputs(),
		Counterpart: "payments.withdraw",
		Example: `- id: other-ways-to-pay
  uses: payments.publish
  target: payments-page
  with:
    notice: Our website is closed. You can still pay.
    alternatives:
      - {name: Bank transfer, how: Use the account on your contract, contact: +1 555 0100}
`,
	}, append([]kind.Kind{onPage(true, limit)}, system().Kinds("publish")...)...)
}

// Withdraw returns the action payments.withdraw.
func Withdraw() action.Action {
	return kind.New(action.Spec{
		Name:    "payments.withdraw",
		Summary: "Take the list of other ways to pay off the air",
		Description: "Puts back the page that was there before payments.publish, whichever run that was, or removes the list if there was none; a page that irctl did not write is left. It does not look from the outside, because what the web server answers then is its own affair. " +
			"Undo puts the list back.",
		Effect:      action.Change,
		Idempotent:  true,
		Outputs:     outputs(),
		Counterpart: "payments.publish",
		Example: `- id: usual-ways-to-pay
  uses: payments.withdraw
  target: payments-page
`,
	}, append([]kind.Kind{onPage(false, limit)}, system().Kinds("withdraw")...)...)
}

func outputs() []action.Field {
	return []action.Field{
		{Name: "url", Type: action.String, Description: "Where customers see the list."},
		{Name: "listed", Type: action.List, Items: action.String, Description: "The names of the ways to pay that the page lists."},
	}
}

// limit is how long a web server has to notice a new page.
var limit = patience.Limit{For: 10 * time.Second}
