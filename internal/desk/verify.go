package desk

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/irctl/irctl/internal/anchor"
	"github.com/irctl/irctl/internal/authority"
	"github.com/irctl/irctl/internal/engine"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/event"
	"github.com/irctl/irctl/pkg/journal"
)

// Verification is what Verify found.
type Verification struct {
	Run    string
	Report journal.Report
	Seals  journal.Seals
	// Anchored is how far others vouch for it, and Unanchored what receipts should
	// show and do not.
	Anchored   Anchored
	Unanchored []journal.Finding
	// Previous is the run before it in its home, and PreviousWrong what became of
	// that one, "" if it is as it was when this run began.
	Previous, PreviousWrong string
	// Copy says that what was verified is not a run of this home, but a copy.
	Copy bool
	// Undrivable is why irctl would not drive the run on, nil if it would. It
	// is what Resume would say.
	Undrivable error
}

// Verify proves a run, named by a prefix of its id: the chain of its journal,
// and everything that the journal names. The name may also be the path of a
// copy of a run's folder, or of a tar archive of one. What is given is held
// against it, and so is what runs before and after it in this home say of it, and
// what anchors gave whom t trusts.
func (d *Desk) Verify(name string, given journal.Given, t anchor.Trust) (Verification, error) {
	id, err := d.Store.Find(name)
	if unfound := (*store.NotFoundError)(nil); errors.As(err, &unfound) && name != "" {
		path := name
		if !filepath.IsAbs(path) {
			path = filepath.Join(d.Dir, name)
		}
		if info, missing := os.Stat(path); missing == nil {
			return d.verifyCopy(path, info.IsDir(), given, t)
		}
	}
	if kept := (*store.ArchivedError)(nil); errors.As(err, &kept) {
		return d.verifyCopy(kept.File, false, given, t)
	}
	if err != nil {
		return Verification{}, err
	}
	r, err := d.Store.Reader(id)
	if err != nil {
		return Verification{}, err
	}
	v := Verification{Run: r.ID()}
	given.Hints = d.noted(id)
	var reading *Reading
	var unread error
	var beside sync.WaitGroup
	beside.Go(func() { reading, unread = d.ReadRun(r.ID()) })
	defer beside.Wait()
	if err := v.prove(d, r, r.ID(), given, t); err != nil {
		return v, err
	}
	v.Previous, v.PreviousWrong = d.before(r)
	v.Undrivable = d.Store.MayDrive(r.ID())
	beside.Wait()
	if unread == nil {
		unread = d.drivable(reading)
	}
	if unread != nil {
		v.Undrivable = unread
	}
	return v, nil
}

// verifyCopy proves a copy of a run's folder, under whatever name it lies.
func (d *Desk) verifyCopy(path string, folder bool, given journal.Given, t anchor.Trust) (Verification, error) {
	v := Verification{Copy: true}
	if !folder {
		into, err := os.MkdirTemp("", "irctl-verify-")
		if err != nil {
			return v, err
		}
		defer func() { _ = os.RemoveAll(into) }()
		if path, err = store.Unpack(path, into); err != nil {
			return v, &UnreadableError{What: "this is neither a copy of a run's folder nor an archive of one", Means: "Nothing was verified.", Err: err, Next: "irctl list"}
		}
	}
	r, err := d.Store.At(path)
	if err != nil {
		return v, err
	}
	v.Run = r.ID()
	if started, ok := startOf(r); ok {
		v.Run = started.Run
	}
	return v, v.prove(d, r, "", given, t)
}

// prove judges a journal and what anchors say of it.
func (v *Verification) prove(d *Desk, r *store.Reader, id string, given journal.Given, t anchor.Trust) error {
	anchored, held, wrong := d.anchored(r, t)
	given.Hints = append(given.Hints, held...)
	var err error
	if v.Report, v.Seals, err = proven(r, id, given); err != nil {
		return err
	}
	if v.Unanchored = wrong; v.Report.Verdict == journal.Altered || v.Report.Verdict == journal.Truncated {
		anchored.Through, anchored.Given = min(anchored.Through, v.Report.Entries), min(anchored.Given, v.Report.Entries)
	}
	v.Anchored = anchored
	return nil
}

// proven judges the chain of a journal and what it names. The folder has the
// run's id for a name, unless id is empty.
func proven(r *store.Reader, id string, given journal.Given) (journal.Report, journal.Seals, error) {
	report, seals, err := r.Audit(given, closedBy)
	if err != nil || report.Verdict != journal.Intact && report.Verdict != journal.Torn {
		return report, seals, err
	}
	if found := contradictions(r, id); len(found) > 0 {
		report.Verdict = journal.Altered
		report.Findings = append(report.Findings, found...)
	}
	return report, seals, nil
}

// Journal opens the journal of a run, from its archive if it has no folder any
// more.
func (d *Desk) Journal(prefix string) (*store.Reader, error) {
	r, _, err := d.journal(prefix)
	return r, err
}

// journal is Journal for whoever looks at many runs: what was unpacked is there
// until drop is called.
func (d *Desk) journal(prefix string) (r *store.Reader, drop func(), err error) {
	id, err := d.Store.Find(prefix)
	if kept := (*store.ArchivedError)(nil); errors.As(err, &kept) {
		return d.unpacked(kept.Run)
	}
	if err == nil {
		r, err = d.Store.Reader(id)
	}
	return r, func() {}, err
}

