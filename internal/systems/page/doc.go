// Package page changes what customers see, by the two files that web servers
// test for: a page, and a flag whose existence makes the server answer 503
// with that page. [Notice.HTML] renders a page, [Look] and [Snapshot.Restore]
// keep and put back what was there, and [Site] asks from the outside whether
// customers see it.
//
// Files, in reading order: notice.go, snapshot.go, site.go, target.go.
package page
