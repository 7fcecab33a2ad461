// Package kind builds an action out of what it does for each kind of system:
// [New] takes the action's Spec and one [Kind] per target type, and the action
// it returns hands every call to the kind that the request's target is of.
//
// # The order of a change
//
// [Change] is the kind of whatever changes a system. It runs a [Work], which is
// one verb on one system that a call has opened:
//
//  1. Open reads the target's config and reaches the system.
//  2. Look finds out how it is. If that is as desired, and people see it so
//     (Seen), Run ends here: with Already if this step recorded nothing, else
//     with Changed, because then the effect is its own.
//  3. Keep returns what PutBack will need: the previous state itself, not that
//     there was one. It is recorded before anything changes.
//  4. Change brings about the desired state, in steps of which each is harmless
//     when repeated. Prefer what the system does as a whole: a file replaced, a
//     ruleset swapped, a transaction. Test a new configuration before the daemon
//     reads it, and put the old one back if the test fails.
//  5. Look again, and Seen, until both agree or Patience is over; a target whose
//     config says how long that is makes its Work a [Patient]. What then is not
//     seen a [Retractor] takes back at once.
//  6. With Settles the end is recorded too, for systems in which a look cannot
//     see all that Change does.
//
// Look names the ways around the effect that it can see and that stay open
// (State.Open): Run says them, fails if it would change nothing else, and
// Inspect does not call the state desired while there is one. The preflight says
// them before.
//
// Inspect is Look and Seen. Undo is PutBack, which puts back what was recorded,
// not a default; touches only what Change changed; refuses if it would overwrite
// what others changed since; and sees that it is back. Without a record there is
// nothing to undo. A Work that is no [Keeper], [Restorer], [Witness], [Retractor],
// [Checker] or [Noter] leaves that part out.
//
// An error of Open, Look and Keep of a first attempt is never in doubt. One of
// Change is, if it says so: what a host or a client lost the answer of is
// doubtful by itself, a refusal is not, and whoever wraps an error passes Doubt
// on. Commands and files that only look are made certain by the methods Output,
// ReadFile and Stat of host.Host, and by host.Certain. Every refusal has a Hint
// (host.Advise gives one where a program said nothing of use).
//
// # How a kind is made
//
// One file in the action's folder and one line in its list of kinds. What
// several actions need of the system (its config, signing in, looking,
// changing) lies in internal/systems/NAME and knows no action.
//
//	func inPostgres(disable bool) kind.Kind {
//		return kind.Change{
//			Type: postgres.Target(true), // of config.Describe[postgres.Config]
//			Open: func(ctx context.Context, req action.Request) (kind.Work, error) {
//				c, err := postgres.Connect(ctx, req) // config.Read[Config](req.Target)
//				return &role{Conn: c, account: req.With.String("account")}, err
//			},
//		}
//	}
//
//	type role struct {
//		*postgres.Conn // reaches the system, and closes it
//		account string
//	}
//
//	func (r *role) Look(ctx context.Context, record action.Values) (kind.State, error)
//	func (r *role) Keep(ctx context.Context, record action.Values) (map[string]any, error)
//	func (r *role) Change(ctx context.Context, record action.Values, out action.Sink) error
//	func (r *role) Check(ctx context.Context) []error // the preflight
//	func (r *role) PutBack(ctx context.Context, record action.Values, out action.Sink) (changed bool, summary string, err error)
//
// Where kinds of one noun share more, a frame stands between: accounts fill in a
// board (internal/actions/account/switch.go), web servers a gate
// (website/server.go), credentials a keeper (credentials/rotation.go), sessions a
// host (sessions/ended.go). There a line in the list may be all.
// Kinds for any system, by its own commands or requests, are made by package
// described from one description of the noun.
//
// The config is a struct with the methods Fields and Check; see package config.
// Fields are the type's manual: each with a sentence and, where it helps, an
// Example; files are Path, secrets are action.Secret. Embed what others share:
// host.Via, host.Encryption, newsecret.Passwords. Tools are the programs that must
// be there, on the host that via names. Check finds what fields cannot express,
// without I/O.
//
// Commands, files and connections go through host.Open(config.Via, req.Allow)
// alone, so that via works: Run with an argv, secrets by Env or Stdin; ReadFile
// and WriteFile; DialContext for a client library. Waiting goes through package
// patience alone, so that tests need not wait. Errors of servers that irctl signs
// in to are made by internal/systems/server.
//
// The preflight answers for the credentials: can we sign in, may we do this, is
// the version one that works? Each problem is an error of its own with a Hint.
//
// New credentials come from newsecret and go to req.Secrets before the system
// learns them; see internal/actions/credentials.
//
// # How a kind is tried
//
// A stand-in in internal/contract: a server on loopback (postgres_test.go) or a
// machine with programs and files in memory (postfix_test.go, website_test.go).
// It holds the state, returns all of it as text from State, and asks its
// actiontest.Faults once for each interaction before it carries it out:
//
//	switch s.faults.Next(changes) {
//	case actiontest.Lost:       // do nothing, end the connection
//	case actiontest.Refused:    // do nothing, answer as the system refuses
//	case actiontest.Unanswered: // do it, end the connection
//	}
//
// A server that speaks HTTP leaves that to the handler faulty (machine_test.go).
//
// A line in contract_test.go holds the kind to actiontest.Contract; the test
// there names kinds that have none. One end-to-end test in internal/real runs
// it against the real daemon: plan changes nothing, run, look with the daemon's
// own clients, run again, undo, the previous state is back; then a process
// killed at each moment of the action, and resume.
//
// Files, in reading order: kind.go, change.go (the order).
package kind
