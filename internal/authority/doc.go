// Package authority decides who may ask what of a run.
//
// [Rules.May] answers for one event, from the run's state, the people whom
// its environment names, and the [Speaker] who asks. It does no I/O and may be
// called from any goroutine. Whoever writes the journal asks it before every
// event that somebody asks for, wherever that came from, so that nothing is
// recorded which the environment does not permit. A process that asks uses
// [People.Choose] beforehand, to find the person as whom its account speaks
// and to explain a refusal at once; nothing depends on whether it does.
//
// Where people have keys, an answer counts only if it is signed: a [Statement] of
// run, step, attempt, plan, what was shown, decision, role and person, in OpenSSH's
// format. The person is then whose key it is, and the account does not matter.
// Without keys, what a speaker says about itself is believed: the account is a
// claim, and [Origin] says how much it is worth. Whether an event is possible at all
// as the run stands is the engine's question.
//
// Files, in reading order: authority.go (may this be asked), choose.go (as
// whom), holders.go (who holds a role by now), statement.go (what is signed),
// refusal.go (why not).
package authority
