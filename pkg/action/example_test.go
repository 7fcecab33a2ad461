package action_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/irctl/irctl/pkg/action"
)

// door opens and locks doors; in life it would be a client of the building's
// system.
type door struct{ locked map[string]bool }

// lock is an action: it locks a door and can unlock it again.
type lock struct{ door door }

func (lock) Spec() action.Spec {
	return action.Spec{
		Name:        "door.lock",
		Summary:     "Lock a door",
		Description: "Locks a door of the building. Undo unlocks it, if it was unlocked before.",
		Effect:      action.Change,
		Idempotent:  true,
		Inputs:      []action.Field{{Name: "door", Type: action.String, Required: true, Description: "The door's name.", Example: "server-room"}},
	}
}

// Run looks, records what it found, and only then changes anything.
func (l lock) Run(_ context.Context, req action.Request, out action.Sink) (action.Result, error) {
	name := req.With.String("door")
	locked, known := l.door.locked[name]
	if !known {
		return action.Result{}, &action.Error{Message: "there is no door " + name, Hint: "name one of the building's doors", Permanent: true}
	}
	if locked {
		return action.Result{Already: req.Record == nil, Changed: req.Record != nil, Summary: name + " is locked"}, nil
	}
	if req.Record == nil { // else an earlier attempt saw how it was
		if err := out.Record(map[string]any{"locked": false}); err != nil {
			return action.Result{}, err // nothing was changed
		}
	}
	l.door.locked[name] = true
	return action.Result{Changed: true, Summary: name + " is locked"}, nil
}

// Inspect looks and changes nothing.
func (l lock) Inspect(_ context.Context, req action.Request) (action.Inspection, error) {
	name := req.With.String("door")
	return action.Inspection{Known: true, Desired: l.door.locked[name], Current: fmt.Sprintf("locked: %t", l.door.locked[name]), Want: "locked: true"}, nil
}

// Undo puts back what Run recorded.
func (l lock) Undo(_ context.Context, req action.Request, _ action.Sink) (action.Result, error) {
	name := req.With.String("door")
	if req.Record == nil || !l.door.locked[name] {
		return action.Result{Already: true, Summary: name + " is as it was"}, nil
	}
	l.door.locked[name] = false
	return action.Result{Changed: true, Summary: name + " is unlocked again"}, nil
}

// journal is the driver, as far as this action needs one.
type journal struct {
	action.Sink
	kept map[string]any
	err  error
}

func (j *journal) Record(values map[string]any) error {
	j.kept = values
	return j.err
}

// An action, and a test of it with a journal in the driver's place.
func Example() {
	building := door{locked: map[string]bool{"server-room": false}}
	act := lock{building}
	ctx := context.Background()
	req := action.Request{Attempt: 1, With: action.Values{"door": "server-room"}}

	// When the journal cannot be written, nothing is changed.
	_, err := act.Run(ctx, req, &journal{err: errors.New("the disk is full")})
	fmt.Println(err, building.locked)

	sink := &journal{}
	done, err := act.Run(ctx, req, sink)
	fmt.Println(done.Summary, done.Changed, err)

	req.Record = sink.kept
	back, err := act.Undo(ctx, req, sink)
	fmt.Println(back.Summary, err, building.locked)
	// Output:
	// the disk is full map[server-room:false]
	// server-room is locked true <nil>
	// server-room is unlocked again <nil> map[server-room:false]
}
