package convert_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/cacao"
)

const schemas = "../../../testdata/cacao/schemas"

// official is the standard's schema for playbooks, read as draft-07: that is
// what it declares, and under later drafts even the standard's own examples
// do not conform. Everything it refers to lies beside it.
func official(t *testing.T) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft7)
	c.UseLoader(nothing{})
	var root string
	require.NoError(t, filepath.WalkDir(schemas, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, ".json") {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			return err
		}
		id := doc.(map[string]any)["$id"].(string)
		if filepath.Base(path) == "playbook.json" {
			root = id
		}
		return c.AddResource(id, doc)
	}))
	s, err := c.Compile(root)
	require.NoError(t, err)
	return s
}

// nothing loads no schema: all are there.
type nothing struct{}

func (nothing) Load(url string) (any, error) { return nil, fs.ErrNotExist }

// conforms checks a playbook against the standard's schema.
func conforms(t *testing.T, s *jsonschema.Schema, playbook []byte) {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(playbook))
	require.NoError(t, err)
	if err := s.Validate(doc); err != nil {
		require.NoError(t, err, string(playbook))
	}
}

// mutants are copies of a document with one thing changed: a property left out,
// or a value replaced by one of another kind.
func mutants(doc any, see func(where string)) {
	var walk func(v any, where string)
	change := func(where string, set func(any), was any) {
		for _, other := range []any{nil, -1.5, "", "x", []any{}, []any{1.0}, map[string]any{}} {
			set(other)
			see(where + " = " + string(encoded(other)))
		}
		set(was)
	}
	walk = func(v any, where string) {
		switch v := v.(type) {
		case map[string]any:
			v["banana"] = "x"
			see(where + "/banana")
			delete(v, "banana")
			for key, was := range v {
				if where == "" && (key == "type" || key == "spec_version") {
					continue
				}
				delete(v, key)
				see(where + " without " + key)
				change(where+"/"+key, func(to any) { v[key] = to }, was)
				walk(was, where+"/"+key)
			}
		case []any:
			for i, was := range v {
				change(where+"[]", func(to any) { v[i] = to }, was)
				walk(was, where+"[]")
			}
		}
	}
	walk(doc, "")
}

func encoded(v any) []byte {
	out, _ := json.Marshal(v)
	return out
}

// TestWhatTheStandardsSchemaRefusesIsRefused: whatever one change makes of a
// playbook, nothing passes that the official schema refuses; but it wants texts
// where the standard's text allows objects.
func TestWhatTheStandardsSchemaRefusesIsRefused(t *testing.T) {
	s := official(t)
	refused := 0
	src, err := os.ReadFile("../../../testdata/cacao/ok/every-step.json")
	require.NoError(t, err)
	text := strings.NewReplacer(`"delay": 0`, `"delay": 1`).Replace(string(src))
	var doc map[string]any
	require.NoError(t, json.Unmarshal([]byte(text), &doc))
	for _, v := range doc["playbook_variables"].(map[string]any) {
		if one := v.(map[string]any); one["type"] == "dictionary" {
			one["value"] = "{}"
		}
	}
	require.NoError(t, s.Validate(doc))
	mutants(doc, func(where string) {
		if s.Validate(doc) == nil || strings.HasSuffix(where, "/value = {}") {
			return
		}
		refused++
		if _, found := cacao.Parse("m.json", encoded(doc)); !found.HasErrors() {
			t.Error(where)
		}
	})
	require.Greater(t, refused, 500)
}
