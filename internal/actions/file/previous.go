package file

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/irctl/irctl/internal/durable"
	"github.com/irctl/irctl/pkg/action"
)

// The names under which the previous file is recorded.
const (
	recordPath   = "path"
	recordExists = "existed"
	recordDigest = "digest" // of the copy as a whole, with its salt
	recordMode   = "mode"
	recordSize   = "size"
	recordKept   = "kept" // name of the copy in the run's folder
)

// keep copies the previous file into the run's folder and records what it was.
// When it returns nil both are durable.
func keep(req action.Request, path string, before state, out action.Sink) error {
	record := map[string]any{recordPath: path, recordExists: before.exists}
	if before.exists {
		record[recordMode] = fmt.Sprintf("%04o", before.mode)
		record[recordSize] = int64(len(before.data))
		if req.With.Bool("backup") {
			name, digest, err := copyOf(req, before)
			if err != nil {
				return err
			}
			record[recordKept], record[recordDigest] = name, digest
		}
	}
	return out.Record(record)
}

// saltSize is how many random bytes a copy begins with. The journal outlives
// the copy, and without them its digest would let somebody guess what was in a
// short file.
const saltSize = 32

// copyOf keeps the previous file. The name is the step's own, so that the copy
// can go when the file is back.
func copyOf(req action.Request, before state) (name, sum string, err error) {
	salted := make([]byte, saltSize, saltSize+len(before.data))
	if _, err := rand.Read(salted); err != nil {
		return "", "", err
	}
	salted = append(salted, before.data...)
	name = "file.write-" + digest([]byte(req.Key))[:16]
	if err := durable.Write(filepath.Join(req.Dir, name), salted, 0o600); err != nil {
		return "", "", &action.Error{Message: "cannot keep the previous file in the run's folder, so nothing was changed", Cause: cause(err)}
	}
	return name, digest(salted), nil
}

// keepForeign saves what somebody else wrote after the run did.
func keepForeign(path string, now state, out action.Sink) error {
	if _, _, err := out.Artifact("replaced-"+filepath.Base(path), bytes.NewReader(now.data)); err != nil {
		return &action.Error{Message: shown(path) + " was changed after this run wrote it, and that version cannot be kept", Cause: err}
	}
	return nil
}

// recorded is the file as it was before the run. The error errSpent says that an
// earlier undo put it back.
func recorded(req action.Request) (state, error) {
	record := action.Values(req.Record)
	if !record.Bool(recordExists) {
		return state{}, nil
	}
	path, name := record.String(recordPath), record.String(recordKept)
	if name == "" {
		return state{}, &action.Error{Message: "the previous content of " + shown(path) + " was not kept: the step said backup: false", Hint: "put the file back by hand", Permanent: true}
	}
	bits, err := strconv.ParseUint(record.String(recordMode), 8, 12)
	if err != nil {
		return state{}, &action.Error{Message: "what was recorded about the previous file cannot be read", Hint: "put the file back by hand", Permanent: true}
	}
	kept, err := os.ReadFile(filepath.Join(req.Dir, filepath.Base(name)))
	if err != nil {
		return state{}, &action.Error{Message: "the previous file is no longer in the run's folder", Hint: "put the file back by hand", Cause: cause(err), Permanent: true}
	}
	if string(kept) == spent && !plain(name) {
		return state{}, errSpent
	}
	if digest(kept) != record.String(recordDigest) || !plain(name) && len(kept) < saltSize {
		return state{}, &action.Error{Message: "the copy of the previous file in the run's folder was changed", Hint: "put the file back by hand", Permanent: true}
	}
	if !plain(name) {
		kept = kept[saltSize:]
	}
	return state{exists: true, data: kept, mode: fs.FileMode(bits)}, nil
}

var errSpent = errors.New("the file was put back")

// plain reports whether a copy has no salt: its name is the digest of what it
// holds, as copies were named at first.
func plain(name string) bool { return len(name) == len("file.write-")+64 }

// spent is what a copy holds once the file is back.
const spent = "put back\n"

// forget destroys the copy of a file that is back: it may hold secrets.
func forget(req action.Request) error {
	name := action.Values(req.Record).String(recordKept)
	if name == "" || plain(name) {
		return nil // another step may need a copy that is named by its content
	}
	if err := durable.Write(filepath.Join(req.Dir, filepath.Base(name)), []byte(spent), 0o600); err != nil {
		return &action.Error{Message: "the file is as it was before the step, but its copy in the run's folder cannot be destroyed", Hint: "make room there, then retry", Cause: cause(err)}
	}
	return nil
}
