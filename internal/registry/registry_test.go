package registry_test

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/coerce"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/internal/registry"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

type named string

func (n named) Spec() action.Spec { return action.Spec{Name: string(n)} }
func (named) Run(context.Context, action.Request, action.Sink) (action.Result, error) {
	return action.Result{}, nil
}

func TestRegistry(t *testing.T) {
	r := registry.New(named("b.two"), named("a.one"))
	require.Equal(t, []string{"a.one", "b.two"}, r.Names())
	require.Equal(t, []action.Spec{{Name: "a.one"}, {Name: "b.two"}}, r.Specs())
	a, ok := r.Lookup("b.two")
	require.True(t, ok)
	require.Equal(t, named("b.two"), a)
	_, ok = r.Lookup("c")
	require.False(t, ok)
	_, ok = r.Spec("c")
	require.False(t, ok)
	require.False(t, r.Inspects("a.one") || r.Undoes("a.one") || r.Inspects("c"))
	require.Panics(t, func() { registry.New(named("a"), named("a")) })
}

func TestEveryActionThatTheDesignNames(t *testing.T) {
	require.Equal(t, []string{
		"account.disable",
		"account.enable",
		"assert",
		"block.add",
		"block.remove",
		"cacao.bash",
		"cacao.http",
		"cacao.openc",
		"cacao.powershell",
		"cacao.ssh",
		"cacao.unbound",
		"credentials.rotate",
		"dns.restore",
		"dns.switch",
		"email.probe",
		"email.restore",
		"email.suspend",
		"evidence.collect",
		"exec",
		"file.write",
		"host.isolate",
		"host.release",
		"http",
		"investigation.close",
		"investigation.open",
		"investigation.update",
		"notify.customers", "notify.draft", "notify.email", "notify.log", "notify.silence", "notify.unsilence",
		"notify.webhook",
		"payments.publish",
		"payments.withdraw",
		"sessions.revoke",
		"website.drain",
		"website.restore",
		"website.suspend",
		"website.undrain",
	}, registry.Builtin().Names())
}

// undoneByStep are the actions that can do anything, so that only the step
// knows how to undo them.
var undoneByStep = []string{"cacao.bash", "cacao.http", "cacao.openc", "cacao.powershell", "cacao.ssh", "cacao.unbound", "exec", "http"}

// TestEverySpecIsAManual holds every action to what `irctl action show` needs.
func TestEverySpecIsAManual(t *testing.T) {
	r := registry.Builtin()
	for _, s := range r.Specs() {
		t.Run(s.Name, func(t *testing.T) {
			require.Regexp(t, `^[a-z]+(\.[a-z]+)?$`, s.Name)
			require.Regexp(t, `^[A-Z].*[^.\n]$`, s.Summary, "a summary is one line without a full stop")
			require.LessOrEqual(t, len(s.Summary), 90)
			require.Regexp(t, `(?s)^[A-Z].*\.$`, s.Description)
			require.Contains(t, []action.Effect{action.Read, action.Change, action.Irreversible}, s.Effect)
			fieldsAreDescribed(t, "inputs", s.Inputs)
			fieldsAreDescribed(t, "outputs", s.Outputs)
			if s.Counterpart != "" {
				back, ok := r.Spec(s.Counterpart)
				require.True(t, ok, "the counterpart %s is not an action", s.Counterpart)
				require.Equal(t, s.Name, back.Counterpart)
			}
			if s.Effect == action.Change && !slices.Contains(undoneByStep, s.Name) {
				require.True(t, r.Undoes(s.Name) || s.Counterpart != "", "a change that nobody can put back is irreversible")
			}
			if slices.Contains(undoneByStep, s.Name) {
				require.Contains(t, s.Description, "`undo`")
			}
		})
	}
}

func fieldsAreDescribed(t *testing.T, where string, fields []action.Field) {
	t.Helper()
	seen := map[string]bool{}
	for _, f := range fields {
		at := where + "." + f.Name
		require.Regexp(t, `^[a-z][a-z0-9_]*$`, f.Name)
		require.False(t, seen[f.Name], "%s stands twice", at)
		seen[f.Name] = true
		require.NotEmpty(t, f.Description, "%s says nothing of itself", at)
		require.NotEmpty(t, f.Type, at)
		require.Equal(t, f.Type == action.Enum, len(f.Enum) > 0, at)
		if f.Pattern != "" {
			_, err := regexp.Compile(f.Pattern)
			require.NoError(t, err, at)
		}
		if f.Default != nil {
			require.False(t, f.Required, "%s is required and has a default", at)
			_, p := coerce.One(f, f.Default)
			require.Nil(t, p, "the default of %s is not of its type", at)
		}
		fieldsAreDescribed(t, at, f.Fields)
	}
}

