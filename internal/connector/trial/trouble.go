package trial

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/irctl/irctl/internal/connector/openapi"
)

// trouble is what befalls one request. The zero value is none.
type trouble struct {
	name string
	// before answers in place of the system, which carries out nothing.
	before func(s *server, w http.ResponseWriter, r *http.Request, op *openapi.Operation)
	// after answers what the system has carried out.
	after func(s *server, w http.ResponseWriter, r *http.Request, out reply)
	paged bool // befalls lists alone
	// surely says that whoever asked has to know that nothing was carried out.
	surely bool
}

// notThere is the trouble of a system that says that it does not have what it has.
const notThere = "status 404"

// silent is the trouble of an answer that does not come.
const silent = "no answer in time"

// troubles are tried for each request.
func troubles() []trouble {
	all := []trouble{
		{name: "a connection that is lost before", before: func(*server, http.ResponseWriter, *http.Request, *openapi.Operation) { panic(http.ErrAbortHandler) }},
		{name: "a connection that is lost after", after: func(*server, http.ResponseWriter, *http.Request, reply) { panic(http.ErrAbortHandler) }},
		{name: silent, after: func(_ *server, _ http.ResponseWriter, r *http.Request, _ reply) {
			<-r.Context().Done()
			panic(http.ErrAbortHandler)
		}},
		{name: "an answer that is cut off", after: func(_ *server, w http.ResponseWriter, _ *http.Request, out reply) {
			w.Header().Set("Content-Length", strconv.Itoa(len(out.body)+1))
			out.write(w)
			panic(http.ErrAbortHandler)
		}},
		{name: "an answer without end", after: func(_ *server, w http.ResponseWriter, _ *http.Request, out reply) {
			if out.body = []byte(`{"a": "`); out.inXML() {
				out.body = []byte("<a>")
			}
			out.write(w)
			for chunk := []byte(strings.Repeat("a", 1<<20)); ; {
				if _, err := w.Write(chunk); err != nil {
					return
				}
			}
		}},
		{name: "a redirection to another host", before: func(s *server, w http.ResponseWriter, r *http.Request, _ *openapi.Operation) {
			http.Redirect(w, r, s.elsewhere.URL+"/?"+r.URL.RawQuery, http.StatusTemporaryRedirect)
		}},
		{name: "a limit that ends soon", surely: true, before: func(s *server, w http.ResponseWriter, r *http.Request, op *openapi.Operation) {
			w.Header().Set("Retry-After", "1")
			s.refuse(w, r, op, http.StatusTooManyRequests)
		}},
		{name: "a limit that ends tomorrow", surely: true, before: func(s *server, w http.ResponseWriter, r *http.Request, op *openapi.Operation) {
			w.Header().Set("Retry-After", "86400")
			s.refuse(w, r, op, http.StatusTooManyRequests)
		}},
		{name: "a list without end", paged: true, before: func(s *server, w http.ResponseWriter, r *http.Request, _ *openapi.Operation) {
			s.mu.Lock()
			s.endless, s.at = true, 0
			s.mu.Unlock()
			s.ServeHTTP(w, r)
		}},
	}
	for _, status := range []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusConflict, http.StatusInternalServerError} {
		all = append(all, trouble{name: fmt.Sprintf("status %d", status), surely: status < 500, before: func(s *server, w http.ResponseWriter, r *http.Request, op *openapi.Operation) {
			s.refuse(w, r, op, status)
		}})
	}
	for name, body := range map[string]struct{ json, xml string }{
		"HTML with control characters": {"<html>\x1b]0;owned\a\x1b[2J\u202e", "<html>\x1b]0;owned\a\x1b[2J\u202e"},
		"nothing":                      {"null", ""},
		"a list":                       {`[[], "x", 7]`, "<a><member/><member>x</member></a>"},
		"an object without names":      {"{}", "<a/>"},
		"nested 10,000 deep":           {strings.Repeat(`{"a":`, 10_000) + "1" + strings.Repeat("}", 10_000), strings.Repeat("<a>", 10_000) + strings.Repeat("</a>", 10_000)},
		"a beginning":                  {`{"a": `, "<a>"},
		"grown by what it refers to":   {`{"$ref": "#"}`, `<!DOCTYPE a [<!ENTITY b "bbbbbbbb"><!ENTITY c "&b;&b;&b;">]><a>&c;&c;&c;</a>`},
	} {
		all = append(all, trouble{name: "an answer that is " + name, after: func(_ *server, w http.ResponseWriter, _ *http.Request, out reply) {
			kind, text := openapi.JSONType, body.json
			if out.inXML() {
				kind, text = openapi.XMLType, body.xml
			}
			w.Header().Set("Content-Type", kind)
			_, _ = fmt.Fprint(w, text)
		}})
	}
	return all
}

func (o reply) inXML() bool { return o.header.Get("Content-Type") == openapi.XMLType }
