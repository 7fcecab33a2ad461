package evidence

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
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
	return kind.Change{
		Type: restic.Target(),
		Open: func(_ context.Context, req action.Request) (kind.Work, error) { return open(req) },
		Check: func(ctx context.Context, req action.Request) []error {
			v, err := open(req)
			if err == nil {
				err = v.Reachable(ctx)
			}
			if err != nil {
				return []error{err}
			}
			return nil
		},
	}
}

// vault is a repository, with the snapshot of the step. What is collected lies
// in the run's folder until it is in the repository and was read back.
type vault struct {
	restic.Repository
	req      action.Request
	snapshot restic.Snapshot
	found    bool
}

// Close implements kind.Work: nothing is held open.
func (*vault) Close() {}

// label is the tag of what the step with this key has kept.
func label(key string) string {
	return fmt.Sprintf("irctl-%x", sha256.Sum256([]byte(key)))[:len("irctl-")+16]
}

const sums = "SHA256SUMS"

// draft is where the step's evidence lies until the repository has it.
func draft(req action.Request) string { return filepath.Join(req.Dir, "evidence-"+label(req.Key)) }

// Look implements kind.Work.
func (v *vault) Look(ctx context.Context, _ action.Values) (s kind.State, err error) {
	s = nothing(v.req)
	if v.snapshot, v.found, err = v.Tagged(ctx, label(v.req.Key)); err != nil || !v.found {
		return s, err
	}
	var items []casefolder.Item
	if s.Outputs, items, err = v.outputs(ctx); err != nil {
		return s, err
	}
	s.Summary = fmt.Sprintf("%s in snapshot %s", kept(len(items)), v.snapshot.ID)
	s.Current, s.Already = s.Summary, s.Summary
	if _, unread := os.Lstat(draft(v.req)); unread == nil {
		s.Current += ", which was not read back yet"
	} else {
		s.Desired = true
	}
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
		if v.snapshot, err = v.Repository.Keep(ctx, folder, label(v.req.Key), "case-"+v.req.With.String("case"), "run-"+v.req.Run); err != nil {
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

// verify reads the whole snapshot back, holds every file against the digest
// that was taken of its source, and has restic check the repository.
func (v *vault) verify(ctx context.Context) error {
	_, items, err := v.outputs(ctx)
	if err != nil {
		return err
	}
	digests, err := v.Files(ctx, v.snapshot)
	if err != nil {
		return err
	}
	for _, i := range items {
		if name := path.Join(v.req.With.String("name"), i.File); digests[name] != i.SHA256 {
			return &action.Error{
				Message: fmt.Sprintf("%s in snapshot %s is not what was collected", action.CleanLine(name, 120), v.snapshot.ID),
				Hint:    "have the repository's storage looked at: restic check --read-data", Permanent: true,
			}
		}
	}
	return v.Check(ctx)
}

// outputs are read from the snapshot itself.
func (v *vault) outputs(ctx context.Context) (map[string]any, []casefolder.Item, error) {
	text, err := v.File(ctx, v.snapshot, path.Join(v.req.With.String("name"), "manifest.json"))
	if err != nil {
		return nil, nil, err
	}
	var manifest struct {
		Items []casefolder.Item `json:"items"`
	}
	if err := json.Unmarshal([]byte(text), &manifest); err != nil {
		return nil, nil, &action.Error{Message: "the manifest in snapshot " + v.snapshot.ID + " cannot be read", Cause: err, Permanent: true}
	}
	list, err := v.File(ctx, v.snapshot, sums)
	if err != nil {
		return nil, nil, err
	}
	digest := sha256.Sum256([]byte(list))
	out := outputs(manifest.Items, hex.EncodeToString(digest[:]))
	out["snapshot"], out["tree"] = v.snapshot.ID, v.snapshot.Tree
	return out, manifest.Items, nil
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
