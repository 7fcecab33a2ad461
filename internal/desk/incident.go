package desk

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/pkg/event"
)

// Incident reads all runs of an incident: those that an input identifies by its
// name, or whose input incident is it. Of a run that cannot be read unread says
// why: it may be of the incident too.
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
	for _, id := range slices.Backward(ids) { // oldest first
		if !d.Store.May(id, func(journal []byte) bool { return bytes.Contains(journal, quoted) }) {
			continue
		}
		if err := d.addTo(&out, id); err != nil {
			unread = append(unread, err)
		}
	}
	slices.SortStableFunc(out.Timeline, func(a, b projection.RunEntry) int { return a.Time.Compare(b.Time.Time) })
	return out, unread, nil
}

// addTo adds a run to its incident, if it is of it.
func (d *Desk) addTo(out *projection.Incident, id string) error {
	reader, err := d.Store.Reader(id)
	if err != nil {
		return err
	}
	var told []projection.RunEntry
	r, err := foldedBefore(reader, func(e event.Event) {
		told = append(told, projection.RunEntry{Run: id, Entry: projection.Tell(e)})
	})
	if err != nil {
		return err
	}
	src, err := d.source(r)
	if err != nil {
		return err
	}
	row := projection.RowOf(src)
	if begun, _, _ := r.state.Started(); row.Incident != out.Incident && begun.Inputs["incident"] != out.Incident {
		return nil
	}
	out.Runs, out.Timeline = append(out.Runs, row), append(out.Timeline, told...)
	for _, path := range d.contained(r.state) {
		l := d.look(r.state, path)
		l.Run = id
		out.Contained = append(out.Contained, l)
	}
	return nil
}
