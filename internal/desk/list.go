package desk

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/pkg/event"
)

// Filter chooses runs. The zero value chooses all.
type Filter struct {
	Status                         event.Status
	Runbook, Environment, Incident string
	Since                          time.Time // that began then or later
	Most                           int       // the newest so many; 0 is all
	Archived                       bool      // those that are archived, instead of those with a folder
}

func (f Filter) chooses(r projection.Row) bool {
	is := func(wanted, s string) bool { return wanted == "" || wanted == s }
	return is(string(f.Status), string(r.Status)) && is(f.Runbook, r.Runbook) && is(f.Environment, r.Environment) &&
		is(f.Incident, r.Incident) && !r.Started.Before(f.Since)
}

// List reads the runs, newest first. Of a run that cannot be read unread says
// why, and its row holds the id and that it is in doubt, whatever was asked for.
func (d *Desk) List(f Filter) (rows []projection.Row, unread []error, err error) {
	if f.Archived {
		return d.listArchived(f)
	}
	ids, err := d.Store.List()
	if err != nil {
		return nil, nil, err
	}
	index := d.Store.Index(rowForm + d.Version)
	enough := func() bool { return f.Most > 0 && len(rows) >= f.Most }
	batch := most
	if f.Most > 0 {
		batch = min(f.Most, most)
	}
	for at := 0; at < len(ids) && !enough(); at += batch {
		read := d.rows(index, ids[at:min(at+batch, len(ids))])
		for i := at; i < at+len(read) && !enough(); i++ {
			row, err := read[i-at].row, read[i-at].err
			if errors.As(err, new(*store.NotFoundError)) {
				continue // it was deleted meanwhile
			}
			if err != nil {
				unread = append(unread, err)
				row = projection.Row{Run: ids[i], Status: event.InDoubt, Waiting: []projection.Waiting{}}
			}
			if row.Place, row.Short = i+1, shortID(ids, i); err != nil || f.chooses(row) {
				rows = append(rows, row)
			}
		}
	}
	_ = index.Save(ids) // without it the next list takes longer
	return rows, unread, nil
}

// listArchived is List of what is archived. Its rows have no place among the runs.
func (d *Desk) listArchived(f Filter) (rows []projection.Row, unread []error, err error) {
	ids, err := d.Store.Archived()
	for _, id := range slices.Backward(ids) {
		if f.Most > 0 && len(rows) == f.Most {
			break
		}
		row, err := d.archivedRow(id)
		if err != nil {
			unread = append(unread, err)
			row = projection.Row{Run: id, Status: event.InDoubt, Waiting: []projection.Waiting{}}
		}
		if row.Short = id; err != nil || f.chooses(row) {
			rows = append(rows, row)
		}
	}
	return rows, unread, err
}

func (d *Desk) archivedRow(id string) (projection.Row, error) {
	reader, drop, err := d.unpacked(id)
	if err != nil {
		return projection.Row{}, err
	}
	defer drop()
	r, err := folded(reader, nil)
	if err != nil {
		return projection.Row{}, err
	}
	return projection.RowOf(projection.Source{State: r.state, Head: r.head, Now: d.utc()}), nil
}

// most is how many runs are read side by side before it is known whether more
// are wanted.
const most = 256

type rowRead struct {
	row projection.Row
	err error
}

// rows reads runs on every processor.
func (d *Desk) rows(index *store.Index, ids []string) []rowRead {
	out := make([]rowRead, len(ids))
	each.AtOnce(len(ids), func(i int) { out[i].row, out[i].err = d.indexed(index, ids[i]) })
	return out
}

// rowForm names how rows stand in the index: another number for another row.
const rowForm = "row 2 of irctl "

// indexed is the row of a run that has ended and was not touched since, as the
// index has it, and otherwise what the journal says. What an unfinished run waits
// for is not in the row's JSON, and who drives it changes without the journal.
func (d *Desk) indexed(index *store.Index, id string) (row projection.Row, err error) {
	kept, files, ok := index.Row(id)
	if ok && json.Unmarshal(kept, &row) == nil && row.Run == id {
		for i, l := range row.Expiring {
			row.Expiring[i] = l.At(d.utc())
		}
		return row, nil
	}
	row, err = d.row(id)
	if err == nil && !row.Ended.IsZero() && len(row.Waiting) == 0 {
		if kept, err := json.Marshal(row); err == nil {
			index.Keep(id, files, kept)
		}
	}
	return row, err
}

// shortID is as much of a sorted list's id as tells it from the others, and not
// so little that a new run makes it ambiguous at once.
func shortID(ids []string, i int) string {
	n := 8
	for _, other := range []int{i - 1, i + 1} {
		for other >= 0 && other < len(ids) && n < len(ids[i]) && strings.HasPrefix(ids[other], ids[i][:n]) {
			n++
		}
	}
	return ids[i][:min(n, len(ids[i]))]
}

func (d *Desk) row(id string) (projection.Row, error) {
	r, err := d.ReadRun(id)
	if err != nil {
		return projection.Row{}, err
	}
	src := projection.Source{State: r.state, Head: r.head, Now: d.utc()}
	if r.state.EndedAt().IsZero() {
		if _, src.Driven, err = d.Store.Driven(id); err != nil {
			return projection.Row{}, err
		}
	}
	row := projection.RowOf(src)
	row.Expiring = d.expiring(r.state)
	return row, nil
}
