package host

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/irctl/irctl/internal/durable"
	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/internal/sent"
	"github.com/irctl/irctl/pkg/action"
)

// maxFile is how large a file may be that an action reads or writes, in bytes.
const maxFile = 8 << 20

// File is what a host tells of a file. The zero File is none.
type File struct {
	Mode     fs.FileMode // type and permissions
	Size     int64
	UID, GID int // -1 on Windows
}

// native reports whether files are this process's own.
func (h *Host) native() bool { return h.Local() && !h.sudo }

// ReadFile returns the bytes of a regular file. One that is missing is
// fs.ErrNotExist.
func (h *Host) ReadFile(ctx context.Context, path string) ([]byte, error) {
	if m, ok := machineOf(ctx); ok {
		data, err := m.Read(path)
		return data, Certain(hereProblem("read", path, err))
	}
	if h.native() {
		return readHere(path)
	}
	res, err := h.script(ctx, readScript, action.Secret{}, path)
	if err != nil {
		return nil, Certain(err)
	}
	if res.Cut {
		return nil, tooLarge(path)
	}
	return []byte(res.Stdout), nil
}

// WriteFile replaces a file by data, whatever it holds; see [Host.Edit] for one
// that others change too, which is as a rule. A file is replaced whole or not
// at all: also when the connection is lost, either the old bytes are there or
// the new ones. One that was there keeps its permissions, its owner and its
// access list, and the call fails before it changes anything if one cannot be
// kept; a new file gets mode. A symbolic link stays, and what it names is
// replaced. When WriteFile returns nil the change is on the disk.
func (h *Host) WriteFile(ctx context.Context, path string, data []byte, mode fs.FileMode) error {
	return h.replace(ctx, path, nil, data, mode)
}

// Replace is WriteFile, unless the file no longer holds old (nil if there was
// no file). Then the error is durable.ErrChanged, and the file is as it was.
func (h *Host) Replace(ctx context.Context, path string, old, data []byte, mode fs.FileMode) error {
	return h.replace(ctx, path, &old, data, mode)
}

// Edit replaces a file by what edit makes of its bytes, so that no change gets
// lost that another makes in the same moment: edit is called again then. If it
// returns the same bytes or an error, nothing is changed. A file that is missing
// is fs.ErrNotExist.
func (h *Host) Edit(ctx context.Context, path string, mode fs.FileMode, edit func(old []byte) ([]byte, error)) error {
	for range editTries - 1 {
		if err := h.editOnce(ctx, path, mode, edit); !errors.Is(err, durable.ErrChanged) {
			return err
		}
	}
	return h.editOnce(ctx, path, mode, edit)
}

// editTries is how often others may get ahead of an Edit.
const editTries = 50

func (h *Host) editOnce(ctx context.Context, path string, mode fs.FileMode, edit func(old []byte) ([]byte, error)) error {
	old, err := h.ReadFile(ctx, path)
	if err != nil {
		return err
	}
	data, err := edit(old)
	if err != nil || bytes.Equal(old, data) {
		return err
	}
	return h.Replace(ctx, path, old, data, mode)
}

// replace replaces a file that holds *old, or whatever it holds if old is nil.
func (h *Host) replace(ctx context.Context, path string, old *[]byte, data []byte, mode fs.FileMode) error {
	if len(data) > maxFile {
		return tooLarge(path)
	}
	if m, ok := machineOf(ctx); ok {
		h.say(ctx, "write", path, data)
		return hereProblem("write", path, m.Write(path, data))
	}
	if h.native() {
		h.say(ctx, "write", path, data)
		return hereProblem("write", path, replaceHere(path, old, data, mode))
	}
	input, before := data, "any"
	if old != nil && *old == nil {
		before = "none"
	} else if old != nil {
		input, before = slices.Concat(*old, data), strconv.Itoa(len(*old))
	}
	_, err := h.script(ctx, writeScript, action.NewSecret(string(input)), path, fmt.Sprintf("%04o", mode.Perm()), strconv.Itoa(len(data)), before)
	return err
}

// say tells of a change to a file for which no command is run. What is written
// may hold what nobody shall read in a log.
func (h *Host) say(ctx context.Context, verb, path string, data []byte) {
	text := h.String() + ": " + verb + " " + path
	if data != nil {
		text += fmt.Sprintf(" (%d bytes)", len(data))
	}
	sent.Say(ctx, text)
}

func replaceHere(path string, old *[]byte, data []byte, mode fs.FileMode) error {
	path, err := durable.Resolve(path)
	if err != nil {
		return err
	}
	if info, err := os.Stat(path); err == nil {
		mode = info.Mode().Perm()
	}
	return durable.Replace(path, data, mode, func(now []byte) bool {
		return old == nil || (now == nil) == (*old == nil) && bytes.Equal(now, *old)
	})
}

// Replaceable says for a preflight what would keep a file from being replaced.
func (h *Host) Replaceable(ctx context.Context, path string) error {
	if _, ok := machineOf(ctx); ok {
		return nil
	}
	if h.native() {
		real, err := durable.Resolve(path)
		if err == nil {
			err = durable.Replaceable(real)
		}
		if err != nil || runtime.GOOS == "windows" {
			return hereProblem("write", path, err)
		}
		return h.room(ctx, path)
	}
	res, err := h.script(ctx, linksScript, action.Secret{}, path)
	if n, _ := strconv.Atoi(strings.TrimSpace(res.Stdout)); err == nil && n > 1 {
		err = h.fileProblem(path, exitLinks, "")
	}
	if err == nil {
		err = h.room(ctx, path)
	}
	return Certain(err)
}

