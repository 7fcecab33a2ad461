package desk

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/irctl/irctl/internal/claim"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/pkg/event"
)

// Incident reads all runs of an incident: those that an input identifies by its
// name, or whose input incident is it. Of a run that cannot be read unread says
// why: it may be of the incident too. With no name it reads the runs of the home
// that have not ended or contain something, and tells no timeline.
func (d *Desk) Incident(name string) (out projection.Incident, unread []error, err error) {
	out.Incident = name
	ids, err := d.Store.List()
	if err != nil {
		return out, nil, err
	}
	quoted, err := json.Marshal(name)
	if err != nil {
		return out, nil, err
	}
	rows, unread, err := d.List(Filter{Archived: name != "", Incident: name})
	archived := map[string]bool{}
	var of []string
	gone := map[string]bool{}
	for _, row := range rows {
		gone[row.Run] = row.Status == event.Undone
	}
	for _, id := range ids {
		if name == "" {
			if !gone[id] {
				of = append(of, id)
			}
		} else if d.Store.May(id, func(journal []byte) bool { return bytes.Contains(journal, quoted) }) {
			of = append(of, id)
		}
	}
	for _, row := range rows {
		if name != "" && !slices.Contains(ids, row.Run) && !row.Started.IsZero() { // its folder is gone; it can be read
			of, archived[row.Run] = append(of, row.Run), true
		}
	}
	over := d.overs()
	slices.Sort(of) // oldest first
	for _, id := range of {
		open := d.Store.Reader
		drop := func() {}
		if archived[id] { // one at a time: each may be gigabytes
			open = func(id string) (r *store.Reader, err error) {
				r, drop, err = d.unpacked(id)
				return r, err
			}
		}
		reader, err := open(id)
		if err == nil {
			err = d.addTo(&out, reader, over)
		}
		drop()
		if err != nil {
			unread = append(unread, err)
		}
	}
	slices.SortStableFunc(out.Timeline, func(a, b projection.RunEntry) int { return a.Time.Compare(b.Time.Time) })
	return out, unread, err
}

// addTo adds a run to its incident, if it is of it.
func (d *Desk) addTo(out *projection.Incident, reader *store.Reader, over overs) error {
	id := reader.ID()
	var told []projection.RunEntry
	r, err := foldedBefore(reader, func(e event.Event) {
		if out.Incident != "" && e.Type() != "checkpoint_signed" { // nobody did anything
			told = append(told, projection.RunEntry{Run: id, Entry: projection.Tell(e)})
		}
	})
	if err != nil {
		return err
	}
	src, err := d.source(r)
	if err != nil {
		return err
	}
	row := projection.RowOf(src)
	if out.Incident != "" && !row.Concerns(out.Incident) {
		return nil
	}
	contained := d.containing(r, over)
	if out.Incident == "" && !row.Ended.IsZero() && len(contained) == 0 {
		return nil
	}
	out.Runs, out.Timeline = append(out.Runs, row), append(out.Timeline, told...)
	out.Contained = append(out.Contained, contained...)
	return nil
}

// Containing is what a run brought about that is to be so still.
func (d *Desk) Containing(r *Reading) []projection.Look { return d.containing(r, d.overs()) }

// containing is what a run brought about that is to be so still. A message or a
// case contains nothing; a command does if the runbook can put it back, whatever it
// acts on.
func (d *Desk) containing(r *Reading, over overs) (out []projection.Look) {
	lasting := d.lasting(r.state, over)
	for i, path := range append(lasting, d.unsure(r.state, over)...) {
		l := d.look(r, path)
		if i >= len(lasting) {
			st, _ := r.state.Step(path)
			l.State, l.Note = doubt(st)
		}
		command := l.Target == "" && len(r.state.Undoable("", path)) > 0
		if l.Run = r.ID(); command || !l.Expires.IsZero() || claim.Changes(l.Action, d.spec) {
			out = append(out, l)
		}
	}
	return out
}
