package store

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"
)

// Names inside the folder of a run.
const (
	runsName        = "runs" // in the home
	journalName     = "journal.jsonl"
	headName        = "head"
	ratchetName     = "ratchet"
	runbookName     = "runbook.yaml"
	planName        = "plan.json"
	environmentName = "environment.yaml"
	documentPrefix  = "document-" // then the SHA-256
	olderLockName   = "lock"      // of an irctl that did not lock the journal
	ownerName       = "owner"
	placeName       = "place"
	inboxName       = "inbox"
	repliesName     = "replies"
	artifactsName   = "artifacts"
	workName        = "work"
	// unborn begins the name of a folder that is not a run yet.
	unborn = ".new-"
)

// Store is a folder of runs. It may be used from several goroutines.
type Store struct {
	root    string
	fs      FS
	version string
	now     func() time.Time
	sleep   func(time.Duration)

	mu      sync.Mutex
	entropy *ulid.MonotonicEntropy
}

// Option changes how a store works.
type Option func(*Store)

// Version gives the version of irctl to write into the owner records.
func Version(v string) Option { return func(s *Store) { s.version = v } }

// Clock replaces time.Now, for the owner records.
func Clock(now func() time.Time) Option { return func(s *Store) { s.now = now } }

// Open returns the store in a folder, which need not exist: Open touches
// nothing. With "" for a folder every use is a [NoHomeError]. A nil fsys is the operating system's.
func Open(root string, fsys FS, options ...Option) *Store {
	if fsys == nil {
		fsys = OS{}
	}
	s := &Store{root: root, fs: fsys, now: time.Now, sleep: time.Sleep, entropy: ulid.Monotonic(rand.Reader, 0)}
	for _, option := range options {
		option(s)
	}
	return s
}

// Root returns the folder of the store.
func (s *Store) Root() string { return s.root }

func (s *Store) runs() string { return filepath.Join(s.root, runsName) }

// Folder returns the folder of a run, whether or not there is one.
func (s *Store) Folder(id string) string { return filepath.Join(s.runs(), id) }

// NewID returns a new ULID for a run or a request. Ids sort by time, and
// those of one store in the order in which they were made, even in the same
// millisecond.
func (s *Store) NewID(t time.Time) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id, err := ulid.New(ulid.Timestamp(t), s.entropy)
	if err != nil {
		return "", fmt.Errorf("make an id: %w", err)
	}
	return id.String(), nil
}

// validID reports whether the text is a ULID in the one form that we write.
// Everything that becomes part of a path passes it.
func validID(id string) bool {
	u, err := ulid.ParseStrict(id)
	return err == nil && u.String() == id
}

// List returns the ids of all runs, newest first.
func (s *Store) List() ([]string, error) {
	if s.root == "" {
		return nil, &NoHomeError{}
	}
	entries, err := s.fs.ReadDir(s.runs())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, cannot("list the runs", s.denied(err))
	}
	var ids []string
	for _, e := range entries {
		if e.IsDir() && validID(e.Name()) {
			ids = append(ids, e.Name())
		}
	}
	slices.Sort(ids)
	slices.Reverse(ids)
	return ids, nil
}

// Find returns the id of the only run that begins with the prefix, in either
// case, and of the newest run for "" and "latest"; "@1" is the newest, "@2" the
// one before it. It returns a [NotFoundError],
// an [ArchivedError] or an [AmbiguousError].
func (s *Store) Find(prefix string) (string, error) {
	ids, err := s.List()
	if err != nil {
		return "", err
	}
	if place, ok := placed(prefix); ok {
		switch {
		case len(ids) == 0:
			return "", &NotFoundError{}
		case place > len(ids):
			return "", &NotFoundError{prefix}
		}
		return ids[place-1], nil
	}
	ids = begin(ids, prefix)
	if len(ids) == 0 && prefix != "" {
		archived, err := s.Archived()
		if err != nil {
			return "", err
		}
		if ids = begin(archived, prefix); len(ids) == 1 {
			return "", &ArchivedError{ids[0], s.Archive(ids[0])}
		}
	}
	switch {
	case len(ids) == 0:
		return "", &NotFoundError{prefix}
	case len(ids) > 1 && prefix != "":
		return "", &AmbiguousError{prefix, ids}
	}
	return ids[0], nil
}

// begin are the ids that begin so.
func begin(ids []string, prefix string) []string {
	return slices.DeleteFunc(ids, func(id string) bool { return !strings.HasPrefix(id, strings.ToUpper(prefix)) })
}

// placed reads a name that means a place among the runs, newest first from 1.
func placed(name string) (int, bool) {
	if name == "latest" {
		return 1, true
	}
	digits, ok := strings.CutPrefix(name, "@")
	n, err := strconv.Atoi(digits)
	return n, ok && err == nil && n > 0
}

// exists returns nil if there is a run with this very id.
func (s *Store) exists(id string) error {
	if s.root == "" {
		return &NoHomeError{}
	}
	if !validID(id) {
		return &NotFoundError{id}
	}
	info, err := s.fs.Stat(s.Folder(id))
	if errors.Is(err, fs.ErrNotExist) || err == nil && !info.IsDir() {
		return &NotFoundError{id}
	}
	return cannot("open run "+id, s.denied(err))
}
