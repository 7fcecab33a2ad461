package clock

import (
	"time"
)

// Clock is one duty to tell somebody.
type Clock struct {
	Name  string // "sec-8k"
	Title string
	Who   string // who must be told
	// Limits are how long it may take. The earliest of those whose fact is known
	// counts.
	Limits []Limit
	// Until is the fact that ends the clock: they were told.
	Until string
	// Calendar is the name of the one whose days count, and which closes them.
	Calendar string
	// Warn are how long before it is due people are warned.
	Warn []time.Duration

	// Of a clock of the library.
	Source, URL string
	Read        string // the date on which it was held against public copies of the source, YYYY-MM-DD
	Note        string
}

// Limit is one period of a clock.
type Limit struct {
	From   string // the name of a fact
	Within Period
	// Lapses says that the limit counts no more if the fact of another limit came
	// only after its time was over (Article 5(2) of Delegated Regulation (EU)
	// 2025/301).
	Lapses bool
}

// State is how a clock stands.
type State string

// The states. The zero value is invalid.
const (
	Waiting State = "waiting" // its fact is not known
	Running State = "running"
	Held    State = "held"   // somebody with the right to do so put it off
	Missed  State = "missed" // the time is over and nobody was told
	Met     State = "met"    // told in time
	Late    State = "late"   // told afterwards
)

// Standing is a clock at a moment.
type Standing struct {
	State State
	// From is the fact that counts, and Began when it was; Due is when the time
	// is over. They are zero while the clock waits.
	From       string
	Began, Due time.Time
	// Was is when the time would have been over without the hold; zero if none
	// moved it.
	Was time.Time
	// Ended is when they were told; zero if not.
	Ended time.Time
}

// Facts are when things were so, by name. What was corrected stands here as it is
// known now.
type Facts map[string]time.Time

// At says how the clock stands now. A hold puts it off until a moment; zero is
// none. A fact of the future counts already: a person stated it.
func (c Clock) At(facts Facts, hold, now time.Time, calendar *Calendar) Standing {
	out := Standing{State: Waiting, Ended: facts[c.Until]}
	for _, l := range c.Limits {
		began, known := facts[l.From]
		if !known {
			continue
		}
		due := l.Within.Due(began, calendar)
		if l.Lapses && c.began(facts, l, due) {
			continue
		}
		if out.Due.IsZero() || due.Before(out.Due) {
			out.From, out.Began, out.Due = l.From, began, due
		}
	}
	if out.Due.IsZero() {
		if !out.Ended.IsZero() {
			out.State = Met
		}
		return out
	}
	held := hold.After(out.Due)
	if held {
		out.Due, out.Was = hold.In(calendar.Zone), out.Due
	}
	switch {
	case !out.Ended.IsZero() && out.Ended.After(out.Due):
		out.State = Late
	case !out.Ended.IsZero():
		out.State = Met
	case now.After(out.Due):
		out.State = Missed
	case held:
		out.State = Held
	default:
		out.State = Running
	}
	return out
}

// began reports whether another limit's fact came after a moment.
func (c Clock) began(facts Facts, not Limit, after time.Time) bool {
	for _, l := range c.Limits {
		if at, known := facts[l.From]; known && l.From != not.From && at.After(after) {
			return true
		}
	}
	return false
}

// Facts are the names of all facts that move the clock, those that start it first.
func (c Clock) Facts() []string {
	var out []string
	for _, l := range c.Limits {
		out = append(out, l.From)
	}
	return append(out, c.Until)
}
