package clock

import (
	"fmt"
	"slices"
	"time"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/pkg/event"
)

// Record is the clock as the first entry of a run keeps it: whoever reads the run
// later needs nothing else.
func (c Clock) Record(calendar *Calendar) event.Clock {
	return event.Clock{
		Name: c.Name, Title: c.Title, Who: c.Who, Until: c.Until, Source: c.Source,
		Limits: each.Of(c.Limits, func(l Limit) event.ClockLimit {
			return event.ClockLimit{From: l.From, Within: l.Within.String(), Lapses: l.Lapses}
		}),
		Calendar: calendar.Name, Zone: calendar.Zone.String(), Closes: int64(calendar.Closes / time.Second),
		Holidays:    each.Of(calendar.Holidays, Day.String),
		WarnSeconds: each.Of(c.Warn, func(d time.Duration) int64 { return int64(d / time.Second) }),
	}
}

// Recorded is a clock that a run keeps.
func Recorded(e event.Clock) (Clock, *Calendar, error) {
	zone, err := time.LoadLocation(e.Zone)
	if err != nil {
		return Clock{}, nil, err
	}
	calendar, ok := NewCalendar(e.Calendar, zone)
	if !ok {
		return Clock{}, nil, fmt.Errorf("the calendar %q is unknown here", e.Calendar)
	}
	calendar.Closes = time.Duration(e.Closes) * time.Second
	for _, text := range e.Holidays {
		day, err := ParseDay(text)
		if err != nil {
			return Clock{}, nil, err
		}
		calendar.Holidays = append(calendar.Holidays, day)
	}
	c := Clock{Name: e.Name, Title: e.Title, Who: e.Who, Until: e.Until, Calendar: e.Calendar, Source: e.Source,
		Warn: each.Of(e.WarnSeconds, func(n int64) time.Duration { return time.Duration(n) * time.Second })}
	for _, l := range e.Limits {
		within, err := ParsePeriod(l.Within)
		if err != nil {
			return Clock{}, nil, err
		}
		c.Limits = append(c.Limits, Limit{l.From, within, l.Lapses})
	}
	return c, calendar, nil
}

// Known are the facts and the holds that people stated, as the last word on each
// has them.
func Known(stated []event.Event) (facts Facts, holds map[string]time.Time) {
	facts, holds = Facts{}, map[string]time.Time{}
	for _, e := range stated {
		switch b := e.Body.(type) {
		case event.FactStated:
			facts[b.Fact] = b.At
		case event.ClockHeld:
			holds[b.Clock] = b.Until
		}
	}
	return facts, holds
}

// Names are those of clocks and of all facts that move them, each once.
func Names(clocks []event.Clock) (names, facts []string) {
	for _, c := range clocks {
		names = append(names, c.Name)
		for _, l := range c.Limits {
			facts = append(facts, l.From)
		}
		facts = append(facts, c.Until)
	}
	slices.Sort(facts)
	return names, slices.Compact(facts)
}
