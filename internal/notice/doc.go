// Package notice says whom a run that waits tells, when and what.
//
// [New] takes the rules of an environment. [Rules.Due] is what is to be told by a
// time and [Rules.Next] when something is due again: both follow from the run's
// state, in which every notice stands since before it went out, so that a process
// that takes the run over tells nobody twice. [Rules.Message] is what a notice
// says. Nothing is sent from here.
//
// Whoever is asked is told when a step begins to wait, told again every so often,
// and not any more once they have answered. If nobody has answered, others are
// told. A message that may have arrived is not sent again; one that certainly did
// not is tried again a few times.
//
// Files, in reading order: question.go (what waits for whom), rules.go (what is
// due), message.go (what it says).
package notice
