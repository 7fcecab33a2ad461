// Package lab is a small company to practise on: [Lab], an invented mortgage
// servicer called Harbor Mortgage that lives on loopback in one process.
//
// [New] opens the company in a folder and starts everything it has: a borrower
// portal, a mail server, a directory with staff accounts, a mailbox and a chat
// room that stand outside the company, and an admin API. [Lab.Close] ends it.
// [Serve] is New for a process of its own, [Up], [Look], [Reset] and [Down]
// are how another process starts, sees, refreshes and ends that one.
//
// Everything the company does is real, but small: clients speak SMTP, LDAP and
// HTTP to it over TCP. What must outlive the process is written through to the
// folder before a client gets its answer, so a lab that was killed goes on
// where it was. The ledger (ledger.jsonl) is the witness of every effect that
// the company saw, kept apart from irctl's own journals.
//
// Files, in reading order: lab.go (the company as a whole), company.go (its
// state), ledger.go, portal.go, mail.go, directory.go with ldap.go (the wire)
// and filter.go, outside.go, admin.go, environment.go (the environment file
// that points irctl at all this), process.go and client.go (the lab seen from
// another process), probe.go and story.go (the company seen from outside).
package lab
