package cli

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/check"
	"github.com/irctl/irctl/pkg/runbook"
)

func newValidateCmd(a *app, run func(ctx context.Context, paths []string) error) *cobra.Command {
	if run == nil {
		run = a.validate
	}
	cmd := a.command(spec{
		use:   "validate PATH...",
		group: groupBefore,
		short: "Find every problem in runbooks and environments",
		long: `Check runbooks and environments: files, folders with them, or runbooks by name.
Every problem of every file is shown at once, with its place and what to do
about it. irctl help CODE explains a code.`,
		example: `
  irctl validate runbooks/my-plan.yaml
  irctl validate runbooks environments
  irctl validate containment -o json`,
		exits: []Exit{ExitInvalid},
		args:  nargs(1, -1),
		run:   func(cmd *cobra.Command, args []string) error { return run(cmd.Context(), args) },
	})
	cmd.ValidArgsFunction = a.completeRunbooks
	return cmd
}

// validate checks files and shows what is wrong with them.
func (a *app) validate(_ context.Context, paths []string) error {
	var files []*document
	for _, p := range paths {
		found, err := a.gather(p)
		if err != nil {
			return err
		}
		files = append(files, found...)
	}
	sources := map[string][]byte{}
	for _, f := range files {
		sources[f.Path] = f.Source
	}
	all := a.diagnoseAll(files)
	err := a.print().Diagnostics(len(files), all, func(name string) []byte { return sources[name] })
	if err == nil && all.HasErrors() {
		return end(ExitInvalid)
	}
	return err
}

// gather returns the files that an argument of validate means.
func (a *app) gather(arg string) ([]*document, error) {
	info, err := os.Stat(a.abs(arg))
	switch {
	case err == nil && info.IsDir():
		return a.gatherFolder(a.abs(arg))
	case err == nil:
		d, err := a.readDocument("file", arg, a.abs(arg))
		return []*document{d}, err
	}
	d, err := a.findRunbook(arg)
	return []*document{d}, err
}

func (a *app) gatherFolder(dir string) ([]*document, error) {
	var out []*document
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() && path != dir && strings.HasPrefix(e.Name(), ".") {
			return fs.SkipDir
		}
		if ext := filepath.Ext(path); e.IsDir() || ext != ".yaml" && ext != ".yml" {
			return nil
		}
		d, err := a.readDocument("file", path, path)
		out = append(out, d)
		return err
	})
	if err != nil {
		return nil, failf(err, "cannot read the folder %s", a.short(dir))
	}
	return out, nil
}

// diagnoseAll finds what is wrong with files, on every processor, in the order
// of the files.
func (a *app) diagnoseAll(files []*document) runbook.Diagnostics {
	a.actions() // made before it is shared
	found := make([]runbook.Diagnostics, len(files))
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(files)) {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(files); i = int(next.Add(1)) - 1 {
				found[i] = a.diagnose(files[i])
			}
		})
	}
	workers.Wait()
	return slices.Concat(found...)
}

// diagnose finds everything that is wrong with one file, whatever its kind.
func (a *app) diagnose(d *document) runbook.Diagnostics {
	if kindOf(d) == "environment" {
		_, ds := a.parseEnvironment(d)
		return ds
	}
	rb, ds := runbook.Parse(d.Path, d.Source)
	if ds.HasErrors() {
		return check.Despite(rb, ds, a.rules())
	}
	return append(ds, check.Runbook(rb, a.rules())...)
}

// kindOf is what a file says it is; "" is a runbook.
func kindOf(d *document) string {
	if !bytes.Contains(d.Source, []byte("kind")) {
		return "" // without being read twice
	}
	tree, _ := runbook.ParseTree(d.Path, d.Source)
	if kind := tree.Get("kind"); kind != nil {
		return kind.Text
	}
	return ""
}
