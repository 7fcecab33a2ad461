package file

import (
	"bytes"
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
	recordDigest = "digest"
	recordMode   = "mode"
	recordSize   = "size"
	recordKept   = "kept" // name of the copy in the run's folder
)

// keep copies the previous file into the run's folder and records what it was.
// When it returns nil both are durable.
func keep(req action.Request, path string, before state, out action.Sink) error {
	record := map[string]any{recordPath: path, recordExists: before.exists}
	if before.exists {
		record[recordDigest] = before.digest
		record[recordMode] = fmt.Sprintf("%04o", before.mode)
		record[recordSize] = before.size
		if req.With.Bool("backup") {
			name, err := copyOf(req, path, before)
			if err != nil {
				return err
			}
			record[recordKept] = name
		}
	}
	return out.Record(record)
}

func copyOf(req action.Request, path string, before state) (string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return "", failed("read", path, err)
	}
	if digest(data) != before.digest {
		return "", &action.Error{Message: shown(path) + " changes while it is looked at", Hint: "stop what writes it first"}
	}
	// The name is the content, so that steps never replace each other's copies.
	name := "file.write-" + before.digest
	if err := durable.Write(filepath.Join(req.Dir, name), data, 0o600); err != nil {
		return "", &action.Error{Message: "cannot keep the previous file in the run's folder, so nothing was changed", Cause: cause(err)}
	}
	return name, nil
}

// keepForeign saves what somebody else wrote after the run did.
func keepForeign(path string, out action.Sink) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return failed("read", path, err)
	}
	if _, _, err := out.Artifact("replaced-"+filepath.Base(path), bytes.NewReader(data)); err != nil {
		return &action.Error{Message: shown(path) + " was changed by somebody else after this run wrote it, and their version cannot be kept", Cause: err}
	}
	return nil
}

// previous is the file as it was before the run.
type previous struct {
	state
	kept string
}

func recorded(req action.Request) (previous, error) {
	record := action.Values(req.Record)
	p := previous{kept: record.String(recordKept)}
	p.exists = record.Bool(recordExists)
	if !p.exists {
		return p, nil
	}
	p.digest, p.size = record.String(recordDigest), record.Int(recordSize)
	bits, err := strconv.ParseUint(record.String(recordMode), 8, 12)
	if err != nil || len(p.digest) != 64 {
		return p, &action.Error{Message: "what was recorded about the previous file cannot be read", Hint: "put the file back by hand", Permanent: true}
	}
	p.mode = fs.FileMode(bits)
	return p, nil
}

// putBack restores exactly what was there, or removes what was not.
func (p previous) putBack(req action.Request, path string) error {
	if !p.exists {
		if err := durable.Remove(path); err != nil {
			return failed("remove", path, err)
		}
		return nil
	}
	if p.kept == "" {
		return &action.Error{Message: "the previous content of " + shown(path) + " was not kept: the step said backup: false", Hint: "put the file back by hand", Permanent: true}
	}
	data, err := os.ReadFile(filepath.Join(req.Dir, filepath.Base(p.kept)))
	if err != nil {
		return &action.Error{Message: "the previous file is no longer in the run's folder", Hint: "put the file back by hand", Cause: cause(err), Permanent: true}
	}
	if digest(data) != p.digest {
		return &action.Error{Message: "the copy of the previous file in the run's folder was changed", Hint: "put the file back by hand", Permanent: true}
	}
	if err := durable.Replace(path, data, p.mode); err != nil {
		return failed("replace", path, err)
	}
	return nil
}
