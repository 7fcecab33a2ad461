// Package web is the war room: the runs of a home as a page that is live.
//
// [New] makes a [Server] of a [Config]; [Server.Serve] answers until its context
// ends. Whoever reads has a token of their own ([Readers]). The page itself holds
// nothing: a script fills it with what a stream of server-sent events says, as text
// and never as HTML, and every text from outside is cleaned before it is sent.
//
// However many read, each run has one follower, whose state is rendered once. A
// reader has no queue: it is given the newest state when it has taken the one
// before, and is dropped when it takes nothing for a while. A browser then comes
// back with the number of the last entry that it has, and gets those since.
//
// Files, in reading order: server.go (what is answered), guard.go (whom), readers.go
// (their tokens), stream.go (one reader), topic.go (what many readers look at),
// follow.go (a run), survey.go (all runs, an incident), state.go (what a page is
// told).
package web
