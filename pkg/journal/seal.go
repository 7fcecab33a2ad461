package journal

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MaxLine is the length in bytes of the longest entry, its newline included.
// It bounds what a reader must hold in memory, whatever the file contains.
const MaxLine = 40 << 20

const (
	hashText   = 2 * sha256.Size // characters of a hash
	seqOpening = `{"seq":`
	hashField  = `,"hash":"`
	closing    = `"}`
	// sealText is the length of what follows the hashed bytes of a line.
	sealText = len(hashField) + hashText + len(closing)
)

// Head is the end of a chain: the sequence number and the hash of its last
// entry. The zero value is invalid; an empty chain has the head [Genesis].
type Head struct {
	Seq  int64  `json:"seq"`
	Hash string `json:"hash"`
}

// Genesis is the head of a journal without entries: number 0 and a hash of 64
// zeros. The first entry has number 1.
func Genesis() Head { return Head{Seq: 0, Hash: strings.Repeat("0", hashText)} }

func (h Head) valid() bool {
	if h.Seq < 0 || len(h.Hash) != hashText || (h.Seq == 0) != (h == Genesis()) {
		return false
	}
	for _, c := range []byte(h.Hash) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// Seal makes the entry that follows prev: the line, its newline included, and
// the head after it. The body is one JSON object on one line, in valid UTF-8,
// with at least one field and none named seq or hash at its top. Seal keeps
// the body's bytes as they are. It writes nothing and remembers nothing.
func Seal(prev Head, body []byte) (line []byte, next Head, err error) {
	if !prev.valid() {
		return nil, Head{}, fmt.Errorf("seal an entry: %+v is not the head of a journal", prev)
	}
	if err := checkBody(body); err != nil {
		return nil, Head{}, fmt.Errorf("seal entry %d: %w", prev.Seq+1, err)
	}
	line = make([]byte, 0, len(seqOpening)+20+len(body)+sealText+1)
	line = append(line, seqOpening...)
	line = strconv.AppendInt(line, prev.Seq+1, 10)
	line = append(line, ',')
	line = append(line, body[1:len(body)-1]...)
	h := sha256.New()
	h.Write([]byte(prev.Hash))
	h.Write(line)
	hash := hex.EncodeToString(h.Sum(nil))
	line = append(line, hashField...)
	line = append(line, hash...)
	line = append(line, closing...)
	line = append(line, '\n')
	return line, Head{prev.Seq + 1, hash}, nil
}

// checkBody refuses what would make a line that readers see differently.
func checkBody(body []byte) error {
	switch {
	case len(body) < 2 || body[0] != '{' || body[len(body)-1] != '}':
		return errors.New("the body is not a JSON object")
	case len(body) > MaxLine-sealText-len(seqOpening)-21:
		return fmt.Errorf("the body has %d bytes; an entry has at most %d", len(body), MaxLine)
	case bytes.IndexByte(body, '\n') >= 0:
		return errors.New("the body has a line end in it")
	case !utf8.Valid(body):
		return errors.New("the body is not valid UTF-8")
	}
	var ours struct{ Seq, Hash json.RawMessage }
	if err := json.Unmarshal(body, &ours); err != nil {
		return fmt.Errorf("the body is not a JSON object: %w", err)
	}
	if ours.Seq != nil || ours.Hash != nil {
		return errors.New("the body has a field seq or hash; these belong to the journal")
	}
	if len(bytes.TrimSpace(body[1:len(body)-1])) == 0 {
		return errors.New("the body is empty")
	}
	return nil
}
