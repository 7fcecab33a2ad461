package notify

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/irctl/irctl/internal/config"
	"github.com/irctl/irctl/internal/httpclient"
	"github.com/irctl/irctl/pkg/action"
)

// asking is where a target answers whether something arrived: fields of its
// config.
type asking struct {
	Lookup, CAFile string
	Token          action.Secret
}

func (a *asking) caFile() config.Field {
	return config.Into(&a.CAFile, action.Field{Name: "ca_file", Path: true, Description: "Further certificate authorities, in PEM."})
}

func (a *asking) token() config.Field {
	return config.Into(&a.Token, action.Field{Name: "token", Description: "A bearer token for the lookup."})
}

// arrived asks the target whether something arrived. Known is false when it
// names no lookup.
func (a *asking) arrived(ctx context.Context, allow action.Allow, placeholder, value string) (arrived, known bool, err error) {
	if a.Lookup == "" {
		return false, false, nil
	}
	c, err := a.client(allow)
	if err != nil {
		return false, false, err
	}
	r, err := c.Do(ctx, httpclient.Request{URL: strings.ReplaceAll(a.Lookup, placeholder, url.QueryEscape(value))})
	switch {
	case err != nil:
		return false, false, err
	case r.Status == http.StatusNotFound:
		return false, true, nil
	case r.Success():
		return true, true, nil
	}
	e := r.Unexpected()
	e.Hint = "the lookup must answer 200 when it arrived and 404 when not"
	return false, false, e
}

func (a *asking) client(allow action.Allow) (*httpclient.Client, error) {
	return httpclient.New(allow, httpclient.Options{CAFile: a.CAFile, Auth: httpclient.Auth{Bearer: a.Token}})
}

// check finds a lookup that asks the same for every message.
func (a *asking) check(placeholder string) []action.Problem {
	if a.Lookup != "" && !strings.Contains(a.Lookup, placeholder) {
		return []action.Problem{{Input: "lookup", Message: "does not use " + placeholder, Hint: "without it every message would count as arrived"}}
	}
	return nil
}