func TestEveryExampleStepParses(t *testing.T) {
	for _, s := range registry.Builtin().Specs() {
		t.Run(s.Name, func(t *testing.T) {
			src := "irctl: v1\nname: example\ntitle: Example\nsteps:\n  " + strings.ReplaceAll(strings.TrimRight(s.Example, "\n"), "\n", "\n  ") + "\n"
			rb, diagnostics := language.Parse("example.yaml", []byte(src))
			require.Empty(t, diagnostics, src)
			require.Len(t, rb.Steps, 1)
			use := rb.Steps[0].Uses
			require.NotNil(t, use, "the example must use the action")
			require.Equal(t, s.Name, use.Action.Value)
			for _, a := range use.With {
				f, ok := s.Input(a.Key.Value)
				require.True(t, ok, "%s is not an input", a.Key.Value)
				if !holdsExpr(a.Value) {
					_, p := coerce.One(f, a.Value.Data())
					require.Nil(t, p)
				}
			}
			for _, in := range s.Inputs {
				if in.Required {
					require.True(t, slices.ContainsFunc(use.With, func(p runbook.Pair) bool { return p.Key.Value == in.Name }), "the example lacks %s", in.Name)
				}
			}
			require.Equal(t, len(s.Targets) > 0, use.Target != nil, "the example names a target if the action needs one")
		})
	}
}

func holdsExpr(v *runbook.Value) bool {
	return v.HasExpr() || slices.ContainsFunc(v.Items, holdsExpr) ||
		slices.ContainsFunc(v.Pairs, func(p runbook.Pair) bool { return holdsExpr(p.Value) })
}

// TestEveryTargetTypeIsDocumented checks each example target as an environment
// does, with its secrets in place.
func TestEveryTargetTypeIsDocumented(t *testing.T) {
	for _, s := range registry.Builtin().Specs() {
		for _, tt := range s.Targets {
			t.Run(s.Name+"/"+tt.Name, func(t *testing.T) {
				require.Regexp(t, `[^.]$`, tt.Summary)
				fieldsAreDescribed(t, "config", tt.Fields)
				tree, diagnostics := language.ParseTree("environment.yaml", []byte(tt.Example))
				require.Empty(t, diagnostics, tt.Example)
				require.Len(t, tree.Pairs, 1, tt.Example)
				target := tree.Pairs[0].Value
				require.Equal(t, tt.Name, target.Get("type").Data())
				given, _ := withSecrets(target.Get("config").Data()).(map[string]any)
				config, problems := coerce.Fields(tt.Fields, given)
				require.Empty(t, problems, tt.Example)
				if tt.Check != nil {
					require.Empty(t, tt.Check(config), tt.Example)
				}
			})
		}
	}
}

// withSecrets puts a secret in the place of every {secret: NAME}.
func withSecrets(v any) any {
	switch v := v.(type) {
	case map[string]any:
		if name, ok := v["secret"].(string); ok && len(v) == 1 {
			return action.NewSecret(name)
		}
		for k := range v {
			v[k] = withSecrets(v[k])
		}
	case []any:
		for i := range v {
			v[i] = withSecrets(v[i])
		}
	}
	return v
}

// A target serves every action of its noun, so they must describe it alike.
func TestActionsOfOneNounTakeTheSameTargets(t *testing.T) {
	first := map[string]action.TargetType{}
	for _, s := range registry.Builtin().Specs() {
		noun, _, _ := strings.Cut(s.Name, ".")
		for _, tt := range s.Targets {
			key := noun + "/" + tt.Name
			tt.Check = nil
			if seen, ok := first[key]; ok && noun != "notify" && tt.Undo == seen.Undo {
				require.Equal(t, seen.Fields, tt.Fields, key)
			}
			first[key] = tt
		}
	}
}
