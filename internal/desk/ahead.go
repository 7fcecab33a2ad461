package desk

import (
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/pkg/event"
	"github.com/irctl/irctl/pkg/journal"
)

// line is an entry of a journal as it was decoded, or why it was not.
type line struct {
	head  projection.Head
	event event.Event
	err   error
}

func decoded(entry journal.Entry) line {
	e, err := event.Decode(entry.Line)
	return line{projection.Head{Seq: entry.Seq, Hash: hashOf(entry.Line)}, e, err}
}

// decoder reads a journal in a goroutine of its own: verifying and decoding cost
// more than the fold, and need nothing of it.
type decoder struct {
	lines chan []line
	stop  chan struct{}
	err   error // why the journal does not go on; to be read once lines is closed
}

func ahead(reader *store.Reader) *decoder {
	const most = 512 // lines that are handed over together
	d := &decoder{lines: make(chan []line, 4), stop: make(chan struct{})}
	go func() {
		defer close(d.lines)
		var batch []line
		for entry, err := range reader.Entries() {
			if d.err = err; err != nil {
				break
			}
			if batch = append(batch, decoded(entry)); len(batch) < most {
				continue
			}
			select {
			case d.lines <- batch:
				batch = make([]line, 0, most)
			case <-d.stop:
				return
			}
		}
		select {
		case d.lines <- batch:
		case <-d.stop:
		}
	}()
	return d
}

// close ends the reading and waits until the journal is closed.
func (d *decoder) close() {
	close(d.stop)
	for range d.lines {
	}
}
