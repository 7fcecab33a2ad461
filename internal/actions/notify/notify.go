// Package notify opens with [Email], [Webhook] and [Log]: tell people and their
// systems, so that being interrupted and repeated tells nobody twice. [Draft] and
// [Customers] tell a whole list, [Silence] and [Unsilence] hold back alerts, and
// let them through again.
//
// Files, in reading order: notify.go, delivery.go (asking whether something
// arrived), smtp.go, rounds.go (who has the message already), transaction.go
// (one SMTP conversation), message.go, customers.go, mailout.go (how far a list
// was told), webhook.go, command.go, rfc5424.go
// (a message for a log), syslog.go, silence.go.
package notify

import (
	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/systems/alertmanager"
	"github.com/irctl/irctl/pkg/action"
)

// Email returns the action notify.email.
func Email() action.Action {
	return kind.New(action.Spec{
		Name:    "notify.email",
		Summary: "Send an e-mail message",
		Description: "Sends one plain text message to every recipient. Its Message-ID follows from the step, so that the same message is recognised when it is sent again. " +
			"A recipient whom the server refuses fails the step after the others have got the message; the next attempt sends it to nobody who has it. " +
			"If the connection is lost after the message was handed over, the target's lookup tells whether it arrived; without a lookup a person decides. A message cannot be taken back.",
		Effect: action.Irreversible,
		Traits: []action.Trait{action.TellsPeople, action.SendsMail, action.ThroughService, action.SaysDoubt},
		Inputs: []action.Field{
			{Name: "to", Type: action.List, Items: action.String, Required: true, Description: "The recipients' addresses.", Example: "[staff@example.com]"},
			{Name: "subject", Type: action.String, Required: true, Description: "The subject; line ends become spaces.", Example: "Our systems are closed today"},
			{Name: "body", Type: action.String, Required: true, Description: "The text of the message.", Example: "Please do not sign in until you hear from us."},
			{Name: "reply_to", Type: action.String, Description: "Where answers go, if not to the sender.", Example: "hotline@example.com"},
		},
		Outputs: []action.Field{
			{Name: "message_id", Type: action.String, Description: "The Message-ID, without its angle brackets."},
			{Name: "recipients", Type: action.Int, Description: "How many recipients the server accepted the message for."},
		},
		Example: `- id: tell-staff
  uses: notify.email
  target: out-of-band-mail
  with:
    to: [staff@example.com]
    subject: Our systems are closed today
    body: Please do not sign in until you hear from us.
`,
	}, append([]kind.Kind{inSMTP()}, commandKind()...)...)
}

// Webhook returns the action notify.webhook.
func Webhook() action.Action {
	return kind.New(action.Spec{
		Name:    "notify.webhook",
		Summary: "Post a message to a chat room or another system",
		Description: "Sends a JSON object with text, key and whatever payload holds, and the header Idempotency-Key. " +
			"If the connection is lost before the answer, the target's lookup tells whether the message arrived; a target that drops repetitions (deduplicates) is simply sent it again; otherwise a person decides. A message cannot be taken back.",
		Effect: action.Irreversible,
		Traits: []action.Trait{action.TellsPeople, action.OnlyAdds, action.ThroughService, action.SaysDoubt},
		Inputs: []action.Field{
			{Name: "text", Type: action.String, Required: true, Description: "The message.", Example: "The website is out of service."},
			{Name: "payload", Type: action.Map, Description: "More fields of the JSON object, beside text and key.", Example: "{channel: incident}"},
		},
		Outputs: []action.Field{{Name: "status", Type: action.Int, Description: "The HTTP status of the answer; 200 when a lookup found the message."}},
		Example: `- id: tell-war-room
  uses: notify.webhook
  target: war-room
  with: {text: The website is out of service.}
`,
	}, inWebhook())
}

// Log returns the action notify.log.
func Log() action.Action {
	return kind.New(action.Spec{
		Name:    "notify.log",
		Summary: "Write a message to a log that others watch",
		Description: "Sends one message to a receiver of log messages, with run, runbook, step and the given fields as structured data. " +
			"It ends with a mark that follows from the step, by which it can be found. Such receivers do not answer: that the message arrived is known from where the receiver keeps it, if the target says where; otherwise only that the receiver ended the connection in order. " +
			"A message cannot be taken back.",
		Effect: action.Irreversible,
		Traits: []action.Trait{action.OnlyAdds, action.ThroughService, action.SaysDoubt},
		Inputs: []action.Field{
			{Name: "text", Type: action.String, Required: true, Description: "The message, on one line; line ends become spaces.", Example: "The website is out of service."},
			{Name: "severity", Type: action.Enum, Enum: severities(), Default: "notice", Description: "How grave it is, in the words of syslog."},
			{Name: "fields", Type: action.Map, Items: action.String, Description: "More structured data.", Example: "{incident: INC-1}"},
		},
		Example: `- id: tell-siem
  uses: notify.log
  target: siem
  with: {text: The website is out of service., fields: {incident: INC-1}}
`,
	}, inSyslog())
}

// Silence returns the action notify.silence.
func Silence() action.Action {
	return kind.New(action.Spec{
		Name:    "notify.silence",
		Summary: "Keep alerts that the containment itself causes from people",
		Description: "Adds a silence for the alerts that all matchers match, and looks that it is active. Silences of others are never touched; one with the same matchers that lasts at least nine tenths as long will do. " +
			"Undo ends the step's own silence, unless somebody has changed it since.",
		Effect:     action.Change,
		Idempotent: true,
		Inputs: []action.Field{
			{Name: "matchers", Type: action.List, Items: action.String, Required: true, Description: "Conditions on labels, as Alertmanager writes them; all must match.", Example: `['service="portal"']`},
			{Name: "for", Type: action.Duration, Default: "4h", Description: "How long alerts are silenced; then they come again by themselves.", Example: "4h"},
			{Name: "reason", Type: action.String, Required: true, Description: "What people read who look why.", Example: "The portal is out of service because of INC-1."},
		},
		Outputs: []action.Field{
			{Name: "silence", Type: action.String, Description: "The id of the silence."},
			{Name: "until", Type: action.String, Description: "When it ends, as RFC 3339 writes times."},
			{Name: "alerts", Type: action.Int, Description: "How many alerts it holds back now."},
		},
		Counterpart: "notify.unsilence",
		Example: `- id: quiet
  uses: notify.silence
  target: alerts
  with:
    matchers: ['service="portal"']
    for: 4h
    reason: The portal is out of service because of INC-1.
`,
	}, inAlertmanager(checkMatchers, func(m *alertmanager.Manager, req action.Request) kind.Work { return &silence{m, req} }))
}

// Unsilence returns the action notify.unsilence.
func Unsilence() action.Action {
	return kind.New(action.Spec{
		Name:        "notify.unsilence",
		Summary:     "Let alerts reach people again",
		Description: "Ends a silence and looks that it has ended. Undo adds one like it, with the same end, if that has not come yet.",
		Effect:      action.Change,
		Idempotent:  true,
		Inputs: []action.Field{
			{Name: "silence", Type: action.String, Required: true, Description: "The id that notify.silence returned.", Example: "${{ steps.quiet.outputs.silence }}"},
		},
		Counterpart: "notify.silence",
		Example: `- id: loud
  uses: notify.unsilence
  target: alerts
  with: {silence: "${{ steps.quiet.outputs.silence }}"}
`,
	}, inAlertmanager(nil, func(m *alertmanager.Manager, req action.Request) kind.Work {
		return &unsilence{Manager: m, id: req.With.String("silence")}
	}))
}
