// Package desk is what a person does with a run: begin it, take it over, ask
// something of it, read it, follow it, prove it.
//
// [New] makes a [Desk] from a [Config]. [Desk.Begin], [Desk.Resume] and
// [Desk.Submit] return a run that this process holds, as a [Driving];
// [Driving.Drive] carries it on and gives it back. [Desk.Submit] takes a
// [request.Request], which becomes one event of the run as it stands, and has it made
// durable by whoever drives the run, or by itself if nobody does.
// [Desk.Read], [Desk.Status], [Desk.Follow] and [Desk.Verify] work without the
// run's lock, whoever drives it.
//
// A desk knows no flags, terminals or exit statuses. What happens is told to an
// [Observer]; what cannot be is an error of a type of errors.go, or one of
// store, engine or authority. A Desk may be used from several goroutines, a
// Driving by one, but for [Driving.Answer].
//
// Files, in reading order: desk.go, read.go (a run from its folder), ahead.go (its
// journal, decoded),
// list.go (all of them), over.go (what others of them
// ended), incident.go, account.go (what is told of them afterwards), begin.go, preview.go (what would run), drive.go (a run
// that this process drives), checkpoint.go (what is signed of it), claims.go (what other runs rely on), guarding.go (what a run leaves alone), sharing.go
// (what they claim), inbox.go (what others ask of it),
// step.go and evidence.go (what a request is about),
// sign.go (whose decision it is), submit.go (how it reaches the journal), halt.go (all at once), archive.go (runs that are over), follow.go, recheck.go (what targets say of it), verify.go, neighbours.go, warnings.go
// (what runs beside it, and files that are gone, say of it), prove.go (one entry), handout.go
// and auditpack.go (what leaves for others),
// anchoring.go and anchored.go (who else remembers it), errors.go.
package desk
