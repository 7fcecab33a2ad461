package desk

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/irctl/irctl/internal/anchor"
	"github.com/irctl/irctl/internal/claim"
	"github.com/irctl/irctl/internal/durable"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/pkg/journal"
)

// KeptError says why a run stays where it is.
type KeptError struct{ Run, Why string }

// Error implements error.
func (e *KeptError) Error() string { return "run " + e.Run + " stays where it is: " + e.Why }

// Archive puts a run that has ended into one file of the home, verifies that,
// and returns its path. The run's folder stays until Prune.
func (d *Desk) Archive(id string, among *Reliances) (string, error) {
	if err := d.Store.Ours(); err != nil {
		return "", err
	}
	r, err := d.ReadRun(id)
	if err == nil {
		err = d.removable(r, among)
	}
	if err != nil {
		return "", err
	}
	if owner := d.Store.ArchiveOf(id); owner != "" {
		return "", &KeptError{id, "what has the name of its archive belongs to " + owner + ", who or an administrator must take it away"}
	}
	file := d.Store.Archive(id)
	if err := durable.Folder(filepath.Dir(file)); err != nil {
		return "", err
	}
	if err := d.Export(id, file); err != nil {
		return "", err
	}
	if err := os.Chmod(file, d.Store.FileMode()); err != nil {
		return "", err
	}
	return file, d.whole(r)
}

// Export writes a run that no process drives into a file, durably: a file of
// that name is replaced whole or not at all.
func (d *Desk) Export(id, file string) error {
	if owner, driven, err := d.Store.Driven(id); err != nil || driven {
		return errors.Join(err, &KeptError{id, fmt.Sprintf("process %d drives it", owner.PID)})
	}
	root, err := os.OpenRoot(filepath.Dir(file))
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	from, to := io.Pipe()
	go func() { _ = to.CloseWithError(d.Store.Pack(id, to)) }()
	_, err = durable.CopyIn(root, filepath.Base(file), from, 0o600)
	_ = from.Close()
	return err
}

// Import makes a run of this home of an archive of one, and returns its id. It
// must verify. Only a take-over drives it on.
func (d *Desk) Import(file string) (string, error) {
	v, err := d.verifyCopy(file, false, journal.Given{}, anchor.Trust{})
	if no := (*UnreadableError)(nil); errors.As(err, &no) {
		no.Means = nothingImported
	}
	if err != nil {
		return "", err
	}
	if v.Report.Verdict != journal.Intact && v.Report.Verdict != journal.Torn {
		what := "the archive of run " + v.Run + " does not verify: " + string(v.Report.Verdict)
		for _, f := range v.Report.Findings[:min(len(v.Report.Findings), 1)] {
			what += ", " + f.Problem
		}
		return "", &AlteredError{Run: file, What: what, Means: nothingImported}
	}
	return v.Run, d.Store.Import(v.Run, func(into string) (string, error) {
		folder, err := store.Unpack(file, into)
		if err != nil {
			return "", err
		}
		// Somebody may have put another file in the place of the one that verified.
		again, err := d.verifyCopy(folder, true, journal.Given{}, anchor.Trust{})
		if err == nil && (again.Run != v.Run || again.Report.Verdict != v.Report.Verdict || again.Report.Head != v.Report.Head) {
			err = &AlteredError{Run: file, What: file + " was changed after it had been verified", Means: nothingImported}
		}
		return folder, err
	})
}

const nothingImported = "Nothing was imported."

// Prune deletes the folder of an archived run. Its archive must verify and hold
// all of it.
func (d *Desk) Prune(id string, among *Reliances) error {
	r, err := d.ReadRun(id)
	if err == nil {
		err = d.removable(r, among)
	}
	if err == nil {
		err = d.counted(r)
	}
	if err != nil {
		return err
	}
	return d.Store.Delete(id, func() error { return d.whole(r) })
}

// counted is a *[KeptError] if the limits of an hour count what a run has touched.
func (d *Desk) counted(r *Reading) error {
	var last time.Time
	for _, at := range r.state.Touched() {
		if at.After(last) {
			last = at
		}
	}
	if until := last.Add(time.Hour); until.After(d.Now()) {
		return &KeptError{r.ID(), "the limits of an hour count what it touched until " + until.UTC().Format(time.RFC3339)}
	}
	return nil
}

// whole makes sure that the archive of a run verifies and ends as the run does.
func (d *Desk) whole(r *Reading) error {
	if owner := d.Store.ArchiveOf(r.ID()); owner != "" {
		return &KeptError{r.ID(), "its archive belongs to " + owner + ", who could take it away"}
	}
	copied, drop, err := d.unpacked(r.ID())
	if err != nil {
		return err
	}
	defer drop()
	whole, err := proven(copied, r.ID(), journal.Given{})
	switch {
	case err != nil:
		return err
	case whole.report.Verdict != journal.Intact:
		return &KeptError{r.ID(), "its archive does not verify: " + string(whole.report.Verdict)}
	case !store.SameHead(r.Reader, copied):
		return &KeptError{r.ID(), "its archive is older than its last entry; archive it again"}
	}
	if same, err := store.SameWork(r.Reader, copied); err != nil || !same {
		return errors.Join(err, &KeptError{r.ID(), "its archive lacks what a rollback needs; archive it again"})
	}
	return nil
}

