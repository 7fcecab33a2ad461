package runbooks_test

import (
	"bytes"
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/compile"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/lab"
	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/registry"
	"github.com/irctl/irctl/runbooks"
)

func labEnvironment(t *testing.T) *environment.Environment {
	t.Helper()
	company, err := lab.New(lab.Config{Dir: t.TempDir()})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, company.Close()) })
	path := company.Environment()
	src, err := os.ReadFile(path)
	require.NoError(t, err)
	env, found := environment.Parse(path, src)
	if env != nil {
		found = append(found, env.Check(registry.Builtin().Specs())...)
	}
	var text bytes.Buffer
	require.NoError(t, found.Render(&text, map[string][]byte{path: src}))
	require.Empty(t, text.String())
	return env
}

var envName = regexp.MustCompile(`\benv\.([a-z0-9_]+)`)

// Whatever a shipped runbook names is there in the lab: targets of a kind that
// the action can act on, values, and people who hold the roles.
func TestShippedRunbooksFitTheLab(t *testing.T) {
	env := labEnvironment(t)
	for _, name := range runbooks.Names() {
		t.Run(name, func(t *testing.T) {
			rb := parse(t, name)
			p, found := compile.Runbook(rb, deps(t))
			silent(t, found, name, rb.Source)
			for _, n := range p.Nodes {
				require.NotContains(t, n.Title, "${{", "a title is shown as it is written")
				fits(t, env, n)
			}
			for _, m := range envName.FindAllSubmatch(rb.Source, -1) {
				_, ok := env.Value(string(m[1]))
				require.True(t, ok, "the lab has no value %s", m[1])
			}
		})
	}
}

func fits(t *testing.T, env *environment.Environment, n plan.Node) {
	t.Helper()
	if n.Approval != nil {
		for _, role := range n.Approval.Roles {
			require.NotEmpty(t, env.PeopleWith(role), "%s asks for %s, whom the lab does not have", n.Path, role)
		}
	}
	if n.Action == nil || n.Action.Target == "" {
		return
	}
	target, ok := env.Target(n.Action.Target)
	require.True(t, ok, "the lab has no target %s", n.Action.Target)
	spec, ok := registry.Builtin().Spec(n.Action.Action)
	require.True(t, ok)
	_, ok = spec.TargetType(target.Type)
	require.True(t, ok, "%s cannot act on %s, which is of type %s", spec.Name, target.Name, target.Type)
}

// The defaults of the shipped runbooks are good enough to run them in the lab
// with an incident number and nothing else.
func TestShippedRunbooksRunWithDefaults(t *testing.T) {
	for _, name := range runbooks.Names() {
		rb := parse(t, name)
		p, _ := compile.Runbook(rb, deps(t))
		given := map[string]string{}
		for _, in := range p.Inputs {
			if in.Required {
				require.Equal(t, "incident", in.Name, name)
				given["incident"] = "INC-1"
			}
		}
		_, _, problems := compile.Inputs(p, given)
		require.Empty(t, problems, name)
	}
}