// closedBy folds whether a run has ended: nothing but notes and a rollback may
// follow.
func closedBy(closed bool, line []byte) bool {
	switch event.TypeOf(line) {
	case "run_ended":
		return true
	case "rollback_started":
		return false
	}
	return closed
}

// contradictions looks for what contradicts a journal whose chain is whole: documents
// with another digest, artifacts that are not what they were, entries that
// cannot follow each other.
func contradictions(r *store.Reader, id string) []journal.Finding {
	var out []journal.Finding
	f := &folding{id: id}
	found := func(at journal.Entry, problem string) {
		kind := journal.Kind(journal.Altered)
		if problem == copyOf(f.run) {
			kind = journal.Copied
		}
		out = append(out, journal.Finding{Seq: at.Seq, Offset: at.Offset, Kind: kind, Problem: problem})
	}
	files, err := r.Files()
	if err != nil {
		return []journal.Finding{{Seq: 1, Kind: journal.Kind(journal.Altered), Problem: "the documents beside the journal cannot be read: " + err.Error()}}
	}
	f.files = files
	f.kept = func(digest string) ([]byte, error) {
		var text bytes.Buffer
		_, err := copied(&text, r, digest)
		return text.Bytes(), err
	}
	for entry, err := range r.Entries() {
		if err != nil {
			found(entry, err.Error())
			break
		}
		e, err := event.Decode(entry.Line)
		if err != nil {
			found(entry, "it is no entry of irctl: "+err.Error())
			break
		}
		for _, problem := range f.entry(e) {
			found(entry, problem)
		}
		for _, problem := range beside(r, e) {
			found(entry, problem)
		}
		if f.lost {
			break
		}
	}
	return out
}

// folding follows a journal with the engine, as far as it makes sense.
type folding struct {
	id    string // of the folder, "" if it may have any name
	run   string // that the journal says it is of
	files store.Files
	state engine.State
	begun bool
	lost  bool // the engine cannot follow any more
	// unread says that the people of the environment cannot be known.
	unread bool
	rules  authority.Rules
	kept   func(digest string) ([]byte, error) // what lies beside the journal
}

// entry says what is wrong with one entry beyond its hash.
func (f *folding) entry(e event.Event) []string {
	var out []string
	if started, ok := e.Body.(event.RunStarted); ok && !f.begun {
		f.begun, f.run = true, started.Run
		out = f.documents(started)
		p, err := plan.Decode(f.files.Plan)
		if err != nil {
			f.lost = true
			return append(out, "plan.json cannot be read: "+err.Error())
		}
		f.state = engine.New(p)
		f.people(started.EnvSource, f.files.Environment)
	}
	if !f.begun {
		f.lost = true
		return append(out, "the journal does not begin with the start of a run")
	}
	if problem := f.decided(e); problem != "" {
		out = append(out, problem)
	}
	next, err := engine.Apply(f.state, e)
	if err != nil {
		f.lost = true
		return append(out, "it cannot follow the entries before it: "+err.Error())
	}
	f.state = next
	return out
}

// copyOf says that a folder with another name holds the journal of a run.
func copyOf(run string) string {
	return "the journal in this folder is that of run " + run + ": the folder is a copy of that one, or was renamed"
}

// documents compares the files beside the journal with the digests in its
// first entry.
func (f *folding) documents(started event.RunStarted) []string {
	have := f.files.Digests()
	var out []string
	if f.id != "" && started.Run != f.id {
		out = append(out, copyOf(started.Run))
	}
	for _, d := range []struct{ name, want, have string }{
		{"runbook.yaml", started.Digest, have.Runbook},
		{"plan.json", started.PlanDigest, have.Plan},
		{"environment.yaml", started.EnvDigest, have.Environment},
	} {
		if d.want != d.have {
			out = append(out, d.name+" is not the file that the run was started with: its SHA-256 is "+orNone(d.have)+", not "+orNone(d.want))
		}
	}
	return out
}

func orNone(digest string) string {
	if digest == "" {
		return "none"
	}
	return digest
}

// beside says what is wrong with the files that an entry names: the further
// ones that a run was made from, and artifacts.
func beside(r *store.Reader, e event.Event) []string {
	var out []string
	check := func(f io.Reader, err error, what, prefix, digest string) {
		if problem := checkDigest(f, err, what, prefix, digest); problem != "" {
			out = append(out, problem)
		}
	}
	artifacts := projection.Artifacts(e.Body)
	switch b := e.Body.(type) {
	case event.RunStarted:
		for _, want := range b.Documents {
			data, err := r.Document(want.Digest)
			check(bytes.NewReader(data), err, "the document "+action.CleanLine(want.Source, 200), "document-", want.Digest)
		}
	case event.StepRetried:
		if b.Environment.Source != "" {
			artifacts = []event.Artifact{b.Environment.File}
		}
	}
	for _, want := range artifacts {
		if want.Lost != "" {
			continue
		}
		f, err := r.Artifact(want.Digest)
		check(f, err, "the artifact "+want.Name, "artifacts/", want.Digest)
		if err == nil {
			_ = f.Close()
		}
	}
	return out
}

// checkDigest says what is wrong with a file that is named by its digest, ""
// if nothing is. err is what opening it came to.
func checkDigest(f io.Reader, err error, what, prefix, digest string) string {
	h := sha256.New()
	if err == nil {
		_, err = io.Copy(h, f)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return what + " is missing: " + prefix + digest
	case err != nil:
		return what + " cannot be read: " + err.Error()
	case hex.EncodeToString(h.Sum(nil)) != digest:
		return what + " was altered: " + prefix + digest
	}
	return ""
}
