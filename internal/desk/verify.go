package desk

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"

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

// Verify proves a run, named by a prefix of its id: the chain of its journal,
// and everything that the journal names. The name may also be the path of a
// copy of a run's folder, or of a tar archive of one. What is given is held
// against it, and so is what runs before and after it in this home say of it, and
// what anchors gave whom t trusts.
func (d *Desk) Verify(name string, given journal.Given, t anchor.Trust) (projection.Verification, error) {
	id, err := d.Store.Find(name)
	if unfound := (*store.NotFoundError)(nil); errors.As(err, &unfound) && name != "" {
		path := d.abs(name)
		if info, missing := os.Stat(path); missing == nil {
			return d.verifyCopy(path, info.IsDir(), given, t)
		}
	}
	if kept := (*store.ArchivedError)(nil); errors.As(err, &kept) {
		r, drop, err := d.unpacked(kept.Run)
		defer drop()
		return d.verifyReader(r, err, given, t)
	}
	if err != nil {
		return projection.Verification{}, err
	}
	r, err := d.Store.Reader(id)
	if err != nil {
		return projection.Verification{}, err
	}
	v := projection.Verification{Run: r.ID()}
	given.Hints = d.noted(id)
	reading, err := d.prove(&v, r, r.ID(), given, t)
	if err != nil {
		return v, err
	}
	v.Previous, v.PreviousWrong = d.before(r)
	v.Undrivable = d.Store.MayDrive(r.ID())
	var unread error
	if !v.Whole() { // what was given may be why, and irctl drives without it
		reading, unread = d.ReadRun(r.ID())
	}
	if unread == nil {
		if v.Warnings = d.warnings(reading); errors.Is(r.Unsigned(), journal.ErrNoRatchet) && r.HasSecret() {
			v.Warnings = append(v.Warnings, "The file that signs the next checkpoint (ratchet) is not the one that the journal announces: somebody put another in its place. Whoever resumes the run begins a new log with other keys (log_restarted).")
		}
		unread = d.drivable(reading)
	}
	if unread != nil {
		v.Undrivable = unread
	}
	return v, nil
}

// verifyCopy proves a copy of a run's folder, under whatever name it lies.
func (d *Desk) verifyCopy(path string, folder bool, given journal.Given, t anchor.Trust) (projection.Verification, error) {
	if folder {
		r, err := d.Store.At(path)
		if err != nil {
			return projection.Verification{}, err
		}
		return d.verifyReader(r, nil, given, t)
	}
	r, drop, err := d.unpackedBy(func(into string) (*store.Reader, error) {
		folder, err := store.Unpack(path, into)
		if err != nil {
			return nil, err
		}
		return d.Store.At(folder)
	})
	defer drop()
	return d.verifyReader(r, err, given, t)
}

// verifyReader is verifyCopy for one that is open, or could not be unpacked.
func (d *Desk) verifyReader(r *store.Reader, err error, given journal.Given, t anchor.Trust) (projection.Verification, error) {
	v := projection.Verification{Copy: true}
	if err != nil {
		return v, &UnreadableError{What: "this is neither a copy of a run's folder nor an archive of one", Means: "Nothing was verified.", Err: err, Next: "irctl list"}
	}
	v.Run = r.ID()
	if started, ok := startOf(r); ok {
		v.Run = started.Run
	}
	_, err = d.prove(&v, r, "", given, t)
	return v, err
}

// prove judges a journal and what anchors say of it.
func (d *Desk) prove(v *projection.Verification, r *store.Reader, id string, given journal.Given, t anchor.Trust) (*Reading, error) {
	anchored, held, wrong := d.anchored(r, t)
	v.Given = len(given.Keys)+len(given.Fingerprints) > 0
	given.Hints = append(given.Hints, held...)
	p, err := proven(r, id, given)
	if err != nil {
		return nil, err
	}
	v.Report, v.Seals = p.report, p.seals
	if v.Unanchored = wrong; !v.Whole() {
		anchored.Through, anchored.ByGiven = min(anchored.Through, v.Report.Entries), min(anchored.ByGiven, v.Report.Entries)
	}
	v.Anchored = anchored
	return p.reading, nil
}

// judged is a journal that was judged, with what it names.
type judged struct {
	report  journal.Report
	seals   journal.Seals
	reading *Reading // the run as it stands, if all of it verifies
}

