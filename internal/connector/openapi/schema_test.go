package openapi

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/data"
)

// Where OpenAPI and JSON Schema say the same, a value fits if and only if a
// library of JSON Schema says so.
func TestValuesFitAsJSONSchemaSays(t *testing.T) {
	values := []string{
		`null`, `true`, `0`, `1`, `1.0`, `1.5`, `-3`, `6`, `12345678901234567890123`, `""`, `"a"`, `"abc"`, `"äöü"`, `"abcd"`, `[]`, `[1]`, `[1, 1]`, `[1, 1.0]`, `["a", 1]`,
		`[[1], [1]]`, `{}`, `{"a": 1}`, `{"a": "x"}`, `{"a": 1, "b": 2}`, `{"a": 1, "b": 2, "c": 3}`, `{"n": {"n": {"n": 1}}}`, `{"n": {"n": {}}}`, `{"x-1": "s"}`, `{"x-1": 1}`,
	}
	schemas := []string{
		`true`, `false`, `{"type": "object"}`, `{"type": ["string", "null"]}`, `{"type": "integer"}`, `{"type": "number"}`, `{"type": "boolean"}`, `{"type": "array"}`,
		`{"enum": [1, "a", null, {"a": 1}, [1]]}`, `{"const": 1}`, `{"minimum": 1, "maximum": 5}`, `{"exclusiveMinimum": 1}`, `{"exclusiveMaximum": 1.5, "minimum": 0}`, `{"multipleOf": 3}`,
		`{"minLength": 1, "maxLength": 3}`, `{"pattern": "^a"}`, `{"minItems": 1, "maxItems": 1}`, `{"uniqueItems": true}`, `{"items": {"type": "integer"}}`,
		`{"prefixItems": [{"type": "string"}], "items": {"type": "integer"}}`, `{"required": ["a"]}`, `{"minProperties": 1, "maxProperties": 2}`,
		`{"properties": {"a": {"type": "integer"}}, "additionalProperties": false}`, `{"properties": {"a": true}, "additionalProperties": {"minimum": 3}}`,
		`{"patternProperties": {"^x-": {"type": "string"}}, "additionalProperties": true}`, `{"propertyNames": {"maxLength": 1}}`,
		`{"allOf": [{"type": "object"}, {"required": ["a"]}]}`, `{"anyOf": [{"type": "string"}, {"minimum": 3}]}`, `{"not": {"type": "object"}}`, `{"allOf": [{"anyOf": [{"const": 1}, {"const": "a"}]}, {"not": {"const": 1}}]}`,
		`{"oneOf": [{"type": "string"}, {"type": "array", "items": false}]}`,
		`{"$ref": "#/components/schemas/Loop"}`, `{"properties": {"n": {"$ref": "#/components/schemas/Deep"}}, "additionalProperties": true}`,
	}
	components := `{"Loop": {"allOf": [{"type": "object"}, {"properties": {"n": {"$ref": "#/components/schemas/Loop"}}, "additionalProperties": true}]},
		"Deep": {"properties": {"n": {"$ref": "#/components/schemas/Deep"}}, "required": ["n"], "additionalProperties": true}}`
	for _, schema := range schemas {
		text := fmt.Sprintf(`{"openapi": "3.1.0", "components": {"schemas": %s}, "here": %s}`, components, schema)
		d, err := Read([]byte(text))
		require.NoError(t, err)
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(text)))
		require.NoError(t, err)
		c := jsonschema.NewCompiler()
		require.NoError(t, c.AddResource("a.json", doc))
		theirs, err := c.Compile("a.json#/here")
		require.NoError(t, err, schema)
		for _, value := range values {
			v, err := data.Decode([]byte(value))
			require.NoError(t, err)
			w, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(value)))
			require.NoError(t, err)
			want := theirs.Validate(w)
			got := d.fits(d.root["here"], v, sent)
			require.Equal(t, want == nil, len(got) == 0, "%s for %s: %v; %v", schema, value, want, got)
		}
	}
}

// A reference that leads to itself describes nothing.
func TestACircleOfReferencesEnds(t *testing.T) {
	d, err := Read([]byte(`{"openapi": "3.0.0", "components": {"schemas": {"A": {"$ref": "#/components/schemas/B"}, "B": {"allOf": [{"$ref": "#/components/schemas/A"}, {"anyOf": [{"$ref": "#/components/schemas/A"}]}]}}}}`))
	require.NoError(t, err)
	require.Empty(t, d.fits(map[string]any{"$ref": "#/components/schemas/A"}, map[string]any{"a": int64(1)}, sent))
}
