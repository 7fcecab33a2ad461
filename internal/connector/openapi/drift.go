package openapi

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/data"
)

// Difference is what a newer description says otherwise.
type Difference struct {
	Operation string `json:"operation"` // its id
	Where     string `json:"where"`     // "answer 200 body.status", "" for all of it
	What      string `json:"what"`      // what was and is, in words
}

// Drift is what of a slice a newer description says otherwise, in the order of the
// slice's operations. What is new there and need not be sent is none: nobody who
// goes by the slice uses it. A part to which several refer is told once.
func (d *Document) Drift(newer *Document) (out []Difference) {
	c := &comparison{old: d, new: newer, seen: map[[3]string]bool{}}
	for _, o := range d.ops {
		c.op = o
		now, ok := newer.Operation(o.Method + " " + o.Path)
		if !ok {
			if moved, ok := newer.Operation(o.ID); ok {
				c.say("", "it is %s %s now, and was %s %s", moved.Method, moved.Path, o.Method, o.Path)
			} else {
				c.say("", "there is no %s %s any more", o.Method, o.Path)
			}
			continue
		}
		c.parameters(o.parameters(), now.parameters())
		c.compare("request ", o.node["requestBody"], now.node["requestBody"], "body", sent)
		c.names("answer ", o.node["responses"], now.node["responses"], "response", received)
		if was, is := o.ways(), now.ways(); len(was) > 0 && len(is) > 0 && !reflect.DeepEqual(was, is) {
			c.say("who asks", "%s", change(strings.Join(was, " or "), strings.Join(is, " or ")))
		}
		if now.node["deprecated"] == true && o.node["deprecated"] != true {
			c.say("", "it is deprecated")
		}
	}
	if was, is := d.Server(), newer.Server(); was != "" && was != is {
		c.out = append(c.out, Difference{What: "server: " + change(was, is)})
	}
	return c.out
}

type comparison struct {
	old, new *Document
	op       *Operation
	seen     map[[3]string]bool // pairs of references that were compared, and in which direction
	out      []Difference
}

func (c *comparison) say(where, format string, args ...any) {
	c.out = append(c.out, Difference{c.op.ID, strings.TrimSpace(where), fmt.Sprintf(format, args...)})
}

func change(was, is any) string {
	if is == nil || is == "" {
		return fmt.Sprintf("it was %s, and is not said any more", data.Text(was))
	}
	return fmt.Sprintf("it is %s, and was %s", data.Text(is), data.Text(was))
}

func (c *comparison) parameters(old, new []map[string]any) {
	same := func(p map[string]any) func(map[string]any) bool {
		return func(q map[string]any) bool { return p["name"] == q["name"] && p["in"] == q["in"] }
	}
	for _, p := range old {
		where := text(p["in"]) + " " + text(p["name"])
		if i := slices.IndexFunc(new, same(p)); i >= 0 {
			c.compare(where+" ", p, new[i], "parameter", sent)
		} else if p["in"] != "path" { // which are told apart by their place
			c.say(where, "it is gone")
		}
	}
	for _, p := range new {
		if p["required"] == true && p["in"] != "path" && !slices.ContainsFunc(old, same(p)) {
			c.say(text(p["in"])+" "+text(p["name"]), "it has to be sent now")
		}
	}
}

// names compares parts that have names of their own.
func (c *comparison) names(where string, old, new any, part string, way direction) {
	for _, name := range sorted(object(old)) {
		now, ok := object(new)[name]
		place := where + name + " "
		if part == "schema" {
			place = strings.TrimSuffix(where, " ") + "." + name + " "
		}
		if part == "media" {
			place = where + "body "
		}
		if !ok {
			c.say(place, "it is gone")
			continue
		}
		c.compare(place, object(old)[name], now, part, way)
	}
}

