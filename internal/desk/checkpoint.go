package desk

import (
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/pkg/event"
	"github.com/irctl/irctl/pkg/journal"
)

// checkpoint makes the entry of a checkpoint of this moment.
func (d *Desk) checkpoint() store.Checkpoint {
	at := d.utc()
	return func(signed, next string) ([]byte, error) {
		return event.Event{Time: at, Body: event.CheckpointSigned{Note: signed, NextKey: next}}.Encode()
	}
}

// write makes entries durable, as [local.Config] asks of it.
func (t *Driving) write(due journal.Due, bodies ...[]byte) ([][]byte, error) {
	return t.run.AppendSigned(due, t.d.checkpoint(), bodies...)
}

// restart has other keys sign, if those that should are gone: the folder is an
// imported copy, or somebody removed the secret.
func (t *Driving) restart() error {
	lost := t.run.Lost()
	if lost == nil {
		return nil
	}
	keys, err := t.run.Restart()
	if err != nil {
		return err
	}
	return t.append(event.Event{Time: t.d.utc(), By: t.d.Actor(""), Body: event.LogRestarted{LogKeys: keys, Reason: lost.Error()}})
}

// observed makes of the lines of entries what is to be told: the events are those
// of the lines that are no checkpoints.
func (t *Driving) observed(events []event.Event, states []engine.State, lines [][]byte) error {
	for _, line := range lines {
		if journal.IsCheckpoint(line) {
			e, err := event.Decode(line)
			if err == nil {
				t.reading.state, err = engine.Apply(t.reading.state, e)
			}
			if err != nil {
				return err
			}
			t.early = append(t.early, observed{e, line, t.reading.state})
			continue
		}
		t.reading.state = states[0]
		t.early = append(t.early, observed{events[0], line, states[0]})
		events, states = events[1:], states[1:]
	}
	return nil
}

// previous is the newest run of the home, and the last checkpoint that it has.
func (d *Desk) previous() (event.Previous, error) {
	ids, err := d.Store.List()
	if err != nil || len(ids) == 0 {
		return event.Previous{}, err
	}
	out := event.Previous{Run: ids[0]}
	line, err := d.Store.LastCheckpoint(ids[0])
	if e, undecoded := event.Decode(line); err == nil && undecoded == nil {
		if b, ok := e.Body.(event.CheckpointSigned); ok {
			out.Note = b.Note
		}
	}
	return out, nil // a journal that cannot be read is named all the same
}
