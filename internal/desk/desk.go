package desk

import (
	"context"
	"time"

	"github.com/irctl/irctl/internal/drive"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/request"
	"github.com/irctl/irctl/internal/sshsig"
	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
)

// Config is what a desk works with.
type Config struct {
	Store   *store.Store
	Version string // of irctl, for the journal
	// Action finds what a step uses.
	Action func(name string) (action.Action, bool)
	// Kept finds what a step of a run uses that began with these files beside its
	// runbook: those that describe actions count as they were then. Nil is Action.
	Kept func(files [][]byte) func(name string) (action.Action, bool)
	// Children are the processes that steps start.
	Children drive.Children
	// Policy reads what this machine permits; a nil policy permits everything.
	Policy func() (*environment.Policy, error)
	// Scratch is a folder that is deleted when this process ends.
	Scratch func() (string, error)
	// Dir is the working folder, to which paths are relative.
	Dir string
	// Now is the clock. It must not run backwards.
	Now func() time.Time
	// User is the account for which the operating system vouches, Host the
	// machine, PID the process: they stand in the journal as who did it. User
	// is asked when it matters and not before.
	User func() string
	// Signer opens the key of whoever types: the one that was chosen, or else one
	// that is at hand and known to the environment; nil if there is none. Nil
	// has none ever.
	Signer func(known func(sshsig.Key) bool) (sshsig.Signer, error)
	Host   string
	PID    int
	// Exercise is set in a home in which nothing is real.
	Exercise *Exercise
}

// Exercise is what is other in the home of an exercise than in one of runs: no run
// of the one can be driven in the other, and nobody is told by notices.
type Exercise struct {
	Name string
	// Silenced says why nobody answers who has one of these roles; "" if they do.
	Silenced func(roles []string) string
	// Until ends a context at a time of the clock, with a cause.
	Until func(ctx context.Context, at time.Time, cause error) (context.Context, context.CancelFunc)
}

// ExerciseError says that a run is to be driven where it does not belong: one of
// an exercise outside of it, or a real one in it.
type ExerciseError struct {
	Run  string
	Here string // the exercise, "" outside
}

// Error implements error.
func (e *ExerciseError) Error() string {
	if e.Here == "" {
		return "run " + e.Run + " is of an EXERCISE and goes on in the home of that exercise alone"
	}
	return "run " + e.Run + " is real and cannot go on in the EXERCISE " + e.Here
}

// SilencedError says that somebody cannot answer because an exercise has it so.
type SilencedError struct{ Why string }

// Error implements error.
func (e *SilencedError) Error() string { return "EXERCISE: " + e.Why }

// heard refuses a decision of somebody who is out of reach in an exercise.
func (d *Desk) heard(w request.Decision, env *environment.Environment) error {
	if d.Exercise == nil || env == nil {
		return nil
	}
	who, _ := env.Person(w.Person)
	if why := d.Exercise.Silenced(who.Roles); why != "" {
		return &SilencedError{why}
	}
	return nil
}

// exercise is the name of the exercise, "" if it is none.
func (d *Desk) exercise() string {
	if d.Exercise == nil {
		return ""
	}
	return d.Exercise.Name
}

// Desk is where people command runs.
type Desk struct {
	Config
	speaker func(store.Request) string // the account that asks
}

// New returns a desk. It touches nothing yet.
func New(c Config) *Desk { return &Desk{c, speaker} }

// Actor is who types, as the journal will say, in the name of a person of the
// environment if one is given.
func (d *Desk) Actor(person string) *event.Actor {
	return &event.Actor{User: d.User(), Person: person, Host: d.Host, PID: d.PID}
}

// after is the desk with a clock for a run whose last entry is of a time: also
// where the system's clock was set back since, no entry is earlier than the one
// before it.
func (d *Desk) after(last time.Time) *Desk {
	later := *d
	later.Now = drive.Steady(d.Now, last)
	return &later
}

func (d *Desk) utc() time.Time { return d.Now().UTC() }

// mine is an event of the run as such, by who types.
func (d *Desk) mine(body event.Body) event.Event {
	return event.Event{Time: d.utc(), By: d.Actor(""), Body: body}
}
