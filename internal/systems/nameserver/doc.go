// Package nameserver asks and updates zones by the DNS itself: [Open] is the zone
// of a target, [Zone.At] the records that its primary has, [Zone.Replace] puts a
// set in the place of another if nobody else was faster, and [Zone.Followed] looks
// whether every server that the world asks has it. [Policy] is a zone by which
// resolvers refuse names and addresses.
//
// Files, in reading order: target.go (the target type), records.go (a record set),
// server.go (asking and updating name servers), policy.go.
package nameserver
