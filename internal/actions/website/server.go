package website

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/config"
	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/patience"
	"github.com/irctl/irctl/internal/systems/page"
	"github.com/irctl/irctl/pkg/action"
)

// gate is what closes and opens one web server, for one call. Everything that
// all kinds have in common is [call]'s.
type gate interface {
	// look finds out how the server is set, changes nothing, and says it in
	// words; desired is that the setting is as the action wants it.
	look(ctx context.Context) (desired bool, current string, err error)
	// keep returns what revert will need of what look saw, as plain data; bytes
	// go into dir.
	keep(dir string) (map[string]any, error)
	// change makes the setting as the action wants it, again if need be.
	change(ctx context.Context, out action.Sink) error
	// revert puts back what the first attempt kept of the setting. It reports
	// whether that changed anything, and is told whether visitors see already
	// what they saw before.
	revert(ctx context.Context, record action.Values, seen bool) (changed bool, err error)
	// preflight finds what would keep the others from working.
	preflight(ctx context.Context) []error
}

// leaky is a gate that can tell by which other ways its server serves the site.
type leaky interface {
	open(ctx context.Context) ([]string, error)
}

// shows is what a gate's visitors see while it is closed.
type shows struct {
	// page: the runbook's message; otherwise the server shows a page of its own
	// with these words.
	page  bool
	words string
	// retryAfter: the header Retry-After says the runbook's time.
	retryAfter bool
	// mayLack: the server's own configuration says whether Retry-After is sent,
	// so that a site without is as it should be, but people are told.
	mayLack bool
}

// call is one call of an action on one server.
type call struct {
	visitor
	gate    gate
	suspend bool
	shows   shows
	limit   patience.Limit // for which visitors may see the old state
	req     action.Request
	host    *host.Host
	notice  []byte   // the page, when suspending
	broken  []string // of the paths that stay open, those that did not work before the step
	lacks   bool     // visitors were not told when to come back
	missed  bool     // visitors saw the site as if nothing had been closed
}

// served makes a kind of web server out of its gate. The config of a kind is a
// C, in which visitors are.
func served[C any, P interface {
	config.Config[C]
	visitors() *visitor
}](t action.TargetType, suspend bool, limit patience.Limit, open func(c *call, conf C) gate) kind.Kind {
	t.Undo = true
	return kind.Change{
		Type: config.Describe[C, P](t), Patience: limit,
		Open: func(_ context.Context, req action.Request) (kind.Work, error) {
			conf, err := config.Read[C, P](req.Target)
			if err != nil {
				return nil, err
			}
			c := &call{visitor: *P(&conf).visitors(), suspend: suspend, limit: limit, req: req}
			if suspend && req.With.Has("message") {
				if c.notice, err = notice(req); err != nil {
					return nil, err
				}
			}
			if c.host, err = host.Open(c.Via, req.Allow); err != nil {
				return nil, err
			}
			c.gate = open(c, conf)
			return c, nil
		},
		Inputs: page.CheckAlternatives,
	}
}

// Close implements kind.Work.
func (c *call) Close() { c.host.Close() }

// Look implements kind.Work.
func (c *call) Look(ctx context.Context, record action.Values) (s kind.State, err error) {
	c.broken = record.Strings("broken")
	switch {
	case !c.suspend:
		s.Want, s.Summary = "in service", "the website is in service"
	case c.shows.page:
		s.Want, s.Summary = "out of service, showing the message", "the website is out of service and shows the message"
	default:
		s.Want, s.Summary = "out of service, showing the server's own page", "the website is out of service and shows the server's own page"
	}
	s.Desired, s.Current, err = c.gate.look(ctx)
	if err != nil || !c.suspend || !s.Desired {
		return s, err
	}
	if g, ok := c.gate.(leaky); ok {
		s.Open, err = g.open(ctx)
	}
	open, unseen := c.elsewhere(ctx)
	s.Open, s.Unseen = append(s.Open, open...), unseen
	return s, err
}

