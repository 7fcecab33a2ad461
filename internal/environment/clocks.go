package environment

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/clock"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/internal/suggest"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
	"github.com/irctl/irctl/pkg/runbook"
)

var clockTable = language.NewTable(
	language.Key{Name: "name", Required: true, Forms: language.AName(language.StepName), Example: "acme-told",
		Description: "Its name; of a clock that irctl knows (`irctl clock list`), or a new one with all that follows."},
	language.Key{Name: "title", Forms: language.AText(), Example: "Tell ACME that its data may be affected",
		Description: "What must be done."},
	language.Key{Name: "who", Forms: language.AText(), Example: "ACME's security desk",
		Description: "Who must be told."},
	language.Key{Name: "within", Forms: language.AText(), Example: "24 hours",
		Description: "How long it may take: hours, days, months or business days."},
	language.Key{Name: "from", Forms: language.AName(language.StepName), Example: "breach-aware",
		Description: "The fact that starts it, which a person states (`irctl clock set`)."},
	language.Key{Name: "until", Forms: language.AName(language.StepName), Example: "acme-told",
		Description: "The fact that ends it."},
	language.Key{Name: "calendar", Forms: language.AText(), Example: "berlin",
		Description: "The calendar whose days count: one below `calendars`, or " + strings.Join(clock.CalendarNames(), ", ") + "; without it, that of the clock, or weekdays."},
	language.Key{Name: "warn", Forms: language.Texts(), Example: "[4h, 1h]",
		Description: "How long before the time is over people are warned."},
)

var calendarTable = language.NewTable(
	language.Key{Name: "days", Forms: language.AWord(clock.CalendarNames()...), Default: clock.Weekdays, Example: clock.Weekdays,
		Description: "The calendar that it is like."},
	language.Key{Name: "zone", Forms: language.AText(), Example: "Europe/Berlin",
		Description: "The time zone in which its days begin and end, as the IANA database names it."},
	language.Key{Name: "closes", Forms: language.AText(), Example: `"17:00"`,
		Description: "When a day ends for whoever is told; without it, at midnight."},
	language.Key{Name: "holidays", Forms: language.Texts(), Example: "[2027-05-17]",
		Description: "Further days on which nobody works."},
)

var UnclearClock = codes.Error("IR0450", "clock is not clear",
	"A clock says who must be told of an incident and by when. It is the name of one that irctl knows, or has `title`, `who`, `within`, `from` and `until` of its own. Its calendar is one below `calendars` or one that irctl knows.")

// clocks reads who must be told of an incident, and by when.
func (p *parser) clocks(m *language.Mapping) {
	calendars := map[string]*clock.Calendar{}
	for _, pair := range m.Entries("calendars", language.StepName) {
		if c := p.calendar(pair); c != nil {
			calendars[pair.Key.Value] = c
		}
	}
	for _, item := range m.Items("clocks") {
		c, at, ok := p.clock(item)
		if !ok {
			continue
		}
		calendar := calendars[c.Calendar]
		if calendar == nil {
			calendar, ok = clock.NewCalendar(c.Calendar, nil)
		}
		switch {
		case !ok:
			p.Report(UnclearClock, at, "name one below `calendars`, or "+strings.Join(clock.CalendarNames(), ", "), "there is no calendar `%s`", action.CleanLine(c.Calendar, 40))
		case slices.ContainsFunc(p.env.Clocks, func(o event.Clock) bool { return o.Name == c.Name }):
			p.Report(UnclearClock, at, "keep one of them", "the clock `%s` stands there twice", c.Name)
		default:
			p.env.Clocks = append(p.env.Clocks, c.Record(calendar))
		}
	}
}

