package openapi

import (
	"fmt"
	"mime"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/irctl/irctl/internal/data"
)

// Message is what a request or an answer consists of beside its first line.
type Message struct {
	Header http.Header
	Body   []byte
}

// The types of content that are read.
const (
	JSONType = "application/json"
	FormType = "application/x-www-form-urlencoded"
	XMLType  = "text/xml"
)

// Request is what of a request is not as described, nil if all of it is. What
// stands in the path is as [Document.Find] gives it.
func (o *Operation) Request(path map[string]string, query url.Values, m Message) (wrong []string) {
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	form, _ := url.ParseQuery(string(m.Body))
	if contentType(m.Header) != FormType {
		form = nil
	}
	known := map[string]bool{}
	if _, condition, ok := strings.Cut(o.Path, "#"); ok {
		name, _, _ := strings.Cut(condition, "=")
		known[name] = true
		form.Del(name)
	}
	for _, p := range o.parameters() {
		name, in := text(p["name"]), text(p["in"])
		var given []string
		switch in {
		case "path":
			given = []string{path[name]}
		case "query":
			given, known[name] = query[name], true
		case "header":
			given = m.Header.Values(name)
		default:
			continue
		}
		if len(given) == 0 {
			if p["required"] == true {
				say("%s %s is missing", in, name)
			}
			continue
		}
		for _, problem := range o.doc.fits(p["schema"], o.doc.fromText(p, given), sent) {
			say("%s %s: %s", in, name, problem)
		}
	}
	for _, any := range o.security() {
		for name := range object(any) {
			if scheme := o.doc.follow(object(object(o.doc.root["components"])["securitySchemes"])[name]); scheme["in"] == "query" {
				known[text(scheme["name"])] = true
			}
		}
	}
	for name := range query {
		if !known[name] {
			say("query %s is not described", name)
		}
	}
	if o.Guarded() && !o.signedIn(query, m.Header) {
		say("nothing says who asks: the description wants %s", strings.Join(o.ways(), " or "))
	}
	body := o.doc.follow(o.node["requestBody"])
	switch content := object(body["content"]); {
	case len(m.Body) == 0 && body["required"] == true:
		say("the body is missing")
	case len(m.Body) == 0:
	case len(content) == 0:
		say("there is a body, and none is described")
	default:
		wrong = append(wrong, o.doc.content("body", content, m, form, sent)...)
	}
	slices.Sort(wrong)
	return wrong
}

// Answer is what of an answer is not as described, nil if all of it is.
func (o *Operation) Answer(status int, m Message) (wrong []string) {
	described, ok := o.answer(status)
	if !ok {
		return []string{fmt.Sprintf("status %d is not described", status)}
	}
	for name, h := range object(described["headers"]) {
		h := o.doc.follow(h)
		given := m.Header.Values(name)
		switch {
		case len(given) > 0:
			for _, problem := range o.doc.fits(h["schema"], o.doc.fromText(h, given), received) {
				wrong = append(wrong, fmt.Sprintf("header %s: %s", name, problem))
			}
		case h["required"] == true:
			wrong = append(wrong, "header "+name+" is missing")
		}
	}
	switch content := object(described["content"]); {
	case len(content) > 0 && len(m.Body) == 0:
		wrong = append(wrong, "the body is missing")
	case len(content) > 0:
		wrong = append(wrong, o.doc.content("body", content, m, nil, received)...)
	case len(m.Body) > 0 && o.Method != http.MethodHead:
		wrong = append(wrong, "there is a body, and none is described")
	}
	return wrong
}

// Statuses are the statuses of answers that are described: 200, or 2XX for all of
// that kind, or default for all others.
func (o *Operation) Statuses() []string { return sorted(object(o.node["responses"])) }

func (o *Operation) answer(status int) (map[string]any, bool) {
	all := object(o.node["responses"])
	for _, key := range []string{strconv.Itoa(status), fmt.Sprintf("%dXX", status/100), fmt.Sprintf("%dxx", status/100), "default"} {
		if v, ok := all[key]; ok {
			return o.doc.follow(v), true
		}
	}
	return nil, false
}

// parameters are the operation's own and those of its path that it does not
// describe anew.
func (o *Operation) parameters() (out []map[string]any) {
	for _, from := range []any{o.node["parameters"], o.item["parameters"]} {
		list, _ := from.([]any)
		for _, v := range list {
			p := o.doc.follow(v)
			if p["in"] == "header" && slices.Contains([]string{"Accept", "Content-Type", "Authorization"}, textproto.CanonicalMIMEHeaderKey(text(p["name"]))) {
				continue // "shall be ignored" (OpenAPI 3.1.0, Parameter Object)
			}
			if p != nil && !slices.ContainsFunc(out, func(has map[string]any) bool { return has["name"] == p["name"] && has["in"] == p["in"] }) {
				out = append(out, p)
			}
		}
	}
	return out
}

