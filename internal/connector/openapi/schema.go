package openapi

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/irctl/irctl/internal/data"
)

// direction is which way a message goes: what is readOnly need not be sent, what
// is writeOnly is not received.
type direction string

const (
	sent     direction = "readOnly"
	received direction = "writeOnly"
)

// fits is what of data is not as a schema has it: JSON Schema with the words that
// OpenAPI 3.0 has of its own, which makes libraries of little use here. Two rules
// are others on purpose. An object has no names but those that are described,
// unless its schema says that it may: a misspelled name would be sent without a
// word. And of oneOf several may fit: what tells them apart is often prose.
func (d *Document) fits(schema, v any, way direction) []string {
	f := &fitting{doc: d, way: way, going: map[string]bool{}}
	f.whole(schema, v, "")
	return f.wrong
}

// fitting gathers what does not fit.
type fitting struct {
	doc   *Document
	way   direction
	going map[string]bool // references that are being followed for a value, so that none goes in a circle
	wrong []string
}

func (f *fitting) say(at, format string, args ...any) {
	f.wrong = append(f.wrong, strings.TrimPrefix(strings.TrimPrefix(at+": ", "."), ": ")+fmt.Sprintf(format, args...))
}

// names are those that an object may have by all schemas that hold for it.
type names struct {
	known map[string]bool
	open  bool // or any others
}

// whole is a value with everything that is said of it.
func (f *fitting) whole(schema, v any, at string) {
	n := &names{known: map[string]bool{}}
	f.part(schema, v, at, n)
	fields, ok := v.(map[string]any)
	if !ok || n.open || len(n.known) == 0 {
		return
	}
	for _, name := range sorted(fields) {
		if !n.known[name] {
			f.say(at+"."+name, "is not described")
		}
	}
}

// part is one schema of those that hold for a value.
func (f *fitting) part(schema, v any, at string, n *names) {
	if schema == false {
		f.say(at, "nothing may be here")
	}
	node, ok := schema.(map[string]any)
	if !ok || node["nullable"] == true && v == nil {
		return
	}
	if ref, ok := node["$ref"].(string); ok {
		if here := ref + " " + at; !f.going[here] {
			f.going[here] = true
			f.part(f.doc.at(ref), v, at, n)
			delete(f.going, here)
		}
	}
	if is := kindOf(v); node["type"] != nil && !slices.ContainsFunc(is, func(t string) bool { return node["type"] == t || slices.Contains(list(node["type"]), any(t)) }) {
		f.say(at, "is %s, described is %s", is[0], data.Text(node["type"]))
		return
	}
	same := func(w any) bool { return data.Same(v, w) }
	if enum, ok := node["enum"].([]any); ok && !slices.ContainsFunc(enum, same) {
		f.say(at, "%s is none of %s", data.Text(v), data.Text(enum))
	}
	if want, ok := node["const"]; ok && !same(want) {
		f.say(at, "%s is not %s", data.Text(v), data.Text(want))
	}
	switch v := v.(type) {
	case string:
		f.bounds(node, at, "Length", float64(utf8.RuneCountInString(v)), "characters")
		if p, ok := node["pattern"].(string); ok { // what Go cannot read is not checked
			if re, err := regexp.Compile(p); err == nil && !re.MatchString(v) {
				f.say(at, "%q does not match %s", v, p)
			}
		}
	case []any:
		f.bounds(node, at, "Items", float64(len(v)), "items")
		f.items(node, v, at)
	case map[string]any:
		f.bounds(node, at, "Properties", float64(len(v)), "names")
		f.object(node, v, at, n)
	default:
		if is, ok := number(v); ok {
			f.bounds(node, at, "imum", is, "")
			if by, ok := number(node["multipleOf"]); ok && by != 0 && math.Mod(is, by) != 0 {
				f.say(at, "%s is no multiple of %v", data.Text(v), by)
			}
		}
	}
	for _, s := range list(node["allOf"]) {
		f.part(s, v, at, n)
	}
	f.oneOf(list(node["anyOf"]), v, at, n)
	f.oneOf(list(node["oneOf"]), v, at, n)
	if not, ok := node["not"]; ok && len(f.apart(not, v, at, &names{})) == 0 {
		f.say(at, "it is what it must not be")
	}
}

// apart is what of a value does not fit, which nobody is told yet.
func (f *fitting) apart(schema, v any, at string, n *names) []string {
	inner := &fitting{doc: f.doc, way: f.way, going: f.going}
	inner.part(schema, v, at, n)
	return inner.wrong
}

