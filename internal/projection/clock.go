package projection

import (
	"slices"
	"time"

	"github.com/irctl/irctl/internal/clock"
	"github.com/irctl/irctl/internal/engine"
)

// Clock is a duty to tell somebody, as it stands for a run.
type Clock struct {
	Name    string      `json:"name"`
	Title   string      `json:"title"`
	Who     string      `json:"who"`
	State   clock.State `json:"state"`
	From    string      `json:"from"`    // the fact that started it, or "" while it waits
	Began   Time        `json:"began"`   // when that was
	Due     Time        `json:"due"`     // when the time is over
	Was     Time        `json:"was"`     // when it would have been over if nobody had put it off; zero if nobody did
	Ended   Time        `json:"ended"`   // when they were told
	Starts  []string    `json:"starts"`  // the facts that start it
	Ends    string      `json:"ends"`    // the fact that ends it
	Warning bool        `json:"warning"` // it is due soon, or over
	Problem string      `json:"problem,omitempty"`

	Local time.Time `json:"-"` // Due in the clock's own zone
}

// clocks are those of a run: what is due first comes first, what is over last.
func clocks(s engine.State, now time.Time) []Clock {
	started, _, _ := s.Started()
	facts, holds := clock.Known(s.Stated())
	var out []Clock
	for _, e := range started.Clocks {
		row := Clock{Name: e.Name, Title: e.Title, Who: e.Who, Ends: e.Until}
		for _, l := range e.Limits {
			row.Starts = append(row.Starts, l.From)
		}
		c, calendar, err := clock.Recorded(e)
		if err != nil {
			row.Problem, row.Warning = err.Error(), true
			out = append(out, row)
			continue
		}
		at := c.At(facts, holds[c.Name], now, calendar)
		row.State, row.From, row.Began, row.Due, row.Ended, row.Local = at.State, at.From, Time{at.Began}, Time{at.Due}, Time{at.Ended}, at.Due
		row.Was = Time{at.Was}
		row.Warning = at.State == clock.Missed || at.State == clock.Running && slices.ContainsFunc(c.Warn, func(d time.Duration) bool { return !now.Before(at.Due.Add(-d)) })
		out = append(out, row)
	}
	slices.SortStableFunc(out, func(a, b Clock) int {
		if x := a.rank() - b.rank(); x != 0 {
			return x
		}
		return a.Due.Compare(b.Due.Time)
	})
	return out
}

// rank is the place of a clock's state: what somebody must do something about
// first.
func (c Clock) rank() int {
	return slices.Index([]clock.State{"", clock.Missed, clock.Running, clock.Held, clock.Waiting, clock.Late, clock.Met}, c.State)
}
