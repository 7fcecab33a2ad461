package schema_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/cacao"
	"github.com/irctl/irctl/internal/check/checktest"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/internal/registry"
	"github.com/irctl/irctl/internal/runbooktest"
	"github.com/irctl/irctl/internal/scenario"
	"github.com/irctl/irctl/internal/schema"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

func files() []schema.File {
	return []schema.File{
		{Kind: "runbook", Title: "an irctl runbook", Table: language.RunbookTable()},
		{Kind: "environment", Title: "an irctl environment", Table: environment.Table()},
		{Kind: "test", Title: "tests of irctl runbooks", Table: runbooktest.Table()},
		{Kind: "scenario", Title: "an irctl scenario", Table: scenario.Table()},
		{Kind: "policy", Title: "a machine's irctl policy", Table: environment.PolicyTable()},
		{Kind: cacao.BindingsKind, Title: "the bindings of a CACAO playbook", Table: cacao.BindingsTable()},
	}
}

func document(t testing.TB, specs []action.Spec) []byte {
	t.Helper()
	text, err := schema.Document(files(), specs)
	require.NoError(t, err)
	return text
}

// compiled checks a schema against the meta-schema, which the validator
// carries, and makes it ready. No reference leads outside.
func compiled(t testing.TB, text []byte) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	c.UseLoader(nil)
	c.AssertFormat()
	meta, err := c.Compile(schema.Dialect)
	require.NoError(t, err)
	require.NoError(t, meta.Validate(doc))
	require.NoError(t, c.AddResource("irctl.json", doc))
	s, err := c.Compile("irctl.json")
	require.NoError(t, err)
	return s
}

// read is a file as irctl reads it; what the two readers of YAML would take
// for different values is irctl's to say.
func read(t testing.TB, path string) any {
	t.Helper()
	src, err := os.ReadFile(path)
	require.NoError(t, err)
	tree, found := language.ParseTree(path, src)
	if tree == nil || slices.ContainsFunc(found, func(d runbook.Diagnostic) bool {
		return d.Code == language.NotYAML.ID || d.Code == language.BadCharacter.ID // no reader gets that far
	}) {
		return nil
	}
	b, err := json.Marshal(tree.Data())
	require.NoError(t, err)
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	require.NoError(t, err)
	return v
}

func glob(t testing.TB, patterns ...string) []string {
	t.Helper()
	var out []string
	for _, p := range patterns {
		found, err := filepath.Glob(filepath.FromSlash(p))
		require.NoError(t, err)
		require.NotEmpty(t, found, p)
		out = append(out, found...)
	}
	return out
}

func TestGoodFilesSuitTheSchema(t *testing.T) {
	for _, c := range []struct {
		specs    []action.Spec
		patterns []string
	}{
		{registry.Builtin().Specs(), []string{"../../runbooks/*.yaml"}},
		{checktest.Specs(), []string{"../../testdata/language/check/ok/*.yaml", "../../testdata/language/check/ok/called/*.yaml"}},
		{nil, []string{"../../testdata/language/ok/*.yaml", "../environment/testdata/ok/*.yaml"}}, // the language alone
	} {
		s := compiled(t, document(t, c.specs))
		for _, path := range glob(t, c.patterns...) {
			require.NoError(t, s.Validate(read(t, path)), path)
		}
	}
}

// TestExamplesOfActionsSuitTheSchema: what action show prints is what an editor
// takes.
func TestExamplesOfActionsSuitTheSchema(t *testing.T) {
	s := compiled(t, document(t, registry.Builtin().Specs()))
	check := func(name, src string) {
		tree, ds := language.ParseTree(name, []byte(src))
		require.Empty(t, ds, src)
		b, err := json.Marshal(tree.Data())
		require.NoError(t, err)
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
		require.NoError(t, err)
		require.NoError(t, s.Validate(v), "%s:\n%s", name, src)
	}
	for _, spec := range registry.Builtin().Specs() {
		check(spec.Name, "irctl: v1\nname: example\nsteps:\n"+spec.Example)
		for _, target := range spec.Targets {
			if target.Example != "" {
				check(spec.Name+" on "+target.Name, "irctl: v1\nkind: environment\nname: example\ntargets:\n  "+strings.ReplaceAll(target.Example, "\n", "\n  "))
			}
		}
	}
}

