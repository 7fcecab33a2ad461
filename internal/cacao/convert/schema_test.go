package convert_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
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
