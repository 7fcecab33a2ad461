package request

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/clock"
	"github.com/irctl/irctl/internal/suggest"
	"github.com/irctl/irctl/pkg/event"
)

// Fact says when something was so that starts or ends clocks of the run; a later
// one of the same name corrects it.
type Fact struct {
	Name   string
	At     time.Time
	Reason string
}

func (w Fact) decide(st Standing) (Decision, error) {
	started, _, _ := st.State.Started()
	_, facts := clock.Names(started.Clocks)
	if err := oneOf(st.Run, "fact", w.Name, facts); err != nil {
		return Decision{}, err
	}
	if w.At.After(st.At) {
		return Decision{}, fmt.Errorf("%s is later than now (%s): a fact is stated when it is so", w.At.UTC().Format(time.RFC3339), st.At.UTC().Format(time.RFC3339))
	}
	if first := st.At.AddDate(-clockYears, 0, 0); w.At.Before(first) {
		return Decision{}, fmt.Errorf("%s is more than %d years ago: a fact is stated from %s on", w.At.UTC().Format(time.RFC3339), clockYears, first.UTC().Format(time.DateOnly))
	}
	return Decision{Body: event.FactStated{Fact: w.Name, At: w.At, Reason: w.Reason}, Summary: w.Name + " was at " + w.At.UTC().Format(time.RFC3339) + "."}, nil
}

// HoldClock puts a clock of the run off until a time; zero is no longer.
type HoldClock struct {
	Clock  string
	Until  time.Time
	Reason string
}

func (w HoldClock) decide(st Standing) (Decision, error) {
	started, _, _ := st.State.Started()
	names, _ := clock.Names(started.Clocks)
	if err := oneOf(st.Run, "clock", w.Clock, names); err != nil {
		return Decision{}, err
	}
	if err := w.may(st, started); err != nil {
		return Decision{}, err
	}
	summary := w.Clock + " is put off until " + w.Until.UTC().Format(time.RFC3339) + "."
	if w.Until.IsZero() {
		summary = w.Clock + " is not put off any more."
	}
	return Decision{Body: event.ClockHeld{Clock: w.Clock, Until: w.Until, Reason: w.Reason}, Summary: summary}, nil
}

// clockYears is how far from now a fact may lie, and the end of a hold.
const clockYears = 10

// may is why a clock cannot be put off until then: it would be nothing.
func (w HoldClock) may(st Standing, started event.RunStarted) error {
	until := w.Until.UTC().Format(time.RFC3339)
	switch last := st.At.AddDate(clockYears, 0, 0); {
	case w.Until.IsZero():
		return nil
	case w.Until.After(last):
		return fmt.Errorf("%s is more than %d years from now: a clock is put off until %s at most", until, clockYears, last.UTC().Format(time.DateOnly))
	case !w.Until.After(st.At):
		return fmt.Errorf("%s is over: name a time after now (%s)", until, st.At.UTC().Format(time.RFC3339))
	}
	facts, _ := clock.Known(st.State.Stated())
	for _, e := range started.Clocks {
		c, calendar, err := clock.Recorded(e)
		if e.Name != w.Clock || err != nil {
			continue
		}
		if due := c.At(facts, time.Time{}, st.At, calendar).Due; !due.IsZero() && !w.Until.After(due) {
			return fmt.Errorf("%s is due at %s anyway, and %s is not later: name a later time, or state the fact anew with irctl clock set", w.Clock, due.UTC().Format(time.RFC3339), until)
		}
	}
	return nil
}

// ClockError says that a run has no such clock or fact.
type ClockError struct {
	Run, What, Name string   // What is "fact" or "clock"
	Known           []string // none if it has no clocks
}

// Error implements error.
func (e *ClockError) Error() string {
	if len(e.Known) == 0 {
		return "the run has no clocks: its environment names none"
	}
	return suggest.Instead(fmt.Sprintf("this run has no %s %q: there are %s", e.What, e.Name, strings.Join(e.Known, ", ")), suggest.Near(e.Name, e.Known))
}

func oneOf(run, what, name string, known []string) error {
	if slices.Contains(known, name) {
		return nil
	}
	return &ClockError{run, what, name, known}
}
