package described

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/httpclient"
	"github.com/irctl/irctl/pkg/action"
)

// httpSystem sends requests.
type httpSystem struct {
	client    *httpclient.Client
	base      string
	headers   map[string]any
	keyHeader string
}

func newHTTP(config action.Values, allow action.Allow, from *host.Host) (*httpSystem, error) {
	auth := config.Map("auth")
	client, err := httpclient.New(allow, httpclient.Options{
		Timeout: config.Duration("timeout"),
		CAFile:  config.String("ca_file"),
		Dial:    from.Dialer(),
		Auth: httpclient.Auth{
			Bearer:   auth.Secret("bearer"),
			User:     auth.Map("basic").String("user"),
			Password: auth.Map("basic").Secret("password"),
		},
	})
	if err != nil {
		return nil, err
	}
	return &httpSystem{client, strings.TrimRight(config.String("base_url"), "/"), config.Map("headers"), config.String("idempotency_header")}, nil
}

func (h *httpSystem) send(ctx context.Context, section action.Values, f filler, key string, accept []int, _ action.Sink) (answer, error) {
	r := httpclient.Request{Method: section.String("method"), Key: key, KeyHeader: h.keyHeader, Header: map[string]any{"Accept": "application/json, */*;q=0.5"}}
	path, err := f.path(section.String("path"))
	if err != nil {
		return answer{}, err
	}
	r.URL = h.base + path
	for _, from := range []action.Values{h.headers, section.Map("headers")} {
		if err := f.headers(r.Header, from); err != nil {
			return answer{}, err
		}
	}
	if r.Body, r.ContentType, err = f.body(section); err != nil {
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
func (h *httpSystem) ready(ctx context.Context) error {
	resp, err := h.client.Do(ctx, httpclient.Request{URL: h.base + "/"})
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

func (f filler) headers(into map[string]any, from action.Values) error {
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

func (f filler) body(section action.Values) (body []byte, contentType string, err error) {
	switch {
	case section.Has("body"):
		filled, err := f.json(section["body"])
		if err != nil {
			return nil, "", err
		}
		body, err = json.Marshal(filled)
		return body, "application/json", err
	case section.Has("form"):
		form := url.Values{}
		for name, v := range section.Map("form") {
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

func (s System) checkRequests(config action.Values) []action.Problem {
	var problems []action.Problem
	for name, section := range s.sections(config) {
		if p := section.String("path"); p != "" && !strings.HasPrefix(p, "/") && !strings.HasPrefix(p, "?") {
			problems = append(problems, action.Problem{Input: name + ".path", Message: "must begin with a slash", Hint: "it is added to base_url"})
		}
		if section.Has("body") && section.Has("form") {
			problems = append(problems, action.Problem{Input: name, Message: "has both a body and a form", Hint: "keep one of them"})
		}
		if _, isText := section["body"].(string); isText {
			problems = append(problems, action.Problem{Input: name + ".body", Message: "must be a map or a list, which is sent as JSON", Hint: `for example: {notice: "{notice}"}`})
		}
	}
	if auth := config.Map("auth"); auth.Has("bearer") && auth.Has("basic") {
		problems = append(problems, action.Problem{Input: "auth", Message: "has both bearer and basic", Hint: "keep one of them"})
	}
	for _, name := range slices.Sorted(maps.Keys(config.Map("headers"))) {
		if strings.EqualFold(name, config.String("idempotency_header")) {
			problems = append(problems, action.Problem{Input: "headers." + name, Message: "is set by irctl for each step"})
		}
	}
	return problems
}
