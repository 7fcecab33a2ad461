package clock

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Unit is what a period is counted in. The zero value is invalid.
type Unit string

// The units.
const (
	Hours        Unit = "hour"
	Days         Unit = "day"
	Months       Unit = "month"
	BusinessDays Unit = "business day"
)

// Period is how long after a fact something is due. The zero value is no period.
type Period struct {
	Count int // at least 1
	Unit  Unit
}

// ParsePeriod reads "72 hours", "30 days", "1 month" or "4 business days".
func ParsePeriod(text string) (Period, error) {
	number, unit, _ := strings.Cut(strings.TrimSpace(text), " ")
	count, err := strconv.Atoi(number)
	p := Period{count, Unit(strings.TrimSuffix(strings.TrimSpace(unit), "s"))}
	switch p.Unit {
	case Hours, Days, Months, BusinessDays:
		if err == nil && count >= 1 && count <= 10_000 {
			return p, nil
		}
	}
	return Period{}, fmt.Errorf("%q is no period: write 72 hours, 30 days, 1 month or 4 business days", text)
}

// String is the period as people write it.
func (p Period) String() string {
	if p.Count == 1 {
		return "1 " + string(p.Unit)
	}
	return fmt.Sprintf("%d %ss", p.Count, p.Unit)
}

// Due is when a period ends that begins with a fact. Hours are counted exactly,
// whatever the clocks on the wall do meanwhile. All others are counted in days of
// the calendar's zone and end at its closing time. A month ends with the day of
// the same number, or else with the last day of the month (as Article 3(2) of
// Regulation (EEC, Euratom) 1182/71 has it). Business days are those after the day
// of the fact; if that day is none, the next one is the first (as General
// Instruction B.1 of Form 8-K has it).
func (p Period) Due(from time.Time, c *Calendar) time.Time {
	if p.Unit == Hours {
		return from.Add(time.Duration(p.Count) * time.Hour).In(c.Zone)
	}
	year, month, day := from.In(c.Zone).Date()
	switch p.Unit {
	case Days:
		day += p.Count
	case Months:
		month += time.Month(p.Count)
		last := time.Date(year, month+1, 0, 12, 0, 0, 0, time.UTC).Day()
		day = min(day, last)
	case BusinessDays:
		left := p.Count
		if !c.Open(year, month, day) {
			left-- // the first open day counts already
			for !c.Open(year, month, day) {
				day++
			}
		}
		for ; left > 0; left-- {
			for day++; !c.Open(year, month, day); day++ {
			}
		}
	}
	return c.close(year, month, day)
}