// content holds a body against what is described for its type.
func (d *Document) content(what string, described map[string]any, m Message, form url.Values, way direction) (wrong []string) {
	is := contentType(m.Header)
	var media map[string]any
	for _, key := range sorted(described) {
		if has, _, _ := mime.ParseMediaType(key); has == is || has == "*/*" || has == strings.Split(is, "/")[0]+"/*" {
			media = object(described[key])
		}
	}
	if media == nil {
		return []string{fmt.Sprintf("%s: it is %s, described is %s", what, strconv.Quote(is), strings.Join(sorted(described), " or "))}
	}
	var v any
	switch {
	case is == FormType:
		fields := map[string]any{}
		for name, values := range form {
			property := object(d.follow(media["schema"]))["properties"]
			fields[name] = d.fromText(map[string]any{"schema": object(property)[name]}, values)
		}
		v = fields
	case is == JSONType || strings.HasSuffix(is, "+json"):
		var err error
		if v, err = data.Decode(m.Body); err != nil {
			return []string{what + ": " + err.Error()}
		}
	case is == XMLType || is == "application/xml" || strings.HasSuffix(is, "+xml"):
		var err error
		if v, err = d.fromXML(object(media["schema"]), m.Body); err != nil {
			return []string{what + ": " + err.Error()}
		}
	default:
		return nil
	}
	for _, problem := range d.fits(media["schema"], v, way) {
		wrong = append(wrong, what+": "+problem)
	}
	return wrong
}

func contentType(h http.Header) string {
	is, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	return is
}

// fromText is what the text of a parameter means by its schema.
func (d *Document) fromText(p map[string]any, given []string) any {
	schema := d.follow(p["schema"])
	if schema["type"] != "array" {
		return one(schema, given[0])
	}
	if len(given) == 1 && p["explode"] != true {
		given = strings.Split(given[0], ",")
	}
	items, list := d.follow(schema["items"]), make([]any, len(given))
	for i, s := range given {
		list[i] = one(items, s)
	}
	return list
}

// one is what a text means by its schema.
func one(schema map[string]any, s string) any {
	switch schema["type"] {
	case "integer", "number", "boolean":
		if v, err := data.Decode([]byte(s)); err == nil {
			return v
		}
	}
	return s
}

// Guarded reports whether nobody may ask without saying who it is.
func (o *Operation) Guarded() bool {
	return len(o.security()) > 0 && !slices.ContainsFunc(o.security(), func(v any) bool { return len(object(v)) == 0 })
}

// schemes are the ways of saying who asks of which one is enough.
func (o *Operation) schemes() (out []map[string]any) {
	for _, any := range o.security() {
		for _, name := range sorted(object(any)) {
			out = append(out, o.doc.follow(o.doc.at("#/components/securitySchemes/"+escape(name))))
		}
	}
	return out
}

// ways are the schemes in words.
func (o *Operation) ways() (out []string) {
	for _, s := range o.schemes() {
		switch s["type"] {
		case "apiKey":
			out = append(out, text(s["in"])+" "+text(s["name"]))
		case "http":
			out = append(out, "header Authorization with "+text(s["scheme"]))
		default:
			out = append(out, "header Authorization with bearer")
		}
	}
	return out
}

func (o *Operation) signedIn(query url.Values, header http.Header) bool {
	kind, secret, _ := strings.Cut(header.Get("Authorization"), " ")
	return slices.ContainsFunc(o.schemes(), func(s map[string]any) bool {
		name := text(s["name"])
		switch s["type"] {
		case "apiKey":
			return s["in"] == "query" && query.Get(name) != "" || s["in"] != "query" && header.Get(name) != ""
		case "http":
			return secret != "" && strings.EqualFold(kind, text(s["scheme"]))
		case "mutualTLS":
			return true
		}
		return secret != "" && strings.EqualFold(kind, "bearer")
	})
}

// Good is the first status of 2xx that is described, 200 if none is.
func (o *Operation) Good() int {
	for _, key := range o.Statuses() {
		if n, err := strconv.Atoi(key); err == nil && n/100 == 2 {
			return n
		}
	}
	return http.StatusOK
}

// Says reports whether an answer of a status has a body.
func (o *Operation) Says(status int) bool {
	described, _ := o.answer(status)
	return len(object(described["content"])) > 0
}

// Type is the type of the content of an answer of a status, JSON if none is
// described.
func (o *Operation) Type(status int) string {
	described, _ := o.answer(status)
	for _, key := range sorted(object(described["content"])) {
		return key
	}
	return JSONType
}
