package casefolder

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"github.com/irctl/irctl/internal/durable"
	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/internal/sent"
	"github.com/irctl/irctl/pkg/action"
	"github.com/oklog/ulid/v2"
)

// Store is a folder of cases.
type Store struct {
	folder string
	// Elsewhere says that the cases are kept in another system, and only their
	// evidence lies here.
	Elsewhere bool
}

// Open returns the store in an existing folder; it does no I/O.
func Open(folder string) Store { return Store{folder: folder} }

// Folder is where the cases are.
func (s Store) Folder() string { return s.folder }

// Opening is what a new case begins with.
type Opening struct {
	Key      string // idempotency key of the step
	Run      string
	Runbook  string
	Title    string
	Severity string
	Summary  string
	Labels   []string
	At       time.Time
}

// lockRetry is how often a held lock is tried again. Writes take milliseconds.
const lockRetry = 20 * time.Millisecond

// Opened finds the case that a step with this key has created before.
func (s Store) Opened(run, key string) (*Case, bool, error) {
	for n := 1; ; n++ {
		id := identity(run, n)
		if _, err := os.Lstat(filepath.Join(s.folder, id)); errors.Is(err, fs.ErrNotExist) {
			return nil, false, nil
		}
		c, err := s.at(id)
		if errors.Is(err, fs.ErrNotExist) {
			continue // somebody's folder, not a case
		}
		if err != nil {
			return nil, false, err
		}
		mine, err := c.opened(key)
		if err != nil || mine {
			return c, mine, err
		}
	}
}

// Create begins a case, or returns the one that the same key began before and
// already=true. The folder appears whole or not at all.
func (s Store) Create(ctx context.Context, o Opening) (c *Case, already bool, err error) {
	unlock, err := s.lock(ctx)
	if err != nil {
		return nil, false, err
	}
	defer unlock()
	c, already, err = s.Opened(o.Run, o.Key)
	if err != nil || already {
		return c, already, err
	}
	id := ""
	for n := 1; ; n++ {
		id = identity(o.Run, n)
		if _, err := os.Lstat(filepath.Join(s.folder, id)); errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	sent.Say(ctx, "this machine: create the case "+filepath.Join(s.folder, id))
	if err := s.build(id, o); err != nil {
		return nil, false, unwritable(s.folder, err)
	}
	return &Case{ID: id, store: s}, false, nil
}

// build writes the case beside its final place, then renames it.
func (s Store) build(id string, o Opening) (err error) {
	draft, err := durable.Draft(s.folder)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.RemoveAll(draft)
		}
	}()
	if err := durable.Folder(filepath.Join(draft, evidenceFolder)); err != nil {
		return err
	}
	if err := durable.Write(filepath.Join(draft, caseFile), caseText(id, o), 0o600); err != nil {
		return err
	}
	first := "# Timeline of " + id + "\n" + entryText(o.At, "Case opened.", o.Key)
	if err := durable.Write(filepath.Join(draft, timelineFile), []byte(first), 0o600); err != nil {
		return err
	}
	if err := os.Rename(draft, filepath.Join(s.folder, id)); err != nil {
		return err
	}
	return durable.Sync(s.folder)
}

// ErrNotAnID is behind the error about an id that no case here can have.
var ErrNotAnID = errors.New("ids have letters, digits, dots, dashes and underscores, at most 64")

var caseID = pattern.Late(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// Case finds a case by its id.
func (s Store) Case(id string) (*Case, error) {
	if !caseID().MatchString(id) || strings.Contains(id, "..") {
		return nil, &action.Error{
			Message:   fmt.Sprintf("%q is not the id of a case", action.CleanLine(id, 80)),
			Hint:      "use the output `case` of the step that opened the investigation",
			Cause:     ErrNotAnID,
			Permanent: true,
		}
	}
	c, err := s.at(id)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &action.Error{
			Message:   fmt.Sprintf("there is no case %s in %s", id, s.folder),
			Hint:      "open the investigation first, or correct the folder in the environment's target",
			Cause:     err,
			Permanent: true,
		}
	}
	return c, err
}

// at returns the case in a folder of the store, and refuses a link in its place.
func (s Store) at(id string) (*Case, error) {
	info, err := os.Lstat(filepath.Join(s.folder, id))
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, &action.Error{Message: fmt.Sprintf("%s in %s is not a folder, so it is not a case", id, s.folder), Hint: "move it away", Permanent: true}
	}
	c := &Case{ID: id, store: s}
	if _, err := os.Lstat(filepath.Join(c.Folder(), caseFile)); err != nil {
		return nil, err
	}
	return c, nil
}

// Check says what would keep cases from being written, and changes nothing.
func (s Store) Check() error {
	info, err := os.Stat(s.folder)
	if err != nil {
		return unwritable(s.folder, err)
	}
	if !info.IsDir() {
		return &action.Error{Message: s.folder + " is not a folder", Hint: "correct the folder in the environment's target", Permanent: true}
	}
	if err := durable.Writable(s.folder); err != nil {
		return unwritable(s.folder, err)
	}
	return nil
}

// lock waits for the right to write and returns how to give it back.
func (s Store) lock(ctx context.Context) (func(), error) {
	l := flock.New(filepath.Join(s.folder, ".lock"), flock.SetPermissions(0o600))
	ok, err := l.TryLockContext(ctx, lockRetry)
	if err != nil || !ok {
		return nil, unwritable(s.folder, err)
	}
	return func() { _ = l.Close() }, nil
}

// identity is the id of the nth case that a run opens. It depends on the run
// alone, so that a repetition after a crash finds the case again.
func identity(run string, n int) string {
	id := ""
	if u, err := ulid.ParseStrict(run); err == nil {
		id = "CASE-" + ulid.Time(u.Time()).UTC().Format("2006-01-02") + "-" + run[len(run)-6:]
	} else {
		id = fmt.Sprintf("CASE-%X", sha256.Sum256([]byte(run)))[:len("CASE-")+12]
	}
	if n > 1 {
		id = fmt.Sprintf("%s-%d", id, n)
	}
	return id
}

func unwritable(folder string, cause error) error {
	return &action.Error{
		Message: "the case folder " + folder + " cannot be written",
		Hint:    "check that the folder exists, that irctl may write there and that the disk has room",
		Cause:   cause,
	}
}
