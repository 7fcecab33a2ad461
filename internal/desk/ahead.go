package desk

import (
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/pkg/event"
	"github.com/irctl/irctl/pkg/journal"
)

// line is an entry of a journal as it was decoded, or why it was not.
type line struct {
	head   projection.Head
	offset int64
	event  event.Event
	err    error
}

func decoded(entry journal.Entry) line {
	e, err := event.Decode(entry.Line)
	return line{projection.Head{Seq: entry.Seq}, entry.Offset, e, err}
}

// decoder hands the entries of a journal from the goroutine that reads and decodes
// them to the one that folds them: verifying and decoding cost more than the fold,
// and need nothing of it.
type decoder struct {
	lines chan []line
	stop  chan struct{}
	batch []line
	tail  []byte // of the last line in it, which holds its hash
	err   error  // why the journal does not go on; to be read once lines is closed
}

func newDecoder() *decoder {
	const batches = 128 // that wait for the plan, without which nothing is folded
	return &decoder{lines: make(chan []line, batches), stop: make(chan struct{})}
}

// ahead reads a journal in a goroutine of its own.
func ahead(reader *store.Reader) *decoder {
	d := newDecoder()
	go func() {
		defer d.end()
		for entry, err := range reader.Entries() {
			if d.err = err; err != nil || !d.add(entry) {
				return
			}
		}
	}()
	return d
}

// add hands over an entry. It reports whether anybody wants more.
func (d *decoder) add(entry journal.Entry) bool {
	const most = 512 // lines that are handed over together; the last has its hash
	if d.batch == nil {
		d.batch = make([]line, 0, most)
	}
	d.tail = append(d.tail[:0], entry.Line[max(0, len(entry.Line)-sealed):]...)
	d.batch = append(d.batch, decoded(entry))
	return len(d.batch) < most || d.flush()
}

func (d *decoder) flush() bool {
	if len(d.batch) == 0 {
		return true
	}
	d.batch[len(d.batch)-1].head.Hash = hashOf(d.tail)
	select {
	case d.lines <- d.batch:
		d.batch = nil
		return true
	case <-d.stop:
		return false
	}
}

// end says that no more entries come.
func (d *decoder) end() {
	d.flush()
	close(d.lines)
}

// close ends the reading and waits until the journal is closed.
func (d *decoder) close() {
	close(d.stop)
	for range d.lines {
	}
}
