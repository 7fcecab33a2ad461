package clock_test

import (
	_ "embed"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/clock"
)

// The times in it were computed by another program, from the dates of federal
// holidays that the Office of Personnel Management lists.
//
//go:embed testdata/periods.txt
var periods string

func TestPeriodsEndWhereTheirSourcesSay(t *testing.T) {
	cases := 0
	for line := range strings.Lines(periods) {
		cells := strings.Split(strings.TrimSpace(line), " | ")
		if strings.HasPrefix(line, "#") {
			continue
		}
		cases++
		var zone *time.Location
		if cells[2] != "-" {
			var err error
			zone, err = time.LoadLocation(cells[2])
			require.NoError(t, err)
		}
		p, err := clock.ParsePeriod(cells[0])
		require.NoError(t, err)
		c, ok := clock.NewCalendar(cells[1], zone)
		require.True(t, ok, line)
		from, err := time.Parse(time.RFC3339, cells[3])
		require.NoError(t, err)
		require.Equal(t, cells[4], strings.Replace(p.Due(from, c).Format(time.RFC3339), "Z", "+00:00", 1), line)
	}
	require.GreaterOrEqual(t, cases, 100)
}

func TestPeriodsAreReadAsTheyAreWritten(t *testing.T) {
	for _, text := range []string{"72 hours", "1 hour", "30 days", "1 month", "4 business days", "1 business day"} {
		p, err := clock.ParsePeriod(text)
		require.NoError(t, err)
		require.Equal(t, text, p.String())
	}
	for _, text := range []string{"", "72", "hours", "0 hours", "-1 days", "72h", "1.5 days", "4 bank days", "99999 months", "1 2 hours"} {
		_, err := clock.ParsePeriod(text)
		require.ErrorContains(t, err, "write 72 hours", text)
	}
}

func TestAHolidayOfACompanyIsNoBusinessDay(t *testing.T) {
	c, _ := clock.NewCalendar(clock.Weekdays, nil)
	c.Holidays = []clock.Day{{2026, time.June, 8}}
	due := clock.Period{Count: 1, Unit: clock.BusinessDays}.Due(at("2026-06-05T12:00:00Z"), c)
	require.Equal(t, at("2026-06-09T23:59:59Z"), due)
}

func at(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t
}

