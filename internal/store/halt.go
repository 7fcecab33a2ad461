package store

import (
	"encoding/json"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/account"
)

// haltName is the file of a home that says that it is halted.
const haltName = "halt"

// Halt is somebody's word that no run of a home starts anything new.
type Halt struct {
	Reason string    `json:"reason"`
	By     string    `json:"by"`
	Since  time.Time `json:"since"`
}

// String says it in a line, whatever the file holds.
func (h Halt) String() string {
	return "everything is halted since " + h.Since.UTC().Format("2006-01-02 15:04 UTC") + " by " + strings.Join(strings.Fields(h.By+": "+h.Reason), " ")
}

// Halted returns the halt of the home, nil if there is none. A halt that cannot
// be read is an error: it may be one.
func (s *Store) Halted() (*Halt, error) {
	if s.root == "" {
		return nil, nil
	}
	name := filepath.Join(s.root, haltName)
	data, owner, err := readOf(s.fs, name, 1<<16)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var h Halt
	if err == nil {
		err = json.Unmarshal(data, &h)
	}
	if err != nil && s.Shared() {
		h.By = s.foreign(name)
	} else if s.Shared() && owner != self() {
		h.By = account.Name(owner) // whatever it says
	}
	return &h, cannotSo("see whether everything is halted", err, "Nothing new starts before that is known.")
}

// Halt halts the home. It is durable when it returns.
func (s *Store) Halt(h Halt) error {
	data, err := json.Marshal(h)
	if err == nil {
		err = s.prepare()
	}
	if err == nil {
		err = replaceAs(s.fs, filepath.Join(s.root, haltName), append(data, '\n'), s.FileMode(), true)
	}
	return cannot("halt everything", err)
}

// Lift ends the halt of the home, durably. There may be none. In a shared home
// whoever halted it lifts that, or root: otherwise the error is a
// *[OthersHaltError].
func (s *Store) Lift() error {
	name := filepath.Join(s.root, haltName)
	if by := s.foreign(name); by != "" && self() != rootAccount {
		return &OthersHaltError{By: by, File: name}
	}
	err := s.fs.Remove(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = s.fs.SyncDir(s.root)
	}
	return cannot("lift the halt", err)
}
