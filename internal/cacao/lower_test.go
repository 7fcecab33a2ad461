package cacao_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/cacao"
	"github.com/irctl/irctl/internal/cacao/convert"
	"github.com/irctl/irctl/internal/check"
	"github.com/irctl/irctl/internal/compile"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/registry"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

var builtin = registry.Builtin()

// specs are what the actions that execute commands declare.
func specs(name string) (action.Spec, bool) { return builtin.Spec(name) }

// planned is what irctl makes of a playbook that is to run.
func planned(pb *cacao.Playbook, b *cacao.Bindings, d convert.Deps) (*plan.Plan, runbook.Diagnostics) {
	made := convert.Translate(pb, b, d)
	if made.Runbook == nil {
		return nil, made.Found
	}
	p, more := compile.Runbook(made.Runbook, check.Deps{Spec: d.Spec, Callee: made.Callee})
	more = slices.DeleteFunc(more, func(one runbook.Diagnostic) bool { return one.Code == check.UnusedInput.ID })
	return p, append(made.Found, more...)
}

// deps finds called playbooks, with their bindings, among files.
func deps(t *testing.T, patterns ...string) convert.Deps {
	return convert.Deps{
		Spec: specs,
		Callee: func(id, version, _ string) (convert.Callee, error) {
			var newest convert.Callee
			var paths []string
			for _, pattern := range patterns {
				paths = append(paths, files(t, pattern)...)
			}
			for _, path := range paths {
				pb, _, found := parse(t, path)
				if pb == nil || pb.ID.Value != id || version != "" && version != pb.Modified.Value {
					continue
				}
				if newest.Playbook == nil || pb.Modified.At.After(newest.Playbook.Modified.At) {
					newest = convert.Callee{Playbook: pb, Bindings: bindings(t, path), Found: found}
				}
			}
			if newest.Playbook != nil {
				return newest, nil
			}
			return convert.Callee{}, errors.New("there is no playbook " + id)
		},
	}
}

func bindings(t *testing.T, playbook string) *cacao.Bindings {
	path := cacao.BindingsFile(playbook)
	src, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	require.NoError(t, err)
	b, found := cacao.ParseBindings(filepath.Base(path), src)
	require.Empty(t, rendered(t, filepath.Base(path), src, found))
	return b
}

// TestPlans lowers every good playbook. A golden plan has a line for the plan
// and one for each node.
func TestPlans(t *testing.T) {
	for _, path := range files(t, "ok/*.json") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			pb, _, _ := parse(t, path)
			p, found := planned(pb, bindings(t, path), deps(t, "ok/*.json"))
			require.Empty(t, rendered(t, filepath.Base(path), pb.Source, found))
			encoded, err := p.Encode()
			require.NoError(t, err)
			back, err := plan.Decode(encoded)
			require.NoError(t, err, "every link of the plan leads somewhere")
			again, err := back.Encode()
			require.NoError(t, err)
			require.Equal(t, string(encoded), string(again))
			second, _ := planned(pb, bindings(t, path), deps(t, "ok/*.json"))
			require.Equal(t, p, second, "the same playbook gives the same plan")
			golden(t, strings.TrimSuffix(path, ".json")+".plan", lines(t, p))
		})
	}
}

func lines(t *testing.T, p *plan.Plan) string {
	var out strings.Builder
	head := *p
	head.Nodes = nil
	write := func(v any) {
		enc := json.NewEncoder(&out)
		enc.SetEscapeHTML(false)
		require.NoError(t, enc.Encode(v))
	}
	write(head)
	for _, n := range p.Nodes {
		write(n)
	}
	return out.String()
}

// TestEveryStepHasItsPlaceInThePlaybook: what check finds in the runbook that a
// playbook becomes is told at the playbook.
func TestEveryStepHasItsPlaceInThePlaybook(t *testing.T) {
	for _, pattern := range []string{"ok/*.json", "run/*.json"} {
		for _, path := range files(t, pattern) {
			pb, _, _ := parse(t, path)
			made := convert.Translate(pb, bindings(t, path), deps(t, pattern))
			var walk func(steps []*runbook.Step)
			walk = func(steps []*runbook.Step) {
				for _, s := range steps {
					require.Equal(t, pb.File, s.Span.File, s.ID.Value)
					require.Contains(t, `"{`, string(pb.Source[s.Span.Start.Offset]), "%s begins with a key or an object", s.ID.Value)
					for _, inside := range s.Blocks() {
						walk(inside)
					}
				}
			}
			walk(made.Runbook.Steps)
		}
	}
}