// removable is a *[KeptError] if a run must stay where it is.
func (d *Desk) removable(r *Reading, among *Reliances) error {
	id := r.ID()
	if owner := d.Store.Lent(id); owner != "" {
		return &KeptError{id, "it belongs to " + owner + ", who alone archives and prunes it"}
	}
	if held := projection.Held(r.state); held != "" {
		return &KeptError{id, "it is " + held}
	}
	if r.state.EndedAt().IsZero() {
		return &KeptError{id, "it has not ended"}
	}
	if _, driven, err := d.Store.Driven(id); err != nil || driven {
		return errors.Join(err, &KeptError{id, "a process drives it"})
	}
	for _, path := range d.contained(r.state) {
		st, _ := r.state.Step(path)
		spec, _ := d.spec(r.state.Plan().Node(st.Node).Action.Action)
		of, ok := claim.Of(r.state, st, spec)
		if !ok {
			continue
		}
		for _, h := range among.holds {
			if h.Run != id && h.Meets(of) {
				return &KeptError{id, h.Name + " relies on what its step " + path + " did"}
			}
		}
		if err := among.doubt(id, about(of)); err != nil {
			return err
		}
	}
	for _, heir := range among.heirs[id] {
		if heir.Run != id {
			return &KeptError{id, heir.Name + " has inherited what it must put back"}
		}
	}
	return among.doubt(id, func(journal []byte) bool { return bytes.Contains(journal, []byte(id)) })
}

// Reliances are what the runs of a home rely on, read once for as many runs as
// are to be removed.
type Reliances struct {
	holds  []hold
	heirs  map[string][]claim.Hold // of what a run must put back, by its id
	unread []unreadRun
}

type hold struct {
	claim.Resource
	claim.Hold
}

// unreadRun is a run that cannot be read.
type unreadRun struct {
	id  string
	may func(about func(journal []byte) bool) bool
	err error // what that means
}

// Reliances reads every run of the home.
func (d *Desk) Reliances() (*Reliances, error) {
	out := &Reliances{heirs: map[string][]claim.Hold{}}
	ids, err := d.Store.List()
	for _, id := range ids {
		r, unread := d.ReadRun(id)
		if unread != nil {
			may := func(about func([]byte) bool) bool { return d.Store.May(id, about) }
			out.unread = append(out.unread, unreadRun{id, may, d.unreadable(id, unread)})
			continue
		}
		for of, h := range claim.Holds(r.state, d.spec) {
			out.holds = append(out.holds, hold{of, h})
		}
		for _, st := range r.state.Steps() {
			for _, k := range st.Inherited {
				if st.Undo.Phase != engine.UndoDone {
					out.heirs[k.Run] = append(out.heirs[k.Run], claim.Hold{Run: id, Name: claim.Name(r.state)})
				}
			}
		}
	}
	return out, err
}

// doubt is an error if another run may be about something and cannot be read.
func (r *Reliances) doubt(but string, about func(journal []byte) bool) error {
	for _, u := range r.unread {
		if u.id != but && u.may(about) {
			return u.err
		}
	}
	return nil
}

// Older are the runs of this account that ended so long ago, newest first.
func (d *Desk) Older(until time.Time) (ids []string, unread []error, err error) {
	rows, unread, err := d.List(Filter{})
	for _, row := range rows {
		if !row.Ended.IsZero() && d.Store.Lent(row.Run) == "" && !row.Ended.After(until) {
			ids = append(ids, row.Run)
		}
	}
	return ids, unread, err
}

// unpacked is a reader of the archive of a run, in a folder that drop deletes, or
// this process when it ends. drop may be called after an error.
func (d *Desk) unpacked(id string) (r *store.Reader, drop func(), err error) {
	return d.unpackedBy(func(into string) (*store.Reader, error) { return d.Store.Unpacked(id, into) })
}

func (d *Desk) unpackedBy(unpack func(into string) (*store.Reader, error)) (r *store.Reader, drop func(), err error) {
	var into string
	drop = func() { _ = os.RemoveAll(into) }
	scratch, err := d.Scratch()
	if err == nil {
		into, err = os.MkdirTemp(scratch, "archive-")
	}
	if err == nil {
		r, err = unpack(into)
	}
	return r, drop, err
}

// Prunable are the archived runs of this account that still have a folder. What an earlier Prune
// that died left is removed.
func (d *Desk) Prunable() ([]string, error) {
	d.Store.Sweep()
	archived, err := d.Store.Archived()
	if err != nil {
		return nil, err
	}
	ids, err := d.Store.List()
	slices.Sort(ids)
	return slices.DeleteFunc(archived, func(id string) bool {
		_, folder := slices.BinarySearch(ids, id)
		return !folder || d.Store.Lent(id) != ""
	}), err
}
