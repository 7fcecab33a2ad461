package website

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/irctl/irctl/internal/config"
	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/patience"
	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/internal/systems/page"
	"github.com/irctl/irctl/pkg/action"
)

// visitor says where visitors are: the part of a target's config that all web
// servers have.
type visitor struct {
	URL, Address, CAFile string
	Also, KeepOpen       []string
	Via                  host.Via
}

func (v *visitor) fields() config.Fields {
	return config.Fields{
		config.Into(&v.URL, action.Field{Name: "check_url", Required: true, Pattern: `https?://.+`, Description: "Where visitors see the website. irctl asks there, from this machine, before and after each change.", Example: "https://www.example.com/"}),
		config.Into(&v.Address, action.Field{Name: "check_address", Description: "The host:port that irctl connects to when it asks at check_url, whatever the name leads to: the web server itself, behind a load balancer or a cache.", Example: "192.0.2.10:443"}),
		config.Into(&v.Also, action.Field{Name: "check_also", Items: action.String, Default: []any{}, Description: "Further addresses at which visitors may get the website: another name, port or listener, the server behind a proxy. One that still answers well while the site is out of service is named, and the step does not count as verified.", Example: "[http://192.0.2.10:8080/]"}),
		config.Into(&v.CAFile, action.Field{Name: "ca_file", Path: true, Description: "A further certificate authority that may have signed the website's certificate, in PEM.", Example: "/etc/irctl/ca.pem"}),
		config.Into(&v.KeepOpen, action.Field{Name: "keep_open", Default: []any{}, Description: "Paths that stay open, such as another way to pay: exactly this path or, if it ends with a slash, everything below.", Example: "[/pay/, /status]"}),
		v.Via.Field(),
	}
}

// visitors is what the frame needs of every kind's config.
func (v *visitor) visitors() *visitor { return v }

// plainPath is a path that means the same to every web server's configuration.
var plainPath = pattern.Late(`^/[A-Za-z0-9._~/-]*$`)

// Check implements config.Checker.
func (v *visitor) Check() (problems []action.Problem) {
	if u, err := url.Parse(v.URL); err != nil || v.URL != "" && u.Hostname() == "" {
		problems = append(problems, action.Problem{Input: "check_url", Message: "is not a URL with a host"})
	}
	if v.Address != "" {
		_, port, err := net.SplitHostPort(v.Address)
		if n, e := strconv.Atoi(port); err != nil || e != nil || n < 1 || n > 65535 {
			problems = append(problems, action.Problem{Input: "check_address", Message: "is not host:port", Hint: "write it as in 192.0.2.10:443"})
		}
	}
	for _, p := range v.KeepOpen {
		switch {
		case p == "/":
			problems = append(problems, action.Problem{Input: "keep_open", Message: "would keep everything open", Hint: "name the paths that have to stay open"})
		case !plainPath().MatchString(p):
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
func checkCommand(argv []string, example string) []action.Problem {
	if argv == nil || len(argv) > 0 && argv[0] != "" && argv[0][0] != '-' {
		return nil
	}
	return []action.Problem{{Input: "command", Message: "does not begin with a program", Hint: "write it as in " + example}}
}

// looks reports whether the target says where visitors are.
func (c *call) looks() bool { return c.URL != "" }

// site is what visitors see at a path, "" is that of check_url.
func (c *call) site(path string) page.Site {
	s := page.Site{URL: c.URL, Address: c.Address, CAFile: c.CAFile, Allow: c.req.Allow}
	if u, err := url.Parse(s.URL); err == nil && path != "" {
		u.Path, u.RawPath, u.RawQuery, u.Fragment = path, "", "", ""
		s.URL = u.String()
	}
	return s
}

// elsewhere names the further addresses at which visitors still get the site,
// and those at which nobody could look. A redirect leads to another address. A
// server that ends its old processes is given a moment.
func (c *call) elsewhere(ctx context.Context) (open, unseen []string) {
	for _, address := range c.Also {
		var seen page.Seen
		err := patience.Limit{For: 2 * time.Second, Every: 200 * time.Millisecond}.Until(ctx, func() (err error) {
			seen, err = page.Site{URL: address, CAFile: c.CAFile, Allow: c.req.Allow}.Look(ctx)
			if err == nil && seen.Status < http.StatusMultipleChoices {
				err = errStillServed
			}
			if errors.Is(err, syscall.ECONNREFUSED) { // nobody gets it there
				return nil
			}
			return err
		})
		switch text := action.CleanLine(address, 120); {
		case errors.Is(err, errStillServed):
			open = append(open, fmt.Sprintf("%s, which answers %d", text, seen.Status))
		case err != nil:
			unseen = append(unseen, text)
		}
	}
	return open, unseen
}

var errStillServed = errors.New("visitors still get the website")

// once asks one time, and returns what is wrong.
func (c *call) once(ctx context.Context, wrong func(page.Seen) error) error {
	seen, err := c.site("").Look(ctx)
	if err != nil {
		return err
	}
	return wrong(seen)
}

// wrong says what is wrong with what visitors see after the action.
func (c *call) wrong(ctx context.Context, seen page.Seen) (wrong, err error) {
	if !c.suspend {
		if seen.Status >= http.StatusBadRequest {
			return page.Unlike(c.URL, "the website", seen), nil
		}
		return nil, nil
	}
	switch {
	case !c.shows.page:
		if seen.Status != http.StatusServiceUnavailable {
			return page.Unlike(c.URL, "the page for status 503", seen), nil
		}
		if words := c.shows.words; !seen.Shows(words) {
			return page.Unlike(c.URL, fmt.Sprintf("%q with status 503", action.CleanLine(words, 80)), seen), nil
		}
	case seen.Status != http.StatusServiceUnavailable || !c.noticeIn(seen):
		return page.Unlike(c.URL, "the message with status 503", seen), nil
	case c.shows.retryAfter && seen.RetryAfter != c.retryAfter():
		return page.Unlike(c.URL, "the header Retry-After: "+c.retryAfter(), seen), nil
	}
	return c.shut(ctx)
}

// noticeIn reports whether visitors saw the message.
func (c *call) noticeIn(seen page.Seen) bool {
	return len(seen.Missing(page.Paragraphs(c.req.With.String("message")))) == 0
}

// shut is the error for a path that should have stayed open and is closed with
// the others.
func (c *call) shut(ctx context.Context) (wrong, err error) {
	for _, path := range c.open() {
		seen, err := c.site(path).Look(ctx)
		if err == nil && seen.Status != http.StatusServiceUnavailable {
			continue
		}
		if err == nil && slices.Contains(c.broken, path) {
			continue
		}
		e := &action.Error{
			Message: fmt.Sprintf("the website is out of service, but %s, which should stay open, is so too", path),
			Hint:    "see to what serves " + path + ", then retry; to open everything again: irctl rollback",
		}
		if err != nil {
			e.Message = fmt.Sprintf("the website is out of service, and %s, which should stay open, gives no answer", path)
			e.Cause = err
			return nil, e
		}
		return e, nil
	}
	return nil, nil
}

// unlike says what is wrong with what visitors see after an undo, when they saw
// a status before.
func (c *call) unlike(status string) func(page.Seen) error {
	return func(seen page.Seen) error {
		if strconv.Itoa(seen.Status) != status {
			return page.Unlike(c.URL, "what it showed before, with status "+status, seen)
		}
		return nil
	}
}
