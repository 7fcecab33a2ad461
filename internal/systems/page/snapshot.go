package page

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/irctl/irctl/internal/durable"
	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/pkg/action"
)

// Snapshot is a file as it was at one moment.
type Snapshot struct {
	Exists bool
	Digest string // SHA-256 of its bytes, hexadecimal
	Mode   fs.FileMode
	data   []byte
}

// Look reads a file of a host. A file that does not exist is no error.
func Look(ctx context.Context, h *host.Host, path string) (Snapshot, error) {
	info, err := h.Stat(ctx, path)
	if err != nil {
		return Snapshot{}, unreadable(path, err)
	}
	if info == (host.File{}) {
		return Snapshot{}, nil
	}
	if !info.Mode.IsRegular() {
		return Snapshot{}, &action.Error{
			Message:   path + " is not a regular file",
			Hint:      "correct the path in the environment's target",
			Permanent: true,
		}
	}
	data, err := h.ReadFile(ctx, path)
	if err != nil {
		return Snapshot{}, unreadable(path, err)
	}
	return Snapshot{Exists: true, Digest: Digest(data), Mode: info.Mode.Perm(), data: data}, nil
}

// Of is a file that holds data, for its owner alone.
func Of(data []byte) Snapshot {
	return Snapshot{Exists: true, Digest: Digest(data), Mode: 0o600, data: data}
}

// Data are the file's bytes; nobody may change them.
func (s Snapshot) Data() []byte { return s.data }

// Holds reports whether the file existed with exactly these bytes.
func (s Snapshot) Holds(data []byte) bool { return s.Exists && bytes.Equal(s.data, data) }

// Same reports whether two looks saw the same.
func (s Snapshot) Same(t Snapshot) bool { return s.Exists == t.Exists && s.Digest == t.Digest }

// Keep writes the bytes into dir under their digest and returns what
// [Recalled] needs to find them again: plain data for a journal.
func (s Snapshot) Keep(dir string) (map[string]any, error) {
	if !s.Exists {
		return map[string]any{"exists": false}, nil
	}
	if err := durable.Write(filepath.Join(dir, s.Digest), s.data, 0o600); err != nil {
		return nil, &action.Error{
			Message: "what was there before could not be kept, so nothing was changed",
			Hint:    "make room in the run's folder, then retry",
			Cause:   err,
		}
	}
	return map[string]any{"exists": true, "digest": s.Digest, "mode": fmt.Sprintf("%04o", s.Mode)}, nil
}

// Recalled returns the snapshot that Keep kept in dir.
func Recalled(dir string, record action.Values) (Snapshot, error) {
	if !record.Bool("exists") {
		return Snapshot{}, nil
	}
	s := Snapshot{Exists: true, Digest: record.String("digest")}
	if _, err := fmt.Sscanf(record.String("mode"), "%o", &s.Mode); err != nil {
		s.Mode = 0o644
	}
	if b, err := hex.DecodeString(s.Digest); err != nil || len(b) != sha256.Size {
		return Snapshot{}, lost("the record of what was there before is damaged", err)
	}
	var err error
	if s.data, err = os.ReadFile(filepath.Join(dir, s.Digest)); err != nil {
		return Snapshot{}, lost("what was there before is missing from the run's folder", err)
	}
	if Digest(s.data) != s.Digest {
		return Snapshot{}, lost("what was kept of the state before was altered since", nil)
	}
	return s, nil
}

// Restore makes the file at path what the snapshot is. It reports whether
// that changed anything.
func (s Snapshot) Restore(ctx context.Context, h *host.Host, path string) (changed bool, err error) {
	now, err := Look(ctx, h, path)
	if err != nil {
		return false, err
	}
	if now.Same(s) {
		return false, nil
	}
	if !s.Exists {
		err = h.Remove(ctx, path)
	} else {
		err = h.Replace(ctx, path, now.data, s.data, s.Mode)
	}
	if err != nil {
		return false, unwritable(path, err)
	}
	return true, nil
}

// Revert puts back the page of a record, with what Keep kept of it as "page" and
// the digest of what the step wrote as "wrote", unless somebody has edited it
// since: then it is neither.
func Revert(ctx context.Context, h *host.Host, dir string, record action.Values, path string) (changed bool, err error) {
	before, err := Recalled(dir, record.Map("page"))
	if err != nil {
		return false, err
	}
	now, err := Look(ctx, h, path)
	if err != nil {
		return false, err
	}
	if wrote := record.String("wrote"); now.Exists && !now.Same(before) && wrote != "" && now.Digest != wrote {
		return false, &action.Error{
			Message:   path + " was edited since the step wrote it, so it was left as it is",
			Hint:      "keep what has to stay of it elsewhere, remove the file, then retry; or put it right by hand and mark the step as done",
			Permanent: true,
		}
	}
	return before.Restore(ctx, h, path)
}

// Put makes a file hold data, readable by the web server, if it still is what
// was seen of it.
func (s Snapshot) Put(ctx context.Context, h *host.Host, path string, data []byte) error {
	if err := h.Replace(ctx, path, s.data, data, 0o644); err != nil {
		return unwritable(path, err)
	}
	return nil
}

// Delete removes a file.
func Delete(ctx context.Context, h *host.Host, path string) error {
	if err := h.Remove(ctx, path); err != nil {
		return unwritable(path, err)
	}
	return nil
}

// Writable reports whether a file can be put at path, as far as that can be
// told without doing it.
func Writable(ctx context.Context, h *host.Host, path string) error {
	if h.Local() && runtime.GOOS == "windows" {
		if err := durable.Writable(filepath.Dir(path)); err != nil {
			return unwritable(path, err)
		}
		return nil
	}
	c := process.Command{Argv: []string{"sh", "-c", writableScript, "sh", path}, Name: "sh", Success: []int{0, 1}}
	res, err := h.Run(ctx, c, nil)
	if err == nil && res.ExitCode != 0 {
		err = unwritable(path, nil)
	}
	if err == nil {
		err = h.Replaceable(ctx, path)
	}
	return err
}

// writableScript looks at the folder alone: files are replaced as a whole.
const writableScript = `d=$(dirname -- "$1") && [ -d "$d" ] && [ -w "$d" ] && [ -x "$d" ]`

// Digest is the SHA-256 of data, hexadecimal.
func Digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func lost(message string, cause error) error {
	return &action.Error{Message: message, Hint: "put the page back by hand, then mark the step as done", Cause: cause, Permanent: true}
}

func unreadable(path string, cause error) error {
	return &action.Error{Message: "the file could not be read, so nothing is known about the page", Hint: "check the permissions of " + path, Cause: cause}
}

func unwritable(path string, cause error) error {
	err := &action.Error{Message: path + " could not be changed", Cause: cause, Doubt: action.IsDoubtful(cause), Hint: "check that its folder exists and that irctl may write there"}
	var known *action.Error
	if errors.As(cause, &known) && known.Hint != "" {
		err.Hint = known.Hint
	}
	return err
}
