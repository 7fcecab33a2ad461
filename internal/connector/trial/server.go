package trial

import (
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/internal/connector"
	"github.com/irctl/irctl/internal/connector/openapi"
	plain "github.com/irctl/irctl/internal/data"
)

// maxRequest is the most bytes of a request that are read.
const maxRequest = 4 << 20

// server is the system on loopback. It is started for each trial anew.
type server struct {
	*httptest.Server
	file    *File
	slice   *openapi.Document
	by      *connector.File
	secrets map[string]string // of the config, by the names of their fields
	token   string            // that it gives out, if the connector has to fetch one

	faults actiontest.Faults

	mu      sync.Mutex
	state   map[string]any
	made    int
	once    map[string]reply // answers by the keys of requests that are carried out once
	trouble trouble
	at      int         // the request that trouble befalls, from 1; 0 is none
	asked   int         // requests so far
	endless bool        // lists go on for ever
	wrong   []string    // what was not as described, and mistakes of the file of cases
	left    []*Exchange // recorded, and not given yet; nil if nothing was recorded

	elsewhere *httptest.Server // another host
}

// reply is an answer.
type reply struct {
	status int
	header http.Header
	body   []byte
}

func (s *server) complain(format string, args ...any) {
	if line := fmt.Sprintf(format, args...); len(s.wrong) < 20 {
		s.wrong = append(s.wrong, line)
	}
}

// ServeHTTP implements http.Handler.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRequest))
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	form := url.Values{}
	if is, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); is == openapi.FormType {
		form, _ = url.ParseQuery(string(body))
	}
	op, path := s.slice.Find(r.Method, r.URL.EscapedPath(), r.URL.Query(), form)
	var effect *Effect
	if op != nil {
		effect = s.file.Operations[op.ID]
	}
	changes := effect != nil && effect.changes()
	fault := s.faults.Next(changes)

	s.mu.Lock()
	s.asked++
	var now trouble
	if s.asked == s.at {
		now = s.trouble
	}
	if now.paged && (effect == nil || effect.Pages == 0) {
		now = trouble{}
	}
	s.mu.Unlock()

	switch {
	case fault == actiontest.Lost:
		panic(http.ErrAbortHandler)
	case fault == actiontest.Refused:
		s.refuse(w, r, op, http.StatusForbidden)
		return
	case now.before != nil:
		now.before(s, w, r, op)
		return
	}
	s.mu.Lock()
	var out reply
	if s.left != nil && (op == nil || op.Guarded()) {
		out = s.replay(r, op)
	} else {
		out = s.answer(r, op, effect, path, form, body)
	}
	s.mu.Unlock()
	switch {
	case fault == actiontest.Unanswered:
		panic(http.ErrAbortHandler)
	case now.after != nil:
		now.after(s, w, r, out)
		return
	}
	out.write(w)
}

func (o reply) write(w http.ResponseWriter) {
	for name, values := range o.header {
		w.Header()[name] = values
	}
	w.WriteHeader(o.status)
	_, _ = w.Write(o.body)
}

// refuse answers that the request was not carried out. Whoever asks hears its own
// secret again, which it must not repeat.
func (s *server) refuse(w http.ResponseWriter, r *http.Request, op *openapi.Operation, status int) {
	s.mu.Lock()
	body := s.body(status)
	s.mu.Unlock()
	said := fmt.Sprintf(" \x1b[31m%s %s", r.Header.Get("Authorization"), s.spoken())
	written(op, status, body, said).write(w)
}

// spoken are all secrets in one line.
func (s *server) spoken() string {
	var all []string
	for _, secret := range s.secrets {
		all = append(all, secret)
	}
	return strings.Join(append(all, s.token), " ")
}

// body is the body of a refusal: a copy.
func (s *server) body(status int) any {
	for _, key := range []string{strconv.Itoa(status), "default"} {
		if v, ok := s.file.Errors[key]; ok {
			return s.fill(v, scope{})
		}
	}
	return nil
}

// written is an answer as the operation is described to give it; said stands behind
// each text at its top.
func written(op *openapi.Operation, status int, v any, said string) reply {
	out := reply{status: status, header: http.Header{}}
	if v == nil {
		return out
	}
	if fields, ok := v.(map[string]any); ok && said != "" {
		for name, of := range fields {
			if text, is := of.(string); is {
				fields[name] = text + said
			}
		}
	}
	if op != nil && op.Type(status) == openapi.XMLType {
		out.header.Set("Content-Type", openapi.XMLType)
		out.body = op.XML(status, v)
		return out
	}
	out.header.Set("Content-Type", openapi.JSONType)
	out.body, _ = plain.Encode(v)
	return out
}

func (s *server) refusal(op *openapi.Operation, status int) reply {
	return written(op, status, s.body(status), "")
}

