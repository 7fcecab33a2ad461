package desk

import (
	"strings"
	"time"

	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/pkg/event"
)

// Filter chooses runs. The zero value chooses all.
type Filter struct {
	Status                         event.Status
	Runbook, Environment, Incident string
	Since                          time.Time // that began then or later
	Most                           int       // the newest so many; 0 is all
}

func (f Filter) chooses(r projection.Row) bool {
	is := func(wanted, s string) bool { return wanted == "" || wanted == s }
	return is(string(f.Status), string(r.Status)) && is(f.Runbook, r.Runbook) && is(f.Environment, r.Environment) &&
		is(f.Incident, r.Incident) && !r.Started.Before(f.Since)
}

// List reads the runs, newest first. Of a run that cannot be read unread says
// why, and its row holds the id and that it is in doubt, whatever was asked for.
func (d *Desk) List(f Filter) (rows []projection.Row, unread []error, err error) {
	ids, err := d.Store.List()
	if err != nil {
		return nil, nil, err
	}
	for i, id := range ids {
		if f.Most > 0 && len(rows) == f.Most {
			break
		}
		row, err := d.row(id)
		if err != nil {
			unread = append(unread, err)
			row = projection.Row{Run: id, Status: event.InDoubt, Waiting: []projection.Waiting{}}
		}
		if row.Place, row.Short = i+1, shortID(ids, i); err != nil || f.chooses(row) {
			rows = append(rows, row)
		}
	}
	return rows, unread, nil
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
	return projection.RowOf(src), nil
}
