package store

import (
	"io"
	"path/filepath"
)

// Deposit is [Run.Artifact] for a process that does not drive the run: the
// file lies beside the journal, durable, before the event that refers to it
// is sent to whoever does.
func (s *Store) Deposit(id string, from io.Reader, clean func(string) string) (Artifact, error) {
	if err := s.exists(id); err != nil {
		return Artifact{}, err
	}
	name, err := s.NewID(s.now())
	if err != nil {
		return Artifact{}, cannot("keep an artifact of run "+id, err)
	}
	a, err := keep(s.fs, filepath.Join(s.Folder(id), artifactsName), unborn+name, from, clean)
	return a, cannot("keep an artifact of run "+id, err)
}
