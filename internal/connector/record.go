package connector

import (
	"context"
	"net/url"
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

// Masker takes secrets that it has been told out of texts, however they are written
// there, with what looks like one.
type Masker interface {
	Add(secret action.Secret)
	Text(text string) string
}

// secretName is a name whose value nobody but its system may know.
var secretName = pattern.Late(`(?i)passw(or)?d|passphrase|pwd|pass$|secret|token|credential|authorization|bearer|assertion|jwt|cookie|session[-_]?id|signature|(^|[-_])sig$|(^|[-_])sid$|` +
	`api[-_]?key|private[-_]?key|^private$|access[-_]?key$|(recovery|backup)[-_]?codes?|(^|[-_])t?otp|t?otp($|[-_])|(^|[-_])pin$|(^|[-_])seed$`)

// keeps reports whether what a map holds under a name is a secret: by that name, or
// by one beside it, as in {name: api_key, value: ...}.
func keeps(m map[string]any, name string) bool {
	if secretName().MatchString(name) {
		return true
	}
	for beside, v := range m {
		text, _ := v.(string)
		if strings.EqualFold(name, "value") && (strings.EqualFold(beside, "name") || strings.EqualFold(beside, "key")) && secretName().MatchString(text) {
			return true
		}
	}
	return false
}

// Record looks as an action of the file does, which changes nothing, and returns
// what was exchanged in order, and how it is, for people. Of secrets nothing is left
// in it: those of the target, tokens, and whatever stands under the name of one,
// wherever else it turns up and however mask knows it to be written.
func (f *File) Record(ctx context.Context, a *Action, spec action.Spec, req action.Request, mask Masker) (all []*Exchange, state string, err error) {
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
		gather(mask, e.Body)
		gather(mask, e.Answer)
		gather(mask, e.Request)
	}
	for _, text := range c.proof.hidden {
		mask.Add(action.NewSecret(text))
	}
	for _, e := range all {
		e.Request = mask.Text(e.Request)
		e.Body, e.Answer = data.Clean(without(mask, e.Body)), data.Clean(without(mask, e.Answer))
	}
	return all, mask.Text(c.says(a.State)), err
}

// gather tells mask what stands under the names of secrets.
func gather(mask Masker, v any) {
	conceal := func(v any) {
		data.Any(v, func(v any) bool {
			if _, is := v.(bool); !is {
				mask.Add(action.NewSecret(strings.TrimSpace(data.Text(v))))
			}
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
			gather(mask, e)
		}
	case map[string]any:
		for name, e := range v {
			if keeps(v, name) {
				conceal(e)
			}
			gather(mask, e)
		}
	}
}

// queryOf is the query of a text that is an URL, or a method with one.
func queryOf(text string) url.Values {
	_, query, _ := strings.Cut(text, "?")
	values, _ := url.ParseQuery(query)
	return values
}

// without is data without what must not be kept.
func without(mask Masker, v any) any {
	switch v := v.(type) {
	case string:
		return mask.Text(v)
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = without(mask, e)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, e := range v {
			if keeps(v, name) {
				e = data.Each(e, func(v any) any {
					if _, is := v.(bool); is || v == nil || v == "" {
						return v
					}
					return masked
				})
			}
			out[mask.Text(name)] = without(mask, e)
		}
		return out
	}
	return v
}