// compare compares a part, wherever it lies.
func (c *comparison) compare(where string, old, new any, part string, way direction) {
	pair := [3]string{text(object(old)["$ref"]), text(object(new)["$ref"]), string(way)}
	if pair[0] != "" {
		if c.seen[pair] {
			return
		}
		c.seen[pair] = true
	}
	was, is := c.old.follow(old), c.new.follow(new)
	if part == "schema" {
		was, is = c.old.flat(was, nil), c.new.flat(is, nil)
	}
	if was == nil {
		return
	}
	if is == nil {
		if _, loose := object(new)["$ref"]; !loose && new != true {
			c.say(where, "it is gone")
		}
		return
	}
	for _, key := range sortedParts(part) {
		inner := grammar[part][key]
		before, had := was[key]
		after, has := is[key]
		switch {
		case inner == plain:
			c.plain(where, key, before, after, way)
		case !had:
		case !has:
			c.say(where, "%s is not said any more", key)
		case strings.HasPrefix(inner, "{}"):
			c.names(where, before, after, inner[2:], way)
		case strings.HasPrefix(inner, "[]"):
			a, _ := before.([]any)
			b, _ := after.([]any)
			if len(a) != len(b) {
				c.say(where, "%s has %d parts, and had %d", key, len(b), len(a))
			}
			for i := range min(len(a), len(b)) {
				c.compare(where, a[i], b[i], inner[2:], way)
			}
		default:
			c.compare(strings.TrimSuffix(where, " ")+map[string]string{"items": "[] "}[key], before, after, inner, way)
		}
	}
}

// flat is a schema with what its allOf says, in which descriptions differ without
// saying anything else.
func (d *Document) flat(node map[string]any, seen []string) map[string]any {
	parts := list(node["allOf"])
	if len(parts) == 0 {
		return node
	}
	out, properties, required := maps.Clone(node), maps.Clone(object(node["properties"])), slices.Clone(list(node["required"]))
	if properties == nil {
		properties = map[string]any{}
	}
	delete(out, "allOf")
	for _, part := range parts {
		ref := text(object(part)["$ref"])
		if ref != "" && slices.Contains(seen, ref) {
			continue
		}
		inner := d.flat(d.follow(part), append(seen, ref))
		maps.Copy(properties, object(inner["properties"]))
		required = append(required, list(inner["required"])...)
		for key, v := range inner {
			if _, has := out[key]; !has {
				out[key] = v
			}
		}
	}
	if len(properties) > 0 {
		out["properties"] = properties
	}
	if len(required) > 0 {
		out["required"] = required
	}
	return out
}

func sortedParts(part string) []string {
	keys := map[string]any{}
	for key := range grammar[part] {
		keys[key] = nil
	}
	return sorted(keys)
}

// plain compares what is kept as it stands.
func (c *comparison) plain(where, key string, before, after any, way direction) {
	if key == "operationId" || data.Same(before, after) {
		return
	}
	switch was, is := list(before), list(after); {
	case key == "required" && (was != nil || is != nil):
		for _, name := range is {
			if way == sent && !slices.Contains(was, name) {
				c.say(where, "%v has to be sent now", name)
			}
		}
		for _, name := range was {
			if way == received && !slices.Contains(is, name) {
				c.say(where, "%v may be missing now", name)
			}
		}
	case key == "required" && way == sent && after == true:
		c.say(where, "it has to be sent now")
	case key == "required":
	case was != nil && is != nil:
		for _, v := range was {
			if !slices.ContainsFunc(is, func(w any) bool { return data.Same(v, w) }) {
				c.say(where, "%s has no %s any more", key, data.Text(v))
			}
		}
		for _, v := range is {
			if way == received && !slices.ContainsFunc(was, func(w any) bool { return data.Same(v, w) }) {
				c.say(where, "%s has %s too", key, data.Text(v))
			}
		}
	case before != nil:
		c.say(where, "%s: %s", key, change(before, after))
	case way == sent && after != false:
		c.say(where, "%s: it is %s, and was not said", key, data.Text(after))
	}
}

func list(v any) []any {
	l, _ := v.([]any)
	return l
}
