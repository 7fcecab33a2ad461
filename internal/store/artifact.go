package store

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"unicode/utf8"
)

// Artifact is raw output or a file, kept in the run's folder by its digest.
type Artifact struct {
	Digest string // SHA-256, hex; the name of the file
	Size   int64  // bytes
	Head   string // how it begins, cleaned, at most 200 bytes
}

const headLimit = 200

// Artifact keeps everything that the reader gives, under its digest, and
// returns when it is durable: the entry that refers to it comes afterwards.
// What is read must hold no secrets any more. clean makes the head harmless;
// it is given text that may be cut in the middle of anything.
func (r *Run) Artifact(from io.Reader, clean func(string) string) (Artifact, error) {
	r.mu.Lock()
	r.temps++
	temp := fmt.Sprintf("%s%d", unborn, r.temps)
	r.mu.Unlock()
	a, err := keep(r.fs, filepath.Join(r.dir, artifactsName), temp, "", r.mode, from, clean)
	return a, cannot("keep an artifact of run "+r.id, err)
}

// Seal makes a file that the run keeps one that nobody is to change, its owner
// included, and returns its path.
func (r *Run) Seal(digest string) (string, error) {
	path := filepath.Join(r.dir, artifactsName, digest)
	return path, r.fs.Chmod(path, r.mode&0o440)
}

// keep puts an artifact into a folder by way of a temporary name, under its digest
// and a suffix.
func keep(fsys FS, folder, temp, suffix string, mode fs.FileMode, from io.Reader, clean func(string) string) (Artifact, error) {
	temp = filepath.Join(folder, temp)
	a, err := pour(fsys, temp, mode, from)
	if err == nil {
		err = settle(fsys, temp, filepath.Join(folder, a.Digest+suffix))
	}
	if err != nil {
		_ = fsys.Remove(temp)
		return Artifact{}, err
	}
	a.Head = shorten(clean(shorten(a.Head, headLimit)), headLimit)
	return a, nil
}

// pour streams into a new file and syncs it. The head it returns is raw.
func pour(fsys FS, name string, mode fs.FileMode, from io.Reader) (Artifact, error) {
	f, err := fsys.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, fileMode)
	if err != nil {
		return Artifact{}, err
	}
	h, begin := sha256.New(), &opening{}
	n, err := io.Copy(io.MultiWriter(f, h, begin), from)
	if err == nil && mode != fileMode {
		err = fsys.Chmod(name, mode)
	}
	if err == nil {
		err = f.Sync()
	}
	return Artifact{hex.EncodeToString(h.Sum(nil)), n, string(begin.bytes)}, errors.Join(err, f.Close())
}

// settle gives the file its name, unless the same bytes are there already.
func settle(fsys FS, temp, name string) error {
	_, err := fsys.Stat(name)
	if err == nil {
		return fsys.Remove(temp)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := fsys.Rename(temp, name); err != nil {
		return err
	}
	return fsys.SyncDir(filepath.Dir(name))
}

// opening keeps the first bytes written to it: the limit, and one rune more.
type opening struct{ bytes []byte }

func (o *opening) Write(p []byte) (int, error) {
	room := headLimit + utf8.UTFMax - len(o.bytes)
	o.bytes = append(o.bytes, p[:min(len(p), room)]...)
	return len(p), nil
}

// shorten cuts text to at most limit bytes, not inside a character.
func shorten(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	end := limit
	for end > limit-utf8.UTFMax && !utf8.RuneStart(s[end]) {
		end--
	}
	if !utf8.RuneStart(s[end]) {
		end = limit // not text at all
	}
	return s[:end]
}

func isDigest(s string) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == sha256.Size && hex.EncodeToString(b) == s
}
