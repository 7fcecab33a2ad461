package desk

import (
	"cmp"

	"github.com/irctl/irctl/internal/store"
)

// HaltedError says that everything is halted, so that nothing new starts.
type HaltedError struct{ store.Halt }

// Error implements error.
func (e *HaltedError) Error() string { return e.String() }

// Halt has no run of this home start anything new until Lift. Of a home that is
// halted already it is a *[HaltedError].
func (d *Desk) Halt(reason string) error {
	if err := d.unhalted(); err != nil {
		return err
	}
	return d.Store.Halt(store.Halt{Reason: reason, By: d.User(), Since: d.utc()})
}

// Lift ends a halt. Processes that drive a run go on by themselves; the ids
// returned are those of runs that were held back and that no process drives; the
// number counts the others.
func (d *Desk) Lift() (held []string, going int, err error) {
	ids, err := d.Store.List() // before they go on
	for _, id := range ids {
		r, unread := d.ReadRun(id)
		if unread != nil || !r.state.Halted() {
			continue
		}
		if _, driven, err := d.Store.Driven(id); err != nil || !driven {
			held = append(held, id)
		} else {
			going++
		}
	}
	return held, going, cmp.Or(d.Store.Lift(), err)
}

// unhalted is a *[HaltedError] if everything is halted.
func (d *Desk) unhalted() error {
	h, err := d.Store.Halted()
	if err != nil || h == nil {
		return err
	}
	return &HaltedError{*h}
}

// halted is why nothing new starts, "" if it may.
func (d *Desk) halted() string {
	err := d.unhalted()
	if err == nil {
		return ""
	}
	return cmp.Or(err.Error(), "everything is halted")
}
