package website

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"

	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/systems/page"
	"github.com/irctl/irctl/pkg/action"
)

// visitorFields are the fields by which a target says where visitors are.
func visitorFields() []action.Field {
	return []action.Field{
		{Name: "check_url", Type: action.String, Required: true, Pattern: `https?://.+`, Description: "Where visitors see the website. irctl asks there, from this machine, before and after each change.", Example: "https://www.example.com/"},
		{Name: "check_address", Type: action.String, Description: "The host:port that irctl connects to when it asks at check_url, whatever the name leads to: the web server itself, behind a load balancer or a cache.", Example: "192.0.2.10:443"},
		{Name: "ca_file", Type: action.String, Path: true, Description: "A further certificate authority that may have signed the website's certificate, in PEM.", Example: "/etc/irctl/ca.pem"},
		{Name: "keep_open", Type: action.List, Items: action.String, Default: []any{}, Description: "Paths that stay open, such as another way to pay: exactly this path or, if it ends with a slash, everything below.", Example: "[/pay/, /status]"},
		host.ViaField(),
	}
}

// plainPath is a path that means the same to every web server's configuration.
var plainPath = regexp.MustCompile(`^/[A-Za-z0-9._~/-]*$`)

// checkVisitor finds mistakes in visitorFields.
func checkVisitor(config action.Values) []action.Problem {
	problems := host.CheckVia(config)
	if u, err := url.Parse(config.String("check_url")); err != nil || config.Has("check_url") && u.Hostname() == "" {
		problems = append(problems, action.Problem{Input: "check_url", Message: "is not a URL with a host"})
	}
	if config.Has("check_address") {
		_, port, err := net.SplitHostPort(config.String("check_address"))
		if n, e := strconv.Atoi(port); err != nil || e != nil || n < 1 || n > 65535 {
			problems = append(problems, action.Problem{Input: "check_address", Message: "is not host:port", Hint: "write it as in 192.0.2.10:443"})
		}
	}
	for _, p := range config.Strings("keep_open") {
		switch {
		case p == "/":
			problems = append(problems, action.Problem{Input: "keep_open", Message: "would keep everything open", Hint: "name the paths that have to stay open"})
		case !plainPath.MatchString(p):
			problems = append(problems, action.Problem{
				Input: "keep_open", Message: fmt.Sprintf("holds %q, which is not a plain path", action.CleanLine(p, 60)),
				Hint: "begin with a slash, and use letters, digits and ._~-/ only",
			})
		}
	}
	return problems
}

// checkCommand finds mistakes in the field command: how a server's program is
// called.
func checkCommand(config action.Values, example string) []action.Problem {
	argv := config.Strings("command")
	if !config.Has("command") || len(argv) > 0 && argv[0] != "" && argv[0][0] != '-' {
		return nil
	}
	return []action.Problem{{Input: "command", Message: "does not begin with a program", Hint: "write it as in " + example}}
}

// looks reports whether the target says where visitors are.
func (c *call) looks() bool { return c.config().Has("check_url") }

func (c *call) url() string { return c.config().String("check_url") }

// site is what visitors see at a path, "" is that of check_url.
func (c *call) site(path string) page.Site {
	s := page.Site{
		URL: c.url(), Allow: c.req.Allow, Patience: c.patience, Steady: c.shows.steady,
		Address: c.config().String("check_address"), CAFile: c.config().String("ca_file"),
	}
	if u, err := url.Parse(s.URL); err == nil && path != "" {
		u.Path, u.RawPath, u.RawQuery, u.Fragment = path, "", "", ""
		s.URL = u.String()
	}
	return s
}

// once asks one time, until asks for as long as the server may take. Both end
// with what is wrong.
func (c *call) once(ctx context.Context, wrong func(context.Context, page.Seen) error) error {
	seen, err := c.site("").Look(ctx)
	if err != nil {
		return err
	}
	return wrong(ctx, seen)
}

func (c *call) until(ctx context.Context, wrong func(context.Context, page.Seen) error) error {
	if !c.looks() {
		return nil
	}
	return c.site("").Until(ctx, func(seen page.Seen) error { return wrong(ctx, seen) })
}

// wrong says what is wrong with what visitors see after the action.
func (c *call) wrong(ctx context.Context, seen page.Seen) error {
	if !c.suspend {
		if seen.Status >= http.StatusBadRequest {
			return page.Unlike(c.url(), "the website", seen)
		}
		return nil
	}
	switch {
	case !c.shows.page:
		if seen.Status != http.StatusServiceUnavailable {
			return page.Unlike(c.url(), "the page for status 503", seen)
		}
		if words := c.config().String("notice"); !seen.Shows(words) {
			return page.Unlike(c.url(), fmt.Sprintf("%q with status 503", action.CleanLine(words, 80)), seen)
		}
	case seen.Status != http.StatusServiceUnavailable || !c.noticeIn(seen):
		return page.Unlike(c.url(), "the message with status 503", seen)
	case c.shows.retryAfter && seen.RetryAfter != c.retryAfter():
		return page.Unlike(c.url(), "the header Retry-After: "+c.retryAfter(), seen)
	}
	return c.shut(ctx)
}

// noticeIn reports whether visitors saw the message.
func (c *call) noticeIn(seen page.Seen) bool {
	return len(seen.Missing(page.Paragraphs(c.req.With.String("message")))) == 0
}

// shut is the error for a path that should have stayed open and is closed with
// the others.
func (c *call) shut(ctx context.Context) error {
	for _, path := range c.open() {
		seen, err := c.site(path).Look(ctx)
		if err == nil && seen.Status != http.StatusServiceUnavailable {
			continue
		}
		if err == nil && slices.Contains(c.broken, path) {
			continue
		}
		return &action.Error{
			Message: fmt.Sprintf("the website is out of service, but %s, which should stay open, is so too", path),
			Hint:    "see to what serves " + path + ", then retry; to open everything again: irctl rollback",
			Cause:   err,
		}
	}
	return nil
}

// unlike says what is wrong with what visitors see after an undo, when they saw
// a status before.
func (c *call) unlike(status string) func(context.Context, page.Seen) error {
	return func(_ context.Context, seen page.Seen) error {
		if strconv.Itoa(seen.Status) != status {
			return page.Unlike(c.url(), "what it showed before, with status "+status, seen)
		}
		return nil
	}
}
