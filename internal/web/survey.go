package web

import (
	"context"
	"slices"
	"time"

	"github.com/irctl/irctl/internal/desk"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/projection"
)

// often is how often the runs of a home are looked at, if that is quick: it takes a
// tenth of the time at most.
const often = time.Second

// survey makes a topic anew again and again.
func survey(ctx context.Context, t *topic, look func() any) {
	for ctx.Err() == nil {
		began := time.Now()
		t.publish(look())
		pause(ctx, max(often, 10*time.Since(began)))
	}
}

// mostRuns is how many runs a page lists: the newest.
const mostRuns = 200

// runs keeps the list of all runs up to date.
func (s *Server) runs(ctx context.Context, t *topic) {
	survey(ctx, t, func() any {
		most := mostRuns + 1
		if s.Only != "" {
			most = 0 // it may be an old one
		}
		rows, unread, err := s.Desk.List(desk.Filter{Most: most})
		rows = slices.DeleteFunc(rows, func(r projection.Row) bool { return s.Only != "" && s.Only != r.Run })
		out := List{Kind: "runs", Problems: problems(unread, err), More: len(rows) > mostRuns}
		out.Runs = each.Of(rows[:min(len(rows), mostRuns)], rowOf)
		return out
	})
}

// incident keeps what the runs of an incident say up to date.
func (s *Server) incident(ctx context.Context, t *topic, name string) {
	survey(ctx, t, func() any {
		found, unread, err := s.Desk.Incident(name)
		out := List{Kind: "incident", Incident: line(name), Problems: problems(unread, err)}
		out.Runs = each.Of(found.Runs, rowOf)
		out.Contained = each.Of(found.Contained, lookOf)
		from := max(0, len(found.Timeline)-mostEntries)
		out.Earlier = from
		for _, e := range found.Timeline[from:] {
			out.Timeline = append(out.Timeline, entryOf(0, e.Run, e.Entry))
		}
		return out
	})
}

func problems(unread []error, err error) []string {
	if err != nil {
		unread = append(unread, err)
	}
	return each.Of(unread, func(e error) string { return line(e.Error()) })
}
