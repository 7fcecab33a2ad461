package journal

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"strconv"
)

// A head file has two slots that are written in turn, so that a write which
// was interrupted, or is seen half done by another process, spoils only the
// older record. The slots lie in different sectors of any disk.
const (
	headSlot   = 512
	headRecord = 16 + 1 + hashText + 1 + 8 + 1
	// HeadSize is the size of a head file in bytes. It never changes, so
	// writing to it needs no space on the disk.
	HeadSize = 2 * headSlot
)

// EncodeHead returns the record of a head and the offset in the head file at
// which it belongs. It overwrites the record of the head before the last one.
// turn counts the records written to this file and chooses the slot.
func EncodeHead(h Head, turn int64) (record []byte, offset int64) {
	text := fmt.Sprintf("%016d %s ", h.Seq, h.Hash)
	record = fmt.Appendf(nil, "%s%08x\n", text, crc32.ChecksumIEEE([]byte(text)))
	return record, turn & 1 * headSlot
}

// NewHeadFile returns the bytes of a head file that holds h. The next record
// has turn 1.
func NewHeadFile(h Head) []byte {
	file := bytes.Repeat([]byte{' '}, HeadSize)
	file[headSlot-1], file[HeadSize-1] = '\n', '\n'
	record, offset := EncodeHead(h, 0)
	copy(file[offset:], record)
	return file
}

// DecodeHead reads a head file: the newer of its valid records, and the turn
// of the record to write next. It reports false if there is no valid record;
// then nobody can say where the journal ended.
func DecodeHead(file []byte) (h Head, turn int64, ok bool) {
	for slot := range int64(2) {
		found, valid := decodeRecord(file, slot*headSlot)
		if valid && (!ok || found.Seq > h.Seq) {
			h, turn, ok = found, slot+1, true
		}
	}
	return h, turn, ok
}

func decodeRecord(file []byte, offset int64) (Head, bool) {
	if int64(len(file)) < offset+headRecord {
		return Head{}, false
	}
	seq, err := strconv.ParseInt(string(file[offset:offset+16]), 10, 64)
	if err != nil {
		return Head{}, false
	}
	h := Head{seq, string(file[offset+17 : offset+17+hashText])}
	record, _ := EncodeHead(h, 0)
	return h, h.valid() && bytes.Equal(record, file[offset:offset+headRecord])
}
