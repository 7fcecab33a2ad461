package cli

import (
	"context"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/pkg/runbook"
)

func newValidateCmd(a *app, run func(ctx context.Context, v validation) error) *cobra.Command {
	if run == nil {
		run = a.validate
	}
	var v validation
	cmd := a.command(spec{
		use:   "validate PATH...",
		group: groupBefore,
		short: "Find every problem in runbooks and environments",
		long: `Check runbooks, environments and the other files of irctl: files, folders with
them, patterns (** is any number of folders), runbooks by name, and - for
standard input. Every problem of every file is shown at once, with its place
and what to do about it. irctl help CODE explains a code.

Each file says itself what it is, by its header. In a folder, YAML without
` + "`irctl: v1`" + ` and JSON that is no playbook belongs to somebody else and is
passed over; a file that is named is checked whatever it holds.`,
		example: `
  irctl validate runbooks/my-plan.yaml
  irctl validate runbooks environments
  irctl validate '**/*.runbook.yaml'
  irctl validate containment -o json`,
		exits: []Exit{ExitInvalid},
		args:  nargs(1, -1),
		run: func(cmd *cobra.Command, args []string) error {
			v.paths = args
			return run(cmd.Context(), v)
		},
	})
	cmd.Flags().StringVar(&v.stdin, "stdin-name", "stdin", "`path` of what comes from standard input: it is shown, and run: is looked for beside it")
	cmd.ValidArgsFunction = a.completeRunbooks
	return cmd
}

// validation is what validate was asked for.
type validation struct {
	paths []string
	stdin string // the name of standard input
}

// validate checks files and shows what is wrong with them.
func (a *app) validate(_ context.Context, v validation) error {
	results := a.checkAll(a.gather(v.paths, v.stdin), nil)
	var all runbook.Diagnostics
	sources, files := map[string][]byte{}, 0
	for _, r := range results {
		if r.kind == "" && len(r.found) == 0 {
			continue
		}
		files++
		all = append(all, r.found...)
		if r.doc != nil && len(r.found) > 0 {
			sources[r.doc.Path] = r.doc.Source
		}
	}
	err := a.print().Diagnostics(files, all, func(name string) []byte { return sources[name] })
	if err == nil && all.HasErrors() {
		return end(ExitInvalid)
	}
	return err
}

// checked is what came of one file.
type checked struct {
	name  string    // for people
	doc   *document // nil if it could not be read
	kind  string    // "" if it is not irctl's, and was passed over
	found runbook.Diagnostics
}

// checkAll reads files and finds what is wrong with them, on every processor,
// in the order of the files.
func (a *app) checkAll(files []candidate, env *environment.Environment) []checked {
	a.actions() // made before it is shared
	out := make([]checked, len(files))
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(files)) {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(files); i = int(next.Add(1)) - 1 {
				out[i] = a.checkOne(files[i], env)
			}
		})
	}
	workers.Wait()
	return out
}

func (a *app) checkOne(c candidate, env *environment.Environment) checked {
	d, err := a.fetch(c)
	if err != nil {
		return checked{name: c.name, found: runbook.Diagnostics{cannotRead(c, err)}}
	}
	kind := kindOf(d.Source)
	switch {
	case kind == "" && c.found:
		return checked{name: d.Path}
	case kind == "" && strings.EqualFold(filepath.Ext(d.Path), ".json"):
		kind = kindPlaybook
	case kind == "":
		kind = kindRunbook
	}
	return checked{d.Path, d, kind, a.diagnose(d, kind, env)}
}
