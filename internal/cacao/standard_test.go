package cacao

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/pkg/runbook"
)

// TestTheSchemaMeansWhatJSONSchemaSays: a library that knows all of JSON Schema
// judges every playbook of the tests, and each of them with every value in turn
// taken away or made another, as irctl does. The library takes long, so that only every 29th of the changes is
// judged.
func TestTheSchemaMeansWhatJSONSchemaSays(t *testing.T) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schemaText))
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	require.NoError(t, c.AddResource("cacao.json", doc))
	library := c.MustCompile("cacao.json")

	paths, err := filepath.Glob("../../testdata/cacao/*/*.json")
	require.NoError(t, err)
	changes, judged := 0, 0
	for _, path := range paths {
		src, err := os.ReadFile(path)
		require.NoError(t, err)
		tree, r := readJSON(path, src)
		if tree == nil || r.found.HasErrors() || len(src) > 20_000 {
			continue
		}
		same := func() {
			if changes++; changes%29 != 0 {
				return
			}
			judged++
			if want, got := library.Validate(tree.Data()) == nil, standard().accepts(tree); want != got {
				t.Fatalf("%s: the library says %v: %v", path, want, library.Validate(tree.Data()))
			}
		}
		same()
		everyValue(tree, func(v *runbook.Value) {
			kept := *v
			for _, other := range others {
				*v = other
				same()
			}
			*v = kept
			if v.Kind == runbook.MapValue && len(v.Pairs) > 0 {
				v.Pairs = v.Pairs[1:]
				same()
			}
			*v = kept
		})
	}
	require.Greater(t, judged, 1_000)
}

// others are values of each kind.
var others = []runbook.Value{
	{Kind: runbook.Null, Text: "null"}, {Kind: runbook.BoolValue, Text: "true", Bool: true}, {Kind: runbook.IntValue, Text: "-1", Int: -1, Float: -1},
	{Kind: runbook.IntValue, Text: "101", Int: 101, Float: 101}, {Kind: runbook.FloatValue, Text: "2.0", Float: 2}, {Kind: runbook.FloatValue, Text: "2.5", Float: 2.5},
	{Kind: runbook.StringValue, Text: ""}, {Kind: runbook.StringValue, Text: "end--d19f85b1-7dd2-4499-8f9a-50761b96ca56"}, {Kind: runbook.ListValue},
	{Kind: runbook.MapValue}, {Kind: runbook.MapValue, Pairs: []runbook.Pair{{Key: runbook.Text{Value: "x_y z"}, Value: &runbook.Value{Kind: runbook.Null}}}},
	{Kind: runbook.MapValue, Pairs: []runbook.Pair{{Key: runbook.Text{Value: "type"}, Value: &runbook.Value{Kind: runbook.StringValue, Text: "manual"}}}},
}

func everyValue(v *runbook.Value, see func(*runbook.Value)) {
	see(v)
	for _, item := range v.Items {
		everyValue(item, see)
	}
	for _, p := range v.Pairs {
		everyValue(p.Value, see)
	}
}
