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
	return line{projection.Head{Seq: entry.Seq}, e, err}
}

// decoder reads a journal in a goroutine of its own: verifying and decoding cost
// more than the fold, and need nothing of it.
type decoder struct {
	lines chan []line
	stop  chan struct{}
	err   error // why the journal does not go on; to be read once lines is closed
}

func ahead(reader *store.Reader) *decoder {
	const most = 512    // lines that are handed over together; the last has its hash
	const batches = 128 // that wait for the plan, without which nothing is folded
	d := &decoder{lines: make(chan []line, batches), stop: make(chan struct{})}
	go func() {
		defer close(d.lines)
		batch, tail := make([]line, 0, most), []byte(nil)
		flush := func() bool {
			if len(batch) > 0 {
				batch[len(batch)-1].head.Hash = hashOf(tail)
			}
			select {
			case d.lines <- batch:
				batch = make([]line, 0, most)
				return true
			case <-d.stop:
				return false
			}
		}
		for entry, err := range reader.Entries() {
			if d.err = err; err != nil {
				break
			}
			tail = append(tail[:0], entry.Line[max(0, len(entry.Line)-sealed):]...)
			if batch = append(batch, decoded(entry)); len(batch) == most && !flush() {
				return
			}
		}
		flush()
	}()
	return d
}

// close ends the reading and waits until the journal is closed.
func (d *decoder) close() {
	close(d.stop)
	for range d.lines {
	}
}
