package notify

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/irctl/irctl/internal/httpclient"
	"github.com/irctl/irctl/pkg/action"
)

// lookup asks the target whether something arrived. known is false when the
// target names no lookup.
func lookup(ctx context.Context, req action.Request, placeholder, value string) (arrived, known bool, err error) {
	template := req.Target.Config.String("lookup")
	if template == "" {
		return false, false, nil
	}
	c, err := client(req)
	if err != nil {
		return false, false, err
	}
	r, err := c.Do(ctx, httpclient.Request{URL: strings.ReplaceAll(template, placeholder, url.QueryEscape(value))})
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

func client(req action.Request) (*httpclient.Client, error) {
	return httpclient.New(req.Allow, httpclient.Options{
		CAFile: req.Target.Config.String("ca_file"),
		Auth:   httpclient.Auth{Bearer: req.Target.Config.Secret("token")},
	})
}

// checkLookup finds a lookup that asks the same for every message.
func checkLookup(config action.Values, placeholder string) []action.Problem {
	if l := config.String("lookup"); l != "" && !strings.Contains(l, placeholder) {
		return []action.Problem{{Input: "lookup", Message: "does not use " + placeholder, Hint: "without it every message would count as arrived"}}
	}
	return nil
}
