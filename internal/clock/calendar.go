package clock

import (
	"slices"
	"time"
	_ "time/tzdata" // zones, on a machine that has none

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/ecb"
	"github.com/rickar/cal/v2/us"
)

// Calendar tells business days, and when a day ends. It may be used from several
// goroutines.
type Calendar struct {
	Name  string
	Title string
	Zone  *time.Location
	// Closes is when a day ends for whoever is told, since midnight; 0 is the
	// last second of the day.
	Closes time.Duration
	// Holidays are further days on which nobody works.
	Holidays []Day

	business *cal.BusinessCalendar
}

// Day is a date in a calendar's zone.
type Day struct {
	Year  int
	Month time.Month
	Day   int
}

// ParseDay reads a date as 2006-01-02.
func ParseDay(text string) (Day, error) {
	t, err := time.Parse(time.DateOnly, text)
	y, m, d := t.Date()
	return Day{y, m, d}, err
}

// String is the date as ParseDay reads it.
func (d Day) String() string {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
}

// Open reports whether a day is a business day. The day may lie outside its month,
// as for time.Date.
func (c *Calendar) Open(year int, month time.Month, day int) bool {
	noon := time.Date(year, month, day, 12, 0, 0, 0, time.UTC)
	y, m, d := noon.Date()
	return c.business.IsWorkday(noon) && !slices.Contains(c.Holidays, Day{y, m, d})
}

// close is the end of a day. In the hour that a change of the clocks skips, it is
// the moment of the change.
func (c *Calendar) close(year int, month time.Month, day int) time.Time {
	closes := c.Closes
	if closes == 0 {
		closes = 24*time.Hour - time.Second
	}
	h, m, s := int(closes.Hours()), int(closes.Minutes())%60, int(closes.Seconds())%60
	return time.Date(year, month, day, h, m, s, 0, c.Zone)
}

// The names of the calendars that irctl knows.
const (
	Weekdays  = "weekdays"
	USFederal = "us-federal"
	SEC       = "sec"
	TARGET    = "target"
)

// NewCalendar returns a calendar that irctl knows, in a zone; nil is its own.
func NewCalendar(name string, zone *time.Location) (*Calendar, bool) {
	i := slices.IndexFunc(calendars, func(c calendar) bool { return c.name == name })
	if i < 0 {
		return nil, false
	}
	known := calendars[i]
	if zone == nil {
		zone = location(known.zone)
	}
	business := cal.NewBusinessCalendar()
	business.AddHoliday(known.holidays...)
	return &Calendar{Name: name, Title: known.title, Zone: zone, Closes: known.closes, business: business}, true
}

// CalendarNames are the names that NewCalendar knows.
func CalendarNames() []string {
	var out []string
	for _, c := range calendars {
		out = append(out, c.name)
	}
	return out
}

type calendar struct {
	name, title, zone string
	closes            time.Duration
	holidays          []*cal.Holiday
}

// federal are the holidays of 5 U.S.C. 6103(a), on the day on which they are
// observed (6103(b) and Executive Order 11582). Inauguration Day is kept in the
// District of Columbia alone and is left out, so that a time shown is not too late.
var federal = []*cal.Holiday{
	us.NewYear, us.MlkDay, us.PresidentsDay, us.MemorialDay, us.Juneteenth, us.IndependenceDay,
	us.LaborDay, us.ColumbusDay, us.VeteransDay, us.ThanksgivingDay, us.ChristmasDay,
}

var calendars = []calendar{
	{Weekdays, "Monday to Friday", "UTC", 0, nil},
	{USFederal, "Monday to Friday without the federal holidays of the United States", "America/New_York", 0, federal},
	// Regulation S-T, 17 CFR 232.13(a)(2): what is filed after 5:30 p.m. Eastern
	// time has the date of the next business day.
	{SEC, "business days of the Securities and Exchange Commission, until 17:30", "America/New_York", 17*time.Hour + 30*time.Minute, federal},
	{TARGET, "Monday to Friday without the holidays of the European Central Bank's payment system", "Europe/Brussels", 0, ecb.Holidays},
}

// location is a zone that is known to be there: the data lies in the program.
func location(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic("clock: " + err.Error()) // the names stand above
	}
	return zone
}
