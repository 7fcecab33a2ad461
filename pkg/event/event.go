package event

import "time"

// Type names a kind of event, as it stands in the journal ("step_succeeded").
// The zero value is invalid.
type Type string

// Event is one fact about a run. It is a value: nobody changes an event after
// it was made, so it may be shared between goroutines.
type Event struct {
	// Time is when the fact was established, in UTC, with microseconds.
	Time time.Time
	// Path names the step the fact is about, "rotate[alice]/verify". It is
	// empty for facts about the whole run.
	Path string
	// By is the person or process that caused the fact. It is nil when the
	// driver caused it by following the plan.
	By *Actor
	// Request is the id of the request that another process handed to the
	// driver and that led to this event; a request is carried out once.
	Request string
	// Body is the fact itself. A nil Body is invalid.
	Body Body
}

// Type returns the type of the event's body, and "" for an invalid event.
func (e Event) Type() Type {
	if e.Body == nil {
		return ""
	}
	return e.Body.Type()
}

// Body is the content of an event. Implementations are the structs of this
// package; they are used as values, never as pointers.
type Body interface {
	Type() Type
}

// Actor is who did something: the account that the operating system vouches
// for, and the person they said they act as.
type Actor struct {
	// User is the operating system's account name.
	User string `json:"user"`
	// Person is a name from the environment's people, empty if none applies.
	Person string `json:"person,omitempty"`
	// Host is the machine's name.
	Host string `json:"host,omitempty"`
	// PID is the process id on Host.
	PID int `json:"pid,omitempty"`
}

// Status is the state of a step or of a run. The words are the same on disk
// and on screen. The zero value is invalid.
type Status string

// The statuses of steps and runs.
const (
	Pending   Status = "pending"
	Running   Status = "running"
	Waiting   Status = "waiting"
	Succeeded Status = "succeeded"
	Failed    Status = "failed"
	Skipped   Status = "skipped"
	Canceled  Status = "canceled"
	InDoubt   Status = "unknown"
	Undoing   Status = "undoing"
	Undone    Status = "undone"
)

// Ended reports whether no driver will change the status again by itself.
// Failed counts as ended although a person may still decide to try again.
func (s Status) Ended() bool {
	switch s {
	case Succeeded, Failed, Skipped, Canceled, Undone:
		return true
	}
	return false
}
