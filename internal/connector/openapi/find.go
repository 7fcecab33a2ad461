package openapi

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/pattern"
)

// Find is the operation that a request is, and what stands in its path for each
// name. The path is that of the request's URL, as it was sent. Of several that
// fit the one with the fewest names is meant (OpenAPI 3.1.0, "Path Templating
// Matching"). A path may end in #NAME=VALUE, as it does for interfaces that have
// one path for all: then the query or the form has to hold that.
func (d *Document) Find(method, path string, query, form url.Values) (*Operation, map[string]string) {
	var found *Operation
	var names map[string]string
	for _, o := range d.ops {
		if o.Method != method {
			continue
		}
		if in, ok := o.matches(path, query, form); ok && (found == nil || len(in) < len(names)) {
			found, names = o, in
		}
	}
	return found, names
}

// Base is the path below which the description's server has its paths.
func (d *Document) Base() string { return pathOf(d.Server()) }

// base is that of the server that the operation is at.
func (o *Operation) base() string {
	for _, from := range []any{o.node["servers"], o.item["servers"]} {
		if servers := list(from); len(servers) > 0 {
			return pathOf(strings.TrimSuffix(text(object(servers[0])["url"]), "/"))
		}
	}
	return o.doc.Base()
}

func pathOf(server string) string {
	if _, rest, ok := strings.Cut(server, "://"); ok {
		_, path, _ := strings.Cut(rest, "/")
		server = "/" + path
	}
	return strings.TrimSuffix(server, "/")
}

// inPath matches a name in the path of a description.
var inPath = pattern.Late(`\{[^{}/]+\}`)

func (o *Operation) matches(path string, query, form url.Values) (map[string]string, bool) {
	_, condition, conditional := strings.Cut(o.Path, "#")
	if conditional {
		name, value, _ := strings.Cut(condition, "=")
		if !slices.Contains(query[name], value) && !slices.Contains(form[name], value) {
			return nil, false
		}
	}
	found := o.pattern().FindStringSubmatch(path)
	if found == nil {
		return nil, false
	}
	names := inPath().FindAllString(o.template(), -1)
	in := make(map[string]string, len(names))
	for i, name := range names {
		value, err := url.PathUnescape(found[i+1])
		if err != nil {
			return nil, false
		}
		in[strings.Trim(name, "{}")] = value
	}
	return in, true
}

// template is the path of the operation on its server, with {name} in it.
func (o *Operation) template() string {
	path, _, _ := strings.Cut(o.Path, "#")
	return o.base() + path
}

// expression matches the paths that the template means.
func (o *Operation) expression() *regexp.Regexp {
	expr := `\A`
	for _, part := range inPath().Split(o.template(), -1) {
		expr += regexp.QuoteMeta(part) + `([^/]+)`
	}
	return regexp.MustCompile(strings.TrimSuffix(expr, `([^/]+)`) + `\z`)
}
