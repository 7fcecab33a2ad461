package contract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
	"github.com/miekg/dns"
)

// tap keeps the form of what a stand-in is told: what is there beside the
// values.
type tap struct {
	tapping sync.Mutex
	forms   []string
}

func (t *tap) saw(parts ...string) {
	t.tapping.Lock()
	defer t.tapping.Unlock()
	if form := strings.Join(parts, " "); !slices.Contains(t.forms, form) {
		t.forms = append(t.forms, form)
	}
}

func (t *tap) said() []string {
	t.tapping.Lock()
	defer t.tapping.Unlock()
	return slices.Clone(t.forms)
}

var plainText = regexp.MustCompile(`[\pL\pN_.@-]+`)

// skeleton is a text without what means nothing by itself.
func skeleton(text string) string { return plainText.ReplaceAllString(text, "_") }

// arguments is the form of an argv: options and masks as they are, one mark for
// any other argument, however it reads.
func arguments(argv []string) string {
	out, options := argv[0], true
	for _, a := range argv[1:] {
		switch {
		case options && strings.HasPrefix(a, "-"):
			name, _, _ := strings.Cut(a, "=")
			out, options = out+" "+name, a != "--"
		case argv[0] == "doveadm" && strings.ContainsAny(a, "*?"):
			out += " " + a
		default:
			out += " _"
		}
	}
	return out
}

// input is the form of a text that is read as lines or as JSON.
func input(text string) string {
	var v any
	if json.Unmarshal([]byte(text), &v) == nil {
		return shape(v)
	}
	return fmt.Sprint(strings.Count(text, "\n"), " lines")
}

// shape is a JSON value without its values.
func shape(v any) string {
	switch v := v.(type) {
	case map[string]any:
		out := ""
		for _, name := range sortedKeys(v) {
			out += name + ":" + shape(v[name]) + ","
		}
		return "{" + out + "}"
	case []any:
		out := ""
		for _, e := range v {
			out += shape(e) + ","
		}
		return "[" + out + "]"
	case string:
		return "_"
	}
	return fmt.Sprintf("%T", v)
}

// written is the form of a file.
func written(path, text string) string {
	switch {
	case strings.HasSuffix(path, ".html"):
		return fmt.Sprint(path, " ", strings.Count(text, "<"), " tags")
	case strings.HasSuffix(path, ".json"):
		return path + " " + input(text)
	}
	return fmt.Sprint(path, " ", input(text), " ", strings.Count(text, "{"), strings.Count(text, "}"), strings.Count(strings.ReplaceAll(text, "$$", ""), "$"))
}

// tapped has a server's requests kept.
func (t *tap) tapped(server http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := ""
		if r.Body != nil {
			b, _ := io.ReadAll(r.Body)
			r.Body, body = io.NopCloser(bytes.NewReader(b)), input(string(b))
		}
		query := sortedKeys(r.URL.Query())
		var headers []string
		for name := range r.Header {
			headers = append(headers, name)
		}
		slices.Sort(headers)
		t.saw(r.Method, fmt.Sprint(strings.Count(r.URL.EscapedPath(), "/")), fmt.Sprint(query), fmt.Sprint(headers), body)
		server.ServeHTTP(w, r)
	})
}

var quoted = regexp.MustCompile(`"(""|[^"])*"|'(''|[^'])*'`)

// statement is SQL without its names and texts.
func statement(sql string) string { return quoted.ReplaceAllString(sql, "_") }

// operation is the form of an LDAP request.
func operation(op *ber.Packet) string {
	switch op.Tag {
	case ldap.ApplicationSearchRequest:
		return "search " + skeleton(text(op.Children[0])) + " " + filter(op.Children[6])
	case ldap.ApplicationModifyRequest:
		out := "modify " + skeleton(text(op.Children[0]))
		for _, c := range op.Children[1].Children {
			out += " " + text(c.Children[1].Children[0])
		}
		return out
	}
	return fmt.Sprint("operation ", op.Tag)
}

func filter(f *ber.Packet) string {
	switch f.Tag {
	case ldap.FilterAnd, ldap.FilterOr, ldap.FilterNot:
		out := fmt.Sprint("(", f.Tag)
		for _, c := range f.Children {
			out += filter(c)
		}
		return out + ")"
	case ldap.FilterEqualityMatch:
		return "(" + text(f.Children[0]) + "=_)"
	}
	return fmt.Sprint("(", f.Tag, f.Data.String(), ")")
}

// updated keeps the form of each record of an update of the DNS.
func (t *tap) updated(m *dns.Msg) {
	for _, rr := range m.Ns {
		h := rr.Header()
		t.saw("update", fmt.Sprint(h.Class, " ", h.Rrtype, dns.IsSubDomain("example.com.", h.Name)))
	}
}
