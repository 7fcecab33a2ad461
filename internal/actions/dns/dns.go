// Package dns opens with [Switch] and [Restore]: point a name somewhere else,
// and point it back.
//
// Files, in reading order: dns.go, rfc2136.go (the order of a change).
package dns

import (
	"time"

	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/systems/nameserver"
	"github.com/irctl/irctl/pkg/action"
)

// Switch returns the action dns.switch.
func Switch() action.Action {
	return kind.New(action.Spec{
		Name:    "dns.switch",
		Summary: "Point a name in the DNS somewhere else",
		Description: "Replaces all records of one type at one name, in one transaction and only if they are still what irctl saw a moment before. " +
			"Then it asks every name server of the target, without recursion, until each gives the new answer. " +
			"Resolvers elsewhere may keep the previous answer for as long as its TTL says; the summary says how long that is. " +
			"Undo puts back the previous records and their TTL, and refuses if somebody else has changed the records since.",
		Effect:      action.Change,
		Idempotent:  true,
		Traits:      []action.Trait{action.Shared},
		Inputs:      inputs("What the name leads to from now on", "[198.51.100.80]"),
		Outputs:     outputs(),
		Counterpart: "dns.restore",
		Example: `- id: point-away
  uses: dns.switch
  target: zone
  with:
    name: www.example.com
    type: A
    records: [198.51.100.80]
    ttl: 1m
`,
	}, byUpdate())
}

// Restore returns the action dns.restore.
func Restore() action.Action {
	return kind.New(action.Spec{
		Name:    "dns.restore",
		Summary: "Point a name in the DNS back to where it usually leads",
		Description: "Replaces all records of one type at one name by those given, as dns.switch does it, with the same checks. " +
			"Use it where undoing the switch does not do, for example in another runbook: the step that switched has the previous records as its output. " +
			"Undo puts back what was there before this step.",
		Effect:      action.Change,
		Idempotent:  true,
		Inputs:      inputs("What the name usually leads to", "[198.51.100.10, 198.51.100.11]"),
		Outputs:     outputs(),
		Counterpart: "dns.switch",
		Example: `- id: point-back
  uses: dns.restore
  target: zone
  with:
    name: www.example.com
    type: A
    records: [198.51.100.10, 198.51.100.11]
    ttl: 1h
`,
	}, byUpdate())
}

func inputs(records, example string) []action.Field {
	return []action.Field{
		{Name: "name", Type: action.String, Required: true, Subject: true, Touches: action.Address, Description: "Whose records, with the zone or without; @ is the zone itself.", Example: "www.example.com"},
		{Name: "type", Type: action.Enum, Enum: nameserver.Types, Subject: true, Default: "A", Description: "Which records; those of other types stay."},
		{Name: "records", Type: action.List, Items: action.String, Required: true, Description: records + ", as in a zone file; every name in them is a whole one, and a TXT needs no quotes.", Example: example},
		{Name: "ttl", Type: action.Duration, Default: 5 * time.Minute, Description: "How long resolvers may keep the new answer; short is good while things change.", Example: "1m"},
	}
}

func outputs() []action.Field {
	return []action.Field{
		{Name: "previous", Type: action.List, Items: action.String, Description: "The records that were there before, as dns.restore takes them."},
		{Name: "previous_ttl", Type: action.String, Description: "Their TTL, as dns.restore takes it."},
	}
}
