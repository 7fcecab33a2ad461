package event

import "time"

// Who must be told of an incident, and by when.
type (
	// Clock is a duty to tell somebody of the incident in time. Everything that it
	// means is in the documentation of package clock of irctl.
	Clock struct {
		Name        string       `json:"name"`
		Title       string       `json:"title"`
		Who         string       `json:"who"` // who must be told
		Limits      []ClockLimit `json:"limits"`
		Until       string       `json:"until"`    // the fact that they were told
		Calendar    string       `json:"calendar"` // whose business days count
		Zone        string       `json:"zone"`     // IANA name
		Closes      int64        `json:"closes_seconds,omitempty"`
		Holidays    []string     `json:"holidays,omitempty"` // YYYY-MM-DD, beside those of the calendar
		WarnSeconds []int64      `json:"warn_seconds,omitempty"`
		Source      string       `json:"source,omitempty"` // what asks for it
	}
	// ClockLimit is how long after a fact they may be told.
	ClockLimit struct {
		From   string `json:"from"`   // the fact
		Within string `json:"within"` // "4 business days"
		Lapses bool   `json:"lapses,omitempty"`
	}
	// FactStated says when something was so that starts or ends a clock, such as
	// that an incident was found material. A later one of the same name corrects it.
	FactStated struct {
		Fact   string    `json:"fact"`
		At     time.Time `json:"at"`
		Reason string    `json:"reason"` // how it is known
	}
	// ClockHeld says that somebody with the right to do so put a clock off. A later
	// one of the same clock replaces it.
	ClockHeld struct {
		Clock  string    `json:"clock"`
		Until  time.Time `json:"until,omitzero"` // zero: it is put off no more
		Reason string    `json:"reason"`
	}
)
