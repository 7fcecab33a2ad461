package store

import (
	"bytes"

	"github.com/irctl/irctl/pkg/journal"
)

// The head file is described and read by [journal.DecodeHead]. Its size never
// changes, so writing to it needs no space on the disk.
const (
	headSlot = 512
	headSize = 2 * headSlot
)

// encodeHead returns the record of a head and the offset in the head file at
// which it belongs. It overwrites the record of the head before the last one.
// turn counts the records written to this file and chooses the slot.
func encodeHead(h journal.Head, turn int64) (record []byte, offset int64) {
	return journal.EncodeHead(h), turn & 1 * headSlot
}

// newHeadFile returns the bytes of a head file that holds h. The next record
// has turn 1.
func newHeadFile(h journal.Head) []byte {
	file := bytes.Repeat([]byte{' '}, headSize)
	file[headSlot-1], file[headSize-1] = '\n', '\n'
	record, offset := encodeHead(h, 0)
	copy(file[offset:], record)
	return file
}
