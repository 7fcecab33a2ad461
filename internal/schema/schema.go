// Package schema writes JSON Schema (draft 2020-12) for irctl's files, so that
// editors complete and explain them: [Document] makes one of the parsers' own
// tables of keys and of the actions' specs, and of nothing else.
//
// A schema knows shapes and words. What depends on other files, on types of
// expressions or on the order of steps is `irctl validate`'s to find.
//
// Files, in reading order: schema.go (the document), steps.go (what a step may
// carry), forms.go (the language's keys), fields.go (the actions' fields),
// text.go (what an editor shows).
package schema

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/pkg/action"
)

// Dialect is the meta-schema of every document.
const Dialect = "https://json-schema.org/draft/2020-12/schema"

// File is a kind of file.
type File struct {
	Kind  string // value of its key `kind`
	Title string // "an irctl runbook"
	Table language.Table
}

// object is a schema. encoding/json sorts its keys, so that equal schemas are
// equal bytes.
type object map[string]any

// Document returns the schema of files of some kinds, as indented JSON that
// ends with a newline. Of several kinds it is one schema that chooses by the
// key `kind`. The same arguments give the same bytes.
func Document(files []File, specs []action.Spec) ([]byte, error) {
	w := &writer{specs: specs, defs: object{}}
	var root object
	if len(files) == 1 {
		root = w.file(files[0])
	} else {
		root = w.choice(files)
	}
	root["$schema"] = Dialect
	root["$defs"] = w.defs
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(root); err != nil {
		return nil, fmt.Errorf("cannot write the schema: %w", err)
	}
	return b.Bytes(), nil
}

// writer gathers the definitions of one document.
type writer struct {
	specs []action.Spec
	defs  object
}

func (w *writer) file(f File) object {
	s := w.table(f.Table)
	s["title"] = f.Title
	return s
}

// choice is a schema that looks at the key `kind`, which runbooks may lack.
func (w *writer) choice(files []File) object {
	var all, kinds []any
	for _, f := range files {
		w.defs["file-"+f.Kind] = w.file(f)
		kinds = append(kinds, f.Kind)
		is := object{"properties": object{"kind": object{"const": f.Kind}}}
		if k, _ := f.Table.Key("kind"); k.Required {
			is["required"] = []string{"kind"}
		}
		all = append(all, object{"if": is, "then": ref("file-" + f.Kind)})
	}
	kind := object{"enum": kinds, "description": "What the file is; a runbook, if it does not say."}
	return object{"title": "a file of irctl", "type": "object", "properties": object{"kind": kind}, "allOf": all}
}

// table is the schema of a mapping.
func (w *writer) table(t language.Table) object {
	properties := object{}
	for _, k := range t.Keys {
		properties[k.Name] = w.key(k)
	}
	s := object{"type": "object", "properties": properties, "additionalProperties": false}
	if r := t.Required(); len(r) > 0 {
		s["required"] = r
	}
	if one := requireEach(t.OneOf); one != nil {
		s["oneOf"] = one
	}
	if anyOf := requireEach(t.AnyOf); anyOf != nil {
		s["anyOf"] = anyOf
	}
	w.tied(s, t)
	return s
}

// tied adds what one key of a mapping says about another.
func (w *writer) tied(s object, t language.Table) {
	for _, k := range t.Keys {
		for _, f := range k.Forms {
			switch f.Shape {
			case language.WithShape:
				s["allOf"] = []any{w.withByAction()}
			case language.ConfigShape:
				s["allOf"] = []any{w.configByType()}
			}
		}
	}
}

func requireEach(names []string) []any {
	return each.Of(names, func(n string) any { return object{"required": []string{n}} })
}

// share makes a definition of a schema and returns a reference to it. A schema
// that was shared before is not written twice; another one under the same name
// gets a number.
func (w *writer) share(name string, s object) object {
	text := encoded(s)
	for i := 1; ; i++ {
		key := name
		if i > 1 {
			key = fmt.Sprintf("%s-%d", name, i)
		}
		old, taken := w.defs[key]
		switch {
		case !taken:
			w.defs[key] = s
			return ref(key)
		case bytes.Equal(encoded(old), text):
			return ref(key)
		}
	}
}

func encoded(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("schema: a schema that is not JSON: " + err.Error())
	}
	return b
}

func ref(name string) object { return object{"$ref": "#/$defs/" + name} }

// once returns a reference to a definition that is made the first time.
func (w *writer) once(name string, make func() object) object {
	if _, there := w.defs[name]; !there {
		w.defs[name] = object{} // for schemas that refer to themselves
		w.defs[name] = make()
	}
	return ref(name)
}