// Seen implements kind.Witness.
func (c *call) Seen(ctx context.Context, _ action.Values) (wrong, err error) {
	if !c.looks() {
		return nil, nil
	}
	c.missed = false
	seen, err := c.site("").Look(ctx)
	if err != nil {
		return nil, err
	}
	c.missed = seen.Status < http.StatusBadRequest
	c.lacks = c.suspend && c.shows.mayLack && seen.RetryAfter == ""
	return c.wrong(ctx, seen)
}

// Retract implements kind.Retractor: a site that nobody sees closed is another
// than the one that is.
func (c *call) Retract(ctx context.Context, record action.Values, why error) error {
	if !c.suspend || !c.missed {
		return why
	}
	if _, err := c.gate.revert(ctx, record, false); err != nil {
		return errors.Join(why, err)
	}
	return &action.Error{
		Message: "visitors did not see the website closed, so what was changed was put back at once", Cause: why, Permanent: true,
		Hint: "check that check_url leads to the web server that the target names, and that its configuration closes that site and no other",
	}
}

// Note implements kind.Noter.
func (c *call) Note() string {
	if c.lacks {
		return ", without the header Retry-After"
	}
	return ""
}

// Keep implements kind.Keeper.
func (c *call) Keep(ctx context.Context, record action.Values) (map[string]any, error) {
	if len(record) > 0 {
		return nil, nil
	}
	values, err := c.gate.keep(c.req.Dir)
	if err != nil || !c.looks() {
		return values, err
	}
	// What the site answered before; Undo expects it again.
	if seen, err := c.site("").Look(ctx); err == nil {
		values["status"] = strconv.Itoa(seen.Status)
	}
	broken := []any{}
	for _, path := range c.open() {
		if seen, err := c.site(path).Look(ctx); err == nil && seen.Status == http.StatusServiceUnavailable {
			broken = append(broken, path)
		}
	}
	values["broken"] = broken
	return values, nil
}

// Change implements kind.Work.
func (c *call) Change(ctx context.Context, _ action.Values, out action.Sink) error {
	return c.gate.change(ctx, out)
}

// PutBack implements kind.Restorer.
func (c *call) PutBack(ctx context.Context, record action.Values, out action.Sink) (changed bool, summary string, err error) {
	out.Progress("putting back what was there before")
	as := c.unlike(record.String("status"))
	verifies := c.looks() && record.String("status") != ""
	changed, err = c.gate.revert(ctx, record, !verifies || c.once(ctx, as) == nil)
	if err == nil && verifies {
		err = c.limit.Until(ctx, func() error { return c.once(ctx, as) })
	}
	return changed, "the website is as it was before the step", err
}

// Check implements kind.Checker.
func (c *call) Check(ctx context.Context) []error {
	if problems := c.host.Check(ctx); len(problems) > 0 {
		return problems
	}
	problems := c.gate.preflight(ctx)
	if c.looks() {
		if _, err := c.site("").Look(ctx); err != nil {
			problems = append(problems, &action.Error{
				Message: "nobody can look at the website from the outside",
				Hint:    "correct check_url or check_address in the environment's target, or see to the web server",
				Cause:   err,
			})
		}
	}
	return problems
}

// standing says in words how a site is set.
func (c *call) standing(closed, desired bool) string {
	switch {
	case !closed:
		return "in service"
	case c.suspend && !desired:
		return "out of service, showing another page"
	case c.suspend:
		return "out of service, showing the message"
	}
	return "out of service"
}

func notice(req action.Request) ([]byte, error) {
	alternatives, err := page.Alternatives(req.With.List("alternatives"))
	if err != nil {
		return nil, err
	}
	return page.Notice{
		Title:        "We will be back",
		Message:      req.With.String("message"),
		Heading:      "What works meanwhile",
		Alternatives: alternatives,
		RetryAfter:   req.With.Duration("retry_after"),
	}.HTML()
}

// retryAfter is the runbook's time in seconds (RFC 9110 section 10.2.3).
func (c *call) retryAfter() string {
	return strconv.FormatInt(int64(c.req.With.Duration("retry_after")/time.Second), 10)
}

// open are the paths that stay open.
func (c *call) open() []string {
	var out []string
	for _, p := range c.KeepOpen {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}
