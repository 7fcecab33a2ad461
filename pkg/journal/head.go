package journal

import (
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
	"strconv"
)

// A head file has two slots that are written in turn, so that a write which
// was interrupted, or is seen half done by another process, spoils only the
// older record. The slots lie in different sectors of any disk.
const (
	headSlot   = 512
	headRecord = 16 + 1 + hashText + 1 + 8 + 1
)

// DecodeHead reads a head file, the record beside a journal of the last entry
// that anyone was told is durable: the newer of its valid records, and the
// turn of the record to write next. It reports false if there is no valid
// record; then nobody can say where the journal ended.
//
// The file has 1024 bytes. Records stand at 0 and at 512, each the sequence
// number in 16 digits, the hash, and the CRC-32 (IEEE) of both in 8 hex digits,
// parted by blanks and ended by a newline.
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
	record := string(file[offset : offset+headRecord])
	seq, err := strconv.ParseInt(record[:16], 10, 64)
	if err != nil {
		return Head{}, false
	}
	h := Head{seq, record[17 : 17+hashText]}
	return h, h.valid() && record == string(EncodeHead(h))
}

// EncodeHead returns the record of a head.
func EncodeHead(h Head) []byte {
	b := append(make([]byte, 0, headRecord), "0000000000000000 "...)
	digits := strconv.FormatInt(h.Seq, 10)
	copy(b[16-len(digits):], digits)
	b = append(append(b, h.Hash...), ' ')
	sum := crc32.ChecksumIEEE(b)
	return append(hex.AppendEncode(b, binary.BigEndian.AppendUint32(nil, sum)), '\n')
}
