package casefolder

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/durable"
	"github.com/irctl/irctl/internal/sent"
)

const (
	caseFile       = "case.md"
	timelineFile   = "timeline.md"
	evidenceFolder = "evidence"
)

// Case is one investigation's folder.
type Case struct {
	ID    string
	store Store
}

// Folder returns where the case is.
func (c *Case) Folder() string { return filepath.Join(c.store.folder, c.ID) }

// Noted reports whether the timeline has a whole entry with this key.
func (c *Case) Noted(key string) (bool, error) {
	text, err := c.read(timelineFile)
	return hasMark(text, key), err
}

// Note appends an entry to the timeline, unless it has one with this key.
func (c *Case) Note(ctx context.Context, at time.Time, text, key string) (already bool, err error) {
	unlock, err := c.store.lock(ctx)
	if err != nil {
		return false, err
	}
	defer unlock()
	return c.note(ctx, at, text, key)
}

// note is Note for who holds the lock. An entry ends with its key: one that a
// crash cut short does not count, and the next begins on a line of its own.
func (c *Case) note(ctx context.Context, at time.Time, text, key string) (already bool, err error) {
	if already, err = c.Noted(key); err != nil || already {
		return already, err
	}
	root, err := os.OpenRoot(c.Folder())
	if err != nil {
		return false, unwritable(c.Folder(), err)
	}
	defer func() { _ = root.Close() }()
	f, err := root.OpenFile(timelineFile, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return false, unwritable(c.Folder(), err)
	}
	sent.Say(ctx, "this machine: add to "+filepath.Join(c.Folder(), timelineFile)+": "+text)
	_, err = f.WriteString(entryText(at, text, key))
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return false, unwritable(c.Folder(), err)
	}
	return false, nil
}

// Closed reports whether the case is closed.
func (c *Case) Closed() (bool, error) {
	text, err := c.read(caseFile)
	return statusOf(text) == statusClosed, err
}

// Close marks the case as closed and adds the resolution to it. What people
// wrote into case.md stays. A closed case stays as it is.
func (c *Case) Close(ctx context.Context, at time.Time, resolution, key string) (already bool, err error) {
	unlock, err := c.store.lock(ctx)
	if err != nil {
		return false, err
	}
	defer unlock()
	text, err := c.read(caseFile)
	if err != nil {
		return false, err
	}
	if statusOf(text) == statusClosed && !hasMark(text, key) {
		return true, nil
	}
	if statusOf(text) != statusClosed {
		text = setStatus(text, statusClosed)
		text = append(bytes.TrimRight(text, "\n"), resolutionText(at, resolution, key)...)
		if err := c.write(ctx, caseFile, text); err != nil {
			return false, err
		}
	}
	return c.note(ctx, at, "Case closed: "+resolution, key)
}

// Reopen marks the case as open again, with the reason in its timeline. What
// the resolution said stays.
func (c *Case) Reopen(ctx context.Context, at time.Time, reason, key string) (already bool, err error) {
	unlock, err := c.store.lock(ctx)
	if err != nil {
		return false, err
	}
	defer unlock()
	text, err := c.read(caseFile)
	if err != nil {
		return false, err
	}
	if statusOf(text) == statusClosed {
		if err := c.write(ctx, caseFile, setStatus(text, statusOpen)); err != nil {
			return false, err
		}
	}
	return c.note(ctx, at, reason, key)
}

// opened reports whether the step with this key created the case.
func (c *Case) opened(key string) (bool, error) {
	text, err := c.read(caseFile)
	return hasMark(text, key), err
}

// read returns a file of the case; one that does not exist is empty.
func (c *Case) read(name string) ([]byte, error) {
	root, err := os.OpenRoot(c.Folder())
	if err != nil {
		return nil, unreadable(c, err)
	}
	defer func() { _ = root.Close() }()
	f, err := root.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, unreadable(c, err)
	}
	defer func() { _ = f.Close() }()
	text, err := io.ReadAll(f)
	if err != nil {
		return nil, unreadable(c, err)
	}
	return text, nil
}

// write replaces a file of the case.
func (c *Case) write(ctx context.Context, name string, text []byte) error {
	root, err := os.OpenRoot(c.Folder())
	if err != nil {
		return unwritable(c.Folder(), err)
	}
	defer func() { _ = root.Close() }()
	sent.Say(ctx, fmt.Sprintf("this machine: write %s (%d bytes)", filepath.Join(c.Folder(), name), len(text)))
	if err := durable.WriteIn(root, name, text, 0o600); err != nil {
		return unwritable(c.Folder(), err)
	}
	return nil
}

func unreadable(c *Case, cause error) error {
	return fmt.Errorf("read case %s: %w", c.ID, cause)
}

// Describe says in one line what state the case is in.
func (c *Case) Describe() string {
	text, err := c.read(caseFile)
	if err != nil {
		return "case " + c.ID + " cannot be read"
	}
	return strings.TrimSpace("case " + c.ID + " is " + statusOf(text))
}
