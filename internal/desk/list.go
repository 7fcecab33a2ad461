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
		(f.Incident == "" || r.Concerns(f.Incident)) && !r.Started.Before(f.Since)
}

// List reads the runs, newest first. Of a run that cannot be read unread says
// why, and its row holds the id and that it is in doubt, whatever was asked for.
func (d *Desk) List(f Filter) (rows []projection.Row, unread []error, err error) {
	of, err := d.shelf(f.Archived)
	if err != nil {
		return nil, nil, err
	}
	enough := func() bool { return f.Most > 0 && len(rows) >= f.Most }
	batch := most
	if f.Most > 0 {
		batch = min(f.Most, most)
	}
	for at := 0; at < len(of.ids) && !enough(); at += batch {
		read := d.rows(of, of.ids[at:min(at+batch, len(of.ids))])
		for i := at; i < at+len(read) && !enough(); i++ {
			row, err := read[i-at].row, read[i-at].err
			if errors.As(err, new(*store.NotFoundError)) {
				continue // it was deleted meanwhile
			}
			if err != nil {
				unread = append(unread, err)
				row = projection.Row{Run: of.ids[i], Status: event.InDoubt, Waiting: []projection.Waiting{}}
			}
			if row.Place, row.Short = i+1, shortID(of.ids, i); f.Archived {
				row.Place, row.Short = 0, of.ids[i] // it has no place among the runs
			}
			if err != nil || f.chooses(row) {
				rows = append(rows, row)
			}
		}
	}
	_ = of.index.Save(of.ids) // without it the next list takes longer
	return rows, unread, nil
}

// shelf is where rows come from: the runs with a folder, or those in archives.
type shelf struct {
	ids   []string // newest first
	index *store.Index
	read  func(id string) (projection.Row, error)
}

func (d *Desk) shelf(archived bool) (of shelf, err error) {
	if archived {
		of = shelf{index: d.Store.ArchiveIndex(rowForm + d.Version), read: d.archivedRow}
		of.ids, err = d.Store.Archived()
		slices.Reverse(of.ids)
		return of, err
	}
	of = shelf{index: d.Store.Index(rowForm + d.Version), read: d.row}
	of.ids, err = d.Store.List()
	return of, err
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
	return d.rowOf(r, false), nil
}

// most is how many runs are read side by side before it is known whether more
// are wanted.
const most = 256

type rowRead struct {
	row projection.Row
	err error
}

// rows reads runs on every processor.
func (d *Desk) rows(of shelf, ids []string) []rowRead {
	out := make([]rowRead, len(ids))
	each.AtOnce(len(ids), func(i int) { out[i].row, out[i].err = d.indexed(of, ids[i]) })
	return out
}

// rowForm names how rows stand in the index: another number for another row.
const rowForm = "row 3 of irctl "

// indexed is the row of a run that has ended and was not touched since, as the
// index has it, and otherwise what the journal says. What an unfinished run waits
// for is not in the row's JSON, and who drives it changes without the journal.
func (d *Desk) indexed(of shelf, id string) (projection.Row, error) {
	var known keptRow
	kept, files, ok := of.index.Row(id)
	if ok && json.Unmarshal(kept, &known) == nil && known.Run == id {
		known.Row.About = known.About
		for i, l := range known.Expiring {
			known.Expiring[i] = l.At(d.utc())
		}
		return known.Row, nil
	}
	row, err := of.read(id)
	if err == nil && !row.Ended.IsZero() && len(row.Waiting) == 0 {
		if kept, err := json.Marshal(keptRow{row, row.About}); err == nil {
			of.index.Keep(id, files, kept)
		}
	}
	return row, err
}

// keptRow is a row with what its JSON for others leaves out.
type keptRow struct {
	projection.Row
	About []string `json:"about"`
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
	driven := false
	if r.state.EndedAt().IsZero() {
		if _, driven, err = d.Store.Driven(id); err != nil {
			return projection.Row{}, err
		}
	}
	return d.rowOf(r, driven), nil
}

func (d *Desk) rowOf(r *Reading, driven bool) projection.Row {
	row := projection.RowOf(projection.Source{State: r.state, Head: r.head, Driven: driven, Now: d.utc(), Archive: r.Archive()})
	row.Expiring = d.expiring(r)
	return row
}
