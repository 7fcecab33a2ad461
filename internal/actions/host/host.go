// Package host opens with [Isolate] and [Release]: cut a machine off from
// everybody but the people who look after it, and connect it again.
//
// Files, in reading order: host.go, nftables.go (the order of a change),
// target.go (the target type), ruleset.go (what is let through), table.go (the
// packet filter of a machine), wayback.go (a machine that irctl cannot reach any
// more), described.go.
package host

import (
	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/pkg/action"
)

// Isolate returns the action host.isolate.
func Isolate() action.Action {
	return kind.New(action.Spec{
		Name:    "host.isolate",
		Summary: "Cut a machine off from the network, except from its responders",
		Description: "Drops all that enters, leaves or passes through the machine, connections that are open included, but for loopback and the ways that the target keeps open. " +
			"On another machine, the way that irctl itself comes is among them. What the machine filters otherwise stays as it is. " +
			"An intruder who is root there can take the filter away, or write to a network card directly: where that matters, have the cable or the switch port cut as well. " +
			"It looks that the filter is in place and that it can still sign in; should that fail, the machine takes the filter away by itself. " +
			"Undo puts back exactly what was there before, and refuses if somebody else has changed the filter since.",
		Effect:      action.Change,
		Idempotent:  true,
		Traits:      []action.Trait{action.TakesOffline, action.CutsOff, action.Shared},
		Inputs:      inputs("Why it is isolated."),
		Counterpart: "host.release",
		Example: `- id: isolate
  uses: host.isolate
  target: web1
  with: {reason: Unknown program talks to 203.0.113.66}
`,
	}, append([]kind.Kind{byNftables(true)}, system().Kinds("isolate")...)...)
}

// Release returns the action host.release.
func Release() action.Action {
	return kind.New(action.Spec{
		Name:    "host.release",
		Summary: "Connect an isolated machine to the network again",
		Description: "Takes away what host.isolate put up, whoever ran it, and nothing else; then it looks that it is gone. " +
			"Undo isolates the machine again as it was isolated before.",
		Effect:      action.Change,
		Idempotent:  true,
		Inputs:      inputs("Why it is connected again."),
		Counterpart: "host.isolate",
		Example: `- id: release
  uses: host.release
  target: web1
`,
	}, append([]kind.Kind{byNftables(false)}, system().Kinds("release")...)...)
}

func inputs(why string) []action.Field {
	return []action.Field{
		{Name: "reason", Type: action.String, Description: why + " Kept in the journal, and given to systems that ask for one.", Example: "Unknown program talks to 203.0.113.66"},
	}
}
