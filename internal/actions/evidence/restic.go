package evidence

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"time"

	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/systems/casefolder"
	"github.com/irctl/irctl/internal/systems/restic"
	"github.com/irctl/irctl/pkg/action"
)

// inVault collects into a repository of restic.
func inVault() kind.Kind {
	open := func(req action.Request) (*vault, error) {
		r, err := restic.Open(req)
		return &vault{Repository: r, req: req}, err
	}
	return inspected{kind.Change{
		Type: restic.Target(),
		Open: func(_ context.Context, req action.Request) (kind.Work, error) { return open(req) },
	}, open}
}

// inspected is a kind whose looks say too who would have it wait.
type inspected struct {
	kind.Change
	open func(action.Request) (*vault, error)
}

// Inspect implements action.Inspector.
func (k inspected) Inspect(ctx context.Context, req action.Request) (action.Inspection, error) {
	in, err := k.Change.Inspect(ctx, req)
	if err != nil || in.Desired {
		return in, err
	}
	v, err := k.open(req)
	if err != nil {
		return in, err
	}
	l, err := v.Locked(ctx)
	if l != nil {
		in.Current += "; the repository is " + l.String()
	}
	return in, err
}

// vault is a repository, with the snapshot of the step. What is collected lies
// in the run's folder until it is in the repository and was read back.
type vault struct {
	restic.Repository
	req      action.Request
	snapshot restic.Snapshot
	found    bool
	items    []casefolder.Item // of the snapshot, once it was read
	outputs  map[string]any
}

// Close implements kind.Work: nothing is held open.
func (*vault) Close() {}

// Check implements kind.Checker.
func (v *vault) Check(ctx context.Context) []error {
	if l, err := v.Locked(ctx); err != nil {
		return []error{err}
	} else if l != nil {
		return []error{&action.Error{Message: "evidence would wait: the repository is " + l.String(), Hint: "wait for that process, or have its owner end it or take its lock away"}}
	}
	return nil
}

// label is the tag of what the step with this key has kept.
func label(key string) string {
	return fmt.Sprintf("irctl-%x", sha256.Sum256([]byte(key)))[:len("irctl-")+16]
}

const sums = "SHA256SUMS"

// draft is where the step's evidence lies until the repository has it.
func draft(req action.Request) string { return filepath.Join(req.Dir, "evidence-"+label(req.Key)) }

// Look implements kind.Work. Before anything is recorded nothing was kept, and
// what Change has read back is not read again.
func (v *vault) Look(ctx context.Context, record action.Values) (s kind.State, err error) {
	s = nothing(v.req)
	if len(record) == 0 {
		return s, nil
	}
	if v.outputs == nil {
		if v.snapshot, v.found, err = v.Tagged(ctx, label(v.req.Key)); err != nil || !v.found {
			return s, err
		}
		if _, unread := os.Lstat(draft(v.req)); unread == nil {
			s.Current = "the evidence is in snapshot " + v.snapshot.ID + ", which was not read back yet"
			return s, nil
		}
		if _, err := v.read(ctx); err != nil {
			return s, err
		}
	}
	s.Desired, s.Outputs = true, v.outputs
	s.Summary = kept(v.req, v.items, "snapshot "+v.snapshot.ID)
	s.Current, s.Already = s.Summary, s.Summary
	return s, nil
}

// Keep implements kind.Keeper.
func (v *vault) Keep(_ context.Context, record action.Values) (map[string]any, error) {
	return begins(v.req, record), nil
}

// Change implements kind.Work.
func (v *vault) Change(ctx context.Context, _ action.Values, out action.Sink) error {
	if !v.found {
		folder, err := v.collect(ctx, out)
		if err != nil {
			return err
		}
		out.Progress("adding the evidence to the repository")
		if err := v.Repository.Keep(ctx, out, folder, label(v.req.Key), "case-"+v.req.With.String("case"), "run-"+v.req.Run); err != nil {
			return err
		}
	}
	out.Progress("reading the evidence back")
	if err := v.verify(ctx); err != nil {
		return err
	}
	if err := os.RemoveAll(draft(v.req)); err != nil {
		return &action.Error{Message: "the evidence is in the repository, but its copy in the run's folder cannot be removed", Hint: "look at the folder's permissions, then retry", Cause: err}
	}
	return nil
}