// clock reads one: its name, or a mapping.
func (p *parser) clock(item *runbook.Value) (c clock.Clock, at runbook.Span, ok bool) {
	library := clock.Library()
	find := func(name string) int {
		return slices.IndexFunc(library, func(c clock.Clock) bool { return c.Name == name })
	}
	if item.Kind == runbook.StringValue {
		if i := find(item.Text); i >= 0 {
			return library[i], item.Span, true
		}
		known := each.Of(library, func(c clock.Clock) string { return c.Name })
		p.Report(UnclearClock, item.Span, cmp.Or(suggest.DidYouMean(item.Text, known), "`irctl clock list` prints them"), "irctl knows no clock `%s`", action.CleanLine(item.Text, 40))
		return c, at, false
	}
	m := p.Fields(item, "a clock", clockTable)
	if m == nil {
		return c, at, false
	}
	name := m.Name("name", language.StepName)
	at = name.Span
	c = clock.Clock{Name: name.Value, Calendar: clock.Weekdays}
	own := []string{"title", "who", "within", "from", "until"}
	i := find(c.Name)
	has := func(key string) bool { return m.Has(key) }
	switch {
	case name.Value == "":
		return c, at, false
	case i >= 0 && slices.ContainsFunc(own, has):
		p.Report(UnclearClock, at, "give yours another name", "`%s` is a clock that irctl knows: only its `calendar` and `warn` can be others", c.Name)
		return c, at, false
	case i >= 0:
		c = library[i]
	default:
		for _, key := range own {
			if !has(key) {
				p.Report(UnclearClock, at, "add `"+key+":`, or name one that `irctl clock list` prints", "the clock `%s` has no `%s`", c.Name, key)
				return c, at, false
			}
		}
		within, err := clock.ParsePeriod(m.Text("within").Value)
		if err != nil {
			p.Report(UnclearClock, m.Text("within").Span, "write for example 72 hours", "%s", action.CleanLine(err.Error(), 200))
			return c, at, false
		}
		c.Title, c.Who, c.Until = m.Text("title").Value, m.Text("who").Value, m.Name("until", language.StepName).Value
		c.Limits = []clock.Limit{{From: m.Name("from", language.StepName).Value, Within: within}}
	}
	if m.Has("calendar") {
		c.Calendar, at = m.Text("calendar").Value, m.Text("calendar").Span
	}
	if m.Has("warn") {
		c.Warn = nil
		for _, text := range m.Texts("warn") {
			d, err := time.ParseDuration(text.Value)
			if err != nil || d <= 0 {
				p.Report(UnclearClock, text.Span, "write for example 4h", "`%s` is no duration", action.CleanLine(text.Value, 40))
				return c, at, false
			}
			c.Warn = append(c.Warn, d)
		}
	}
	return c, at, true
}

// calendar reads one of the environment's own.
func (p *parser) calendar(pair runbook.Pair) *clock.Calendar {
	m := p.Fields(pair.Value, "`"+pair.Key.Value+"`", calendarTable)
	if m == nil {
		return nil
	}
	days := clock.Weekdays
	if w := m.Word("days"); w.Value != "" {
		days = w.Value
	}
	var zone *time.Location
	if text := m.Text("zone"); text.Value != "" {
		var err error
		if zone, err = time.LoadLocation(text.Value); err != nil || strings.EqualFold(text.Value, "local") {
			p.Report(UnclearClock, text.Span, "write it as in Europe/Berlin", "`%s` is no time zone", action.CleanLine(text.Value, 40))
			return nil
		}
	}
	out, ok := clock.NewCalendar(days, zone)
	if !ok {
		return nil // Word has said so
	}
	if text := m.Text("closes"); text.Value != "" {
		t, err := time.Parse("15:04", text.Value)
		if err != nil {
			p.Report(UnclearClock, text.Span, `write it as in "17:30"`, "`%s` is no time of day", action.CleanLine(text.Value, 40))
			return nil
		}
		out.Closes = t.Sub(t.Truncate(24 * time.Hour))
	}
	for _, text := range m.Texts("holidays") {
		day, err := clock.ParseDay(text.Value)
		if err != nil {
			p.Report(UnclearClock, text.Span, "write it as in 2027-05-17", "`%s` is no date", action.CleanLine(text.Value, 40))
			return nil
		}
		out.Holidays = append(out.Holidays, day)
	}
	return out
}
