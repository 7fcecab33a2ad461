package notify

import (
	"context"
	"fmt"

	"github.com/irctl/irctl/internal/config"
	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/mailing"
	"github.com/irctl/irctl/pkg/action"
)

// noticeInputs say which notice goes to whom, to both actions alike.
func noticeInputs() []action.Field {
	return []action.Field{
		{Name: "notice", Type: action.String, Required: true, Description: "The notice: one that irctl has (breach, unavailable, restored), or a path without .LANGUAGE.txt.", Example: "./notices/breach"},
		{Name: "list", Type: action.String, Required: true, Description: "The CSV file of the readers, with the columns address, name, language and whatever else the notice names.", Example: "customers.csv"},
		{Name: "language", Type: action.String, Default: "en", Description: "The language for readers who ask for none, or for one in which there is no text."},
		{Name: "values", Type: action.Map, Items: action.String, Description: "What the notice names that is the same for all readers; NAME.LANGUAGE goes before NAME.", Example: "{company: Example Bank, hotline: +1 555 0121}"},
		{Name: "codes", Type: action.String, Description: "A file of codes, one a line, of which each reader gets one as {{code}}. Which lines are handed out stands beside it, in FILE.handed-out.", Example: "identity-protection.codes"},
	}
}

// noticeOf opens the notice that the inputs name.
func noticeOf(req action.Request) (*mailing.Notice, error) {
	values := map[string]string{}
	for name := range req.With.Map("values") {
		values[name] = req.With.Map("values").String(name)
	}
	return mailing.Open(mailing.Options{
		Template: req.With.String("notice"), List: req.With.String("list"), Codes: req.With.String("codes"),
		Language: req.With.String("language"), Values: values, Folder: req.Folder,
	})
}

// Draft returns the action notify.draft.
func Draft() action.Action { return draft{} }

type draft struct{}

// Spec implements action.Action.
func (draft) Spec() action.Spec {
	return action.Spec{
		Name:    "notify.draft",
		Summary: "Write what a notice will say, for those who must agree to it",
		Description: "Reads the notice, the list of its readers and the codes, and finds every mistake in them before anybody is told. " +
			"An approval that shows the output text binds the decision to it; notify.customers sends nothing but what has the output digest.",
		Effect:     action.Read,
		Idempotent: true,
		Inputs:     noticeInputs(),
		Outputs: []action.Field{
			{Name: "text", Type: action.String, Description: "To whom the notice goes, and what the first reader in each language gets."},
			{Name: "digest", Type: action.String, Description: "The SHA-256 of all that decides what anybody gets."},
			{Name: "readers", Type: action.Int, Description: "How many readers it has."},
		},
		Example: `- id: draft
  uses: notify.draft
  with: {notice: restored, list: customers.csv, values: {company: Example Bank, hotline: +1 555 0100}}
`,
	}
}

// Run implements action.Action.
func (draft) Run(_ context.Context, req action.Request, _ action.Sink) (action.Result, error) {
	n, err := noticeOf(req)
	if err != nil {
		return action.Result{}, err
	}
	if n.Coded() {
		left, err := n.Left()
		if err != nil {
			return action.Result{}, err
		}
		if left < len(n.Readers) {
			return action.Result{}, &action.Error{Message: fmt.Sprintf("%d readers get a code, and %d are left", len(n.Readers), left), Hint: "order more codes, and put them into a file of their own", Permanent: true}
		}
	}
	return action.Result{Already: true, Summary: fmt.Sprintf("the notice to %d readers is written", len(n.Readers)),
		Outputs: map[string]any{"text": n.Draft(), "digest": n.Digest, "readers": int64(len(n.Readers))}}, nil
}

// Customers returns the action notify.customers.
func Customers() action.Action {
	return kind.New(action.Spec{
		Name:    "notify.customers",
		Summary: "Send a notice to all readers of a list, each a message of their own",
		Description: "Sends one message to each reader, in batches, and writes down before each message to whom it goes: whenever irctl dies, the next attempt goes on behind it, and nobody gets the notice twice. " +
			"If the connection is lost after a message was handed over, the target's lookup tells whether it arrived; without a lookup that reader counts as unknown and is not written to again. " +
			"Readers without an address, those whom the server refuses and those of whom nobody knows stand in the artifact out-of-band.csv, for post and telephone, also when mail does not work at all. " +
			"A message cannot be taken back.",
		Effect: action.Irreversible,
		Traits: []action.Trait{action.TellsPeople, action.SendsMail, action.ThroughService, action.SaysDoubt},
		Inputs: append(noticeInputs(),
			action.Field{Name: "approved", Type: action.String, Required: true, Description: "The digest that notify.draft returned: whatever has changed since is not sent.", Example: "${{ steps.draft.outputs.digest }}"},
			action.Field{Name: "batch", Type: action.Int, Default: int64(100), Description: "How many messages are sent through one connection."},
			action.Field{Name: "pause", Type: action.Duration, Default: "0s", Description: "How long to wait between two batches, so that those who answer the telephone keep up."},
			action.Field{Name: "reply_to", Type: action.String, Description: "Where answers go, if not to the sender.", Example: "hotline@example.com"},
		),
		Outputs: []action.Field{
			{Name: "sent", Type: action.Int, Description: "How many messages the server took."},
			{Name: "refused", Type: action.Int, Description: "How many readers the server refused."},
			{Name: "unknown", Type: action.Int, Description: "Of how many readers nobody knows whether they have it."},
			{Name: "out_of_band", Type: action.Int, Description: "How many readers have to be told by post or telephone: those two, and those without an address."},
		},
		Example: `- id: tell-customers
  uses: notify.customers
  target: out-of-band-mail
  with:
    notice: restored
    list: customers.csv
    values: {company: Example Bank, hotline: +1 555 0100}
    approved: ${{ steps.draft.outputs.digest }}
`,
	}, kind.Change{
		Type: mailServer(),
		Open: func(_ context.Context, req action.Request) (kind.Work, error) {
			c, err := config.Read[smtpConfig](req.Target)
			return &mailout{smtp: smtp{smtpConfig: c, req: req}}, err
		},
		Inputs: func(with action.Values) []action.Problem {
			if with.Has("batch") && with.Int("batch") < 1 {
				return []action.Problem{{Input: "batch", Message: "is less than 1", Hint: "100 is what most servers take"}}
			}
			return nil
		},
	})
}
