package desk

import (
	"errors"
	"slices"

	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/pkg/event"
	"github.com/irctl/irctl/pkg/journal"
)

// startOf is the first event of a run, as far as it can be read.
func startOf(r *store.Reader) (event.RunStarted, bool) {
	for entry, err := range r.Entries() {
		if e, undecoded := event.Decode(entry.Line); err == nil && undecoded == nil {
			started, ok := e.Body.(event.RunStarted)
			return started, ok
		}
		break
	}
	return event.RunStarted{}, false
}

// noted is the fingerprint of a run that the next one of the home noted when it
// began, if that can be told.
func (d *Desk) noted(id string) []journal.Fingerprint {
	if d.Store.Shared() {
		return nil // anybody of the group may have made the next one, to say anything
	}
	ids, err := d.Store.List()
	at := slices.Index(ids, id)
	if err != nil || at < 1 {
		return nil
	}
	r, err := d.Store.Reader(ids[at-1])
	if err != nil {
		return nil
	}
	started, _ := startOf(r)
	c, err := journal.ReadCheckpoint(started.Previous.Note)
	if err != nil || started.Previous.Run != id {
		return nil
	}
	return []journal.Fingerprint{c.Fingerprint()}
}

// before is the run that was the newest of the home when this one began, and what
// became of it, "" if it is as it was.
func (d *Desk) before(r *store.Reader) (run, wrong string) {
	started, _ := startOf(r)
	if run = started.Previous.Run; run == "" {
		return "", ""
	}
	reader, drop, err := d.journal(run)
	defer drop()
	if unfound := (*store.NotFoundError)(nil); errors.As(err, &unfound) {
		return run, "it is gone: it was deleted, or its archive was moved away"
	}
	if err != nil {
		return run, "it cannot be read: " + err.Error()
	}
	c, unread := journal.ReadCheckpoint(started.Previous.Note)
	if unread != nil {
		return run, ""
	}
	report, _, err := reader.Audit(journal.Given{Fingerprints: []journal.Fingerprint{c.Fingerprint()}}, nil)
	if err != nil {
		return run, "it cannot be read: " + err.Error()
	}
	if len(report.Findings) > 0 && report.Verdict != journal.Torn {
		return run, report.Findings[0].Problem
	}
	return run, ""
}
