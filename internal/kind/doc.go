// Package kind builds an action out of what it does for each kind of system:
// [New] takes the action's Spec and one [Kind] per target type, and the action
// it returns hands every call to the kind that the request's target is of.
//
// # How a target type is made
//
// One file in the action's folder, such as internal/actions/account/ldap.go.
// What several actions need of the system (its fields, signing in, looking,
// changing) lies in internal/systems/NAME and knows no action.
//
// The description, an action.TargetType, is the type's manual and its check.
//
//   - Fields say what the environment has to give, each with a sentence and,
//     where it helps, an Example. Files are Path, passwords are Secret.
//     host.ViaField() is among them, and host.CheckVia is called by Check. The
//     actions of one noun describe the type by the same function.
//   - Tools are the programs that must be there, on the host that via names.
//     target check and doctor look for them before they ask the kind.
//   - Check finds what fields cannot express. It does no I/O.
//
// A call begins with h, err := host.Of(req) and defer h.Close(). Commands,
// files and connections go through h alone, so that via works: h.Run with an
// argv, secrets by Env or Stdin; h.ReadFile and h.WriteFile; h.DialContext for
// a client library, or httpclient.Options.Dial for HTTP.
//
// Run, in this order:
//
//  1. Look. If all is as desired and req.Record is empty, return Already. If
//     req.Record is not empty, an earlier attempt may have come this far: the
//     effect is this step's own, so return Changed.
//  2. If req.Record is empty, out.Record everything that Undo needs: the
//     previous state itself, not that there was one. Only the first attempt
//     has seen it. Return the error of Record, if there is one, and change
//     nothing.
//  3. Change, in steps of which each is harmless when repeated. Prefer what the
//     system does as a whole (a file replaced, a ruleset swapped, a
//     transaction). Test a new configuration before the daemon reads it, and
//     put the old one back if the test fails.
//  4. Verify from outside, as the people concerned would see it: an SMTP
//     greeting, an HTTP status, a sign-in that is refused. A command that
//     ended well is not a proof. Wait for a reload by asking until the context
//     ends, not by sleeping.
//
// An error says whether the effect may have taken place (action.Doubtful): a
// lost answer to a change is in doubt, a refusal is not.
//
// Inspect looks as step 1 does and fills in Known, Desired, Repeatable, and
// Current and Want in words; with a Record it says whether this step's own
// effect is there. It is all that plan and recovery have, and it changes
// nothing, not even a file's time.
//
// Undo puts back what was recorded, not a default: who was disabled before
// stays disabled, mail that somebody else held stays held. It touches only
// what Run changed, refuses to overwrite what others changed since if that
// would lose something, verifies, and says Already when there is nothing to do.
//
// Preflight answers for the credentials: can we sign in, may we do this, is
// the version one that works? Each problem is an error of its own with a Hint
// that says what to do. It changes nothing.
//
// New credentials come from newsecret and go to req.Secrets before the system
// learns them; see internal/actions/credentials.
//
// The tests are one end-to-end test in internal/real against the real daemon
// (see internal/realtest): plan changes nothing, run, look with the daemon's
// own clients, run again, undo, the previous state is back; then a process
// killed at each moment of the action, and resume.
//
// Files, in reading order: kind.go, described.go (any system, by its own
// commands or requests).
package kind
