package website

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/irctl/irctl/internal/config"
	"github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/internal/httpclient"
	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/patience"
	"github.com/irctl/irctl/internal/systems/page"
	"github.com/irctl/irctl/pkg/action"
)

// byCaddy closes a site by a handler that it puts before all others of the site's
// route, at the admin API. The route's own handlers stay where they are and
// serve the paths that stay open.
func byCaddy(suspend bool, limit patience.Limit) kind.Kind {
	return served(action.TargetType{
		Name:    "caddy",
		Summary: "Caddy, by its admin API; a reload of a Caddyfile ends it",
		Example: `portal:
  type: caddy
  owner: web@example.com
  fallback: Call the web team and have them take the site down.
  config:
    id: portal
    check_url: https://www.example.com/
    keep_open: [/pay/]
    via: {ssh: web1.example.com}
`,
	}, suspend, limit, func(c *call, conf caddyConfig) gate {
		c.shows = shows{page: true, retryAfter: true}
		return newCaddy(c, conf)
	})
}

type caddyConfig struct {
	Admin, ID string
	visitor
}

// Fields implements config.Config.
func (c *caddyConfig) Fields() config.Fields {
	return append(config.Fields{
		config.Into(&c.Admin, action.Field{Name: "admin", Default: "http://127.0.0.1:2019", Pattern: `https?://[^/]+/?`, Description: "Where the admin API is.", Example: "http://127.0.0.1:2019"}),
		config.Into(&c.ID, action.Field{Name: "id", Required: true, Pattern: `[A-Za-z0-9_.-]+`, Description: "The @id of the site's route in Caddy's configuration.", Example: "portal"}),
	}, c.fields()...)
}

// route is the site's route at one moment.
type route struct {
	path     string // below the admin API
	etag     string
	handlers []any
	at       int // which of them is irctl's, -1 is none
}

// caddy is a site at one Caddy, and its route as it is now.
type caddy struct {
	*call
	url, id string // of the admin API and of the route
	route   route
	want    any // irctl's handler, nil is none
}

func newCaddy(c *call, conf caddyConfig) *caddy {
	g := &caddy{call: c, url: strings.TrimSuffix(conf.Admin, "/"), id: conf.ID}
	if c.suspend {
		g.want = g.handler()
	}
	return g
}

// closedID is the @id of irctl's handler.
func (g *caddy) closedID() string { return "irctl-closed-" + g.id }

func (g *caddy) admin(ctx context.Context, r httpclient.Request) (httpclient.Response, error) {
	client, err := httpclient.New(g.req.Allow, httpclient.Options{Dial: g.host.Dialer()})
	if err != nil {
		return httpclient.Response{}, err
	}
	r.URL = g.url + r.URL
	if r.Body != nil {
		r.ContentType = "application/json"
	}
	return client.Do(ctx, r)
}

// find reads the route.
func (g *caddy) find(ctx context.Context) (route, error) {
	id := g.id
	r := route{path: "/id/" + id, at: -1}
	res, err := g.admin(ctx, httpclient.Request{URL: r.path})
	if err != nil {
		return r, err
	}
	if res.Status == http.StatusNotFound {
		return r, &action.Error{Message: "Caddy's configuration has nothing with the @id " + id, Hint: `write "@id": "` + id + `" into the site's route, or correct id in the environment's target`, Permanent: true}
	}
	if !res.Success() {
		return r, res.Unexpected()
	}
	// Caddy 2.6 sends the ETag after the body, later ones may send it before.
	if r.etag = res.Trailer.Get("ETag"); r.etag == "" {
		r.etag = res.Header.Get("ETag")
	}
	if r.etag == "" {
		return r, &action.Error{Message: "this Caddy sends no ETag, so changes of others could not be noticed", Hint: "irctl needs Caddy 2.5 or newer", Permanent: true}
	}
	v, err := res.JSON()
	if err != nil {
		return r, &action.Error{Message: "what Caddy says of " + id + " cannot be read", Cause: err, Permanent: true}
	}
	found, _ := httpclient.Find(v, "handle")
	if r.handlers, _ = found.([]any); len(r.handlers) == 0 {
		return r, &action.Error{Message: "what has the @id " + id + " in Caddy's configuration is not a route with handlers", Hint: "put the @id on the site's route, beside its match and handle", Permanent: true}
	}
	for i, h := range r.handlers {
		if m, ok := h.(map[string]any); ok && m["@id"] == g.closedID() {
			r.at = i
			break
		}
	}
	return r, nil
}

