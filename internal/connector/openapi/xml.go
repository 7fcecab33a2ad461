package openapi

import (
	"bytes"
	"encoding/xml"
	"fmt"

	"github.com/irctl/irctl/internal/data"
)

// fromXML is what a document means by the schema of its root (OpenAPI 3.1.0, "XML
// Object"): lists are those whose schema is wrapped.
func (d *Document) fromXML(schema map[string]any, src []byte) (any, error) {
	schema = d.flat(d.follow(schema), nil)
	v, err := data.DecodeXML(src, d.lists(schema, map[string]bool{})...)
	if err != nil {
		return nil, err
	}
	name := nameInXML(schema, "")
	root, is := object(v)[name]
	if !is {
		return nil, fmt.Errorf("its root is %s, described is %s", sorted(object(v))[0], name)
	}
	return d.typed(schema, root), nil
}

func nameInXML(schema map[string]any, otherwise string) string {
	if name := text(object(schema["xml"])["name"]); name != "" {
		return name
	}
	return otherwise
}

// lists are the names of the lists in a schema. Met are the references that were
// followed before.
func (d *Document) lists(schema map[string]any, met map[string]bool) (names []string) {
	for name, of := range object(schema["properties"]) {
		inner := d.flat(d.follow(of), nil)
		if inner["type"] == "array" {
			names, of = append(names, name), inner["items"]
			inner = d.flat(d.follow(of), nil)
		}
		if ref := text(object(of)["$ref"]); ref == "" || !met[ref] {
			met[ref] = true
			names = append(names, d.lists(inner, met)...)
		}
	}
	return names
}

// typed is data from XML, in which all is text, as its schema has it.
func (d *Document) typed(schema map[string]any, v any) any {
	schema = d.flat(d.follow(schema), nil)
	switch v := v.(type) {
	case string:
		if v == "" && schema["type"] == "object" {
			return map[string]any{}
		}
		return one(schema, v)
	case []any:
		for i := range v {
			v[i] = d.typed(object(schema["items"]), v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = d.typed(object(object(schema["properties"])[name]), v[name])
		}
	}
	return v
}

// XML writes data as the body of an answer of a status that is described as XML.
func (o *Operation) XML(status int, v any) []byte {
	described, _ := o.answer(status)
	schema := o.doc.flat(o.doc.follow(object(object(described["content"])[o.Type(status)])["schema"]), nil)
	var b bytes.Buffer
	o.doc.write(&b, nameInXML(schema, "answer"), schema, v)
	return b.Bytes()
}

func (d *Document) write(b *bytes.Buffer, name string, schema map[string]any, v any) {
	schema = d.flat(d.follow(schema), nil)
	fmt.Fprintf(b, "<%s>", name)
	switch v := v.(type) {
	case map[string]any:
		for _, key := range sorted(v) {
			d.write(b, key, object(object(schema["properties"])[key]), v[key])
		}
	case []any:
		items := object(schema["items"])
		for _, e := range v {
			d.write(b, nameInXML(d.follow(items), "member"), items, e)
		}
	default:
		_ = xml.EscapeText(b, []byte(data.Text(v))) // a buffer takes everything
	}
	fmt.Fprintf(b, "</%s>", name)
}
