// Package email opens with [Suspend] and [Restore]: stop a mail system from
// accepting mail in such a way that senders keep theirs, and start it again.
//
// Files, in reading order: email.go, postfix.go, dovecot.go, described.go (any
// system, by its own API or command), probe.go.
package email

import (
	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/pkg/action"
)

// Suspend returns the action email.suspend.
func Suspend() action.Action {
	return kind.New(action.Spec{
		Name:    "email.suspend",
		Summary: "Stop a mail system from accepting mail; nothing is lost",
		Description: "Tells the mail system to defer what comes in (an SMTP reply such as 450), so that senders keep their mail and try again, " +
			"and looks that it is suspended. Senders give up after four or five days (RFC 5321 section 4.5.4.1). " +
			"A Postfix also keeps all mail that its own machine sends and puts what is in its queue on hold; deliveries and conversations that have begun still come to their end. " +
			"At a Dovecot nobody can sign in to a mailbox, sessions end, and mail is still delivered. " +
			"Undo puts back what was there before: a system that was suspended stays so, and mail that somebody else put on hold stays there.",
		Effect:     action.Change,
		Idempotent: true,
		Traits:     []action.Trait{action.TakesOffline, action.StopsMail, action.Shared},
		Inputs: []action.Field{
			{Name: "notice", Type: action.String, Description: "What senders' systems are told, if the system can say it.", Example: "Mail is suspended; call +1 555 0100"},
		},
		Counterpart: "email.restore",
		Example: `- id: email
  uses: email.suspend
  target: corporate-mail
  with: {notice: Mail is suspended; call +1 555 0100}
`,
	}, append([]kind.Kind{inPostfix(true), inDovecot(true)}, system().Kinds("suspend")...)...)
}

// Restore returns the action email.restore.
func Restore() action.Action {
	return kind.New(action.Spec{
		Name:        "email.restore",
		Summary:     "Let a mail system accept mail again",
		Description: "Tells the mail system to accept mail and looks that it does. A Postfix gets back the settings that email.suspend found, and delivers what waited. Undo suspends a system that was suspended before.",
		Effect:      action.Change,
		Idempotent:  true,
		Counterpart: "email.suspend",
		Example: `- id: email
  uses: email.restore
  target: corporate-mail
`,
	}, append([]kind.Kind{inPostfix(false), inDovecot(false)}, system().Kinds("restore")...)...)
}
