package desk

import (
	"time"

	"github.com/irctl/irctl/internal/drive"

	"github.com/irctl/irctl/internal/environment"
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
