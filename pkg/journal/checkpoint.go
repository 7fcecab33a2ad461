package journal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Checkpoint is what a log says of itself at one moment: c2sp.org/tlog-checkpoint.
type Checkpoint struct {
	Origin string    // names the log
	Size   int64     // how many lines it has
	Root   tlog.Hash // of the tree over them
}

// Origin names the log of a run.
func Origin(run string) string { return "irctl/" + run }

// text is what is signed.
func (c Checkpoint) text() string { return fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.Size, c.Root) }

// Fingerprint is the checkpoint as people read it to each other.
func (c Checkpoint) Fingerprint() Fingerprint {
	f := Fingerprint{Size: c.Size}
	copy(f.root[:], c.Root[:])
	return f
}

// ReadCheckpoint reads the text of a signed note (c2sp.org/signed-note). It
// verifies no signature: see [OpenCheckpoint].
func ReadCheckpoint(signed string) (Checkpoint, error) {
	text, _, found := strings.Cut(signed, "\n\n")
	lines := strings.Split(text, "\n")
	if !found || len(lines) < 3 {
		return Checkpoint{}, fmt.Errorf("%q is not a checkpoint of a log", shortened(signed))
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	root, unread := tlog.ParseHash(lines[2])
	if err != nil || unread != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return Checkpoint{}, fmt.Errorf("%q is not a checkpoint of a log", shortened(signed))
	}
	return Checkpoint{lines[0], size, root}, nil
}

// OpenCheckpoint reads a signed note and verifies that it is signed by a key,
// which has the form of c2sp.org/signed-note (name+hash+base64).
func OpenCheckpoint(signed, key string) (Checkpoint, error) {
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("%q is not a key of a log: %w", shortened(key), err)
	}
	if _, err := note.Open([]byte(signed), note.VerifierList(verifier)); err != nil {
		return Checkpoint{}, fmt.Errorf("the checkpoint is not signed by the key %s: %w", shortened(key), err)
	}
	return ReadCheckpoint(signed)
}

// CheckKey returns an error for a text that is no public key of a log.
func CheckKey(key string) error {
	if _, err := note.NewVerifier(key); err != nil {
		return fmt.Errorf("%q is not a key of a log, which begins with irctl/ and the id of a run: %w", shortened(key), err)
	}
	return nil
}

func shortened(s string) string {
	if len(s) > 100 {
		return s[:100] + "..."
	}
	return s
}

// The entries that a verifier of checkpoints knows, and what it reads of them.
const (
	typeField     = `,"type":"` // a comma is found sooner than one of many quotes
	startedType   = "run_started"
	signedType    = "checkpoint_signed"
	restartedType = "log_restarted"
)

type sealing struct {
	Run     string   `json:"run"`
	LogKeys []string `json:"log_keys"`
	Note    string   `json:"note"`
	NextKey string   `json:"next_key"`
}

// sealingOf reads a line that begins a log or signs it, and says which. An entry
// has its time and type first.
func sealingOf(line []byte) (kind string, s sealing, err error) {
	_, rest, _ := bytes.Cut(line[:min(len(line), 120)], []byte(typeField))
	name, _, ended := bytes.Cut(rest, []byte{'"'})
	switch kind = string(name); kind {
	case startedType, signedType, restartedType:
		if ended {
			return kind, s, json.Unmarshal(line, &s)
		}
	}
	return "", s, nil
}

// IsCheckpoint reports whether a line of a journal is the entry of a checkpoint.
func IsCheckpoint(line []byte) bool {
	return bytes.Contains(line[:min(len(line), 120)], []byte(typeField+signedType+`"`))
}
