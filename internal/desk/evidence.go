package desk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/request"
	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
)

// MaxEvidence is how many bytes a file of evidence may have: an archive of a run
// holds several.
const MaxEvidence = 4 << 30

// Custody is what a run has as evidence, and who was given it.
func (d *Desk) Custody(prefix string) (*projection.Custody, error) {
	r, err := d.Journal(prefix)
	if err != nil {
		return nil, err
	}
	return custodyOf(r)
}

func custodyOf(r *store.Reader) (*projection.Custody, error) {
	out := &projection.Custody{Run: r.ID(), Items: []projection.Evidence{}}
	return out, eachEvent(r, out.Add)
}

// eachEvent hands all events of a journal on, with the numbers of their entries.
func eachEvent(r *store.Reader, do func(seq int64, e event.Event)) error {
	for entry, err := range r.Entries() {
		if err != nil {
			return err
		}
		e, err := event.Decode(entry.Line)
		if err != nil {
			return &AlteredError{Run: r.ID(), What: fmt.Sprintf("entry %d of run %s is none of irctl", entry.Seq, r.ID()), Err: err}
		}
		do(entry.Seq, e)
	}
	return nil
}

// RecordedLate returns what was transcribed from paper to a run, and the run's id.
func (d *Desk) RecordedLate(prefix string) (id string, events []event.Event, err error) {
	r, err := d.Journal(prefix)
	if err != nil {
		return "", nil, err
	}
	err = eachEvent(r, func(_ int64, e event.Event) {
		if !event.LateOf(e.Body).IsZero() {
			events = append(events, e)
		}
	})
	return r.ID(), events, err
}

// AddEvidence keeps files with a run and has its journal say so, one after the
// other, if all of them are there. It returns those that are recorded, also with
// an error.
func (d *Desk) AddEvidence(ctx context.Context, prefix string, files []string, as request.GivenEvidence) (added []projection.Evidence, err error) {
	id, err := d.Store.Find(prefix)
	if err != nil {
		return nil, err
	}
	var missing []string
	for _, path := range files { // all or none: a person would have to find out which
		info, err := os.Stat(d.abs(path))
		if err = orFolder(info, err); err != nil {
			missing = append(missing, cannotRead(path, err).Error())
		}
	}
	if len(missing) > 0 {
		return nil, &UnreadableError{What: strings.Join(missing, "; "), Means: "Nothing was recorded."}
	}
	var recorded []event.EvidenceAdded
	for _, path := range files {
		var kept event.EvidenceAdded
		if kept, err = d.collect(id, path); err != nil {
			break
		}
		kept.Source, kept.Method, kept.Note = as.Source, as.Method, as.Note
		as.EvidenceAdded = kept
		if _, err = d.Submit(ctx, id, as, false); err != nil {
			break
		}
		recorded = append(recorded, kept)
	}
	c, unread := d.Custody(id)
	if unread != nil {
		return nil, errors.Join(err, unread)
	}
	for _, item := range c.Items {
		if slices.ContainsFunc(recorded, func(k event.EvidenceAdded) bool {
			return item.Kind == "added" && item.Digest == k.File.Digest && item.Collected.Equal(k.Collected)
		}) {
			added = append(added, item)
		}
	}
	return added, err
}

// HandOverOf is the request that says that a piece, which must be there, was
// handed over.
func (d *Desk) HandOverOf(prefix, item, to, reason, as string) (request.HandOver, error) {
	c, err := d.Custody(prefix)
	if err != nil {
		return request.HandOver{}, err
	}
	found := c.Find(item)
	if found == nil {
		return request.HandOver{}, &UnreadableError{
			What: fmt.Sprintf("run %s has no evidence %q", c.Run, item), Means: "Nothing was recorded.", Next: projection.Command("evidence", "list", c.Run),
		}
	}
	return request.HandOver{Item: item, Digest: found.Digest, To: action.CleanLine(to, 200), Reason: action.CleanLine(reason, 500), As: as}, nil
}

