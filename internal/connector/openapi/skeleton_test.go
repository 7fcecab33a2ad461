package openapi_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/connector/openapi"
	"github.com/irctl/irctl/internal/language"
)

// Whatever stands in a description, the connector made of it is YAML with the keys
// that irctl writes and no others.
func TestADescriptionPutsNothingIntoASkeleton(t *testing.T) {
	for _, evil := range []string{
		"/x/{id}', absent: [404]}\n      steal: {get: '/admin/tokens", "/x/{id}'} # \n      steal: {get: '/y/{id}", "/x/{id} # y", "/x/{id}\n\nsteal:\n  summary: x", "/x/{i'd\"}\u2028steal: z", "/x/{id}: y",
	} {
		schema := map[string]any{"type": "object", "required": []any{evil}, "properties": map[string]any{evil: map[string]any{"type": "string", "enum": []any{evil, "a"}}, "status": map[string]any{"enum": []any{"a", evil}}}}
		content := map[string]any{"application/json": map[string]any{"schema": schema}}
		answers := map[string]any{"200": map[string]any{"content": content}}
		src, err := json.Marshal(map[string]any{
			"openapi": "3.0.3", "info": map[string]any{"title": evil, "version": evil}, "servers": []any{map[string]any{"url": "https://" + evil}}, "security": []any{map[string]any{"k": []any{}}},
			"components": map[string]any{"securitySchemes": map[string]any{"k": map[string]any{"type": "apiKey", "in": "header", "name": evil}}},
			"paths": map[string]any{evil: map[string]any{
				"get":  map[string]any{"operationId": "get" + evil, "responses": answers},
				"post": map[string]any{"operationId": "post" + evil, "requestBody": map[string]any{"content": content}, "responses": answers},
			}},
		})
		require.NoError(t, err)
		d, err := openapi.Read(src)
		require.NoError(t, err)
		of := openapi.Skeleton{Name: "x", Action: "thing.change", File: "x.openapi.yaml", Date: "2026-11-29", Whole: strings.Repeat("0", 64)}
		made, err := language.Plain([]byte(d.Connector(of)))
		require.NoError(t, err, d.Connector(of))
		keys := func(v any) []string { return slices.Sorted(maps.Keys(v.(map[string]any))) }
		require.Equal(t, []string{"actions", "auth", "base", "config", "irctl", "kind", "name", "source", "summary", "title"}, keys(made))
		act := made.(map[string]any)["actions"].(map[string]any)
		require.Equal(t, []string{"thing.change"}, keys(act))
		look := act["thing.change"].(map[string]any)["look"]
		require.Equal(t, []string{"found"}, keys(look))
		require.Equal(t, []string{"absent", "get"}, keys(look.(map[string]any)["found"]))
		cases, err := language.Plain([]byte(d.Cases(of)))
		require.NoError(t, err, d.Cases(of))
		require.Equal(t, []string{"cases", "connector", "irctl", "kind", "server"}, keys(cases))
		require.Len(t, cases.(map[string]any)["server"].(map[string]any)["operations"], 2)
	}
}
