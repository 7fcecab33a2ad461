package cacao_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/cacao"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/pkg/action"
)

// specs are what the actions that execute commands declare, in short.
func specs(name string) (action.Spec, bool) {
	s := action.Spec{Name: name, Effect: action.Change, Outputs: []action.Field{{Name: "values", Type: action.Map}}}
	switch name {
	case "cacao.bash", "cacao.unbound":
		return s, true
	case "cacao.ssh", "cacao.powershell", "cacao.http", "cacao.openc":
		s.Targets = []action.TargetType{{Name: "any"}}
		return s, true
	}
	return action.Spec{}, false
}

// deps finds called playbooks and bindings in a folder.
func deps(t *testing.T, folder string) cacao.Deps {
	return cacao.Deps{
		Spec: specs,
		Callee: func(id, version, _ string) (cacao.Callee, error) {
			for _, path := range files(t, folder+"/*.json") {
				pb, _, found := parse(t, path)
				if pb != nil && pb.ID.Value == id && (version == "" || version == pb.Modified.Value) {
					return cacao.Callee{Playbook: pb, Bindings: bindings(t, path), Found: found}, nil
				}
			}
			return cacao.Callee{}, errors.New("there is no playbook " + id)
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
			p, found := cacao.Lower(pb, bindings(t, path), deps(t, "ok"))
			require.Empty(t, rendered(t, filepath.Base(path), pb.Source, found))
			encoded, err := p.Encode()
			require.NoError(t, err)
			back, err := plan.Decode(encoded)
			require.NoError(t, err, "every link of the plan leads somewhere")
			again, err := back.Encode()
			require.NoError(t, err)
			require.Equal(t, string(encoded), string(again))
			second, _ := cacao.Lower(pb, bindings(t, path), deps(t, "ok"))
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