// Deposit keeps files, by their names, beside the journal of a run, before the
// request that refers to them.
func (d *Desk) Deposit(prefix string, files map[string]string) ([]event.Artifact, error) {
	if len(files) == 0 {
		return nil, nil
	}
	id, err := d.Store.Find(prefix)
	if err != nil {
		return nil, err
	}
	var out []event.Artifact
	for name, path := range files {
		kept, err := d.collect(id, path)
		if err != nil {
			return nil, err
		}
		kept.File.Name = name
		out = append(out, kept.File)
	}
	return out, nil
}

// collect copies a file to the artifacts of a run, hashing it on the way, and
// tells what is known of it.
func (d *Desk) collect(id, path string) (out event.EvidenceAdded, err error) {
	full := d.abs(path)
	cannot := func(err error) (event.EvidenceAdded, error) { return out, cannotRead(path, err) }
	out.Begun = d.utc()
	f, err := os.Open(full)
	if err != nil {
		return cannot(err)
	}
	defer func() { _ = f.Close() }()
	before, err := f.Stat()
	if err = orFolder(before, err); err != nil {
		return cannot(err)
	}
	from := &measured{from: f, room: MaxEvidence}
	if before.Mode().IsRegular() && before.Size() > from.room {
		return cannot(errTooLarge)
	}
	kept, err := d.Store.Deposit(id, from, action.Clean)
	if from.err != nil {
		return cannot(from.err)
	}
	if err != nil {
		return out, err
	}
	out.Collected = d.utc()
	out.File = event.Artifact{Name: action.CleanLine(filepath.Base(path), 100), Digest: kept.Digest, Size: kept.Size, Head: action.CleanLine(kept.Head, 200)}
	if out.From = full; before.Mode().IsRegular() {
		out.Modified = before.ModTime().UTC().Truncate(time.Microsecond)
		out.Changed = changedSince(before, f, full)
	}
	if real, err := filepath.EvalSymlinks(full); err == nil && real != full {
		out.From = full + ", a link to " + real
	}
	out.From = action.CleanLine(out.From, 500)
	return out, nil
}

// abs makes a path absolute that somebody named.
func (d *Desk) abs(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(d.Dir, path)
}

// orFolder is err, or says that something is no file.
func orFolder(info fs.FileInfo, err error) error {
	if err == nil && info.IsDir() {
		return errors.New("it is a folder; name its files, or make an archive of it")
	}
	return err
}

func cannotRead(path string, err error) *UnreadableError {
	var at *fs.PathError
	if errors.As(err, &at) { // the path stands before it
		err = at.Err
	}
	return &UnreadableError{What: "cannot read " + path, Means: "Nothing was recorded.", Err: err}
}

// changedSince says how a file is another than before it was copied: what was
// kept is what was read, which may be neither the one nor the other.
func changedSince(before fs.FileInfo, f *os.File, path string) string {
	after, err := f.Stat()
	if err != nil {
		return ""
	}
	if named, err := os.Stat(path); err != nil || !os.SameFile(named, before) {
		return "another file took its name while it was copied"
	}
	if after.Size() != before.Size() || !after.ModTime().Equal(before.ModTime()) {
		return fmt.Sprintf("it was written to while it was copied: %d bytes before, %d after", before.Size(), after.Size())
	}
	return ""
}

var errTooLarge = fmt.Errorf("it has more than %d GiB; split it, or note its SHA-256 and where it lies (irctl note)", int64(MaxEvidence>>30))

// measured reads so many bytes and no more, and remembers why it ended early.
type measured struct {
	from io.Reader
	room int64
	err  error
}

func (m *measured) Read(p []byte) (int, error) {
	n, err := m.from.Read(p)
	if m.room -= int64(n); m.room < 0 {
		err = errTooLarge
	}
	if err != nil && err != io.EOF {
		m.err = err
	}
	return n, err
}

func sizeOf(info fs.FileInfo) int64 {
	if info == nil {
		return 0
	}
	return info.Size()
}