// oneOf is a value for which one of several schemas has to hold.
func (f *fitting) oneOf(schemas []any, v any, at string, n *names) {
	var closest []string
	fits := len(schemas) == 0
	for i, s := range schemas {
		own := &names{known: map[string]bool{}}
		wrong := f.apart(s, v, at, own)
		if len(wrong) == 0 {
			fits = true
			n.open = n.open || own.open || len(own.known) == 0
			if n.known != nil {
				maps.Copy(n.known, own.known)
			}
		} else if i == 0 || len(wrong) < len(closest) {
			closest = wrong
		}
	}
	if !fits {
		f.say(at, "it is none of %d alternatives; of the closest: %s", len(schemas), strings.Join(closest, "; "))
	}
}

func (f *fitting) items(node map[string]any, v []any, at string) {
	first := list(node["prefixItems"])
	for i, e := range v {
		if i < len(first) {
			f.whole(first[i], e, at+"["+strconv.Itoa(i)+"]")
		} else if items, ok := node["items"]; ok {
			f.whole(items, e, at+"["+strconv.Itoa(i)+"]")
		}
		if node["uniqueItems"] == true && slices.ContainsFunc(v[:i], func(w any) bool { return data.Same(e, w) }) {
			f.say(at, "item %d is there already", i)
		}
	}
}

func (f *fitting) object(node, v map[string]any, at string, n *names) {
	properties, patterns := object(node["properties"]), object(node["patternProperties"])
	for _, name := range list(node["required"]) {
		if _, ok := v[text(name)]; !ok && f.doc.follow(properties[text(name)])[string(f.way)] != true {
			f.say(at+"."+text(name), "is missing")
		}
	}
	more, said := node["additionalProperties"]
	n.open = n.open || said && more != false
	for name := range properties {
		if n.known != nil {
			n.known[name] = true
		}
	}
	for _, name := range sorted(v) {
		described := false
		if schema, ok := properties[name]; ok {
			described = true
			f.whole(schema, v[name], at+"."+name)
		}
		for p, schema := range patterns {
			if re, err := regexp.Compile(p); err == nil && re.MatchString(name) {
				described = true
				f.whole(schema, v[name], at+"."+name)
			}
		}
		if described && n.known != nil {
			n.known[name] = true
		}
		if !described && said {
			f.whole(more, v[name], at+"."+name)
		}
		if schema, ok := node["propertyNames"]; ok {
			f.whole(schema, name, at+"."+name)
		}
	}
}

// bounds holds a number to the bounds that a schema has under min and max.
func (f *fitting) bounds(node map[string]any, at, of string, is float64, unit string) {
	what := strings.TrimSpace(strconv.FormatFloat(is, 'f', -1, 64) + " " + unit)
	for sign, way := range map[float64]string{1: "min", -1: "max"} {
		beyond := map[float64]string{1: "less", -1: "more"}[sign]
		bound, ok := number(node[way+of])
		if ok && cmp.Compare(is*sign, bound*sign) < 0 {
			f.say(at, "%s is %s than %v", what, beyond, bound)
		}
		exclusive := "exclusive" + strings.ToUpper(way[:1]) + way[1:] + of
		if own, is31 := number(node[exclusive]); is31 {
			bound, ok = own, true
		}
		if node[exclusive] != nil && node[exclusive] != false && ok && is == bound || node[exclusive] != true && node[exclusive] != nil && ok && is*sign < bound*sign {
			f.say(at, "%s is not %s than %v", what, map[float64]string{1: "more", -1: "less"}[sign], bound)
		}
	}
}

// kindOf is what a value is called, the narrowest first.
func kindOf(v any) []string {
	switch v := v.(type) {
	case nil:
		return []string{"null"}
	case bool:
		return []string{"boolean"}
	case string:
		return []string{"string"}
	case []any:
		return []string{"array"}
	case map[string]any:
		return []string{"object"}
	default:
		if n, _ := number(v); n == math.Trunc(n) {
			return []string{"integer", "number"}
		}
		return []string{"number"}
	}
}

func number(v any) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case uint64:
		return float64(v), true
	case float64:
		return v, true
	case fmt.Stringer: // a json.Number that is beyond all others
		n, err := strconv.ParseFloat(v.String(), 64)
		return n, err == nil
	}
	return 0, false
}
