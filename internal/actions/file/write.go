// Package file opens with [Write]: put a file in place.
//
// Files, in reading order: write.go, previous.go (what was there before, for
// undo).
package file

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
	"strconv"
	"time"

	"github.com/irctl/irctl/internal/durable"
	"github.com/irctl/irctl/pkg/action"
)

// Write returns the action file.write.
func Write() action.Action { return write{} }

type write struct{}

// Spec implements action.Action.
func (write) Spec() action.Spec {
	return action.Spec{
		Name:    "file.write",
		Summary: "Put a file with given content in place",
		Description: "Writes the content beside the file, flushes it to the disk and renames it into place, so that readers see the old file or the new one and nothing between. " +
			"The folder must exist. A symbolic link in the file's place is refused: name the file itself. " +
			"Whether it is done is told by the content's SHA-256 and the permissions. " +
			"A file that is replaced keeps its owner, its group and its access list, and is left alone if it cannot, or if it has another name (a hard link). " +
			"The previous file is kept in the run's folder; undo puts it back with its permissions and destroys the copy, or removes the file if there was none. What somebody else wrote in the meantime is kept as an artifact first.",
		Effect:     action.Change,
		Idempotent: true,
		Traits:     []action.Trait{action.Shared},
		Inputs: []action.Field{
			{Name: "path", Type: action.String, Required: true, Subject: true, Description: "The file, as an absolute path.", Example: "/etc/nginx/conf.d/deny.conf"},
			{Name: "content", Type: action.String, Required: true, Secret: true, Description: "Everything that the file holds afterwards. It may be a secret.", Example: `"deny all;\n"`},
			{Name: "mode", Type: action.String, Pattern: `0?[0-7]{3}`, Description: "The file's permissions, in quotes; by default those it has, and 0600 for a new file.", Example: `"0644"`},
			{Name: "backup", Type: action.Bool, Default: true, Description: "Keep the previous file in the run's folder, without which it cannot be put back."},
		},
		Outputs: []action.Field{
			{Name: "path", Type: action.String, Description: "The file."},
			{Name: "digest", Type: action.String, Description: "The content's SHA-256; not kept of a secret."},
			{Name: "size", Type: action.Int, Description: "The content's length in bytes."},
			{Name: "modified", Type: action.Time, Description: "When the file was written; undo tells by it whether somebody else has written since."},
		},
		Example: `- id: deny
  uses: file.write
  with:
    path: /etc/nginx/conf.d/deny.conf
    content: "deny all;\n"
    mode: "0644"
`,
	}
}

// Validate implements action.Validator.
func (write) Validate(with action.Values, _ string) []action.Problem {
	if path := with.String("path"); path != "" && !filepath.IsAbs(path) {
		return []action.Problem{{Input: "path", Message: "must be an absolute path", Hint: "a run may be resumed from another folder"}}
	}
	return nil
}

// wanted is the file as it shall be.
type wanted struct {
	path string
	data []byte
	mode fs.FileMode
	free bool // any permissions will do
}

func want(req action.Request) (wanted, error) {
	w := wanted{path: req.With.String("path"), data: []byte(req.With.Secret("content").Reveal()), mode: 0o600, free: true}
	if !filepath.IsAbs(w.path) {
		return w, &action.Error{Message: fmt.Sprintf("%s is not an absolute path", shown(w.path)), Permanent: true}
	}
	w.path = filepath.Clean(w.path)
	if text := req.With.String("mode"); text != "" {
		bits, err := strconv.ParseUint(text, 8, 12)
		if err != nil {
			return w, &action.Error{Message: fmt.Sprintf("%q are not permissions", action.CleanLine(text, 20)), Permanent: true}
		}
		w.mode, w.free = fs.FileMode(bits), false
	}
	return w, nil
}

func (w wanted) is(s state) bool {
	return s.holds(w.data) && (w.free || sameMode(s.mode, w.mode))
}

func (w wanted) outputs(now state) map[string]any {
	return map[string]any{"path": w.path, "digest": digest(w.data), "size": int64(len(w.data)), "modified": now.modified}
}

// wrote reports whether a file is as the step left it. Content that is a secret
// need not be there any more when it is put back.
func (w wanted) wrote(now state, req action.Request) bool {
	if req.With.Has("content") {
		return now.holds(w.data)
	}
	return now.modified == action.Values(req.Outputs).String("modified")
}

// Run implements action.Action.
func (write) Run(_ context.Context, req action.Request, out action.Sink) (action.Result, error) {
	w, err := want(req)
	if err != nil {
		return action.Result{}, err
	}
	before, err := look(w.path)
	if err != nil {
		return action.Result{}, err
	}
	again := req.Record[recordPath] != nil
	if w.is(before) {
		return action.Result{Outputs: w.outputs(before), Changed: again, Already: !again, Summary: shown(w.path) + " holds the content"}, nil
	}
	if !again {
		if err := keep(req, w.path, before, out); err != nil {
			return action.Result{}, err
		}
	}
	if w.free && before.exists {
		w.mode = before.mode
	}
	if err := before.become(w.path, w.data, w.mode); err != nil {
		return action.Result{}, err
	}
	after, err := look(w.path)
	if err != nil {
		return action.Result{}, err
	}
	if !w.is(after) {
		return action.Result{}, &action.Error{Message: shown(w.path) + " was written and is different already", Hint: "something else writes the same file; stop it first"}
	}
	return action.Result{Outputs: w.outputs(after), Changed: true, Summary: fmt.Sprintf("%s holds the content (%d bytes)", shown(w.path), len(w.data))}, nil
}

