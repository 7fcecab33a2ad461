package store

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
)

// Deposit is [Run.Artifact] for a process that does not drive the run: the
// file lies beside the journal, durable, before the event that refers to it
// is sent to whoever does. Of a run of another account it lies in the inbox, until
// the driver has copied it ([Run.Adopt]).
func (s *Store) Deposit(id string, from io.Reader, clean func(string) string) (Artifact, error) {
	if err := s.exists(id); err != nil {
		return Artifact{}, err
	}
	name, err := s.NewID(s.now())
	if err != nil {
		return Artifact{}, cannot("keep an artifact of run "+id, err)
	}
	folder, suffix := artifactsName, ""
	if s.Lent(id) != "" {
		folder, suffix = inboxName, "."+name
	}
	a, err := keep(s.fs, filepath.Join(s.Folder(id), folder), unborn+name, suffix, s.FileMode(), from, clean)
	return a, cannot("keep an artifact of run "+id, err)
}

// maxAdopted is how many bytes of another account's a driver copies: the run
// stands still meanwhile.
const maxAdopted = 1 << 30

// isDeposit reports whether a name in an inbox is that of evidence: a digest and
// an id.
func isDeposit(name string) bool {
	digest, id, ok := strings.Cut(name, ".")
	return ok && isDigest(digest) && validID(id)
}

// Adopt copies what another account left for the run under a digest to what the
// run keeps, if it is what the digest says. There it can be changed by nobody
// else. The error wraps fs.ErrNotExist if nobody left it.
func (r *Run) Adopt(digest string) error {
	entries, err := r.fs.ReadDir(filepath.Join(r.dir, inboxName))
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !isDeposit(e.Name()) || !strings.HasPrefix(e.Name(), digest+".") {
			continue
		}
		from := filepath.Join(r.dir, inboxName, e.Name())
		f, info, err := openLeft(r.fs, from)
		if err != nil {
			continue // what is no file is no evidence
		}
		if info.Size() > maxAdopted {
			return errors.Join(fmt.Errorf("what was left has %d bytes, more than the %d that a driver copies for others", info.Size(), int64(maxAdopted)), f.Close())
		}
		folder := filepath.Join(r.dir, artifactsName)
		temp := filepath.Join(folder, unborn+e.Name())
		a, err := pour(r.fs, temp, r.mode, io.LimitReader(f, maxAdopted))
		if err = errors.Join(err, f.Close()); err == nil && a.Digest == digest {
			if err = settle(r.fs, temp, filepath.Join(folder, digest)); err == nil {
				_ = r.fs.Remove(from)
			}
			return err
		}
		_ = r.fs.Remove(temp)
	}
	return fs.ErrNotExist
}
