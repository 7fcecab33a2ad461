package website

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/irctl/irctl/internal/systems/page"
	"github.com/irctl/irctl/pkg/action"
)

// flagText is what the flag holds; servers test only that it exists.
const flagText = "irctl took this site out of service\n"

// maintenancePage suspends or restores a site by its page and flag.
type maintenancePage struct {
	suspend  bool
	patience time.Duration
}

func (maintenancePage) Target() action.TargetType { return page.Target("flag") }

// look is what the two files are now, and what they should be.
type look struct {
	pagePath, flagPath string
	page, flag         page.Snapshot
	want               []byte // the page, when suspending
}

func (m maintenancePage) look(req action.Request) (look, error) {
	l := look{pagePath: req.Target.Config.String("page"), flagPath: req.Target.Config.String("flag")}
	var err error
	if l.page, err = page.Look(l.pagePath); err != nil {
		return look{}, err
	}
	if l.flag, err = page.Look(l.flagPath); err != nil {
		return look{}, err
	}
	if m.suspend {
		l.want, err = notice(req)
	}
	return l, err
}

func (l look) suspended() bool { return l.flag.Exists && l.page.Holds(l.want) }

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

func (m maintenancePage) desired(l look) bool {
	if m.suspend {
		return l.suspended()
	}
	return !l.flag.Exists
}

func (m maintenancePage) words() (want, summary string) {
	if m.suspend {
		return "out of service, showing the message", "the website is out of service and shows the message"
	}
	return "in service", "the website is in service"
}

// Inspect implements action.Inspector.
func (m maintenancePage) Inspect(ctx context.Context, req action.Request) (action.Inspection, error) {
	l, err := m.look(req)
	if err != nil {
		return action.Inspection{}, err
	}
	i := action.Inspection{Known: true, Desired: m.desired(l), Repeatable: true, Current: current(l, m.suspend), Outputs: map[string]any{}}
	i.Want, _ = m.words()
	if i.Desired && req.Target.Config.Has("check_url") {
		// The files say so; what customers see decides.
		seen, err := m.site(req).Look(ctx)
		if err == nil {
			err = m.wrong(req, "")(seen)
		}
		if err != nil {
			i.Desired, i.Current = false, "the files are as they should be, but "+req.Target.Config.String("check_url")+" does not show it"
		}
	}
	return i, nil
}

func current(l look, suspending bool) string {
	switch {
	case !l.flag.Exists:
		return "in service"
	case suspending && !l.suspended():
		return "out of service, showing another page"
	case suspending:
		return "out of service, showing the message"
	default:
		return "out of service"
	}
}

// Run implements kind.Kind.
func (m maintenancePage) Run(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	l, err := m.look(req)
	if err != nil {
		return action.Result{}, err
	}
	_, summary := m.words()
	r := action.Result{Outputs: map[string]any{}, Summary: summary}
	if m.desired(l) {
		// An attempt that recorded has changed it; then there is something to undo.
		r.Changed = len(req.Record) > 0
		r.Already = !r.Changed
		return r, m.check(ctx, req, "")
	}
	if err := m.record(ctx, req, out, l); err != nil {
		return action.Result{}, err
	}
	r.Changed = true
	if m.suspend {
		out.Progress("writing the page customers will see")
		// The page first: from the moment the flag is there it is served.
		if err := page.Put(l.pagePath, l.want); err != nil {
			return action.Result{}, err
		}
		if !l.flag.Exists {
			err = page.Put(l.flagPath, []byte(flagText))
		}
	} else {
		err = page.Delete(l.flagPath)
	}
	if err != nil {
		return action.Result{}, err
	}
	return r, m.check(ctx, req, "")
}

// record makes durable what Undo will need, unless an earlier attempt has.
func (m maintenancePage) record(ctx context.Context, req action.Request, out action.Sink, l look) error {
	if len(req.Record) > 0 {
		return nil
	}
	flag, err := l.flag.Keep(req.Dir)
	if err != nil {
		return err
	}
	values := map[string]any{"flag": flag}
	if m.suspend {
		if values["page"], err = l.page.Keep(req.Dir); err != nil {
			return err
		}
	}
	if req.Target.Config.Has("check_url") {
		// What the site answered before; Undo expects it again.
		if seen, err := m.site(req).Look(ctx); err == nil {
			values["status"] = strconv.Itoa(seen.Status)
		}
	}
	return out.Record(values)
}

// Undo implements action.Undoer.
func (m maintenancePage) Undo(ctx context.Context, req action.Request, out action.Sink) (action.Result, error) {
	r := action.Result{Outputs: map[string]any{}}
	if len(req.Record) == 0 {
		r.Already, r.Summary = true, "nothing was changed, so nothing is put back"
		return r, nil
	}
	record := action.Values(req.Record)
	out.Progress("putting back what was there before")
	// The flag first: a site that was in service must not wait for its page.
	for _, f := range []struct{ name, path string }{{"flag", req.Target.Config.String("flag")}, {"page", req.Target.Config.String("page")}} {
		if !record.Has(f.name) {
			continue
		}
		before, err := page.Recalled(req.Dir, record.Map(f.name))
		if err != nil {
			return action.Result{}, err
		}
		changed, err := before.Restore(f.path)
		if err != nil {
			return action.Result{}, err
		}
		r.Changed = r.Changed || changed
	}
	r.Already = !r.Changed
	r.Summary = "the website is as it was before the step"
	if before := record.String("status"); before != "" {
		return r, m.check(ctx, req, before)
	}
	return r, nil
}

// check looks from the outside, if the target says where.
func (m maintenancePage) check(ctx context.Context, req action.Request, before string) error {
	if !req.Target.Config.Has("check_url") {
		return nil
	}
	return m.site(req).Until(ctx, m.wrong(req, before))
}

func (m maintenancePage) site(req action.Request) page.Site {
	return page.Site{URL: req.Target.Config.String("check_url"), Allow: req.Allow, Patience: m.patience}
}

// wrong says what is wrong with what customers see. before is the status that
// an undo puts back, "" when there is none.
func (m maintenancePage) wrong(req action.Request, before string) func(page.Seen) error {
	url := req.Target.Config.String("check_url")
	return func(seen page.Seen) error {
		switch {
		case before != "":
			if strconv.Itoa(seen.Status) != before {
				return page.Unlike(url, "what it showed before, with status "+before, seen)
			}
		case m.suspend:
			if seen.Status != http.StatusServiceUnavailable || len(seen.Missing(page.Paragraphs(req.With.String("message")))) > 0 {
				return page.Unlike(url, "the message with status 503", seen)
			}
		case seen.Status >= http.StatusBadRequest:
			return page.Unlike(url, "the website", seen)
		}
		return nil
	}
}

// Preflight implements action.Preflighter.
func (m maintenancePage) Preflight(ctx context.Context, req action.Request) []error {
	var problems []error
	keep := func(err error) {
		if err != nil {
			problems = append(problems, err)
		}
	}
	keep(page.Writable(req.Target.Config.String("flag")))
	keep(page.Writable(req.Target.Config.String("page")))
	if req.Target.Config.Has("check_url") {
		if _, err := m.site(req).Look(ctx); err != nil {
			keep(fmt.Errorf("looking at the website from the outside: %w", err))
		}
	}
	return problems
}

// Validate implements action.Validator.
func (maintenancePage) Validate(with action.Values, _ string) []action.Problem {
	if _, err := page.Alternatives(with.List("alternatives")); err != nil {
		return []action.Problem{page.Problem("alternatives", err)}
	}
	return nil
}
