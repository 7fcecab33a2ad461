package cacao

import (
	_ "embed" // the schema
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/internal/suggest"
	"github.com/irctl/irctl/pkg/runbook"
)

// schemaText is the standard as a JSON schema: which properties an object has,
// and of which shape.
//
//go:embed schema.json
var schemaText []byte

// rule is a schema, or a part of one: the keywords of JSON Schema (2020-12)
// that schema.json uses, each with the meaning that it has there.
type rule struct {
	Ref                  string           `json:"$ref"`
	Defs                 map[string]*rule `json:"$defs"`
	Type, Enum           []string
	Pattern              *regexp.Regexp
	Minimum, Maximum     *int64
	MinItems             int
	Items                *rule
	Properties           map[string]*rule
	PatternProperties    map[string]*rule // whose values are always true
	AdditionalProperties *rule
	PropertyNames        *rule
	MinProperties        int
	Required             []string
	AllOf, OneOf         []*rule
	If, Then             *rule

	never bool // the schema false
}

// UnmarshalJSON takes a schema that is true or false, too.
func (r *rule) UnmarshalJSON(text []byte) error {
	type keywords rule
	switch string(text) {
	case "true":
		return nil
	case "false":
		r.never = true
		return nil
	}
	return json.Unmarshal(text, (*keywords)(r))
}

// standard is the schema, read when the first playbook is.
var standard = sync.OnceValue(func() *rule {
	top := &rule{}
	if err := json.Unmarshal(schemaText, top); err != nil {
		panic(err)
	}
	return top
})

// fault is one thing that a schema refuses.
type fault struct {
	keyword string
	rule    *rule // that has the keyword
	value   *runbook.Value
	path    []string      // of the value: names and indices
	name    string        // required: what is missing
	key     runbook.Text  // additionalProperties, propertyNames
	fix     *runbook.Edit // additionalProperties
}

// judge tells everything that a schema refuses in a value. An unknown
// key is told, and then read as the one that was probably meant, so that
// nothing seems to be missing because of it.
func (r *rule) judge(v *runbook.Value, path []string, tell func(fault)) {
	is := func(f fault) {
		f.rule, f.value, f.path = r, v, path
		tell(f)
	}
	if r.Ref != "" {
		standard().Defs[strings.TrimPrefix(r.Ref, "#/$defs/")].judge(v, path, tell)
	}
	if r.Type != nil && !slices.ContainsFunc(r.Type, func(t string) bool { return ofType(v, t) }) {
		is(fault{keyword: "type"})
	}
	if r.Enum != nil && !slices.Contains(r.Enum, v.Text) {
		is(fault{keyword: "enum"})
	}
	switch v.Kind {
	case runbook.StringValue:
		if r.Pattern != nil && !r.Pattern.MatchString(v.Text) {
			is(fault{keyword: "pattern"})
		}
	case runbook.IntValue, runbook.FloatValue:
		if r.Minimum != nil && v.Float < float64(*r.Minimum) {
			is(fault{keyword: "minimum"})
		}
		if r.Maximum != nil && v.Float > float64(*r.Maximum) {
			is(fault{keyword: "maximum"})
		}
	case runbook.ListValue:
		if len(v.Items) < r.MinItems {
			is(fault{keyword: "minItems"})
		}
		for i := 0; r.Items != nil && i < len(v.Items); i++ {
			r.Items.judge(v.Items[i], append(slices.Clip(path), strconv.Itoa(i)), tell)
		}
	case runbook.MapValue:
		r.object(v, path, is, tell)
	}
	for _, one := range r.AllOf {
		one.judge(v, path, tell)
	}
	if fits := func(one *rule) bool { return one.accepts(v) }; r.OneOf != nil && (!slices.ContainsFunc(r.OneOf, fits) || len(slices.DeleteFunc(slices.Clone(r.OneOf), fits)) < len(r.OneOf)-1) {
		is(fault{keyword: "oneOf"})
	}
	if r.If != nil && r.If.accepts(v) {
		r.Then.judge(v, path, tell)
	}
}

func (r *rule) accepts(v *runbook.Value) bool {
	ok := true
	r.judge(v, nil, func(fault) { ok = false })
	return ok
}

// object tells what is refused in an object: is tells it of the object itself.
func (r *rule) object(v *runbook.Value, path []string, is, tell func(fault)) {
	if len(v.Pairs) < r.MinProperties {
		is(fault{keyword: "minProperties"})
	}
	for i := range v.Pairs {
		p := &v.Pairs[i]
		if r.PropertyNames != nil && !r.PropertyNames.accepts(&runbook.Value{Kind: runbook.StringValue, Text: p.Key.Value}) {
			is(fault{keyword: "propertyNames", key: p.Key})
		}
		inner := r.AdditionalProperties
		if own := r.Properties[p.Key.Value]; own != nil || r.extra(p.Key.Value) {
			inner = own
		}
		if inner != nil && inner.never {
			known := slices.Collect(maps.Keys(r.Properties))
			slices.Sort(known)
			is(fault{keyword: "additionalProperties", key: p.Key, fix: language.Misspelt(p.Key, known, v.Pairs)})
			if meant := suggest.Near(p.Key.Value, known); meant != "" && v.Get(meant) == nil {
				p.Key.Value, inner = meant, r.Properties[meant]
			} else {
				inner = nil
			}
		}
		if inner != nil {
			inner.judge(p.Value, append(slices.Clip(path), p.Key.Value), tell)
		}
	}
	for _, name := range r.Required {
		if v.Get(name) == nil {
			is(fault{keyword: "required", name: name})
		}
	}
}

// extra reports whether a pattern of the schema takes a property.
func (r *rule) extra(name string) bool {
	for pattern := range r.PatternProperties {
		if regexp.MustCompile(pattern).MatchString(name) {
			return true
		}
	}
	return false
}

// jsonTypes are the types of JSON Schema by the kinds of values.
var jsonTypes = map[runbook.ValueKind]string{
	runbook.Null: "null", runbook.BoolValue: "boolean", runbook.IntValue: "integer", runbook.FloatValue: "number",
	runbook.StringValue: "string", runbook.ListValue: "array", runbook.MapValue: "object",
}

// ofType reports whether a value is of a type of JSON Schema. What has no kind
// has been told already.
func ofType(v *runbook.Value, t string) bool {
	whole := v.Kind == runbook.FloatValue && v.Float == float64(int64(v.Float))
	return jsonTypes[v.Kind] == t || v.Kind == 0 || whole && t == "integer"
}
