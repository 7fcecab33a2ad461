package store

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Index remembers what a reader made of runs, so that a list of many need not
// read every journal. It proves nothing: only lists may ask it, never who
// verifies or drives. A row counts only for files that are, by all that the
// operating system says of them, the very ones that it was made from, untouched
// since. Whatever is wrong with the index, it is as if there were none. Its
// methods may be called from several goroutines.
//
// The file has a line for each run: id, files, row. The line before them is the
// form with an HMAC-SHA256 of all that follows, by a key that lies beside it: who
// does not know that cannot write rows.
type Index struct {
	store *Store
	name  string // of its file
	parts func(id string) []string
	form  string
	began time.Time

	mu      sync.Mutex
	rows    map[string]indexed
	changed bool
}

type indexed struct{ files, row string }

const (
	indexName    = "index"
	indexKeyName = "index.key" // for both
	maxIndex     = 1 << 30
	// settled is how long ago files must have changed last: a second change in
	// the same tick of the file system's clock could not be told from the first.
	settled = time.Second
)

// Index reads the index of the store. form names how rows are written; rows of
// another form are not read.
func (s *Store) Index(form string) *Index {
	return s.index(indexName, form, func(id string) []string {
		folder := s.Folder(id)
		return []string{folder, filepath.Join(folder, journalName), filepath.Join(folder, headName), filepath.Join(folder, planName)}
	})
}

// ArchiveIndex is Index of what is archived.
func (s *Store) ArchiveIndex(form string) *Index {
	return s.index(filepath.Join(archivesName, indexName), "archived "+form, func(id string) []string { return []string{s.Archive(id)} })
}

func (s *Store) index(name, form string, parts func(id string) []string) *Index {
	x := &Index{store: s, name: s.perAccount(name), parts: parts, form: form, began: s.now(), rows: map[string]indexed{}}
	key, _ := s.own(s.perAccount(indexKeyName), sha256.Size)
	text, err := s.own(x.name, maxIndex)
	if err != nil {
		return x
	}
	opening, rest, _ := bytes.Cut(text, []byte{'\n'})
	if want, err := x.opening(key, rest); err != nil || !hmac.Equal(opening, want) {
		return x
	}
	for line := range strings.Lines(string(rest)) {
		id, line, _ := strings.Cut(line, " ")
		files, row, _ := strings.Cut(line, " ")
		x.rows[id] = indexed{files, strings.TrimSuffix(row, "\n")}
	}
	return x
}

// perAccount is what this account calls a file of its own in the home: of those
// that share one each has an index, because nobody need believe what another
// account says of a run.
func (s *Store) perAccount(name string) string {
	if s.Shared() {
		return name + "-" + self()
	}
	return name
}

// own reads a file of this account in the home. In the place of one that another
// account put there, there is none.
func (s *Store) own(name string, max int64) ([]byte, error) {
	text, owner, err := readOf(s.fs, filepath.Join(s.root, name), max)
	if err == nil && owner != self() && s.Shared() || err != nil && s.foreign(filepath.Join(s.root, name)) != "" {
		return nil, fs.ErrNotExist
	}
	return text, err
}

// opening is the first line of the file, by which the rest is known for ours.
func (x *Index) opening(key, rest []byte) ([]byte, error) {
	if len(key) != sha256.Size {
		return nil, errors.New("there is no key")
	}
	mac := hmac.New(sha256.New, key)
	_, _ = fmt.Fprintf(mac, "%q\n", x.form) // a hash takes everything
	mac.Write(rest)
	return fmt.Appendf(nil, "%q %s", x.form, hex.EncodeToString(mac.Sum(nil))), nil
}

// Row returns what was kept of a run whose files are as they were, and what they
// are now, for Keep. files is "" if nothing can be kept: ask before reading them.
func (x *Index) Row(id string) (row []byte, files string, ok bool) {
	files = x.files(id)
	x.mu.Lock()
	defer x.mu.Unlock()
	kept, ok := x.rows[id]
	return []byte(kept.row), files, ok && files != "" && kept.files == files
}

// Keep notes what was made of a run whose files were these: one line of text.
func (x *Index) Keep(id, files string, row []byte) {
	if files == "" || bytes.ContainsRune(row, '\n') {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.rows[id], x.changed = indexed{files, string(row)}, true
}

// files says which files a run consists of, "" if their clock or the operating
// system does not tell them from others. The folder tells that none came, went
// or was replaced.
func (x *Index) files(id string) string {
	var out strings.Builder
	for _, part := range x.parts(id) {
		info, err := x.store.fs.Stat(part)
		if err != nil || info.IsDir() != (part == x.store.Folder(id)) {
			return ""
		}
		inode, changed := identity(info)
		if inode == "" || !changed.Before(x.began.Add(-settled)) || !info.ModTime().Before(x.began.Add(-settled)) {
			return ""
		}
		fmt.Fprintf(&out, "%s.%d.%d.%d;", inode, info.Size(), info.ModTime().UnixNano(), changed.UnixNano())
	}
	return out.String()
}

// Save writes the rows of the runs that there are. Where that is not possible, as
// in a folder that can only be read, the next list reads the journals again.
func (x *Index) Save(runs []string) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if !x.changed {
		return nil
	}
	if err := x.store.Ours(); err != nil {
		return cannot("keep the index", err)
	}
	var rest bytes.Buffer
	for _, id := range slices.Sorted(slices.Values(runs)) {
		if kept, ok := x.rows[id]; ok {
			fmt.Fprintf(&rest, "%s %s %s\n", id, kept.files, kept.row)
		}
	}
	key, err := x.key()
	if err != nil {
		return cannot("keep the index", err)
	}
	opening, err := x.opening(key, rest.Bytes())
	if err == nil {
		err = replace(x.store.fs, filepath.Join(x.store.root, x.name), slices.Concat(opening, []byte{'\n'}, rest.Bytes()), false)
	}
	return cannot("keep the index", err)
}

func (x *Index) key() ([]byte, error) {
	name := x.store.perAccount(indexKeyName)
	key, err := x.store.own(name, sha256.Size)
	if err == nil && len(key) == sha256.Size {
		return key, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	key = make([]byte, sha256.Size)
	_, _ = rand.Read(key) // never fails
	return key, replace(x.store.fs, filepath.Join(x.store.root, name), key, false)
}
