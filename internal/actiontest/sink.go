// Package actiontest opens with [Sink], which keeps what an action says while
// it runs, so that a test can look at it and can refuse a record. [Secrets] is
// a SecretStore in memory, and [Fill] completes inputs as the checks do.
// [Contract] is what every action that changes a system has to hold, tried
// against a [StandIn] of the system.
package actiontest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"sync"

	"github.com/irctl/irctl/pkg/action"
)

// Sink is an action.Sink in memory. The zero value is ready; it may be used
// from several goroutines.
type Sink struct {
	// RefuseRecord is what Record returns, as a journal that cannot be written
	// would. Nothing is kept then.
	RefuseRecord error
	// OnRecord is called before a record is kept or refused: a test looks at the target
	// here to see that nothing was changed yet.
	OnRecord func(values map[string]any)

	mu        sync.Mutex
	record    map[string]any
	lines     []string
	artifacts map[string][]byte
	streams   map[string]*bytes.Buffer
}

// Record implements action.Sink.
func (s *Sink) Record(values map[string]any) error {
	if s.OnRecord != nil {
		s.OnRecord(values)
	}
	if s.RefuseRecord != nil {
		return s.RefuseRecord
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.record == nil {
		s.record = map[string]any{}
	}
	maps.Copy(s.record, values)
	return nil
}

// Progress implements action.Sink.
func (s *Sink) Progress(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = append(s.lines, line)
}

// Artifact implements action.Sink.
func (s *Sink) Artifact(name string, r io.Reader) (string, int64, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return "", 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.artifacts == nil {
		s.artifacts = map[string][]byte{}
	}
	s.artifacts[name] = data
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), int64(len(data)), nil
}

// Output implements action.Sink.
func (s *Sink) Output(stream string) io.Writer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.streams == nil {
		s.streams = map[string]*bytes.Buffer{}
	}
	if s.streams[stream] == nil {
		s.streams[stream] = &bytes.Buffer{}
	}
	return &lockedWriter{mu: &s.mu, w: s.streams[stream]}
}

// Recorded returns everything recorded so far, nil if nothing was. It is what
// Request.Record of the next attempt holds.
func (s *Sink) Recorded() map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.record)
}

// Lines returns the lines of progress.
func (s *Sink) Lines() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.lines...)
}

// Kept returns an artifact's bytes, nil if there is none of that name.
func (s *Sink) Kept(name string) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.artifacts[name]
}

// Stream returns what was written to Output(name).
func (s *Sink) Stream(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.streams[name] == nil {
		return ""
	}
	return s.streams[name].String()
}

type lockedWriter struct {
	mu *sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

// Secrets is an action.SecretStore in memory. The zero value is ready.
type Secrets struct {
	// Sealed makes Get return action.ErrSealed, as a store does that only
	// people can read.
	Sealed bool

	mu   sync.Mutex
	kept map[string]action.Secret
}

// Put implements action.SecretStore.
func (s *Secrets) Put(_ context.Context, name string, secret action.Secret) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept == nil {
		s.kept = map[string]action.Secret{}
	}
	ref := "memory:" + name
	s.kept[ref] = secret
	return ref, nil
}

// Get implements action.SecretStore.
func (s *Secrets) Get(_ context.Context, ref string) (action.Secret, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.Sealed {
		return action.Secret{}, action.ErrSealed
	}
	secret, ok := s.kept[ref]
	if !ok {
		return action.Secret{}, fmt.Errorf("no secret is stored under %s", ref)
	}
	return secret, nil
}

// Count returns how many secrets are stored.
func (s *Secrets) Count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.kept)
}

// Fill returns given with the defaults of fields added, as an action gets its
// inputs and its target's config.
func Fill(fields []action.Field, given action.Values) action.Values {
	out := action.Values{}
	for _, f := range fields {
		if f.Default != nil {
			out[f.Name] = f.Default
		}
	}
	maps.Copy(out, given)
	return out
}