// ours is irctl's handler as it is, nil if there is none.
func (r route) ours() any {
	if r.at < 0 {
		return nil
	}
	return r.handlers[r.at]
}

// handler is irctl's handler for this notice.
func (g *caddy) handler() map[string]any {
	answer := map[string]any{
		"handler": "static_response", "status_code": http.StatusServiceUnavailable,
		"headers": map[string]any{
			"Content-Type":  []any{"text/html; charset=utf-8"},
			"Retry-After":   []any{g.retryAfter()},
			"Cache-Control": []any{"no-store"},
		},
		// Caddy replaces {placeholders} in a body, also by its environment.
		"body": strings.NewReplacer("{", `\{`, "}", `\}`).Replace(string(g.notice)),
	}
	closed := map[string]any{"handle": []any{answer}, "terminal": true}
	var open []any
	for _, p := range g.open() {
		if strings.HasSuffix(p, "/") {
			p += "*"
		}
		open = append(open, p)
	}
	if open != nil {
		closed["match"] = []any{map[string]any{"not": []any{map[string]any{"path": open}}}}
	}
	return map[string]any{"@id": g.closedID(), "handler": "subroute", "routes": []any{closed}}
}

func (g *caddy) look(ctx context.Context) (desired bool, current string, err error) {
	g.route, err = g.find(ctx)
	desired = data.Same(g.route.ours(), g.want)
	return desired, g.standing(g.route.at >= 0, desired), err
}

// keep keeps an earlier handler of irctl's. Nothing else is changed.
func (g *caddy) keep(dir string) (map[string]any, error) {
	var before page.Snapshot
	if ours := g.route.ours(); ours != nil {
		text, err := json.Marshal(ours)
		if err != nil {
			return nil, err
		}
		before = page.Of(text)
	}
	handler, err := before.Keep(dir)
	return map[string]any{"handler": handler}, err
}

func (g *caddy) change(ctx context.Context, out action.Sink) error {
	out.Progress("telling Caddy")
	_, err := g.put(ctx, g.want)
	return err
}

// rivals is how often others may change the configuration between a look and
// the change before irctl gives up.
const rivals = 5

// put makes want irctl's handler of the route, nil is none. Every change names
// the state that it was decided on, so that Caddy refuses it if somebody was
// faster; then put looks again.
func (g *caddy) put(ctx context.Context, want any) (changed bool, err error) {
	for range rivals {
		r, err := g.find(ctx)
		if err != nil || data.Same(r.ours(), want) {
			return false, err
		}
		req := httpclient.Request{Header: map[string]any{"If-Match": r.etag}}
		switch {
		case want == nil:
			req.Method, req.URL = http.MethodDelete, r.path+"/handle/"+strconv.Itoa(r.at)
		case r.at < 0:
			req.Method, req.URL = http.MethodPut, r.path+"/handle/0"
		default:
			req.Method, req.URL = http.MethodPatch, r.path+"/handle/"+strconv.Itoa(r.at)
		}
		if want != nil {
			if req.Body, err = json.Marshal(want); err != nil {
				return false, err
			}
		}
		res, err := g.admin(ctx, req)
		switch {
		case err != nil:
			return false, err
		case res.Success():
			return true, nil
		case res.Status != http.StatusPreconditionFailed:
			return false, res.Unexpected()
		}
	}
	return false, &action.Error{Message: kind.Somebody + " keeps changing Caddy's configuration, so nothing was changed", Hint: "find out which program does, then retry"}
}

func (g *caddy) revert(ctx context.Context, record action.Values, _ bool) (changed bool, err error) {
	before, err := page.Recalled(g.req.Dir, record.Map("handler"))
	if err != nil {
		return false, err
	}
	var handler any
	if before.Exists {
		if handler, err = data.Decode(before.Data()); err != nil {
			return false, err
		}
	}
	return g.put(ctx, handler)
}

func (g *caddy) preflight(ctx context.Context) []error {
	if _, err := g.find(ctx); err != nil {
		return []error{err}
	}
	return nil
}
