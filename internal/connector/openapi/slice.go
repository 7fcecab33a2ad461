package openapi

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// Origin is the key of a slice that says what it was cut from.
const Origin = "x-cut-from"

// UnknownError is an operation that a description does not have.
type UnknownError struct {
	ID    string
	Known []string // the ids that there are
}

// Error implements error.
func (e *UnknownError) Error() string { return fmt.Sprintf("it has no operation %q", e.ID) }

// Slice is a description of some operations, of all without ids: with what they
// refer to and with nothing that only people read. Everything to which more than
// one may refer lies in its components.
func (d *Document) Slice(ids ...string) (*Document, error) {
	c := &cutting{from: d, into: map[string]any{}, placed: map[string]string{}}
	paths := map[string]any{}
	ops := d.ops
	if len(ids) > 0 {
		ops = nil
	}
	for _, id := range ids {
		o, ok := d.Operation(id)
		if !ok {
			e := &UnknownError{ID: id}
			for _, o := range d.ops {
				e.Known = append(e.Known, o.ID)
			}
			return nil, e
		}
		ops = append(ops, o)
	}
	used := map[string]any{}
	for _, o := range ops {
		item, ok := paths[o.Path].(map[string]any)
		if !ok {
			item = map[string]any{}
			for _, key := range []string{"parameters", "servers"} {
				if p, ok := o.item[key]; ok {
					item[key] = trim(p, grammar["path"][key], c.ref)
				}
			}
			paths[o.Path] = item
		}
		node := object(trim(o.node, "operation", c.ref))
		if security := o.security(); len(security) > 0 {
			node["security"] = security
			for _, any := range security {
				for name := range object(any) {
					used[name] = trim(d.at("#/components/securitySchemes/"+escape(name)), "security", c.ref)
				}
			}
		}
		item[strings.ToLower(o.Method)] = node
	}
	c.rest()
	if len(used) > 0 {
		c.into["securitySchemes"] = used
	}
	root := map[string]any{"openapi": d.root["openapi"], "info": map[string]any{"title": d.Title, "version": d.Version}, "paths": paths, "components": c.into}
	if servers, ok := d.root["servers"]; ok {
		root["servers"] = trim(servers, "[]server", c.ref)
	}
	root[Origin] = d.origin()
	out := newDocument(root, "")
	sum := sha256.Sum256(out.Bytes())
	out.SHA256, out.Loose = hex.EncodeToString(sum[:]), slices.Sorted(slices.Values(c.loose))
	return out, nil
}

// origin is what a slice of the document was cut from: a slice of a slice came
// from where that came from.
func (d *Document) origin() any {
	if from, ok := d.root[Origin]; ok {
		return from
	}
	return map[string]any{"title": d.Title, "version": d.Version, "sha256": d.SHA256}
}

// cutting gathers what operations refer to.
type cutting struct {
	from   *Document
	into   map[string]any    // the components of the slice
	placed map[string]string // where what a reference leads to lies in the slice
	queue  []reference
	loose  []string
}

type reference struct{ from, section, name, part string }

// ref has what a reference leads to be cut out too.
func (c *cutting) ref(ref, part string) any {
	if to, ok := c.placed[ref]; ok {
		return map[string]any{"$ref": to}
	}
	section := sections[part]
	if c.from.at(ref) == nil || section == "" {
		if !slices.Contains(c.loose, ref) {
			c.loose = append(c.loose, ref)
		}
		if part == "schema" {
			return map[string]any{}
		}
		return nil
	}
	parts := strings.Split(ref, "/")
	name := unescape(parts[len(parts)-1])
	for n := 2; !c.free(section, name, ref); n++ {
		name = fmt.Sprintf("%s-%d", unescape(parts[len(parts)-1]), n)
	}
	to := "#/components/" + section + "/" + escape(name)
	c.placed[ref] = to
	c.queue = append(c.queue, reference{ref, section, name, part})
	return map[string]any{"$ref": to}
}

// free reports whether a component may have a name in the slice: its own, or one
// that no component of the document has.
func (c *cutting) free(section, name, ref string) bool {
	to := "#/components/" + section + "/" + escape(name)
	if ref == to {
		return true
	}
	for _, taken := range c.placed {
		if taken == to {
			return false
		}
	}
	return c.from.at(to) == nil
}

// rest cuts out all that was referred to, also from there.
func (c *cutting) rest() {
	for len(c.queue) > 0 {
		next := c.queue[0]
		c.queue = c.queue[1:]
		section, ok := c.into[next.section].(map[string]any)
		if !ok {
			section = map[string]any{}
			c.into[next.section] = section
		}
		section[next.name] = trim(c.from.at(next.from), next.part, c.ref)
	}
}

// security is what the operation wants of who asks: one of several sets of
// schemes.
func (o *Operation) security() []any {
	list, ok := o.node["security"].([]any)
	if !ok {
		list, _ = o.doc.root["security"].([]any)
	}
	return list
}
