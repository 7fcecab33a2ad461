package openapi

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/internal/language"
)

// MaxBytes is the most that a description may hold; that of Microsoft Graph has
// 36 MB.
const MaxBytes = 64 << 20

// Document is a description. It is not changed, and may be read from several
// goroutines.
type Document struct {
	Title, Version string   // of what it describes
	SHA256         string   // of the bytes that were read, in hex
	Loose          []string // references to what is not in the file, sorted

	root map[string]any
	ops  []*Operation // in the order of their paths
}

// Operation is one request that a description knows.
type Operation struct {
	ID     string // operationId, or "POST /path" if it has none
	Method string // in capitals
	Path   string // with {name} for what is filled in

	doc  *Document
	item map[string]any // the path's
	node map[string]any // its own

	pattern func() *regexp.Regexp // of its paths
}

// Read reads a description in JSON or YAML.
func Read(src []byte) (*Document, error) {
	if len(src) > MaxBytes {
		return nil, fmt.Errorf("it has %d bytes, the most is %d", len(src), MaxBytes)
	}
	read := language.Plain
	if text := bytes.TrimLeft(src, " \t\r\n"); len(text) > 0 && text[0] == '{' {
		read = data.Decode
	}
	v, err := read(src)
	if err != nil {
		return nil, fmt.Errorf("%w, or nested deeper than can be read", err)
	}
	root, _ := v.(map[string]any)
	version := fmt.Sprint(root["openapi"])
	if !strings.HasPrefix(version, "3.0") && !strings.HasPrefix(version, "3.1") {
		if root["swagger"] != nil {
			return nil, fmt.Errorf("it is in the older format Swagger %v: convert it to OpenAPI 3 first, as swagger2openapi does", root["swagger"])
		}
		return nil, fmt.Errorf("it is no OpenAPI description of version 3.0 or 3.1: it has no `openapi: 3.…`")
	}
	sum := sha256.Sum256(src)
	return newDocument(root, hex.EncodeToString(sum[:])), nil
}

func newDocument(root map[string]any, sum string) *Document {
	info := object(root["info"])
	d := &Document{Title: text(info["title"]), Version: text(info["version"]), SHA256: sum, root: root}
	paths := object(root["paths"])
	for _, path := range sorted(paths) {
		item := d.follow(paths[path])
		for _, method := range methods {
			node, ok := item[method].(map[string]any)
			if !ok {
				continue
			}
			o := &Operation{ID: text(node["operationId"]), Method: strings.ToUpper(method), Path: path, doc: d, item: item, node: node}
			o.pattern = sync.OnceValue(o.expression)
			if o.ID == "" {
				o.ID = o.Method + " " + path
			}
			d.ops = append(d.ops, o)
		}
	}
	return d
}

// methods are those that a path may describe.
var methods = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}

// Operations are all that the description knows, in the order of their paths.
func (d *Document) Operations() []*Operation { return slices.Clone(d.ops) }

// Operation is the one of an id, or of a method and a path as in "POST /users".
func (d *Document) Operation(id string) (*Operation, bool) {
	i := slices.IndexFunc(d.ops, func(o *Operation) bool { return o.ID == id || o.Method+" "+o.Path == id })
	if i < 0 {
		return nil, false
	}
	return d.ops[i], true
}

// Bytes is the description as YAML, with its keys sorted.
func (d *Document) Bytes() []byte {
	text, err := data.Encode(d.root)
	if err == nil {
		text, err = language.YAML(text, func(r rune) bool { return !unicode.IsPrint(r) && r != '\n' }, 140)
	}
	if err != nil {
		panic(fmt.Sprintf("what was read from JSON or YAML can be written as such: %v", err))
	}
	return text
}

// Server is the URL at which the description says that it is served, "" if it
// says none.
func (d *Document) Server() string {
	servers, _ := d.root["servers"].([]any)
	if len(servers) == 0 {
		return ""
	}
	return strings.TrimSuffix(text(object(servers[0])["url"]), "/")
}

// at is what a reference within the file leads to (RFC 6901), nil if nowhere.
func (d *Document) at(ref string) any {
	pointer, ok := strings.CutPrefix(ref, "#/")
	if !ok {
		return nil
	}
	var v any = d.root
	for part := range strings.SplitSeq(pointer, "/") {
		v = within(v, unescape(part))
	}
	return v
}

// follow is an object, or the one that it refers to.
func (d *Document) follow(v any) map[string]any {
	for range maxRefs {
		node := object(v)
		ref, ok := node["$ref"].(string)
		if !ok {
			return node
		}
		v = d.at(ref)
	}
	return nil
}

// maxRefs is how many references may lead to each other; more go in a circle.
const maxRefs = 50
