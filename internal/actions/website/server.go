package website

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/systems/page"
	"github.com/irctl/irctl/pkg/action"
)

// gate is what closes and opens one kind of web server. Everything that all
// kinds have in common is [server]'s.
type gate interface {
	target() action.TargetType
	// look finds out how the server is set and changes nothing.
	look(ctx context.Context, c *call) (setting, error)
	// revert puts back what the first attempt kept of the setting. It reports
	// whether that changed anything, and is told whether visitors see already
	// what they saw before.
	revert(ctx context.Context, c *call, record action.Values, seen bool) (changed bool, err error)
	// preflight finds what would keep the others from working.
	preflight(ctx context.Context, c *call) []error
}

// setting is how a server is set at one moment.
type setting interface {
	// desired reports whether the setting is as the action wants it.
	desired() bool
	// current says the setting in words.
	current() string
	// keep returns what revert will need, as plain data; bytes go into dir.
	keep(dir string) (map[string]any, error)
	// change makes the setting as the action wants it, again if need be.
	change(ctx context.Context, out action.Sink) error
}

// shows is what a gate's visitors see while it is closed.
type shows struct {
	// page: the runbook's message; otherwise the server shows a page of its own.
	page bool
	// retryAfter: the header Retry-After says the runbook's time.
	retryAfter bool
	// mayLack: the server's own configuration says whether Retry-After is sent,
	// so that a site without is as it should be, but people are told.
	mayLack bool
	// steady is page.Site's.
	steady int
}

// server suspends or restores a website by its gate.
type server struct {
	gate
	suspend  bool
	shows    shows
	patience time.Duration // for which visitors may see the old state
}

// call is one call of an action on one server.
type call struct {
	server
	req    action.Request
	host   *host.Host
	notice []byte   // the page, when suspending
	broken []string // of the paths that stay open, those that did not work before the step
}

func (s server) call(req action.Request) (*call, error) {
	c := &call{server: s, req: req, broken: action.Values(req.Record).Strings("broken")}
	if s.suspend && req.With.Has("message") {
		var err error
		if c.notice, err = notice(req); err != nil {
			return nil, err
		}
	}
	var err error
	c.host, err = host.Of(req)
	return c, err
}

func (c *call) config() action.Values { return c.req.Target.Config }

// Target implements kind.Kind.
func (s server) Target() action.TargetType { return s.target() }

func (s server) words() (want, summary string) {
	switch {
	case !s.suspend:
		return "in service", "the website is in service"
	case s.shows.page:
		return "out of service, showing the message", "the website is out of service and shows the message"
	}
	return "out of service, showing the server's own page", "the website is out of service and shows the server's own page"
}

// Inspect implements action.Inspector.
func (s server) Inspect(ctx context.Context, req action.Request) (action.Inspection, error) {
	c, err := s.call(req)
	if err != nil {
		return action.Inspection{}, err
	}
	defer c.host.Close()
	set, err := s.look(ctx, c)
	if err != nil {
		return action.Inspection{}, err
	}
	i := action.Inspection{Known: true, Desired: set.desired(), Repeatable: true, Current: set.current(), Outputs: map[string]any{}}
	i.Want, _ = s.words()
	if i.Desired && c.looks() {
		// The setting says so; what visitors see decides.
		if err := c.once(ctx, c.wrong); err != nil {
			i.Desired, i.Current = false, "set as it should be, but "+c.url()+" does not show it"
		}
	}
	return i, nil
}

// Run implements kind.Kind.
func (s server) Run(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	c, err := s.call(req)
	if err != nil {
		return action.Result{}, err
	}
	defer c.host.Close()
	set, err := s.look(ctx, c)
	if err != nil {
		return action.Result{}, err
	}
	_, summary := s.words()
	r := action.Result{Outputs: map[string]any{}, Summary: summary}
	if set.desired() && (!c.looks() || c.once(ctx, c.wrong) == nil) {
		// An attempt that recorded has changed it; then there is something to undo.
		r.Changed = len(req.Record) > 0
		if !r.Changed {
			r.Already, r.Summary = true, r.Summary+" already"
		}
		return r, nil
	}
	if err := c.record(ctx, set, out); err != nil {
		return action.Result{}, err
	}
	r.Changed = true
	if err := set.change(ctx, out); err != nil {
		return action.Result{}, err
	}
	if err := c.until(ctx, c.wrong); err != nil {
		return r, err
	}
	if seen, err := c.site("").Look(ctx); s.suspend && s.shows.mayLack && err == nil && seen.RetryAfter == "" {
		r.Summary += ", without the header Retry-After"
	}
	return r, nil
}

// record makes durable what Undo will need, unless an earlier attempt has.
func (c *call) record(ctx context.Context, set setting, out action.Sink) error {
	if len(c.req.Record) > 0 {
		return nil
	}
	values, err := set.keep(c.req.Dir)
	if err != nil {
		return err
	}
	if c.looks() {
		// What the site answered before; Undo expects it again.
		if seen, err := c.site("").Look(ctx); err == nil {
			values["status"] = strconv.Itoa(seen.Status)
		}
		broken := []any{}
		for _, path := range c.open() {
			if seen, err := c.site(path).Look(ctx); err == nil && seen.Status == http.StatusServiceUnavailable {
				broken, c.broken = append(broken, path), append(c.broken, path)
			}
		}
		values["broken"] = broken
	}
	return out.Record(values)
}

// Undo implements action.Undoer.
func (s server) Undo(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	if len(req.Record) == 0 {
		return action.Result{Outputs: map[string]any{}, Already: true, Summary: "nothing was changed, so nothing is put back"}, nil
	}
	c, err := s.call(req)
	if err != nil {
		return action.Result{}, err
	}
	defer c.host.Close()
	record := action.Values(req.Record)
	out.Progress("putting back what was there before")
	as := c.unlike(record.String("status"))
	verifies := c.looks() && record.String("status") != ""
	changed, err := s.revert(ctx, c, record, !verifies || c.once(ctx, as) == nil)
	if err != nil {
		return action.Result{}, err
	}
	r := action.Result{Outputs: map[string]any{}, Changed: changed, Already: !changed, Summary: "the website is as it was before the step"}
	if verifies {
		return r, c.until(ctx, as)
	}
	return r, nil
}

// Preflight implements action.Preflighter.
func (s server) Preflight(ctx context.Context, req action.Request) []error {
	c, err := s.call(req)
	if err != nil {
		return []error{err}
	}
	defer c.host.Close()
	if problems := c.host.Check(ctx); len(problems) > 0 {
		return problems
	}
	problems := s.preflight(ctx, c)
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

// Validate implements action.Validator.
func (server) Validate(with action.Values, _ string) []action.Problem {
	if _, err := page.Alternatives(with.List("alternatives")); err != nil {
		return []action.Problem{page.Problem("alternatives", err)}
	}
	return nil
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
	for _, p := range c.config().Strings("keep_open") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}
