package fitting_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/check/checktest"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/finding"
	"github.com/irctl/irctl/internal/fitting"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

var update = flag.Bool("update", false, "rewrite err.out")

func load(name string) (*runbook.Runbook, error) {
	file := name + ".yaml"
	src, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		return nil, err
	}
	rb, ds := language.Parse(file, src)
	if ds.HasErrors() {
		return nil, errors.New(ds[0].Span.String() + ": " + ds[0].Summary)
	}
	return rb, nil
}

// described is an action of which there is only the description. As exec it
// needs a program, and one is missing.
type described struct {
	action.Action
	spec action.Spec
}

func (d described) Spec() action.Spec { return d.spec }

func (d described) Preflight(_ context.Context, req action.Request) []error {
	if argv := req.With.Strings("argv"); d.spec.Name == "exec" && len(argv) > 0 && argv[0] == "gone" {
		return []error{&action.Error{Message: "there is no program gone on this machine", Hint: "install it"}}
	}
	return nil
}

// Validate implements action.Validator.
func (d described) Validate(with action.Values, targetType string) []action.Problem {
	if with["account"] == "nobody" && targetType == "ldap" {
		return []action.Problem{{Input: "account", Message: "is in no ldap", Hint: "name somebody"}}
	}
	return nil
}

func stand(name string) (action.Action, bool) {
	spec, ok := checktest.Deps().Spec(name)
	if name == "account.disable" {
		spec.Targets = []action.TargetType{{Name: "ldap", Fields: []action.Field{{Name: "url", Type: action.String, Required: true}, {Name: "password", Type: action.String, Secret: true}}}}
	}
	return described{spec: spec}, ok
}

func world(t *testing.T) fitting.World {
	src, err := os.ReadFile(filepath.Join("testdata", "env.yaml"))
	require.NoError(t, err)
	env, ds := environment.Parse("env.yaml", src)
	require.False(t, ds.HasErrors(), "%v", ds)
	return fitting.World{Environment: env, Action: stand, Callee: func(name, _ string) (*runbook.Runbook, error) {
		if name == "covered" {
			return nil, nil
		}
		return load(name)
	}}
}

func TestSilentWhereTheEnvironmentFits(t *testing.T) {
	rb, err := load("ok")
	require.NoError(t, err)
	require.Empty(t, fitting.Check(rb, world(t)))
}

func TestFindsWhatTheEnvironmentLacks(t *testing.T) {
	rb, err := load("err")
	require.NoError(t, err)
	found := fitting.Check(rb, world(t))
	seen := map[string]bool{}
	for _, d := range found {
		seen[d.Code] = true
		require.Equal(t, "err.yaml", d.Span.File, d.Summary)
	}
	for _, c := range finding.Codes(fitting.Codes()) {
		require.True(t, seen[c.ID], "no finding with %s", c.ID)
	}
	var b bytes.Buffer
	require.NoError(t, found.Render(&b, map[string][]byte{"err.yaml": rb.Source}))
	golden := filepath.Join("testdata", "err.out")
	if *update {
		require.NoError(t, os.WriteFile(golden, b.Bytes(), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), b.String())
}
