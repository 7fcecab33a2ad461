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

	"github.com/irctl/irctl/internal/systems/casefolder"
	"github.com/irctl/irctl/internal/systems/restic"
	"github.com/irctl/irctl/pkg/action"
)

// vault collects into a repository of restic. What is collected lies in the
// run's folder until it is in the repository.
type vault struct{}

// Target implements kind.Kind.
func (vault) Target() action.TargetType { return restic.Target() }

// label is the tag of what the step with this key has kept.
func label(key string) string {
	return fmt.Sprintf("irctl-%x", sha256.Sum256([]byte(key)))[:len("irctl-")+16]
}

const sums = "SHA256SUMS"

// Run implements kind.Kind.
func (v vault) Run(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	repository := restic.Of(req.Target)
	s, found, err := repository.Tagged(ctx, label(req.Key))
	if err != nil {
		return action.Result{}, err
	}
	if !found {
		if len(req.Record) == 0 {
			if err := out.Record(map[string]any{"case": req.With.String("case"), "name": req.With.String("name")}); err != nil {
				return action.Result{}, err
			}
		}
		folder, err := v.collect(ctx, req, out)
		if err != nil {
			return action.Result{}, err
		}
		out.Progress("adding the evidence to the repository")
		if s, err = repository.Keep(ctx, folder, label(req.Key), "case-"+req.With.String("case"), "run-"+req.Run); err != nil {
			return action.Result{}, err
		}
	}
	outputs, err := v.verified(ctx, req, out, repository, s)
	if err != nil {
		return action.Result{}, err
	}
	if err := os.RemoveAll(draft(req)); err != nil {
		return action.Result{}, &action.Error{Message: "the evidence is in the repository, but its copy in the run's folder cannot be removed", Hint: "look at the folder's permissions, then retry", Cause: err}
	}
	changed := !found || len(req.Record) > 0
	return action.Result{
		Outputs: outputs, Changed: changed, Already: !changed,
		Summary: fmt.Sprintf("%s in snapshot %s", kept(int(outputs["count"].(int64))), s.ID),
	}, nil
}

// draft is where the step's evidence lies until the repository has it.
func draft(req action.Request) string { return filepath.Join(req.Dir, "evidence-"+label(req.Key)) }

// collect gathers the sources, as into a case folder, and returns the folder
// that belongs into the repository.
func (vault) collect(ctx context.Context, req action.Request, out action.Sink) (folder string, err error) {
	if err := os.MkdirAll(draft(req), 0o700); err != nil {
		return "", &action.Error{Message: "there is no place to collect evidence in", Hint: "make room in the run's folder, then retry", Cause: err}
	}
	c, _, err := casefolder.Open(draft(req)).Create(ctx, casefolder.Opening{
		Key: req.Key, Run: req.Run, Runbook: req.Runbook, At: time.Now(), Title: "Evidence for " + req.With.String("case"),
	})
	if err != nil {
		return "", err
	}
	col, err := c.Collection(ctx, req.With.String("name"), req.Key, req.Run)
	if err != nil {
		return "", err
	}
	defer func() { _ = col.Close() }()
	sources := sourcesOf(req)
	missing, err := gather(ctx, req, out, col, sources)
	if err != nil {
		return "", err
	}
	complete := missing.ErrorOrNil() == nil || req.With.Bool("optional")
	if _, err := col.Finish(ctx, complete); err != nil {
		return "", err
	}
	if !complete {
		return "", incomplete(missing, len(sources), "in the run's folder until all are there")
	}
	return filepath.Dir(col.Folder()), nil
}

// verified reads the whole snapshot back, holds every file against the digest
// that was taken of its source, and has restic check the repository.
func (v vault) verified(ctx context.Context, req action.Request, out action.Sink, r restic.Repository, s restic.Snapshot) (map[string]any, error) {
	out.Progress("reading the evidence back")
	outputs, items, err := v.outputs(ctx, req, r, s)
	if err != nil {
		return nil, err
	}
	digests, err := r.Files(ctx, s)
	if err != nil {
		return nil, err
	}
	for _, i := range items {
		if name := path.Join(req.With.String("name"), i.File); digests[name] != i.SHA256 {
			return nil, &action.Error{
				Message: fmt.Sprintf("%s in snapshot %s is not what was collected", action.CleanLine(name, 120), s.ID),
				Hint:    "have the repository's storage looked at: restic check --read-data", Permanent: true,
			}
		}
	}
	return outputs, r.Check(ctx)
}

// outputs are read from the snapshot itself.
func (vault) outputs(ctx context.Context, req action.Request, r restic.Repository, s restic.Snapshot) (map[string]any, []casefolder.Item, error) {
	text, err := r.File(ctx, s, path.Join(req.With.String("name"), "manifest.json"))
	if err != nil {
		return nil, nil, err
	}
	var manifest struct {
		Items []casefolder.Item `json:"items"`
	}
	if err := json.Unmarshal([]byte(text), &manifest); err != nil {
		return nil, nil, &action.Error{Message: "the manifest in snapshot " + s.ID + " cannot be read", Cause: err, Permanent: true}
	}
	list, err := r.File(ctx, s, sums)
	if err != nil {
		return nil, nil, err
	}
	digest := sha256.Sum256([]byte(list))
	out := outputs(manifest.Items, hex.EncodeToString(digest[:]))
	out["snapshot"], out["tree"] = s.ID, s.Tree
	return out, manifest.Items, nil
}

// Inspect implements action.Inspector.
func (v vault) Inspect(ctx context.Context, req action.Request) (action.Inspection, error) {
	i := action.Inspection{Known: true, Repeatable: true, Current: "nothing is collected yet", Want: fmt.Sprintf("%d sources are collected", len(sourcesOf(req)))}
	repository := restic.Of(req.Target)
	s, found, err := repository.Tagged(ctx, label(req.Key))
	if err != nil || !found {
		return i, err
	}
	// What was collected lies there until the snapshot was read back.
	_, unread := os.Lstat(draft(req))
	i.Desired = unread != nil
	var items []casefolder.Item
	if i.Outputs, items, err = v.outputs(ctx, req, repository, s); err != nil {
		return action.Inspection{}, err
	}
	i.Current = fmt.Sprintf("%s in snapshot %s", kept(len(items)), s.ID)
	if !i.Desired {
		i.Current += ", which was not read back yet"
	}
	return i, nil
}

// Undo implements action.Undoer. It keeps the evidence: a tag that says so
// would make another snapshot of it, with another id.
func (vault) Undo(_ context.Context, req action.Request, _ action.Sink) (action.Result, error) {
	summary := "the evidence is kept"
	if id := action.Values(req.Outputs).String("snapshot"); id != "" {
		summary += " in snapshot " + id
	}
	return action.Result{Outputs: map[string]any{}, Already: true, Summary: summary}, nil
}

// Preflight implements action.Preflighter.
func (vault) Preflight(ctx context.Context, req action.Request) []error {
	if err := restic.Of(req.Target).Reachable(ctx); err != nil {
		return []error{err}
	}
	return nil
}
