package notify

import (
	"github.com/irctl/irctl/internal/described"
	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/pkg/action"
)

// commandKind sends by a command of the environment's, such as sendmail. Only
// that kind of a described system: an HTTP API for messages is a webhook.
func commandKind() []kind.Kind {
	s := described.System{
		Noun: "the message",
		Inputs: []action.Field{
			{Name: "to", Type: action.List}, {Name: "subject", Type: action.String},
			{Name: "body", Type: action.String}, {Name: "reply_to", Type: action.String},
		},
		Verbs: []described.Verb{{
			Name: "send", Summary: "send the message", Done: "the message is sent",
			Outputs: []action.Field{
				{Name: "message_id", Type: action.String, Description: "The Message-ID."},
				{Name: "recipients", Type: action.Int, Description: "How many recipients the message went to."},
			},
		}},
	}
	var kinds []kind.Kind
	for _, k := range s.Kinds("send") {
		if k.Target().Name == described.Command {
			kinds = append(kinds, k)
		}
	}
	return kinds
}
