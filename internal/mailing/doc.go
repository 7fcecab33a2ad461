// Package mailing is a notice as each of its readers gets it: [Open] reads a
// notice, its list of readers and whatever they get besides, finds every mistake
// in them, and [Notice.Letter] is what one reader gets. Nothing is sent from here.
//
// Files, in reading order: notice.go, template.go (the texts, one for each
// language), list.go (who the readers are), codes.go (what each of them gets
// once), outofband.go (those whom mail does not reach).
package mailing
