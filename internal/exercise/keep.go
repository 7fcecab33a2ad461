package exercise

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/irctl/irctl/internal/durable"
)

// Last is the newest score that was kept in a folder; ok is false if there is
// none. A file that is no score is passed over.
func Last(folder string) (s Score, ok bool, err error) {
	names, err := scores(folder)
	if err != nil {
		return s, false, err
	}
	for _, name := range slices.Backward(names) {
		text, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			return s, false, err
		}
		if json.Unmarshal(text, &s) == nil && s.Scenario != "" {
			return s, true, nil
		}
		s = Score{}
	}
	return s, false, nil
}

// All are the newest scores of every scenario that was played, in a folder of one
// folder for each.
func All(folder string) ([]Score, error) {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var out []Score
	for _, e := range entries {
		s, ok, unread := Last(filepath.Join(folder, e.Name()))
		if unread != nil && e.IsDir() {
			return nil, unread
		}
		if ok {
			out = append(out, s)
		}
	}
	return out, err
}

// Ongoing opens the newest exercise that people play below a home; nil if all are
// over.
func Ongoing(home string, now func() time.Time) (*Folder, error) {
	found, err := filepath.Glob(filepath.Join(home, Below, "*", "live-*", playFile))
	var out *Folder
	for _, path := range found {
		f, unread := Open(filepath.Dir(path), now)
		if err = cmp.Or(err, unread); f == nil || f.Over() {
			continue
		}
		if out == nil || f.begun().After(out.begun()) {
			out = f
		}
	}
	return out, err
}

// Keep keeps a score in a folder, after those that are there.
func Keep(folder string, s Score) error {
	if err := durable.Folder(folder); err != nil {
		return err
	}
	names, err := scores(folder)
	if err != nil {
		return err
	}
	next := 1
	if len(names) > 0 {
		_, _ = fmt.Sscanf(names[len(names)-1], "%06d.json", &next)
		next++
	}
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	return durable.Write(filepath.Join(folder, fmt.Sprintf("%06d.json", next)), append(text, '\n'), 0o600)
}

// scores are the names of the files, oldest first.
func scores(folder string) ([]string, error) {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var out []string
	for _, e := range entries {
		if ok, _ := filepath.Match("[0-9][0-9][0-9][0-9][0-9][0-9].json", e.Name()); ok && e.Type().IsRegular() {
			out = append(out, e.Name())
		}
	}
	slices.Sort(out)
	return out, err
}
