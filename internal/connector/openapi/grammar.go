package openapi

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// plain is what is kept as it stands.
const plain = ""

// grammar says what may stand in a part of a description that somebody who sends
// requests has to know, and what each is a part of itself: [] is before what is a
// list of such parts, {} before what has names of its own. What only people read
// is left out: summaries, descriptions, examples, tags, extensions.
var grammar = map[string]map[string]string{
	"path": {
		"parameters": "[]parameter", "servers": "[]server", "get": "operation", "put": "operation", "post": "operation", "delete": "operation",
		"options": "operation", "head": "operation", "patch": "operation", "trace": "operation",
	},
	"operation": {"operationId": plain, "parameters": "[]parameter", "requestBody": "body", "responses": "{}response", "security": plain, "servers": "[]server", "deprecated": plain},
	"parameter": {"name": plain, "in": plain, "required": plain, "style": plain, "explode": plain, "schema": "schema", "content": "{}media"},
	"header":    {"required": plain, "schema": "schema", "content": "{}media"},
	"body":      {"required": plain, "content": "{}media"},
	"response":  {"content": "{}media", "headers": "{}header"},
	"media":     {"schema": "schema"},
	"server":    {"url": plain},
	"security":  {"type": plain, "scheme": plain, "in": plain, "name": plain, "flows": "{}flow"},
	"flow":      {"tokenUrl": plain, "authorizationUrl": plain, "deviceAuthorizationUrl": plain},
	"schema": {
		"type": plain, "format": plain, "nullable": plain, "enum": plain, "const": plain, "required": plain, "pattern": plain,
		"minLength": plain, "maxLength": plain, "minimum": plain, "maximum": plain, "exclusiveMinimum": plain, "exclusiveMaximum": plain, "multipleOf": plain,
		"minItems": plain, "maxItems": plain, "uniqueItems": plain, "minProperties": plain, "maxProperties": plain, "readOnly": plain, "writeOnly": plain,
		"properties": "{}schema", "patternProperties": "{}schema", "additionalProperties": "schema", "propertyNames": "schema",
		"xml": plain, "items": "schema", "prefixItems": "[]schema", "allOf": "[]schema", "anyOf": "[]schema", "oneOf": "[]schema", "not": "schema",
	},
}

// sections are where parts lie to which others refer.
var sections = map[string]string{
	"schema": "schemas", "parameter": "parameters", "response": "responses", "body": "requestBodies", "header": "headers", "security": "securitySchemes", "path": "pathItems",
}

// trim is a part with nothing but what the grammar knows. What ref gives for a
// reference, and for the part that it should lead to, stands in its place; nil
// leaves out what is in a list, and is any value where a schema is.
func trim(v any, part string, ref func(ref, part string) any) any {
	if inner, ok := strings.CutPrefix(part, "[]"); ok {
		list, _ := v.([]any)
		out := make([]any, 0, len(list))
		for _, e := range list {
			if e = trim(e, inner, ref); e != nil {
				out = append(out, e)
			}
		}
		return out
	}
	node, ok := v.(map[string]any)
	if inner, named := strings.CutPrefix(part, "{}"); named {
		out := make(map[string]any, len(node))
		for name, e := range node {
			if e = trim(e, inner, ref); e != nil && !strings.HasPrefix(name, "x-") {
				out[name] = e
			}
		}
		return out
	}
	if part == plain || !ok {
		return v
	}
	out := map[string]any{}
	if to, ok := node["$ref"].(string); ok {
		to := ref(to, part)
		if part != "schema" || len(node) == 1 {
			return to
		}
		maps.Copy(out, object(to))
	}
	for key, inner := range grammar[part] {
		if e, ok := node[key]; ok {
			out[key] = trim(e, inner, ref)
		}
	}
	return out
}

func object(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

func sorted(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }

// within is what an object or a list holds under a name or number.
func within(v any, name string) any {
	if list, ok := v.([]any); ok {
		if i, err := strconv.Atoi(name); err == nil && i >= 0 && i < len(list) {
			return list[i]
		}
		return nil
	}
	return object(v)[name]
}

// escape and unescape are a name as a part of a reference in a URL's fragment.
func escape(name string) string {
	return url.PathEscape(strings.NewReplacer("~", "~0", "/", "~1").Replace(name))
}

func unescape(part string) string {
	if plain, err := url.PathUnescape(part); err == nil {
		part = plain
	}
	return strings.ReplaceAll(strings.ReplaceAll(part, "~1", "/"), "~0", "~")
}
