package event

import "time"

// NoteAdded is a remark by a person, about a step if the event has a path.
type NoteAdded struct {
	Text string `json:"text"`
	Late Late   `json:"late,omitzero"`
}

// Late says that something was written down after it happened, as on paper: when
// it was so, and who did it. Its zero value is that it was not.
type Late struct {
	At time.Time `json:"at"`
	By string    `json:"by"`
}

// IsZero reports whether it was written down when it happened.
func (l Late) IsZero() bool { return l.At.IsZero() && l.By == "" }

// String says it in words, "" for the zero value.
func (l Late) String() string {
	if l.IsZero() {
		return ""
	}
	return "recorded late: at " + l.At.UTC().Format("2006-01-02 15:04:05Z") + ", by " + l.By
}

// LateOf is what an event says of itself.
func LateOf(body Body) Late {
	switch b := body.(type) {
	case NoteAdded:
		return b.Late
	case StepSkipped:
		return b.Late
	case StepSucceeded:
		return b.Late
	}
	return Late{}
}