// proven judges the chain of a journal and what it names, in one reading. The
// folder has the run's id for a name, unless id is empty.
func proven(r *store.Reader, id string, given journal.Given) (judged, error) {
	var f *folding
	var closed bool
	finish := func() {
		if f != nil {
			f.lines.end()
			<-f.over
		}
	}
	report, seals, err := r.Audit(given, func() func(journal.Entry) {
		finish()
		f, closed = follow(r, id), false
		return func(e journal.Entry) {
			closed = closedBy(closed, e.Line)
			f.lines.add(e)
		}
	})
	finish()
	report.Closed = closed
	if err != nil || report.Verdict != journal.Intact && report.Verdict != journal.Torn {
		return judged{report, seals, nil}, err
	}
	if why := brought(r.Owner(), f.reading.account); why != "" {
		f.found = append(f.found, journal.Finding{Seq: 1, Kind: journal.Copied, Problem: why})
	}
	if len(f.found) > 0 {
		report.Verdict = journal.Altered
		report.Findings = append(report.Findings, f.found...)
	}
	return judged{report, seals, f.reading}, nil
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

// folding follows a journal with the engine, as far as it makes sense, while it is
// read, and looks for what contradicts a journal whose chain is whole: documents
// with another digest, artifacts that are not what they were, entries that cannot
// follow each other.
type folding struct {
	id      string // of the folder, "" if it may have any name
	files   store.Files
	reading *Reading
	lines   *decoder
	found   []journal.Finding
	over    chan struct{} // closed when found and reading are
	// unread says that the people of the environment cannot be known.
	unread bool
	rules  authority.Rules
	kept   func(digest string) ([]byte, error) // what lies beside the journal
}

// follow begins to follow a journal whose entries are added to its lines.
func follow(r *store.Reader, id string) *folding {
	f := &folding{id: id, lines: newDecoder(), over: make(chan struct{}), reading: &Reading{Reader: r, seen: map[string]bool{}}}
	f.kept = func(digest string) ([]byte, error) {
		var text bytes.Buffer
		_, err := copied(&text, r, digest)
		return text.Bytes(), err
	}
	go func() {
		defer close(f.over)
		f.run(r)
		for range f.lines.lines { // nobody follows it further
		}
	}()
	return f
}

func (f *folding) run(r *store.Reader) {
	var err error
	if f.files, err = r.Files(); err != nil {
		f.find(line{head: projection.Head{Seq: 1}}, "the documents beside the journal cannot be read: "+err.Error())
		return
	}
	f.reading.files = f.files
	p, unplanned := plan.Decode(f.files.Plan)
	if unplanned != nil {
		p = &plan.Plan{}
	}
	var at line
	f.reading.state, err = engine.Fold(p, func(yield func(event.Event, error) bool) {
		for batch := range f.lines.lines {
			for _, at = range batch {
				if at.err != nil {
					f.find(at, "it is no entry of irctl: "+at.err.Error())
					return
				}
				if at.head.Seq == 1 && !f.begin(at, unplanned) || !yield(at.event, nil) {
					return
				}
				f.find(at, beside(r, at.event)...)
				_ = f.reading.note(at) // what is wrong was found
			}
		}
	}, func(before engine.State, e event.Event) {
		if problem := f.decided(before, e); problem != "" {
			f.find(at, problem)
		}
	})
	if err != nil {
		f.find(at, append([]string{"it cannot follow the entries before it: " + err.Error()}, beside(r, at.event)...)...)
	}
}

// find notes what is wrong with an entry.
func (f *folding) find(at line, problems ...string) {
	for _, problem := range problems {
		f.found = append(f.found, journal.Finding{Seq: at.head.Seq, Offset: at.offset, Kind: journal.Kind(journal.Altered), Problem: problem})
	}
}

// begin judges the first entry. It reports whether others can follow it.
func (f *folding) begin(at line, unplanned error) bool {
	started, ok := at.event.Body.(event.RunStarted)
	if !ok {
		f.find(at, append([]string{"the journal does not begin with the start of a run"}, beside(f.reading.Reader, at.event)...)...)
		return false
	}
	f.find(at, f.documents(started)...)
	if f.id != "" && started.Run != f.id {
		f.found[0].Kind = journal.Copied
	}
	if unplanned != nil {
		f.find(at, append([]string{"plan.json cannot be read: " + unplanned.Error()}, beside(f.reading.Reader, at.event)...)...)
		return false
	}
	f.people(started.EnvSource, f.files.Environment)
	return true
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