// Inspect implements action.Inspector.
func (write) Inspect(_ context.Context, req action.Request) (action.Inspection, error) {
	w, err := want(req)
	if err != nil {
		return action.Inspection{}, err
	}
	in := action.Inspection{Repeatable: true, Want: fmt.Sprintf("%s holds the content (%d bytes)", shown(w.path), len(w.data))}
	now, err := look(w.path)
	if err != nil {
		return in, err
	}
	in.Known, in.Desired, in.Current = true, w.is(now), now.describe(w.path)
	if now.exists && !now.holds(w.data) {
		in.Current = fmt.Sprintf("%s holds something else (%d bytes)", shown(w.path), len(now.data))
	}
	if in.Desired {
		in.Outputs = w.outputs(now)
	}
	return in, nil
}

// Undo implements action.Undoer.
func (write) Undo(_ context.Context, req action.Request, out action.Sink) (action.Result, error) {
	w, err := want(req)
	if err != nil {
		return action.Result{}, err
	}
	if req.Record[recordPath] == nil {
		return action.Result{Already: true, Summary: shown(w.path) + " was not changed"}, nil
	}
	before, err := recorded(req)
	if errors.Is(err, errSpent) {
		return action.Result{Already: true, Summary: shown(w.path) + " was put back"}, nil
	}
	if err != nil {
		return action.Result{}, err
	}
	now, err := look(w.path)
	if err != nil {
		return action.Result{}, err
	}
	if before.same(now) {
		return action.Result{Already: true, Summary: now.describe(w.path) + ", as before"}, forget(req)
	}
	if now.exists && !w.wrote(now, req) && (!before.exists || !now.holds(before.data)) {
		if err := keepForeign(w.path, now, out); err != nil {
			return action.Result{}, err
		}
	}
	if before.exists {
		err = now.become(w.path, before.data, before.mode)
	} else if err = durable.Remove(w.path); err != nil {
		err = failed("remove", w.path, err)
	}
	if err != nil {
		return action.Result{}, err
	}
	return action.Result{Changed: true, Summary: before.describe(w.path) + " again"}, forget(req)
}

// Preflight implements action.Preflighter.
func (write) Preflight(_ context.Context, req action.Request) []error {
	w, err := want(req)
	if err != nil {
		return []error{err}
	}
	var problems []error
	if _, err := look(w.path); err != nil {
		problems = append(problems, err)
	}
	if err := errors.Join(durable.Writable(filepath.Dir(w.path)), durable.Replaceable(w.path)); err != nil {
		problems = append(problems, &action.Error{Message: "cannot write " + shown(w.path), Cause: cause(err), Permanent: true})
	}
	return problems
}

// state is a file as it is.
type state struct {
	exists bool
	data   []byte
	mode   fs.FileMode

	modified string // RFC 3339
}

func look(path string) (state, error) {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return state{}, nil
	case err != nil:
		return state{}, failed("look at", path, err)
	case info.Mode()&fs.ModeSymlink != 0:
		return state{}, &action.Error{Message: shown(path) + " is a symbolic link", Hint: "name the file that it leads to", Permanent: true}
	case !info.Mode().IsRegular():
		return state{}, &action.Error{Message: shown(path) + " is not a file", Permanent: true}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return state{}, failed("read", path, err)
	}
	return state{exists: true, data: data, mode: info.Mode().Perm(), modified: info.ModTime().UTC().Format(time.RFC3339Nano)}, nil
}

// holds reports whether there is a file with these bytes.
func (s state) holds(data []byte) bool { return s.exists && bytes.Equal(s.data, data) }

func (s state) same(o state) bool {
	return s.exists == o.exists && bytes.Equal(s.data, o.data) && (!s.exists || sameMode(s.mode, o.mode))
}

// become replaces the file, if it still is as it was seen.
func (s state) become(path string, data []byte, mode fs.FileMode) error {
	err := durable.Replace(path, data, mode, func(now []byte) bool { return s.exists == (now != nil) && bytes.Equal(s.data, now) })
	if errors.Is(err, durable.ErrChanged) {
		return &action.Error{Message: shown(path) + " was left as it is", Hint: "retry: irctl reads it again", Cause: err}
	}
	if err != nil {
		return failed("replace", path, err)
	}
	return nil
}

func (s state) describe(path string) string {
	if !s.exists {
		return shown(path) + " does not exist"
	}
	return fmt.Sprintf("%s holds %d bytes", shown(path), len(s.data))
}

// sameMode compares permissions as far as the system has them: Windows knows
// only whether a file may be written.
func sameMode(a, b fs.FileMode) bool {
	if runtime.GOOS == "windows" {
		return a&0o200 == b&0o200
	}
	return a == b
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func shown(path string) string { return action.CleanLine(path, 200) }

func failed(what, path string, err error) error {
	return &action.Error{Message: fmt.Sprintf("cannot %s %s", what, shown(path)), Cause: cause(err)}
}

// cause takes off the path that the message has already.
func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	var l *os.LinkError
	if errors.As(err, &l) {
		return l.Err
	}
	return err
}
