package desk

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/claim"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/pkg/event"
)

// What a filter may ask for besides the statuses of runs.
const (
	Paused event.Status = "paused"
	Held   event.Status = "held"
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
	status := is(string(f.Status), string(r.Status)) || f.Status == Paused && r.Pause != nil && !r.Held || f.Status == Held && r.Held
	return status && is(f.Runbook, r.Runbook) && is(f.Environment, r.Environment) &&
		(f.Incident == "" || r.Concerns(f.Incident)) && !r.Started.Before(f.Since)
}

// List reads the runs, newest first. Of a run that cannot be read unread says
// why, and its row holds the id and that it is in doubt, whatever was asked for.
func (d *Desk) List(f Filter) (rows []projection.Row, unread []error, err error) {
	of, err := d.shelf(f.Archived)
	if err != nil {
		return nil, nil, err
	}
	var chosen []keptRow
	over, enough := overs{}, func() bool { return f.Most > 0 && len(chosen) >= f.Most }
	batch := most
	if f.Most > 0 {
		batch = min(f.Most, most)
	}
	for at := 0; at < len(of.ids) && !enough(); at += batch {
		read := d.rows(of, of.ids[at:min(at+batch, len(of.ids))])
		for i := at; i < at+len(read) && !enough(); i++ {
			row := read[i-at]
			if errors.As(row.err, new(*store.NotFoundError)) {
				continue // it was deleted meanwhile
			}
			if row.err != nil {
				unread = append(unread, row.err)
				row.Row = projection.Row{Run: of.ids[i], Status: event.InDoubt, Waiting: []projection.Waiting{}}
			}
			if row.Place, row.Short = i+1, shortID(of.ids, i); f.Archived {
				row.Place, row.Short = 0, of.ids[i] // it has no place among the runs
			}
			if over.add(row.Over); row.err != nil || f.chooses(row.Row) {
				chosen = append(chosen, row)
			}
		}
	}
	_ = of.index.Save(of.ids) // without it the next list takes longer
	if slices.ContainsFunc(chosen, func(r keptRow) bool { return len(r.Expiring) > 0 }) {
		d.addOthers(over, f)
	}
	return each.Of(chosen, func(r keptRow) projection.Row { return r.lasting(over) }), unread, nil
}

// shelf is where rows come from: the runs with a folder, or those in archives.
type shelf struct {
	ids   []string // newest first
	index *store.Index
	read  func(id string) (keptRow, error)
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

func (d *Desk) archivedRow(id string) (keptRow, error) {
	reader, drop, err := d.unpacked(id)
	if err != nil {
		return keptRow{}, err
	}
	defer drop()
	r, err := folded(reader, nil)
	if err != nil {
		return keptRow{}, err
	}
	src, err := d.source(r)
	return d.rowOf(r, src), err
}

// most is how many runs are read side by side before it is known whether more
// are wanted.
const most = 256

// rows reads runs on every processor.
func (d *Desk) rows(of shelf, ids []string) []keptRow {
	out := make([]keptRow, len(ids))
	each.AtOnce(len(ids), func(i int) {
		row, err := d.indexed(of, ids[i])
		out[i], out[i].err = row, err
	})
	return out
}

// rowForm names how rows stand in the index: another number for another row.
const rowForm = "row 6 of irctl "

// indexed is the row of a run that has ended and was not touched since, as the
// index has it, and otherwise what the journal says. What an unfinished run waits
// for is not in the row's JSON, and who drives it changes without the journal.
func (d *Desk) indexed(of shelf, id string) (keptRow, error) {
	var known keptRow
	kept, files, ok := of.index.Row(id)
	if ok && json.Unmarshal(kept, &known) == nil && known.Run == id {
		known.Row.About = known.About
		for i, l := range known.Expiring {
			known.Expiring[i] = l.At(d.utc())
		}
		return known, nil
	}
	row, err := of.read(id)
	if err == nil && !row.Ended.IsZero() && len(row.Waiting) == 0 {
		if kept, err := json.Marshal(row); err == nil {
			of.index.Keep(id, files, kept)
		}
	}
	return row, err
}

// keptRow is a row with what its JSON for others leaves out.
type keptRow struct {
	projection.Row
	About []string         `json:"about"`
	Of    []claim.Resource `json:"of"` // what is Expiring, each
	Over  []reversal       `json:"over"`

	err error // why there is none
}

// lasting is the row without what others brought to its end since.
func (r keptRow) lasting(over overs) projection.Row {
	left := r.Expiring[:0]
	for i, l := range r.Expiring {
		if !over[r.Of[i]].After(l.Since.Time) {
			left = append(left, l)
		}
	}
	r.Expiring = left
	return r.Row
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

func (d *Desk) row(id string) (keptRow, error) {
	r, err := d.ReadRun(id)
	if err != nil {
		return keptRow{}, err
	}
	src := projection.Source{State: r.state, Head: r.head, Now: d.utc(), Archive: r.Archive()}
	if r.state.EndedAt().IsZero() {
		if src, err = d.source(r); err != nil {
			return keptRow{}, err
		}
	}
	return d.rowOf(r, src), nil
}

func (d *Desk) rowOf(r *Reading, src projection.Source) keptRow {
	row := projection.RowOf(src)
	if brought(r.Owner(), r.account) != "" {
		row.By += ", put here by " + r.Owner()
	}
	out := keptRow{Row: row, About: row.About, Over: d.reversals(r.state)}
	if expires(r.state) {
		out.Expiring = d.expiring(r, d.contained(r.state))
	}
	out.Of = each.Of(out.Expiring, func(l projection.Look) claim.Resource { return d.resource(r.state, l.Path) })
	return out
}
