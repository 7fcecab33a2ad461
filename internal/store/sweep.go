package store

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// leftoverAge is how old something must be that a process left which ended in the
// middle, or an answer that nobody took, before it is removed: whoever is at it
// has long ended.
const leftoverAge = 7 * 24 * time.Hour

// Sweep removes what is left of runs whose deletion or making did not come to its
// end. What cannot be removed stays until the next time: no reader takes it for a
// run.
func (s *Store) Sweep() {
	entries, _ := s.fs.ReadDir(s.runs())
	for _, e := range entries {
		at := filepath.Join(s.runs(), e.Name())
		if strings.HasPrefix(e.Name(), gone) || strings.HasPrefix(e.Name(), unborn) && s.old(s.fs, at) {
			s.remove(at)
		}
	}
}

func (s *Store) remove(folder string) {
	entries, _ := s.fs.ReadDir(folder)
	for _, e := range entries {
		if at := filepath.Join(folder, e.Name()); e.IsDir() {
			s.remove(at)
		} else {
			_ = s.fs.Remove(at)
		}
	}
	_ = s.fs.Remove(folder)
}

func (s *Store) old(fsys FS, name string) bool {
	info, err := fsys.Lstat(name)
	return err == nil && s.now().Sub(info.ModTime()) > leftoverAge
}

// sweep removes from the folder of a run that this process drives what others that
// ended left there: drafts of files, answers that nobody took, and evidence that no
// request names. What cannot be removed stays until the next time.
func (s *Store) sweep(r *Run) {
	requests, _, err := requests(r.fs, r.dir, r.id, nil)
	all := err == nil && len(requests) < maxRequests
	named := func(digest string) bool {
		return slices.ContainsFunc(requests, func(q Request) bool {
			return slices.ContainsFunc(q.Events, func(e json.RawMessage) bool { return bytes.Contains(e, []byte(digest)) })
		})
	}
	for _, folder := range []string{"", artifactsName, inboxName, repliesName} {
		entries, _ := r.fs.ReadDir(filepath.Join(r.dir, folder))
		for _, e := range entries {
			digest, _, _ := strings.Cut(e.Name(), ".")
			left := strings.HasPrefix(e.Name(), ".") || folder == repliesName || folder == inboxName && isDeposit(e.Name()) && all && !named(digest)
			if at := filepath.Join(r.dir, folder, e.Name()); left && !e.IsDir() && s.old(r.fs, at) {
				_ = r.fs.Remove(at)
			}
		}
	}
}
