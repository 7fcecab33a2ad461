package described

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/httpclient"
	"github.com/irctl/irctl/pkg/action"
)

// web sends requests.
type web struct {
	*description
	client *httpclient.Client
}

func newWeb(d *description, allow action.Allow, from *host.Host) (medium, error) {
	auth := httpclient.Auth{Bearer: d.bearer}
	if d.basic != nil {
		auth.User, auth.Password = d.basic.user, d.basic.password
	}
	client, err := httpclient.New(allow, httpclient.Options{Timeout: d.timeout, CAFile: d.caFile, Dial: from.Dialer(), Auth: auth})
	return web{d, client}, err
}

func (h web) address(path string) string { return strings.TrimRight(h.base, "/") + path }

func (h web) send(ctx context.Context, s *section, f filler, key string, accept []int, _ action.Sink) (answer, error) {
	r := httpclient.Request{Method: s.method, Key: key, KeyHeader: h.keyHeader, Header: map[string]any{"Accept": "application/json, */*;q=0.5"}}
	path, err := f.path(s.path)
	if err != nil {
		return answer{}, err
	}
	r.URL = h.address(path)
	for _, from := range []map[string]any{h.headers, s.headers} {
		if err := f.headers(r.Header, from); err != nil {
			return answer{}, err
		}
	}
	if r.Body, r.ContentType, err = f.body(s); err != nil {
		return answer{}, err
	}
	resp, err := h.client.Do(ctx, r)
	if err != nil {
		return answer{}, err
	}
	if !resp.Success() && !slices.Contains(accept, resp.Status) {
		return answer{}, resp.Unexpected()
	}
	return answer{code: resp.Status, text: string(resp.Body), header: resp.Header}, nil
}

// ready asks for the base URL. Any answer shows that the system is there; only
// refused credentials are a problem.
func (h web) ready(ctx context.Context) error {
	resp, err := h.client.Do(ctx, httpclient.Request{URL: h.address("/")})
	if err != nil {
		return err
	}
	if resp.Status == http.StatusUnauthorized {
		return resp.Unexpected()
	}
	return nil
}

// path fills in a path: values are parts of it, or of the query's values, and
// never lead anywhere else.
func (f filler) path(text string) (string, error) {
	path, query, hasQuery := strings.Cut(text, "?")
	filled, _, err := f.text(path, func(s string) (string, error) {
		if s == "" || s == "." || s == ".." {
			return "", errors.New("a part of a path must not be empty, \".\" or \"..\"")
		}
		return url.PathEscape(s), nil
	})
	if err != nil || !hasQuery {
		return filled, err
	}
	values, _, err := f.text(query, func(s string) (string, error) { return url.QueryEscape(s), nil })
	return filled + "?" + values, err
}

func (f filler) headers(into, from map[string]any) error {
	for name, v := range from {
		text, ok := v.(string)
		if !ok {
			into[name] = v
			continue
		}
		filled, err := f.plain(text)
		if err != nil {
			return err
		}
		into[name] = filled
	}
	return nil
}

func (f filler) body(s *section) (body []byte, contentType string, err error) {
	switch {
	case s.body != nil:
		filled, err := f.json(s.body)
		if err != nil {
			return nil, "", err
		}
		body, err = data.Encode(filled)
		return body, "application/json", err
	case s.form != nil:
		form := url.Values{}
		for name, v := range s.form {
			filled, err := f.json(v)
			if err != nil {
				return nil, "", err
			}
			form.Set(name, textOf(filled))
		}
		return []byte(form.Encode()), "application/x-www-form-urlencoded", nil
	}
	return nil, "", nil
}

func (s System) mistakenRequests(d *description) []action.Problem {
	var problems []action.Problem
	for name, t := range s.sections(d) {
		if t.path != "" && !strings.HasPrefix(t.path, "/") && !strings.HasPrefix(t.path, "?") {
			problems = append(problems, action.Problem{Input: name + ".path", Message: "must begin with a slash", Hint: "it is added to base_url"})
		}
		if t.body != nil && t.form != nil {
			problems = append(problems, action.Problem{Input: name, Message: "has both a body and a form", Hint: "keep one of them"})
		}
		if _, isText := t.body.(string); isText {
			problems = append(problems, action.Problem{Input: name + ".body", Message: "must be a map or a list, which is sent as JSON", Hint: `for example: {notice: "{notice}"}`})
		}
	}
	if !d.bearer.IsZero() && d.basic != nil {
		problems = append(problems, action.Problem{Input: "auth", Message: "has both bearer and basic", Hint: "keep one of them"})
	}
	for _, name := range slices.Sorted(maps.Keys(d.headers)) {
		if strings.EqualFold(name, d.keyHeader) {
			problems = append(problems, action.Problem{Input: "headers." + name, Message: "is set by irctl for each step"})
		}
	}
	return problems
}