// answer carries out a request, if it is as described.
func (s *server) answer(r *http.Request, op *openapi.Operation, e *Effect, path map[string]string, form url.Values, body []byte) reply {
	what := r.Method + " " + r.URL.EscapedPath()
	if op == nil {
		s.complain("%s is not described", what)
		return reply{status: http.StatusNotFound}
	}
	wrong := op.Request(path, r.URL.Query(), openapi.Message{Header: r.Header, Body: body})
	for _, problem := range wrong {
		s.complain("%s (%s): %s", what, op.ID, problem)
	}
	if len(wrong) > 0 {
		return s.refusal(op, http.StatusBadRequest)
	}
	if e == nil {
		s.complain("%s: it does not say what the operation %s does", s.file.Path, op.ID)
		return reply{status: http.StatusNotImplemented}
	}
	if !s.knows(r, op, form) {
		s.complain("%s (%s): it bears another secret than the target's", what, op.ID)
		return s.refusal(op, http.StatusUnauthorized)
	}
	key := ""
	if s.by.Key.Deduplicates && e.changes() {
		if key = r.Header.Get(s.by.Key.Header.Value); key != "" {
			key += " " + op.ID
		}
		if was, ok := s.once[key]; ok && key != "" {
			return was
		}
	}
	out := s.carryOut(r, op, e, path, form, body)
	for _, problem := range op.Answer(out.status, openapi.Message{Header: out.header, Body: out.body}) {
		s.complain("%s: the answer of %s: %s", s.file.Path, op.ID, problem)
	}
	if key != "" && out.status < 300 {
		s.once[key] = out
	}
	return out
}

func (s *server) carryOut(r *http.Request, op *openapi.Operation, e *Effect, path map[string]string, form url.Values, body []byte) reply {
	in := scope{"path": texts(path), "query": first(r.URL.Query()), "form": first(form), "headers": first(url.Values(r.Header)), "state": s.state, "server": s.URL, "token": s.token,
		"made": int64(s.made), "body": nil, "it": nil, "all": []any{}, "page": []any{}, "next": ""}
	if v, err := plain.Decode(body); err == nil {
		in["body"] = v
	}
	list, at := s.chosen(e, in)
	if e.One != "" && len(at) == 0 {
		return s.refusal(op, http.StatusNotFound)
	}
	if len(at) > 0 {
		in["it"] = list[at[0]]
	}
	for _, refusal := range e.Refuse {
		if s.holds(refusal.When, in) {
			answer := s.body(refusal.Status)
			if refusal.Answer != nil {
				answer = s.fill(refusal.Answer, in)
			}
			return written(op, refusal.Status, answer, "")
		}
	}
	about := s.apply(e, in)
	for _, also := range e.Also {
		s.apply(also, in)
	}
	in["state"], in["made"] = s.state, int64(s.made)
	if all, is := about.([]any); is {
		in["all"], in["page"] = all, all
		if e.Pages > 0 {
			in["page"], in["next"] = s.page(e, all, in)
		}
	} else {
		in["it"] = about
	}
	status := e.Status
	if status == 0 {
		status = op.Good()
	}
	answer := about
	if e.HasAnswer {
		answer = s.fill(e.Answer, in)
	} else if !op.Says(status) {
		answer = nil
	} else if _, is := about.([]any); is {
		answer = in["page"]
	}
	out := written(op, status, answer, "")
	for name, v := range e.Headers {
		if text := plain.Text(s.fill(v, in)); text != "" {
			out.header.Set(name, text)
		}
	}
	if text, is := answer.(string); is && out.header.Get("Content-Type") != openapi.JSONType && op.Type(status) != openapi.XMLType {
		out.body = []byte(text)
	}
	return out
}

// knows reports whether a request bears the target's secret, or a token that was
// given for it.
func (s *server) knows(r *http.Request, op *openapi.Operation, form url.Values) bool {
	if !op.Guarded() || len(s.secrets) == 0 || s.by.Auth.AWS != nil {
		return true
	}
	said := r.URL.RawQuery + form.Encode()
	for _, values := range r.Header {
		for _, v := range values {
			said += " " + v
			if basic, is := strings.CutPrefix(v, "Basic "); is {
				plain, _ := base64.StdEncoding.DecodeString(basic)
				said += " " + string(plain)
			}
		}
	}
	if s.by.Auth.OAuth2 != nil || s.by.Auth.Device != nil {
		return strings.Contains(said, s.token)
	}
	for _, secret := range s.secrets {
		if strings.Contains(said, secret) {
			return true
		}
	}
	return false
}

func texts(in map[string]string) map[string]any {
	out := make(map[string]any, len(in))
	for name, v := range in {
		out[name] = v
	}
	return out
}

// first are the first values under each name, those of headers in lower case too.
func first(in url.Values) map[string]any {
	out := make(map[string]any, len(in))
	for name, values := range in {
		if len(values) > 0 {
			out[name], out[strings.ToLower(name)] = values[0], values[0]
		}
	}
	return out
}