// beyond are the files with errors that a schema cannot find, and why.
var beyond = map[string]string{
	"complex-key.yaml":            "JSON has no keys but texts",
	"duplicate-key.yaml":          "JSON readers keep one of two equal keys",
	"environment-as-runbook.yaml": "it is a good environment; the file's place says otherwise",
	"late-header.yaml":            "a mapping has no order",
	"merge-key.yaml":              "YAML's own",
	"tag.yaml":                    "YAML's own",
	"two-documents.yaml":          "YAML's own",
}

func TestBadFilesDoNot(t *testing.T) {
	s := compiled(t, document(t, nil))
	missed := map[string]string{}
	for _, path := range glob(t, "../../testdata/language/err/*.yaml") {
		if v := read(t, path); v != nil && s.Validate(v) == nil {
			name := filepath.Base(path)
			missed[name] = beyond[name]
		}
	}
	require.Equal(t, beyond, missed)
}

func TestEveryKindHasASchemaOfItsOwn(t *testing.T) {
	for _, f := range files() {
		text, err := schema.Document([]schema.File{f}, registry.Builtin().Specs())
		require.NoError(t, err)
		again, err := schema.Document([]schema.File{f}, registry.Builtin().Specs())
		require.NoError(t, err)
		require.Equal(t, string(text), string(again), "the same every time")
		s := compiled(t, text)
		var whole map[string]any
		require.NoError(t, json.Unmarshal(text, &whole))
		require.Equal(t, f.Title, whole["title"])
		require.Error(t, s.Validate(map[string]any{"irctl": "v1", "kind": f.Kind, "name": "x", "no_such_key": "1"}))
	}
}

// TestActionsOfATargetAreTyped: what an editor marks where a system is described
// once for all that it does.
func TestActionsOfATargetAreTyped(t *testing.T) {
	s := compiled(t, document(t, registry.Builtin().Specs()))
	const base = "type: http, config: {base_url: 'https://id.example.com'}, actions: "
	for target, good := range map[string]bool{
		base + "{sessions: {revoke: {path: /logout}}, credentials: {rotate: {path: /password}}}": true,
		base + "{sessions: {revok: {path: /logout}}}":                                            false,
		base + "{session: {revoke: {path: /logout}}}":                                            false,
		"type: http, config: {base_url: 'https://id.example.com'}":                               false, // says nothing of what it does
	} {
		tree, ds := language.ParseTree("x", []byte("{irctl: v1, kind: environment, name: x, targets: {id: {"+target+"}}}"))
		require.Empty(t, ds, target)
		err := s.Validate(tree.Data())
		require.Equal(t, good, err == nil, "%s: %v", target, err)
	}
}

// TestStepsAreTypedByTheirAction: the mistakes that an editor should mark.
func TestStepsAreTypedByTheirAction(t *testing.T) {
	s := compiled(t, document(t, registry.Builtin().Specs()))
	for step, good := range map[string]bool{
		"{uses: email.suspend, target: mail, with: {notice: Closed.}}":              true,
		"{uses: email.suspend, target: mail, with: {notice: '${{ inputs.text }}'}}": true,
		"{uses: email.suspend, target: mail, with: {notcie: Closed.}}":              false,
		"{uses: email.suspend, with: {notice: Closed.}}":                            false, // no target
		"{uses: email.suspned, target: mail}":                                       false,
		"{uses: assert, target: mail, with: {that: true}}":                          false, // takes no target
		"{uses: assert}":                                                          false, // needs an input
		"{manual: Call., retry: {attempts: 3}}":                                   false,
		"{manual: Call., timeout: 90}":                                            false,
		"{manual: Call., timeout: 90s}":                                           true,
		"{manual: Call., timeout: '${{ inputs.long }}'}":                          true,
		"{manual: Call., on_failure: {next: other}}":                              true,
		"{manual: Call., on_failure: ignore}":                                     false,
		"{title: Nothing}":                                                        false,
		"{uses: exec, with: {argv: [date]}, undo: {uses: exec, with: {argv: 1}}}": false,
		"{foreach: [a], as: x, do: [{manual: '${{ x }}'}]}":                       true,
		"{foreach: [a], do: [{manual: One.}]}":                                    false,
		"{parallel: []}":                                                          false,
		"{wait: {every: 30s}}":                                                    false,
		"{stop: {succeed: a, fail: b}}":                                           false,
	} {
		tree, ds := language.ParseTree("x", []byte("{irctl: v1, name: x, steps: ["+step+"]}"))
		require.Empty(t, ds, step)
		err := s.Validate(tree.Data())
		require.Equal(t, good, err == nil, "%s: %v", step, err)
	}
}