// room is an error if a file beside one has no place.
func (h *Host) room(ctx context.Context, name string) error {
	folder := path.Dir(name)
	out, err := h.Output(ctx, "df", "-P", "-k", "--", folder)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	words := strings.Fields(lines[len(lines)-1]) // POSIX, utility df, "STDOUT"
	if err != nil || len(words) < 6 || words[3] != "0" {
		return nil // what cannot be told is no problem yet
	}
	return &action.Error{
		Message: fmt.Sprintf("the disk of %s on %s is full, so %s cannot be replaced", action.CleanLine(folder, 120), h, action.CleanLine(path.Base(name), 80)),
		Hint:    "make room there", Permanent: true,
	}
}

// Stat tells of a file; of what a symbolic link names, not of the link. What
// is missing is the zero File without an error.
func (h *Host) Stat(ctx context.Context, path string) (File, error) {
	if m, ok := machineOf(ctx); ok {
		f, err := m.Stat(path)
		return f, Certain(hereProblem("look at", path, err))
	}
	if h.native() {
		info, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) {
			return File{}, nil
		}
		if err != nil {
			return File{}, hereProblem("look at", path, err)
		}
		uid, gid := owner(info)
		return File{info.Mode(), info.Size(), uid, gid}, nil
	}
	res, err := h.script(ctx, statScript, action.Secret{}, path)
	if errors.Is(err, fs.ErrNotExist) {
		return File{}, nil
	}
	if err != nil {
		return File{}, Certain(err)
	}
	f, ok := parseLS(res.Stdout)
	if !ok {
		return File{}, &action.Error{Message: fmt.Sprintf("what ls on %s says of %s cannot be read: %s", h, action.CleanLine(path, 120), action.CleanLine(res.Stdout, 80)), Permanent: true}
	}
	return f, nil
}

// Remove deletes a file, or the link if it is one. It is nil if there is none,
// and the change is on the disk.
func (h *Host) Remove(ctx context.Context, path string) error {
	if m, ok := machineOf(ctx); ok {
		h.say(ctx, "remove", path, nil)
		return hereProblem("remove", path, m.Remove(path))
	}
	if h.native() {
		h.say(ctx, "remove", path, nil)
		return hereProblem("remove", path, durable.Remove(path))
	}
	_, err := h.script(ctx, removeScript, action.Secret{}, path)
	return err
}

// script runs one of this package's scripts with a path and more arguments.
func (h *Host) script(ctx context.Context, text string, input action.Secret, path string, more ...string) (process.Result, error) {
	c := process.Command{
		Argv: append([]string{"sh", "-c", text, "sh", path}, more...), Name: "sh", Stdin: input, Max: maxFile,
		Success: []int{0, exitMissing, exitDangling, exitIrregular, exitShort, exitOwner, exitBusy, exitChanged, exitLinks},
	}
	res, err := h.Run(ctx, c, nil)
	if res.ExitCode > 0 && err == nil || res.ExitCode == 1 && !h.sudoRefused(res) {
		err = h.fileProblem(path, res.ExitCode, res.Stderr)
	}
	return res, err
}

func readHere(path string) ([]byte, error) {
	info, err := os.Stat(path) // before opening: a named pipe would make that wait
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file", path)
	}
	if err != nil {
		return nil, hereProblem("read", path, err)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, hereProblem("read", path, err)
	}
	defer func() { _ = f.Close() }()
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if len(b) > maxFile {
		return nil, tooLarge(path)
	}
	return b, hereProblem("read", path, err)
}

// parseLS reads a line of ls -ldn (POSIX, utility ls, "STDOUT").
func parseLS(line string) (File, bool) {
	words := strings.Fields(line)
	if len(words) < 6 || len(words[0]) < 10 {
		return File{}, false
	}
	uid, err1 := strconv.Atoi(words[2])
	gid, err2 := strconv.Atoi(words[3])
	f := File{UID: uid, GID: gid}
	var err3 error
	switch words[0][0] {
	case '-':
		f.Size, err3 = strconv.ParseInt(words[4], 10, 64)
	case 'd':
		f.Mode = fs.ModeDir
		f.Size, err3 = strconv.ParseInt(words[4], 10, 64)
	case 's':
		f.Mode = fs.ModeSocket
	case 'p':
		f.Mode = fs.ModeNamedPipe
	default:
		f.Mode = fs.ModeIrregular
	}
	for i, letter := range words[0][1:10] {
		bit := fs.FileMode(1) << (8 - i)
		switch letter {
		case '-':
		case 'r', 'w', 'x':
			f.Mode |= bit
		case 's', 't':
			f.Mode |= bit | special[i]
		case 'S', 'T':
			f.Mode |= special[i]
		default:
			return File{}, false
		}
	}
	return f, err1 == nil && err2 == nil && err3 == nil
}

// special are the modes that ls shows in the place of an x.
var special = map[int]fs.FileMode{2: fs.ModeSetuid, 5: fs.ModeSetgid, 8: fs.ModeSticky}
