// Package block opens with [Add] and [Remove]: block addresses, networks,
// domains, URLs, senders of mail and hashes of files where systems keep what they
// block, and take them out again.
//
// A kind of system is a [list]: it says how values stand in it and has them
// stand otherwise. Everything else is [change]'s: what a value is, which of them
// the target can hold, whether one would block the responders themselves, and
// what undoing puts back, which is only what was not blocked before.
//
// Files, in reading order: block.go, value.go (what is blocked), guard.go (what
// never is), change.go (the order of a change), lines.go (lists that are files),
// then one for each kind: blocklist.go, haproxy.go, postfix.go, nftables.go, rpz.go, and described.go for any other.
package block

import (
	"slices"

	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/pkg/action"
)

// Add returns the action block.add.
func Add() action.Action {
	return kind.New(action.Spec{
		Name:    "block.add",
		Summary: "Block addresses, networks, domains, URLs, senders or file hashes",
		Description: "Adds values to the list that a system blocks by, and looks that they are in it and that the system goes by it. What each value is follows from its form; one that the target cannot hold ends the step before anything changes. " +
			"It refuses loopback, networks that are nearly everybody, the address from which you or irctl come, and the target's own, unless `override` says otherwise. " +
			"How long it is meant to last is the step's `expires`: irctl says when that is over, and nothing ends by itself. " +
			"Undo takes out what was not blocked before this step, and nothing else.",
		Effect:     action.Change,
		Idempotent: true,
		Traits:     []action.Trait{action.Shared},
		Inputs: append(valuesAnd("Why they are blocked."),
			action.Field{Name: "override", Type: action.Bool, Default: false, Description: "Block also what irctl refuses otherwise, such as your own address or a network that is nearly everybody."}),
		Outputs:     outputs("were not blocked before"),
		Counterpart: "block.remove",
		Example: `- id: block
  uses: block.add
  target: edge
  expires: 72h
  with:
    values: [203.0.113.66, evil.example.net]
    reason: Command and control of INC-7
`,
	}, kinds(true)...)
}

// Remove returns the action block.remove.
func Remove() action.Action {
	return kind.New(action.Spec{
		Name:    "block.remove",
		Summary: "Take addresses, domains and other values out of what is blocked",
		Description: "Takes values out of the list that a system blocks by, whoever added them, and looks that they are gone. " +
			"A value that is blocked only because a wider one is, such as an address in a network, is left, and the step fails. " +
			"Undo puts back what this step took out, as it stood.",
		Effect:      action.Change,
		Idempotent:  true,
		Inputs:      valuesAnd("Why they are no longer blocked."),
		Outputs:     outputs("were blocked before"),
		Counterpart: "block.add",
		Example: `- id: unblock
  uses: block.remove
  target: edge
  with:
    values: [203.0.113.66]
    reason: It is the office of a customer
`,
	}, kinds(false)...)
}

func valuesAnd(why string) []action.Field {
	return []action.Field{
		{
			Name: "values", Type: action.List, Items: action.String, Required: true, Subject: true, Touches: action.Address, Example: `[203.0.113.66, "2001:db8:66::/48", evil.example.net, https://www.example.net/invoice.exe, mallory@example.net]`,
			Description: "An address, a network, a URL with its scheme, a sender, a hash of 32, 40 or 64 hexadecimal digits, or a domain, each also as reports write them (hxxp, [.]). A list that another step found does as well; an empty one changes nothing.",
		},
		{Name: "reason", Type: action.String, Description: why + " Kept in the journal, and given to systems that ask for one.", Example: "Command and control of INC-7"},
	}
}

func outputs(changed string) []action.Field {
	return []action.Field{
		{Name: "values", Type: action.List, Items: action.String, Description: "The values, each in the one way to write it."},
		{Name: "changed", Type: action.List, Items: action.String, Description: "Those of them that " + changed + "."},
	}
}

// kinds are the systems whose lists irctl knows.
func kinds(add bool) []kind.Kind {
	return slices.Concat([]kind.Kind{inBlocklist(add), inHAProxy(add), inPostfix(add), inNftables(add), inPolicyZone(add)}, inDescribed(add))
}

// canHold are the types of target that can hold values of a form. The described
// ones hold what their description takes.
var canHold = map[form][]string{
	address: {"blocklist", "command", "haproxy", "http", "nftables", "postfix", "rfc2136"},
	network: {"blocklist", "command", "haproxy", "http", "nftables", "rfc2136"},
	domain:  {"blocklist", "command", "haproxy", "http", "postfix", "rfc2136"},
	site:    {"blocklist", "command", "haproxy", "http"},
	sender:  {"blocklist", "command", "http", "postfix"},
	hash:    {"blocklist", "command", "http"},
}