// collect gathers the sources, as into a case folder, and returns the folder
// that belongs into the repository.
func (v *vault) collect(ctx context.Context, out action.Sink) (folder string, err error) {
	if err := os.MkdirAll(draft(v.req), 0o700); err != nil {
		return "", &action.Error{Message: "there is no place to collect evidence in", Hint: "make room in the run's folder, then retry", Cause: err}
	}
	c, _, err := casefolder.Open(draft(v.req)).Create(ctx, casefolder.Opening{
		Key: v.req.Key, Run: v.req.Run, Runbook: v.req.Runbook, At: time.Now(), Title: "Evidence for " + v.req.With.String("case"),
	})
	if err != nil {
		return "", err
	}
	col, _, err := gather(ctx, v.req, out, c, "in the run's folder until all are there")
	if err != nil {
		return "", err
	}
	return filepath.Dir(col.Folder()), nil
}

// verify reads the whole snapshot back and holds every file against the digest
// that was taken of its source.
func (v *vault) verify(ctx context.Context) error {
	// What backup and dump print does not name the snapshot's tree, the digest of
	// all that is in it, which restic 0.14 tells nobody but who lists snapshots. It
	// also shows that the tag leads to a snapshot. So there is a third process; it
	// runs while the evidence is read back.
	type answer struct {
		s     restic.Snapshot
		found bool
		err   error
	}
	asked := make(chan answer, 1)
	go func() {
		s, found, err := v.Tagged(ctx, label(v.req.Key))
		asked <- answer{s, found, err}
	}()
	digests, err := v.read(ctx)
	a := <-asked
	switch {
	case err != nil:
		return err
	case a.err != nil:
		return a.err
	case !a.found:
		return &action.Error{Message: "restic reported no error, but the snapshot is not in the repository", Hint: "retry; restic snapshots lists what is there"}
	}
	v.snapshot = a.s
	for _, i := range v.items {
		if name := path.Join(v.req.With.String("name"), i.File); digests[name] != i.SHA256 {
			return &action.Error{
				Message: fmt.Sprintf("%s in snapshot %s is not what was collected", action.CleanLine(name, 120), v.snapshot.ID),
				Hint:    "have the repository's storage looked at: restic check --read-data", Permanent: true,
			}
		}
	}
	v.outputs["snapshot"], v.outputs["tree"] = v.snapshot.ID, v.snapshot.Tree
	return nil
}

// read reads the snapshot, and the outputs from it.
func (v *vault) read(ctx context.Context) (digests map[string]string, err error) {
	list := path.Join(v.req.With.String("name"), "manifest.json")
	digests, texts, err := v.Read(ctx, label(v.req.Key), list, sums)
	if err != nil {
		return nil, err
	}
	var manifest struct {
		Items []casefolder.Item `json:"items"`
	}
	if err := json.Unmarshal([]byte(texts[list]), &manifest); err != nil {
		return nil, &action.Error{Message: "the manifest in the snapshot cannot be read", Cause: err, Permanent: true}
	}
	v.items, v.outputs = manifest.Items, outputs(manifest.Items, digests[sums], "")
	v.outputs["snapshot"], v.outputs["tree"] = v.snapshot.ID, v.snapshot.Tree
	return digests, nil
}

// PutBack implements kind.Restorer. It keeps the evidence: a tag that says so
// would make another snapshot of it, with another id.
func (v *vault) PutBack(context.Context, action.Values, action.Sink) (bool, string, error) {
	summary := "the evidence is kept"
	if id := action.Values(v.req.Outputs).String("snapshot"); id != "" {
		summary += " in snapshot " + id
	}
	return false, summary, nil
}
