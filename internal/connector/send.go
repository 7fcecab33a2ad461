package connector

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/internal/expr"
	"github.com/irctl/irctl/internal/httpclient"
	"github.com/irctl/irctl/internal/patience"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

// Bounds of what a system may have irctl do.
const (
	maxPages = 1000
	maxDepth = 100              // of JSON: what is kept of it is written into the journal
	maxWaits = 4                // for the end of a limit, of one request
	maxPause = 60 * time.Second // of one such wait; the step's retry waits longer
)

// caller sends the requests of one call.
type caller struct {
	*scene
	client *httpclient.Client
	at     *reachable
	proof  *proof
	out    action.Sink                                                                          // nil while nobody is told
	saw    func(u *url.URL, query url.Values, send httpclient.Request, got httpclient.Response) // is told of each exchange, if anybody is
}

// answer is what came back, as expressions see it.
type answer struct {
	httpclient.Response
	from *url.URL
	seen map[string]any
}

// do sends a request, as often as it says, and returns its result: null for what
// is not there or was not to be sent.
func (c *caller) do(ctx context.Context, r *Request, key string) (any, error) {
	v, err := c.asOften(ctx, r, key)
	var known *action.Error
	if err != nil && !errors.As(err, &known) && ctx.Err() == nil { // an expression
		err = &action.Error{Message: "what " + c.req.Target.Name + " answered before does not tell what the next request needs, which was not sent", Cause: err, Permanent: true,
			Hint: "compare its answers with line " + strconv.Itoa(r.Span.Start.Line) + " of " + c.file.Path}
	}
	return v, err
}

func (c *caller) asOften(ctx context.Context, r *Request, key string) (any, error) {
	send, err := c.holds(r.When)
	if err != nil || !send {
		return nil, err
	}
	if !r.Each.Given() {
		return c.one(ctx, r, key)
	}
	v, err := c.eval(r.Each)
	if err != nil {
		return nil, err
	}
	list, ok := v.([]any)
	if !ok && v != nil {
		return nil, &action.Error{Message: fmt.Sprintf("`%s` is not a list", action.CleanLine(r.Each.Value, 80)), Permanent: true}
	}
	results := []any{}
	for i, e := range list {
		inner := *c
		inner.scene = c.with("item", e)
		result, err := inner.one(ctx, r, keyOf(key, i))
		if err != nil {
			return nil, err
		}
		results = append(results, result)
	}
	return map[string]any{"items": results}, nil
}

// keyOf is the idempotency key of one of several requests of a step.
func keyOf(key string, i int) string {
	if i == 0 || key == "" {
		return key
	}
	return key + "-" + strconv.Itoa(i)
}

func (c *caller) one(ctx context.Context, r *Request, key string) (any, error) {
	u, err := c.address(r.Path, c.at)
	if err != nil {
		return nil, err
	}
	query := u.Query()
	if err := c.pairs(r.Query, func(name string, v any) { addQuery(query, name, v) }); err != nil {
		return nil, err
	}
	send, err := c.request(r, key)
	if err != nil {
		return nil, err
	}
	a, err := c.exchange(ctx, r, send, u, query)
	if err != nil || a == nil {
		return nil, err
	}
	if r.Wait != nil {
		if a, err = c.wait(ctx, r, a); err != nil {
			return nil, err
		}
	}
	if r.Pages != nil {
		if a.seen["items"], err = c.pages(ctx, r, send, a, u, query); err != nil {
			return nil, err
		}
	}
	return a.seen, nil
}

func addQuery(query url.Values, name string, v any) {
	list, several := v.([]any)
	if !several {
		list = []any{v}
	}
	query.Del(name)
	for _, e := range list {
		plain, _ := data.Reveal(e)
		query.Add(name, expr.Text(plain))
	}
}

// request is what is sent, but for where to and who proves to send it.
func (c *caller) request(r *Request, key string) (httpclient.Request, error) {
	out := httpclient.Request{Method: r.Method, Header: map[string]any{"Accept": "application/json, */*;q=0.5"}, KeyHeader: c.file.Key.Header.Value}
	if out.KeyHeader != "" {
		out.Key = key
	}
	for _, headers := range [][]runbook.Pair{c.file.Headers, r.Headers} {
		if err := c.pairs(headers, func(name string, v any) { out.Header[http.CanonicalHeaderKey(name)] = textOrSecret(v) }); err != nil {
			return out, err
		}
	}
	switch {
	case r.Body != nil:
		filled, err := c.fill(r.Body.Data())
		if err != nil {
			return out, err
		}
		out.ContentType = "application/json"
		out.Body, err = data.Encode(data.Wire(filled))
		return out, err
	case len(r.Form) > 0:
		form := url.Values{}
		err := c.pairs(r.Form, func(name string, v any) { addQuery(form, name, v) })
		out.ContentType, out.Body = "application/x-www-form-urlencoded", []byte(form.Encode())
		return out, err
	}
	return out, nil
}

func textOrSecret(v any) any {
	if s, is := v.(action.Secret); is {
		return s
	}
	return expr.Text(v)
}