func TestHowAClockStands(t *testing.T) {
	sec, dora, gdpr := named(t, "sec-8k"), named(t, "dora-initial"), named(t, "gdpr-authority")
	for _, c := range []struct {
		name      string
		clock     clock.Clock
		facts     map[string]string
		hold, now string
		want      clock.State
		due       string
	}{
		{"no fact, no time", sec, nil, "", "2023-11-01T12:00:00Z", clock.Waiting, ""},
		{"the breach alone does not start the report", sec, map[string]string{"incident-aware": "2023-10-31T12:00:00Z"}, "", "2023-12-01T12:00:00Z", clock.Waiting, ""},
		{"found material on 31 October", sec, map[string]string{"materiality-determined": "2023-10-31T12:00:00Z"}, "", "2023-11-02T12:00:00Z", clock.Running, "2023-11-06T17:30:00-05:00"},
		{"the last second", sec, map[string]string{"materiality-determined": "2023-10-31T12:00:00Z"}, "", "2023-11-06T22:30:00Z", clock.Running, "2023-11-06T17:30:00-05:00"},
		{"a second later", sec, map[string]string{"materiality-determined": "2023-10-31T12:00:00Z"}, "", "2023-11-06T22:30:01Z", clock.Missed, "2023-11-06T17:30:00-05:00"},
		{"filed on 2 November", sec, map[string]string{"materiality-determined": "2023-10-31T12:00:00Z", "sec-8k-filed": "2023-11-02T12:00:00Z"}, "", "2024-01-01T12:00:00Z", clock.Met, "2023-11-06T17:30:00-05:00"},
		{"filed too late", sec, map[string]string{"materiality-determined": "2023-10-31T12:00:00Z", "sec-8k-filed": "2023-11-07T12:00:00Z"}, "", "2024-01-01T12:00:00Z", clock.Late, "2023-11-06T17:30:00-05:00"},
		{"filed before it had to be", sec, map[string]string{"sec-8k-filed": "2023-11-02T12:00:00Z"}, "", "2023-12-01T12:00:00Z", clock.Met, ""},
		{"the determination was set a day too early, and corrected", sec, map[string]string{"materiality-determined": "2023-11-01T12:00:00Z"}, "", "2023-11-07T12:00:00Z", clock.Running, "2023-11-07T17:30:00-05:00"},
		{"put off by the Attorney General", sec, map[string]string{"materiality-determined": "2023-10-31T12:00:00Z"}, "2023-12-06T12:00:00Z", "2023-11-20T12:00:00Z", clock.Held, "2023-12-06T07:00:00-05:00"},
		{"a hold that ends before the time is over changes nothing", sec, map[string]string{"materiality-determined": "2023-10-31T12:00:00Z"}, "2023-11-03T12:00:00Z", "2023-11-04T12:00:00Z", clock.Running, "2023-11-06T17:30:00-05:00"},
		{"after a hold", sec, map[string]string{"materiality-determined": "2023-10-31T12:00:00Z"}, "2023-12-06T12:00:00Z", "2023-12-07T12:00:00Z", clock.Missed, "2023-12-06T07:00:00-05:00"},
		{"known, not classified: 24 hours", dora, map[string]string{"incident-aware": "2026-06-01T08:00:00Z"}, "", "2026-06-01T12:00:00Z", clock.Running, "2026-06-02T08:00:00Z"},
		{"classified soon: four hours", dora, map[string]string{"incident-aware": "2026-06-01T08:00:00Z", "dora-classified-major": "2026-06-01T10:00:00Z"}, "", "2026-06-01T12:00:00Z", clock.Running, "2026-06-01T14:00:00Z"},
		{"classified in the 23rd hour: 24 hours after awareness", dora, map[string]string{"incident-aware": "2026-06-01T08:00:00Z", "dora-classified-major": "2026-06-02T07:00:00Z"}, "", "2026-06-02T07:30:00Z", clock.Running, "2026-06-02T08:00:00Z"},
		{"classified two days later: four hours", dora, map[string]string{"incident-aware": "2026-06-01T08:00:00Z", "dora-classified-major": "2026-06-03T08:00:00Z"}, "", "2026-06-03T09:00:00Z", clock.Running, "2026-06-03T12:00:00Z"},
		{"an anchor of the past, set late", gdpr, map[string]string{"breach-aware": "2026-06-01T08:00:00Z"}, "", "2026-06-05T08:00:00Z", clock.Missed, "2026-06-04T08:00:00Z"},
	} {
		calendar, ok := clock.NewCalendar(c.clock.Calendar, nil)
		require.True(t, ok)
		facts := clock.Facts{}
		for name, when := range c.facts {
			facts[name] = at(when)
		}
		var hold time.Time
		if c.hold != "" {
			hold = at(c.hold)
		}
		got := c.clock.At(facts, hold, at(c.now), calendar)
		require.Equal(t, c.want, got.State, c.name)
		if c.due == "" {
			require.Zero(t, got.Due, c.name)
			continue
		}
		require.Equal(t, c.due, got.Due.Format(time.RFC3339), c.name)
	}
}

func named(t *testing.T, name string) clock.Clock {
	t.Helper()
	all := clock.Library()
	i := slices.IndexFunc(all, func(c clock.Clock) bool { return c.Name == name })
	require.GreaterOrEqual(t, i, 0, name)
	return all[i]
}

func TestEveryClockOfTheLibraryHasASource(t *testing.T) {
	name := regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	known := map[string]bool{}
	for _, c := range clock.Library() {
		require.Regexp(t, name, c.Name)
		require.False(t, known[c.Name], c.Name)
		known[c.Name] = true
		for _, text := range []string{c.Title, c.Who, c.Source, c.Until} {
			require.NotEmpty(t, text, c.Name)
		}
		require.Regexp(t, `^https://`, c.URL)
		_, err := time.Parse(time.DateOnly, c.Read)
		require.NoError(t, err)
		require.NotEmpty(t, c.Limits, c.Name)
		_, ok := clock.NewCalendar(c.Calendar, nil)
		require.True(t, ok, c.Name)
		for _, fact := range c.Facts() {
			require.Regexp(t, name, fact)
		}
		require.NotEmpty(t, c.Warn, c.Name)
	}
}
