package connector

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/internal/httpclient"
	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/pkg/action"
)

// Exchange is one request with its answer, as plain data to be kept: without
// headers, which hold what proves who asks, but for the type of the answer.
type Exchange struct {
	Request string // "GET /users/u1?limit=1", below the base
	Body    any    // of the request; nil is none
	Status  int
	Answer  any // JSON; XML as a map of its root; another text; nil is none
}

// masked stands for what must not be kept.
const masked = "[redacted]"

// secretName is a name whose value nobody but its system may know.
var secretName = pattern.Late(`(?i)passw(or)?d|passphrase|secret|token|credential|authorization|api[-_]?key|private[-_]?key|access[-_]?key$|cookie|session[-_]?id|signature`)

// Record looks as an action of the file does, which changes nothing, and returns
// what was exchanged in order, and how it is, for people. Of secrets nothing is left
// in it: those of the target, tokens, and whatever stands under the name of one,
// wherever else it turns up.
func (f *File) Record(ctx context.Context, a *Action, spec action.Spec, req action.Request) (all []*Exchange, state string, err error) {
	opened, err := f.open(spec, a, req)
	if err != nil {
		return nil, "", err
	}
	defer opened.Close()
	c := opened.(*work).caller
	c.saw = func(u *url.URL, query url.Values, send httpclient.Request, got httpclient.Response) {
		e := &Exchange{Request: send.Method + " " + strings.TrimPrefix(u.EscapedPath(), strings.TrimRight(c.at.base.EscapedPath(), "/")), Status: got.Status, Answer: string(got.Body)}
		if len(query) > 0 {
			e.Request += "?" + query.Encode()
		}
		if form, err := url.ParseQuery(string(send.Body)); err == nil && strings.HasSuffix(send.ContentType, "urlencoded") {
			fields := map[string]any{}
			for name := range form {
				fields[name] = form.Get(name)
			}
			e.Body = fields
		} else if v, err := data.Decode(send.Body); err == nil {
			e.Body = v
		}
		seen := &answer{Response: got}
		switch err := seen.read(f.Lists); {
		case err == nil && seen.seen["json"] != nil:
			e.Answer = seen.seen["json"]
		case err == nil && seen.seen["xml"] != nil:
			e.Answer = seen.seen["xml"]
		case len(got.Body) == 0:
			e.Answer = nil
		}
		all = append(all, e)
	}
	_, err = opened.Look(ctx, nil)
	for _, e := range all { // what one says under the name of a secret, another may say elsewhere
		c.proof.gather(e.Body)
		c.proof.gather(e.Answer)
		c.proof.gather(e.Request)
	}
	for _, e := range all {
		e.Request, _ = c.proof.masked(e.Request).(string)
		e.Body, e.Answer = data.Clean(c.proof.masked(e.Body)), data.Clean(c.proof.masked(e.Answer))
	}
	state, _ = c.proof.masked(c.says(a.State)).(string)
	return all, state, err
}

// gather conceals what stands under the names of secrets.
func (p *proof) gather(v any) {
	conceal := func(v any) {
		data.Any(v, func(v any) bool {
			p.conceal(strings.TrimSpace(data.Text(v)))
			return false
		})
	}
	switch v := v.(type) {
	case string:
		for name, values := range queryOf(v) {
			if secretName().MatchString(name) {
				for _, value := range values {
					conceal(value)
				}
			}
		}
	case []any:
		for _, e := range v {
			p.gather(e)
		}
	case map[string]any:
		for name, e := range v {
			if secretName().MatchString(name) {
				conceal(e)
			}
			p.gather(e)
		}
	}
}

// queryOf is the query of a text that is an URL, or a method with one.
func queryOf(text string) url.Values {
	_, query, _ := strings.Cut(text, "?")
	values, _ := url.ParseQuery(query)
	return values
}

// masked is data without what must not be kept.
func (p *proof) masked(v any) any {
	switch v := v.(type) {
	case string:
		// The longest first: one may be a part of another.
		slices.SortFunc(p.hidden, func(a, b string) int { return len(b) - len(a) })
		for _, text := range p.hidden {
			for _, way := range []string{text, url.QueryEscape(text), url.PathEscape(text)} {
				v = strings.ReplaceAll(v, way, masked)
			}
		}
		return v
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = p.masked(e)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, e := range v {
			if secretName().MatchString(name) {
				e = data.Each(e, func(v any) any {
					if v == nil || v == "" {
						return v
					}
					return masked
				})
			}
			out[p.masked(name).(string)] = p.masked(e)
		}
		return out
	}
	return v
}