// exchange sends a request and judges its answer: nil is what is not there. It
// waits for the end of a limit that the system names, and proves anew who it is
// if the system has forgotten the proof.
func (c *caller) exchange(ctx context.Context, r *Request, send httpclient.Request, u *url.URL, query url.Values) (*answer, error) {
	for waits := 0; ; {
		one, to, asked := send, *u, url.Values{}
		for name, values := range query {
			asked[name] = values
		}
		one.Header = make(map[string]any, len(send.Header)+1)
		for name, v := range send.Header {
			one.Header[name] = v
		}
		fresh, err := c.proof.give(ctx, c, one.Header, asked)
		if err != nil {
			return nil, err
		}
		to.RawQuery = asked.Encode()
		one.URL = to.String()
		resp, err := c.client.Do(ctx, one)
		c.proof.hide(&resp)
		if err != nil {
			return nil, c.proof.mute(err)
		}
		if resp.Status == http.StatusUnauthorized && !fresh && c.proof.forget(c) {
			continue
		}
		if c.saw != nil {
			c.saw(u, query, send, resp)
		}
		if pause := c.pause(resp); pause > 0 && waits < maxWaits {
			if c.out != nil {
				c.out.Progress(fmt.Sprintf("%s asks to wait for %s", c.req.Target.Name, pause.Round(time.Second)))
			}
			if err := patience.Sleep(ctx, pause); err != nil {
				return nil, resp.Unexpected()
			}
			waits++
			continue
		}
		return c.judge(r, &answer{Response: resp, from: u})
	}
}

// pause is for how long a system asks to wait before it is asked again: 0 if it
// does not, or asks for more than a call waits.
func (c *caller) pause(resp httpclient.Response) time.Duration {
	after := httpclient.RetryAfter(resp.Header, time.Now())
	if reset, err := strconv.ParseInt(resp.Header.Get(c.file.RateReset.Value), 10, 64); err == nil && c.file.RateReset.Given() {
		after = max(time.Until(time.Unix(reset, 0)), time.Second)
	}
	switch {
	case resp.Status == http.StatusTooManyRequests:
		after = cmp.Or(after, time.Second)
	case resp.Status != http.StatusServiceUnavailable:
		return 0
	}
	if after > maxPause {
		return 0
	}
	return after
}

// judge says what an answer means.
func (c *caller) judge(r *Request, a *answer) (*answer, error) {
	if err := a.read(c.file.Lists); err != nil {
		return nil, &action.Error{Message: c.req.Target.Name + " gave an answer that cannot be used", Cause: err, Doubt: httpclient.Unsafe(r.Method), Permanent: true,
			Hint: "look there whether that is the system it should be, and how it is"}
	}
	if slices.Contains(r.Absent, a.Status) {
		return nil, nil
	}
	over := c.with("answer", a.seen)
	good, err := over.holds(r.Expect)
	if r.Expect.Given() && good && err == nil {
		return a, nil
	}
	for _, rule := range c.file.Errors {
		if is, err := over.holds(rule.When); err != nil || !is {
			continue
		}
		if rule.Absent {
			return nil, nil
		}
		return nil, rule.failure(over, a)
	}
	switch {
	case !a.Success():
		return nil, a.Unexpected()
	case r.Expect.Given():
		return nil, &action.Error{
			Message: fmt.Sprintf("%s answered %d, but not as the connector expects: `%s`", c.req.Target.Name, a.Status, action.CleanLine(r.Expect.Value, 100)),
			Cause:   err, Doubt: httpclient.Unsafe(r.Method), Hint: "look there whether it was carried out",
		}
	}
	return a, nil
}

// failure is the error that a rule makes of an answer.
func (rule *Rule) failure(over *scene, a *answer) error {
	e := a.Unexpected()
	if rule.Permanent != nil {
		e.Permanent = *rule.Permanent
	}
	if rule.Doubt != nil {
		e.Doubt = *rule.Doubt
	}
	if text := over.line(rule.Say); text != "" {
		e.Message = over.req.Target.Name + ": " + text
	}
	if text := over.line(rule.Hint); text != "" {
		e.Hint = text
	}
	return e
}

// read makes of an answer what expressions see. A body that is no JSON has no
// json, one that does not say that it is XML no xml; one that was cut off is no
// answer. In XML, lists are the names of elements that are lists.
func (a *answer) read(lists []string) error {
	if a.Cut {
		return fmt.Errorf("it is longer than %d MiB", httpclient.MaxBody>>20)
	}
	a.seen = map[string]any{"status": int64(a.Status), "headers": a.Headers(), "json": nil, "xml": nil, "text": string(a.Body)}
	kind, _, _ := strings.Cut(strings.ToLower(a.Header.Get("Content-Type")), ";")
	kind = strings.TrimSpace(kind)
	switch {
	case len(a.Body) == 0:
		return nil
	case strings.HasSuffix(kind, "/xml") || strings.HasSuffix(kind, "+xml"):
		v, err := data.DecodeXML(a.Body, lists...)
		if err != nil && a.Success() {
			return fmt.Errorf("it says that it is XML, and is %w", err)
		}
		a.seen["xml"] = v
		return nil
	case strings.HasPrefix(kind, "text/") && kind != "text/json":
		return nil
	}
	v, err := data.Decode(a.Body)
	switch {
	case err == nil && deep(v, maxDepth):
		return fmt.Errorf("its JSON is nested more than %d deep", maxDepth)
	case err == nil:
		a.seen["json"] = v
	case strings.Contains(kind, "json") && a.Success():
		return fmt.Errorf("it says that it is JSON, and is %w", err)
	}
	return nil
}

// deep reports whether data is nested more than so deep.
func deep(v any, most int) bool {
	inside := func(e any) bool { return most == 0 || deep(e, most-1) }
	switch v := v.(type) {
	case []any:
		return most == 0 || slices.ContainsFunc(v, inside)
	case map[string]any:
		return most == 0 || slices.ContainsFunc(slices.Collect(maps.Values(v)), inside)
	}
	return false
}
